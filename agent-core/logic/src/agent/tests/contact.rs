//! When the phone speaks, and what it costs.

use std::time::Duration;

use super::bench::{Bench, network};
use super::{MITM, sharing};
use crate::agent::Lateness;
use crate::chance::{Chance, Seed};
use crate::command::Effect;
use crate::event::{Event, Network, Reach};
use crate::failure::SendFailure;
use crate::model::{App, Classification, Level, Protection};
use crate::time::Wall;
use crate::wire::{IndicatorKind, InventoryPart, Policy};

const DAY: Duration = Duration::from_secs(86_400);

fn metered() -> Network {
    Network { metered: true, ..network(Reach::Online) }
}

fn parts(bench: &Bench) -> Vec<InventoryPart> {
    bench.reports().into_iter().filter_map(|report| report.inventory).collect()
}

// L4, R20
#[test]
fn whatever_the_calendar_does_check_ins_go_on() {
    let mut bench = Bench::activated();
    let mut chance = Chance::new(Seed([5; 32]));
    for round in 0..60 {
        let years = u64::try_from(chance.jitter(Duration::from_millis(70)).as_millis()).unwrap();
        bench.reboot(Wall(years * 365 * 86_400_000));
        let sent = bench.spoken.len();
        bench.pass(Duration::from_secs(5 * 3_600));
        assert!(bench.spoken.len() > sent, "round {round}, in {}", 1970 + years);
    }
}

// L6, R15
#[test]
fn a_phone_that_was_not_woken_is_late_and_a_cloud_that_is_gone_is_unreachable() {
    let mut bench = Bench::activated();
    bench.pass(DAY);
    assert_eq!(bench.agent.status().lateness, Lateness::OnTime);
    bench.sleep(DAY);
    bench.agent.handle(Event::Power(crate::event::Power::default()), bench.now);
    assert_eq!(bench.agent.status().lateness, Lateness::LateByOs);
    bench.restart();
    bench.fail = Some(SendFailure::TimedOut);
    bench.feed(Event::CheckIn);
    bench.pass(DAY * 7);
    let status = bench.agent.status();
    assert_eq!((status.lateness, status.protection), (Lateness::Unreachable, Protection::Disconnected));
    bench.fail = None;
    bench.feed(Event::CheckIn);
    let status = bench.agent.status();
    assert_eq!((status.lateness, status.protection), (Lateness::OnTime, Protection::Protected));
}

// L4, P9
#[test]
fn a_check_in_asked_for_during_an_exchange_has_one_of_its_own() {
    let mut bench = Bench::activated();
    bench.cloud.policy = Some(sharing(1));
    bench.feed(Event::CheckIn);
    let sent = bench.spoken.len();
    bench.meanwhile = Some((|effect| matches!(effect, Effect::Send(_)), Event::CheckIn));
    bench.feed(Event::CheckIn);
    assert_eq!(bench.spoken.len(), sent + 2);
}

// L5, L7
#[test]
fn a_wake_costs_one_request() {
    let mut bench = Bench::activated();
    bench.pass(DAY);
    for _ in 0..20 {
        let sent = bench.spoken.len();
        bench.sleep(Duration::from_secs(5 * 3_600));
        bench.posture.findings.insert(Classification::UsbDebugging);
        bench.feed(Event::CheckIn);
        assert_eq!(bench.spoken.len(), sent + 1);
    }
}

// L7
#[test]
fn beyond_the_budget_of_a_day_only_what_counts_goes() {
    let mut bench = Bench::activated();
    for _ in 0..200 {
        bench.feed(Event::CheckIn);
    }
    let sent = bench.spoken.len();
    assert_eq!(sent, 150);
    bench.pass(Duration::from_secs(6 * 3_600));
    assert_eq!(bench.spoken.len(), sent);
    bench.restart();
    bench.feed(Event::Detected(MITM));
    assert_eq!(bench.cloud.reported_level(), Some(Level::High));
    bench.pass(DAY);
    assert!(bench.spoken.len() > sent + 1, "the next day has a budget of its own");
}

// L8
#[test]
fn bulk_waits_for_a_network_that_costs_nothing() {
    let mut bench = Bench::activated();
    bench.feed(Event::Network(metered()));
    bench.apps = Ok((0..20).map(|n| App::new(format!("com.a{n}").parse().unwrap())).collect());
    bench.cloud.policy = Some(sharing(1));
    bench.list(IndicatorKind::Package, "com.a1", Classification::Trojan);
    bench.feed(Event::CheckIn);
    bench.pass(DAY);
    assert!(parts(&bench).is_empty());
    assert_eq!((bench.agent.status().indicators, bench.agent.status().level), (0, Some(Level::Secured)));
    bench.feed(Event::Network(network(Reach::Online)));
    assert!(matches!(parts(&bench)[..], [InventoryPart::Full { .. }, ..]));
    assert_eq!(bench.agent.status().level, Some(Level::High));
}

// L8
#[test]
fn bulk_waits_three_days_at_most() {
    let mut bench = Bench::activated();
    bench.feed(Event::Network(metered()));
    bench.apps = Ok((0..20).map(|n| App::new(format!("com.a{n}").parse().unwrap())).collect());
    bench.cloud.policy = Some(sharing(1));
    bench.feed(Event::CheckIn);
    bench.pass(DAY * 2);
    bench.restart();
    bench.feed(Event::Network(metered()));
    bench.pass(Duration::from_secs(23 * 3_600));
    assert!(parts(&bench).is_empty());
    bench.pass(Duration::from_secs(6 * 3_600));
    assert!(matches!(parts(&bench)[..], [InventoryPart::Full { .. }, ..]));
}

// W7
#[test]
fn an_expired_policy_rates_and_shares_nothing() {
    let mut bench = Bench::activated();
    bench.apps = Ok((0..20).map(|n| App::new(format!("com.a{n}").parse().unwrap())).collect());
    bench.posture.findings.insert(Classification::Unencrypted);
    let mut policy = Policy { expires: bench.now.wall.plus(DAY), ..sharing(1) };
    policy.severities.insert(Classification::Unencrypted, crate::model::Severity::High);
    bench.cloud.policy = Some(policy);
    bench.feed(Event::CheckIn);
    assert_eq!(parts(&bench).len(), 1);
    bench.pass(DAY);
    bench.feed(Event::CheckIn);
    let last = bench.reports().pop().unwrap();
    assert_eq!((last.inventory, last.level), (None, Some(Level::High)));
}

// R14
#[test]
fn a_policy_does_not_go_back_across_a_restart_and_an_attempt_is_told() {
    let mut bench = Bench::activated();
    bench.cloud.policy = Some(sharing(7));
    bench.feed(Event::CheckIn);
    bench.restart();
    bench.cloud.policy = Some(sharing(6));
    bench.feed(Event::CheckIn);
    bench.feed(Event::CheckIn);
    assert_eq!(bench.agent.status().policy, 7);
    let told = bench.reports().pop().unwrap().diagnostics;
    assert_eq!(told.iter().map(|fault| (fault.code, fault.count)).collect::<Vec<_>>(), [(422, 1)]);
}
