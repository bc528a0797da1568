//! The whole machine against a cloud in memory.

mod bench;
mod cloud;
mod configured;
mod contact;
mod explain;
mod golden;
mod identity;
mod inventory;
mod leave;
mod ledger;
mod pauses;
mod persist;
mod refused;
mod threats;

use std::time::Duration;

use super::*;
use crate::command::{Authority, Slot};
use crate::event::{Detection, Enrolled, Outcome, Reach};
use crate::failure::{Distrust, DistrustReason, KeyFailure, SendFailure, StorageFailure};
use crate::model::{Activation, Classification, Level, Ownership};
use crate::wire::{Order, Policy, ProblemKind, Report, TransitionKind};
use bench::{Bench, Cut, TENANT, configuration, network};

const MITM: Detection = Detection { classification: Classification::RogueWifi, app: None };

fn distrust() -> SendFailure {
    SendFailure::NotTrusted(Distrust { reason: DistrustReason::UnknownIssuer, presented: Vec::new() })
}

fn sharing(version: u64) -> Policy {
    let mut policy = Policy::new(TENANT.parse().unwrap(), version, Wall(u64::MAX));
    policy.app_sync = true;
    policy.ownership = Ownership::Company;
    policy
}

// L1
#[test]
fn without_a_device_id_nothing_but_saving_is_done() {
    let mut bench = Bench::new();
    let mut incomplete = configuration();
    incomplete.device = None;
    bench.feed(Event::Consent(true));
    bench.feed(Event::Configured(incomplete));
    bench.feed(Event::CheckIn);
    assert!(bench.spoken.is_empty() && bench.enrolled.is_empty());
    assert_eq!(bench.agent.status().need, Some(Need::Configuration(Some(ConfigurationFault::Incomplete))));
    assert!(bench.agent.next_wake().is_none());
}

#[test]
fn without_consent_nothing_is_collected_or_sent() {
    let mut bench = Bench::new();
    bench.feed(Event::Configured(configuration()));
    bench.feed(Event::CheckIn);
    assert!(bench.spoken.is_empty() && bench.enrolled.is_empty() && bench.collections == 0);
    assert_eq!(bench.agent.status().need, Some(Need::Consent));
}

// Seed 004: who opens the app the first time is asked to activate.
#[test]
fn at_the_first_launch_a_credential_is_asked_for() {
    let mut bench = Bench::new();
    let mut configured = configuration();
    let credential = configured.credential.take();
    bench.feed(Event::Consent(true));
    bench.feed(Event::Configured(configured.clone()));
    bench.feed(Event::CheckIn);
    assert_eq!(bench.agent.status().need, Some(Need::Credential(None)));
    assert!(bench.enrolled.is_empty() && bench.spoken.is_empty());
    configured.credential = credential;
    bench.feed(Event::Configured(configured));
    assert_eq!(bench.agent.status().need, None);
}

#[test]
fn first_launch_ends_activated_and_secured_in_one_wake() {
    let bench = Bench::activated();
    let status = bench.agent.status();
    assert_eq!((status.activation, status.level), (Activation::Activated, Some(Level::Secured)));
    assert_eq!((bench.enrolled.len(), bench.reports().len()), (1, 1));
    assert_eq!(bench.reports()[0].sequence, 1);
    assert!(bench.reports()[0].open.is_some());
}

// L3
// W1
#[test]
fn nothing_is_spoken_before_it_is_saved() {
    let mut bench = Bench::activated();
    bench.disk = Err(StorageFailure::Full);
    let spoken = bench.spoken.len();
    bench.feed(Event::Detected(MITM));
    bench.pass(Duration::from_secs(10));
    assert_eq!(bench.spoken.len(), spoken);
    assert!(matches!(bench.agent.status().need, Some(Need::Storage(_))));
    bench.disk = Ok(());
    bench.pass(Duration::from_secs(120));
    assert_eq!(bench.cloud.transitions.len(), 1);
}

// W1, W3, R10
#[test]
fn a_report_is_sent_byte_for_byte_until_acknowledged_and_counts_once() {
    let mut bench = Bench::activated();
    bench.cut = Some(Cut::AfterApplied);
    bench.feed(Event::Detected(MITM));
    bench.cut = None;
    bench.feed(Event::Cleared(MITM));
    bench.restart();
    bench.feed(Event::CheckIn);
    let kinds: Vec<_> = bench.cloud.transitions.iter().map(|transition| transition.kind).collect();
    assert_eq!(kinds, [TransitionKind::Opened, TransitionKind::Resolved]);
    let first = bench.spoken.iter().rev().nth(2).unwrap();
    let second = bench.spoken.iter().rev().nth(1).unwrap();
    assert_eq!(first, second);
    assert_eq!(bench.agent.status().unacknowledged, 0);
}

// W3, R10
#[test]
fn an_answer_that_acknowledges_another_report_deletes_nothing() {
    let mut bench = Bench::activated();
    bench.misacknowledge = true;
    bench.feed(Event::Detected(MITM));
    assert_eq!(bench.agent.status().unacknowledged, 1);
    let said = bench.spoken.last().cloned();
    bench.misacknowledge = false;
    bench.feed(Event::CheckIn);
    assert_eq!(bench.spoken.iter().rev().find(|body| Some(*body) == said.as_ref()), said.as_ref());
    assert_eq!((bench.agent.status().unacknowledged, bench.cloud.transitions.len()), (0, 1));
}

#[test]
fn a_long_outage_loses_and_doubles_nothing() {
    let mut bench = Bench::activated();
    bench.fail = Some(SendFailure::ConnectionRefused);
    for _ in 0..50 {
        bench.feed(Event::Detected(MITM));
        bench.feed(Event::Cleared(MITM));
    }
    bench.fail = None;
    bench.restart();
    bench.feed(Event::CheckIn);
    assert_eq!(bench.cloud.transitions.len(), 100);
    let ordinals: Vec<_> = bench.cloud.transitions.iter().map(|transition| transition.ordinal).collect();
    assert!(ordinals.windows(2).all(|pair| pair[0] < pair[1]));
}

// W2
#[test]
fn a_broken_chain_is_begun_anew_with_the_whole_truth() {
    let mut bench = Bench::activated();
    bench.feed(Event::Detected(MITM));
    bench.cloud.forget_chain();
    bench.feed(Event::CheckIn);
    let last: Report = bench.reports().pop().unwrap();
    assert_eq!((last.sequence, last.previous), (1, None));
    assert_eq!(last.open.unwrap().len(), 1);
    assert_eq!(bench.cloud.transitions.len(), 1);
}

// P11
#[test]
fn a_refused_certificate_is_reported_once_the_path_is_back_with_its_first_time() {
    let mut bench = Bench::activated();
    bench.fail = Some(distrust());
    bench.feed(Event::CheckIn);
    let suspected = bench.now;
    assert!(bench.agent.status().open.is_empty());
    bench.pass(Duration::from_secs(2));
    assert_eq!(bench.agent.status().open[0].classification, Classification::ActiveMitm);
    bench.fail = None;
    bench.feed(Event::CheckIn);
    assert_eq!(bench.cloud.transitions[0].detected.wall, suspected.wall);
    assert_eq!(bench.agent.status().level, Some(Level::High));
    bench.feed(Event::CheckIn);
    bench.feed(Event::CheckIn);
    assert_eq!(bench.cloud.transitions.len(), 2);
    assert_eq!(bench.agent.status().level, Some(Level::Secured));
}

#[test]
fn behind_a_captive_portal_nothing_is_suspected() {
    let mut bench = Bench::activated();
    bench.feed(Event::Network(network(Reach::Captive)));
    bench.fail = Some(distrust());
    for _ in 0..4 {
        bench.feed(Event::CheckIn);
    }
    assert!(bench.agent.status().open.is_empty());
}

// L5
#[test]
fn a_cloud_that_always_wants_more_gets_a_bounded_number_of_reports_a_wake() {
    for tells_threats in [true, false] {
        let mut bench = Bench::activated();
        let mut policy = sharing(1);
        policy.threat_state_sync = tells_threats;
        bench.cloud.policy = Some(policy);
        bench.cloud.orders = vec![Order::FullInventory, Order::Resync];
        let before = bench.spoken.len();
        bench.feed(Event::CheckIn);
        assert!(bench.spoken.len() - before <= 5);
    }
}

// R8, R9
// L9
#[test]
fn offline_the_phone_is_not_woken() {
    let mut bench = Bench::activated();
    bench.feed(Event::Network(network(Reach::Offline)));
    bench.feed(Event::Detected(MITM));
    assert!(bench.agent.next_wake().is_none());
    bench.feed(Event::Network(network(Reach::Online)));
    assert_eq!(bench.cloud.transitions.len(), 1);
}

#[test]
fn a_server_that_says_wait_is_not_asked_before() {
    let mut bench = Bench::activated();
    bench.fail = Some(SendFailure::Throttled(Some(Duration::from_secs(600))));
    bench.feed(Event::CheckIn);
    bench.fail = None;
    let sent = bench.spoken.len();
    bench.restart();
    bench.feed(Event::CheckIn);
    assert_eq!(bench.spoken.len(), sent);
    bench.pass(Duration::from_secs(599));
    assert_eq!(bench.spoken.len(), sent);
    bench.pass(Duration::from_secs(1 + 75));
    assert!(bench.spoken.len() > sent);
}

#[test]
fn late_and_unknown_answers_are_ignored() {
    let mut bench = Bench::activated();
    let before = bench.agent.status();
    bench.feed(Event::Done(CommandId(999_999), Outcome::Lost));
    bench.feed(Event::Done(CommandId(1), Outcome::Saved(Err(StorageFailure::Io))));
    let mut after = bench.agent.status();
    after.next_contact = before.next_contact;
    assert_eq!(after, before);
}

#[test]
fn the_same_seed_and_events_give_the_same_reports() {
    let run = || {
        let mut bench = Bench::activated();
        bench.feed(Event::Detected(MITM));
        bench.pass(Duration::from_secs(86_400));
        bench.spoken
    };
    assert_eq!(run(), run());
}

#[test]
fn a_quiet_day_wakes_the_phone_no_more_than_the_intervals_allow() {
    let mut bench = Bench::activated();
    bench.pass(Duration::from_secs(86_400));
    let wakes = bench.wakes;
    bench.pass(Duration::from_secs(86_400));
    assert!(bench.wakes - wakes <= 7, "{} wakes on the second day", bench.wakes - wakes);
}

#[test]
fn a_disk_that_stays_full_does_not_wake_the_phone_every_minute() {
    let mut bench = Bench::activated();
    bench.disk = Err(StorageFailure::Full);
    bench.feed(Event::Detected(MITM));
    bench.pass(Duration::from_secs(86_400));
    assert!(bench.wakes <= 40, "{} wakes", bench.wakes);
    bench.disk = Ok(());
    bench.feed(Event::CheckIn);
    assert_eq!(bench.cloud.transitions.len(), 1);
}

#[test]
fn no_errand_begins_while_a_sealed_report_is_not_saved() {
    let mut bench = Bench::activated();
    bench.move_to(bench.now.mono.plus(bench::LIFE));
    bench.agent.handle(Event::CheckIn, bench.now);
    loop {
        let mut saves = 0;
        let mut others = 0;
        let mut last = None;
        while let Some(command) = bench.agent.poll() {
            if matches!(command.effect, crate::command::Effect::Save(_)) {
                saves += 1
            } else {
                others += 1
            }
            last = Some(command);
        }
        assert!(saves == 0 || others == 0, "a save and an errand at once");
        let Some(command) = last else { break };
        let id = command.id;
        let outcome = bench.perform(command);
        bench.agent.handle(Event::Done(id, outcome), bench.now);
    }
}
