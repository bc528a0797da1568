//! What policy makes of threats, and the web.

use std::time::Duration;

use super::bench::{Bench, network};
use super::{MITM, distrust, sharing};
use crate::agent::{WebAnswer, WebVerdict};
use crate::event::{Detection, Event, Reach};
use crate::model::{Classification, Domain, Level, Mode, ThreatId};
use crate::wire::{Facts, IndicatorKind, Policy, TransitionKind};

fn kinds(bench: &Bench) -> Vec<TransitionKind> {
    bench.cloud.transitions.iter().map(|transition| transition.kind).collect()
}

fn adopt(bench: &mut Bench, policy: Policy) {
    bench.cloud.policy = Some(policy);
    bench.feed(Event::CheckIn);
}

fn page(name: &str) -> Domain {
    name.parse().unwrap()
}

// P1, P3
#[test]
fn a_policy_that_switches_off_closes_and_one_that_switches_on_opens() {
    let mut bench = Bench::activated();
    bench.posture.findings.insert(Classification::UsbDebugging);
    bench.feed(Event::CheckIn);
    assert_eq!(bench.agent.status().level, Some(Level::Medium));
    let mut off = sharing(1);
    off.modes.insert(Classification::UsbDebugging, Mode::Off);
    adopt(&mut bench, off);
    assert_eq!(bench.agent.status().level, Some(Level::Secured));
    assert!(bench.agent.status().open.is_empty());
    let mut audit = sharing(2);
    audit.modes.insert(Classification::UsbDebugging, Mode::Audit);
    adopt(&mut bench, audit);
    assert_eq!(bench.agent.status().level, Some(Level::Secured));
    assert_eq!(bench.agent.status().open.len(), 1);
    assert_eq!(kinds(&bench), [TransitionKind::Opened, TransitionKind::Resolved, TransitionKind::Opened]);
}

// P1
#[test]
fn threats_that_find_no_room_are_told_to_the_administrator() {
    let mut bench = Bench::activated();
    let told = |bench: &Bench| {
        let told = bench.reports().into_iter().flat_map(|report| report.diagnostics);
        told.filter(|told| told.code == 509).map(|told| told.count).sum::<u32>()
    };
    for (found, left_out) in [(0..1_000, 0), (1_000..1_002, 2)] {
        bench.feed(Event::Network(network(Reach::Offline)));
        for n in found {
            let app = Some(format!("com.a{n}").parse().unwrap());
            bench.feed(Event::Detected(Detection { classification: Classification::Adware, app }));
        }
        bench.feed(Event::Network(network(Reach::Online)));
        bench.feed(Event::CheckIn);
        assert_eq!((bench.agent.status().open.len(), told(&bench)), (1_000, left_out));
    }
}

// P1
#[test]
fn what_a_sensor_does_not_tell_neither_opens_nor_closes() {
    let mut bench = Bench::activated();
    bench.posture.unknown.insert(Classification::Unencrypted);
    bench.posture.unknown.insert(Classification::UsbDebugging);
    bench.feed(Event::CheckIn);
    assert!(bench.agent.status().open.is_empty());
    bench.posture.unknown.clear();
    bench.posture.findings.insert(Classification::UsbDebugging);
    bench.feed(Event::CheckIn);
    bench.posture.findings.clear();
    bench.posture.unknown.insert(Classification::UsbDebugging);
    bench.feed(Event::CheckIn);
    assert_eq!(kinds(&bench), [TransitionKind::Opened], "it is still open");
    bench.posture.unknown.clear();
    bench.feed(Event::CheckIn);
    assert_eq!(kinds(&bench), [TransitionKind::Opened, TransitionKind::Resolved]);
}

// P4
#[test]
fn what_the_user_ignores_is_told_and_no_longer_counts() {
    let mut bench = Bench::activated();
    bench.feed(Event::Detected(MITM));
    let id = bench.agent.status().open[0].id;
    bench.feed(Event::Ignore(id));
    assert_eq!(bench.agent.status().level, Some(Level::High), "policy does not allow it");
    let mut policy = sharing(1);
    policy.ignorable.insert(MITM.classification);
    adopt(&mut bench, policy);
    bench.feed(Event::Ignore(id));
    assert_eq!(kinds(&bench), [TransitionKind::Opened, TransitionKind::Ignored]);
    assert_eq!(bench.cloud.reported_level(), Some(Level::Secured));
}

// P4, W2
#[test]
fn a_chain_that_begins_while_an_ignored_threat_counts_tells_that_it_was_ignored() {
    let mut bench = Bench::activated();
    let mut policy = sharing(1);
    policy.ignorable.insert(MITM.classification);
    adopt(&mut bench, policy);
    bench.feed(Event::Detected(MITM));
    let id = bench.agent.status().open[0].id;
    bench.feed(Event::Ignore(id));
    adopt(&mut bench, sharing(2));
    bench.cloud.forget_chain();
    bench.feed(Event::CheckIn);
    let first = bench.reports().pop().unwrap();
    assert_eq!(first.level, Some(Level::High), "it counts by the policy in force");
    let told: Vec<(ThreatId, bool)> =
        first.open.unwrap().into_iter().map(|open| (open.id, open.ignored)).collect();
    assert_eq!(told, [(id, true)], "and the next policy may let it be ignored again");
}

// P6
#[test]
fn without_threat_sync_the_level_travels_and_nothing_else() {
    let mut bench = Bench::activated();
    let mut policy = sharing(1);
    policy.threat_state_sync = false;
    adopt(&mut bench, policy.clone());
    let sent = bench.spoken.len();
    bench.feed(Event::Detected(MITM));
    assert_eq!(bench.spoken.len(), sent + 1, "a change of the level is told at once");
    assert_eq!(bench.cloud.reported_level(), Some(Level::High));
    assert!(bench.cloud.transitions.is_empty());
    bench.cloud.forget_chain();
    bench.feed(Event::CheckIn);
    assert_eq!(bench.reports().pop().unwrap().open, Some(Vec::new()));
    policy.version = 2;
    policy.threat_state_sync = true;
    adopt(&mut bench, policy);
    assert_eq!(kinds(&bench), [TransitionKind::Opened]);
}

// P6
#[test]
fn without_device_sync_the_facts_stay() {
    let mut bench = Bench::activated();
    bench.feed(Event::CheckIn);
    let mut policy = sharing(1);
    policy.device_state_sync = false;
    adopt(&mut bench, policy);
    bench.feed(Event::CheckIn);
    let told = bench.reports().into_iter().rev().find_map(|report| report.facts.value).unwrap();
    assert_eq!(told, Facts { agent_version: "0.1.0".into(), ..Facts::default() });
}

// P7
#[test]
fn a_listed_page_is_blocked_reported_and_closed_when_it_is_left() {
    let mut bench = Bench::activated();
    bench.feed(Event::Visit(page("www.bad.example")));
    let unknown = WebAnswer { domain: page("www.bad.example"), verdict: WebVerdict::Unknown };
    assert_eq!(bench.agent.verdict(), Some(unknown), "there is no set yet");
    bench.list(IndicatorKind::Domain, "bad.example", Classification::Phishing);
    bench.feed(Event::CheckIn);
    bench.feed(Event::Visit(page("good.example")));
    assert_eq!(bench.agent.verdict().unwrap().verdict, WebVerdict::Unlisted);
    bench.feed(Event::Visit(page("www.bad.example")));
    let listed = WebVerdict::Listed { classification: Classification::Phishing, block: true };
    assert_eq!(bench.agent.verdict().unwrap().verdict, listed);
    assert_eq!(bench.agent.verdict(), None);
    assert_eq!(bench.agent.status().level, Some(Level::High));
    bench.feed(Event::Left(page("www.bad.example")));
    assert_eq!(bench.agent.status().level, Some(Level::Secured));
    assert_eq!(kinds(&bench), [TransitionKind::Opened, TransitionKind::Resolved]);
}

// P3, P7
#[test]
fn an_audited_page_is_reported_and_not_blocked() {
    let mut bench = Bench::activated();
    bench.list(IndicatorKind::Domain, "bad.example", Classification::Phishing);
    let mut policy = sharing(1);
    policy.modes.insert(Classification::Phishing, Mode::Audit);
    adopt(&mut bench, policy);
    bench.feed(Event::Visit(page("bad.example")));
    let listed = WebVerdict::Listed { classification: Classification::Phishing, block: false };
    assert_eq!(bench.agent.verdict().unwrap().verdict, listed);
    assert_eq!(bench.agent.status().level, Some(Level::Secured));
    assert_eq!(bench.cloud.transitions.len(), 1);
}

// R17
#[test]
fn without_consent_a_visit_leaves_no_trace() {
    let mut bench = Bench::new();
    bench.feed(Event::Visit(page("bad.example")));
    assert_eq!(bench.agent.verdict().unwrap().verdict, WebVerdict::Unknown);
    assert!(!bench.disk_contains("bad.example"));
}

// P6, P11
#[test]
fn an_interception_that_policy_keeps_on_the_device_ends_as_any_other() {
    for mode in [Mode::Enable, Mode::Off] {
        let mut bench = Bench::activated();
        let mut policy = sharing(1);
        policy.threat_state_sync = false;
        policy.modes.insert(Classification::ActiveMitm, mode);
        adopt(&mut bench, policy);
        let intercept = |bench: &mut Bench| {
            bench.fail = Some(distrust());
            bench.feed(Event::CheckIn);
            bench.pass(Duration::from_secs(600));
            bench.fail = None;
        };
        let open = |bench: &Bench| bench.agent.status().open.len();
        intercept(&mut bench);
        assert_eq!(open(&bench), usize::from(mode == Mode::Enable));
        for _ in 0..4 {
            bench.feed(Event::CheckIn);
        }
        assert_eq!((open(&bench), bench.agent.status().level), (0, Some(Level::Secured)), "{mode:?}");
        adopt(&mut bench, sharing(2));
        intercept(&mut bench);
        assert_eq!(open(&bench), 1, "the next one is seen, {mode:?}");
    }
}
