//! The chain, exactly-once transitions, the level.

use agent_gateway::clock::now;
use agent_gateway::console::{DevicePage, ThreatView};
use agent_gateway::store::Tx;
use agent_logic::model::{Activation, Classification, HealthState, Level};
use agent_logic::wire::TransitionKind::{Ignored, Opened, Resolved};
use agent_logic::wire::{CHECK_IN_PATH, Order, ProblemKind, Report};
use hyper::{Method, StatusCode};
use rcgen::KeyPair;

use crate::device::{Chain, open, transition};
use crate::world::{A, B, Identity, World, csr, request};

/// The first threat that the console shows of the device.
fn shown(world: &World) -> ThreatView {
    let page = |tx: &Tx<'_>| DevicePage::read(tx, &A.parse().unwrap(), now());
    world.running.gateway.store.read(page).unwrap().unwrap().device.threats.remove(0)
}

#[tokio::test]
async fn a_threat_raises_the_level_and_its_end_lowers_it() {
    let world = World::new().await;
    let identity = world.activate(A).await;
    assert_eq!(world.ask::<String>("SELECT activation FROM device"), "pending");
    let mut chain = Chain::new(1);
    let report = chain.report();
    let answer = world.check_in(&identity, &mut chain, &report).await;
    assert_eq!((answer.level, answer.health, answer.acknowledged), (Level::Secured, HealthState::Secured, 1));
    assert_eq!(world.ask::<String>("SELECT activation FROM device"), "activated");

    let raised = Report { transitions: vec![transition(1, Opened, 1)], ..chain.report() };
    let answer = world.check_in(&identity, &mut chain, &raised).await;
    assert_eq!((answer.level, answer.health), (Level::High, HealthState::HighSeverity));
    assert_eq!(answer.why[0].classification, "TROJAN");

    world.command(&["policy", "--ignorable", "TROJAN"]);
    let ignored = Report { transitions: vec![transition(2, Ignored, 1)], ..chain.report() };
    assert_eq!(world.check_in(&identity, &mut chain, &ignored).await.level, Level::Secured);
    assert!(shown(&world).ignored);
    world.command(&["policy", "--no-ignorable"]);
    let report = chain.report();
    assert_eq!(world.check_in(&identity, &mut chain, &report).await.level, Level::High);
    assert!(!shown(&world).ignored, "it counts again");
    world.command(&["policy", "--ignorable", "TROJAN"]);
    let resolved = Report { transitions: vec![transition(3, Resolved, 1)], ..chain.report() };
    assert_eq!(world.check_in(&identity, &mut chain, &resolved).await.level, Level::Secured);
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM threat"), 0);
    assert_eq!(world.ask::<String>("SELECT group_concat(kind) FROM transition"), "opened,ignored,resolved");
}

// P6
#[tokio::test]
async fn where_policy_keeps_threats_on_the_device_the_reported_level_counts_and_nothing_is_kept() {
    let world = World::new().await;
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let report = chain.report();
    world.check_in(&identity, &mut chain, &report).await;
    world.command(&["policy", "--threat-sync", "off"]);
    let raised =
        Report { level: Some(Level::Medium), transitions: vec![transition(1, Opened, 1)], ..chain.report() };
    let answer = world.check_in(&identity, &mut chain, &raised).await;
    assert_eq!((answer.level, answer.why.len()), (Level::Medium, 0));
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM threat"), 0);
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM transition"), 0);
}

// P6
#[tokio::test]
async fn what_was_dropped_while_policy_kept_threats_is_asked_for_again() {
    let world = World::new().await;
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let first = Report { open: Some(vec![open(1, Classification::RootJailbreak)]), ..chain.report() };
    world.check_in(&identity, &mut chain, &first).await;
    // The device adopts neither policy in time: its policy key is older than they are.
    world.command(&["policy", "--threat-sync", "off"]);
    let report = chain.report();
    assert_eq!(world.check_in(&identity, &mut chain, &report).await.orders, []);
    world.command(&["policy", "--threat-sync", "on"]);
    for _ in 0..2 {
        let report = chain.report();
        assert_eq!(world.check_in(&identity, &mut chain, &report).await.orders, [Order::Resync]);
    }
    let mut anew = Chain::new(2);
    let whole = Report { open: first.open, ..anew.report() };
    let answer = world.check_in(&identity, &mut anew, &whole).await;
    assert_eq!((answer.level, answer.orders), (Level::High, vec![]));
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM history WHERE event = 'restart'"), 0);
    let report = anew.report();
    assert_eq!(world.check_in(&identity, &mut anew, &report).await.orders, []);
}

#[tokio::test]
async fn a_report_sent_twice_has_its_effect_once() {
    let world = World::new().await;
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let first = Report { transitions: vec![transition(1, Opened, 1)], open: Some(vec![]), ..chain.report() };
    let once = world.report(&identity, &first).await;
    let twice = world.report(&identity, &first).await;
    assert_eq!((once.status, twice.status), (StatusCode::OK, StatusCode::OK));
    chain.acknowledged(&first);
    // What was not acknowledged comes again with the next report; only what is new has an effect.
    let next =
        Report { transitions: vec![transition(1, Opened, 1), transition(2, Opened, 2)], ..chain.report() };
    let answer = world.check_in(&identity, &mut chain, &next).await;
    assert_eq!((answer.acknowledged, answer.why.len()), (2, 1));
    assert_eq!(world.ask::<String>("SELECT group_concat(ordinal) FROM transition"), "1,2");
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM history WHERE event = 'duplicate'"), 1);
}

#[tokio::test]
async fn what_does_not_follow_is_refused_and_a_new_chain_heals_it() {
    let world = World::new().await;
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let first = chain.report();
    world.check_in(&identity, &mut chain, &first).await;
    let next = chain.report();

    let gap = Report { sequence: next.sequence + 1, ..next.clone() };
    let wrong = Report { previous: Some(agent_logic::model::Digest::of(b"x")), ..next.clone() };
    let unknown = Report { chain: agent_logic::model::ChainId::new([9; 16]), ..next.clone() };
    let replayed = Report { made: crate::device::stamp(9), ..first.clone() };
    for broken in [gap, wrong, unknown, replayed] {
        let answer = world.report(&identity, &broken).await;
        assert_eq!((answer.problem(), answer.status), (ProblemKind::ChainBroken, StatusCode::CONFLICT));
    }

    let mut healed = Chain::new(2);
    let whole = Report { open: Some(vec![open(7, Classification::Adware)]), ..healed.report() };
    let answer = world.check_in(&identity, &mut healed, &whole).await;
    assert_eq!((answer.acknowledged, answer.level), (1, Level::Low));
    assert_eq!(
        world.ask::<i64>("SELECT count(*) FROM history WHERE event = 'restart'"),
        0,
        "the cloud asked for it"
    );
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM history WHERE event = 'chain-broken'"), 4);
}

#[tokio::test]
async fn a_chain_begun_without_being_asked_for_is_noted_and_replaces_the_threats() {
    let world = World::new().await;
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let first = Report {
        transitions: vec![transition(1, Opened, 1)],
        open: Some(vec![open(1, Classification::Trojan)]),
        ..chain.report()
    };
    assert_eq!(world.check_in(&identity, &mut chain, &first).await.level, Level::High);

    let mut other = Chain::new(2);
    let restart = Report { transitions: vec![transition(2, Resolved, 1)], ..other.report() };
    assert_eq!(world.check_in(&identity, &mut other, &restart).await.level, Level::Secured);
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM history WHERE event = 'restart'"), 1);
    assert_eq!(world.ask::<String>("SELECT group_concat(ordinal) FROM transition"), "1,2", "ordinals go on");
}

#[tokio::test]
async fn no_certificate_or_an_unknown_one_is_no_device() {
    let world = World::new().await;
    let report = serde_json::to_vec(&Chain::new(1).report()).unwrap();
    let answer = world.send(None, request(Method::POST, CHECK_IN_PATH, report.clone())).await;
    assert_eq!(
        (answer.problem(), answer.status),
        (ProblemKind::CertificateRequired, StatusCode::UNAUTHORIZED)
    );

    // A certificate of another gateway's CA fails in the handshake.
    let elsewhere = World::new().await;
    let foreign = elsewhere.activate(A).await;
    let request = request(Method::POST, CHECK_IN_PATH, report);
    assert!(world.try_send(Some(&foreign), request).await.is_none());
}

// R4
#[tokio::test]
async fn the_certificate_alone_says_who_reports() {
    let world = World::new().await;
    let (a, _b) = (world.activate(A).await, world.activate(B).await);
    let mut body = serde_json::to_value(Chain::new(1).report()).unwrap();
    body["deviceId"] = B.into();
    body["device"] = B.into();
    let body = serde_json::to_vec(&body).unwrap();
    let mut request = request(Method::POST, CHECK_IN_PATH, body);
    request.headers_mut().insert("x-device-id", B.parse().unwrap());
    assert_eq!(world.send(Some(&a), request).await.status, StatusCode::OK);
    assert_eq!(world.ask::<String>("SELECT group_concat(id) FROM device WHERE chain IS NOT NULL"), A);
}

#[tokio::test]
async fn leaving_is_the_last_report() {
    let world = World::new().await;
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let report = chain.report();
    world.check_in(&identity, &mut chain, &report).await;
    let last = Report { activation: Activation::Deactivated, ..chain.report() };
    assert_eq!(world.check_in(&identity, &mut chain, &last).await.health, HealthState::Deactivated);
    assert_eq!(world.report(&identity, &last).await.status, StatusCode::OK, "its answer may have been lost");
    assert_eq!(world.report(&identity, &chain.report()).await.problem(), ProblemKind::CertificateRequired);
    let renewed = world.renew(&identity, &KeyPair::generate().unwrap(), A).await;
    assert_eq!(renewed.problem(), ProblemKind::CertificateRequired);
}

#[tokio::test]
async fn a_device_that_left_may_come_back_with_the_enrolment_key() {
    let world = World::new().await;
    let enrolment_key = world.command(&["enrolment-key", "--group", "g"]);
    world.command(&["group", "--name", "g", "--add", A]);
    let authorization = crate::world::basic(A, &enrolment_key);
    let key = KeyPair::generate().unwrap();
    let answer = world.enrol(Some(&authorization), &csr(&key, A)).await;
    let identity = Identity { key, certificate: answer.certificate() };
    let last = Report { activation: Activation::Deactivated, ..Chain::new(1).report() };
    assert_eq!(world.report(&identity, &last).await.status, StatusCode::OK);
    let answer = world.enrol(Some(&authorization), &csr(&KeyPair::generate().unwrap(), A)).await;
    assert_eq!(answer.status, StatusCode::OK);
}
