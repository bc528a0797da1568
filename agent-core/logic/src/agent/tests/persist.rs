//! What survives.

use std::time::Duration;

use super::super::outbox;
use super::super::state::{Record, State};
use super::bench::{Bench, configuration, network};
use super::{MITM, distrust, sharing};
use crate::agent::RestoreError;
use crate::chance::{Chance, Seed};
use crate::event::{Event, Power, Reach};
use crate::failure::SendFailure;
use crate::model::{Activation, App, Classification, Level};
use crate::redact::Bytes;
use crate::time::Wall;
use crate::wire::{IndicatorKind, TransitionKind};

fn restored(records: &[Bytes]) -> State {
    State::restore(records).unwrap().0
}

/// A life with every kind of event, by chance.
fn live(seed: u8, steps: usize, mut after: impl FnMut(&Bench)) -> Bench {
    let mut chance = Chance::new(Seed([seed; 32]));
    let mut draw = |most: u64| u64::try_from(chance.jitter(Duration::from_millis(most)).as_millis()).unwrap();
    let mut bench = Bench::activated();
    for step in 0..steps {
        match draw(12) {
            0 => bench.feed(Event::Detected(MITM)),
            1 => bench.feed(Event::Cleared(MITM)),
            2 => bench.fail = (draw(1) == 0).then_some(SendFailure::TimedOut),
            3 => bench.restart(),
            4 => {
                let count = draw(60);
                bench.apps = Ok((0..count).map(|n| App::new(format!("com.a{n}").parse().unwrap())).collect());
            }
            5 => {
                let mut policy = sharing(u64::try_from(step).unwrap());
                policy.threat_state_sync = draw(2) > 0;
                policy.ignorable.insert(MITM.classification);
                bench.cloud.policy = Some(policy);
            }
            6 => bench.cloud.forget_chain(),
            7 => bench.list(IndicatorKind::Package, &format!("com.a{step}"), Classification::Adware),
            8 => bench.feed(Event::Power(Power { charging: draw(1) == 0 })),
            9 => {
                let open = bench.agent.status().open;
                open.first().map(|threat| threat.id).into_iter().for_each(|id| bench.feed(Event::Ignore(id)));
            }
            10 => bench.feed(Event::Visit("bad.example".parse().unwrap())),
            11 => bench.pass(Duration::from_secs(draw(100_000))),
            _ => bench.feed(Event::CheckIn),
        }
        after(&bench);
    }
    bench
}

// R11
#[test]
fn what_is_in_memory_is_the_fold_of_what_is_on_disk() {
    for seed in 0..4 {
        live(seed, 50, |bench| {
            if bench.agent.journal.is_settled() {
                assert_eq!(bench.agent.state, restored(&bench.log), "seed {seed}");
                assert_eq!(bench.agent.state, restored(&bench.records), "seed {seed}");
            }
        });
    }
}

// R11
#[test]
fn a_snapshot_stands_for_the_records_before_it() {
    for seed in 20..23 {
        let log = live(seed, 50, |_| {}).log;
        let whole = restored(&log);
        for cut in (0..=log.len()).step_by(37) {
            let (before, rest) = log.split_at(cut);
            let snapshot = Record::snapshot(&restored(before)).to_bytes();
            let records: Vec<Bytes> = std::iter::once(snapshot).chain(rest.iter().cloned()).collect();
            assert_eq!(restored(&records), whole, "seed {seed}, cut at {cut}");
        }
    }
}

// R12, R18
#[test]
fn a_later_record_is_left_as_it_is_and_an_altered_one_is_no_record() {
    let read = |text: &str| State::restore(&[Bytes::new(text.as_bytes().to_vec())]).map(|_| ());
    assert_eq!(read(r#"[2,{"Snapshot":{"new":1}}]"#), Err(RestoreError::Newer));
    assert_eq!(read(r#"[2,{"NewKind":[]}]"#), Err(RestoreError::Newer));
    assert_eq!(read(r#"[2,{"Start":"Began"}]"#), Err(RestoreError::Newer));
    assert_eq!(read(r#"[1,{"NewKind":[]}]"#), Err(RestoreError::Unreadable));
    assert_eq!(read(r#"{"Start":"Began"}"#), Err(RestoreError::Unreadable));
    assert_eq!(read(""), Err(RestoreError::Unreadable));
    assert_eq!(read(r#"[1,{"Start":"Began"}]"#), Ok(()));
}

// R11
#[test]
fn three_starts_that_never_rest_keep_identity_and_what_is_untold() {
    let mut bench = Bench::activated();
    bench.feed(Event::CheckIn);
    bench.fail = Some(SendFailure::TimedOut);
    bench.feed(Event::Detected(MITM));
    bench.feed(Event::Cleared(MITM));
    bench.fail = None;
    for _ in 0..3 {
        bench.kill_after = Some(2);
        bench.restart();
        bench.feed(Event::Woke);
    }
    bench.kill_after = None;
    bench.restart();
    bench.feed(Event::Network(network(Reach::Online)));
    bench.feed(Event::CheckIn);
    let status = bench.agent.status();
    assert_eq!((status.activation, status.level), (Activation::Activated, Some(Level::Secured)));
    assert_eq!(bench.enrolled.len(), 1);
    let kinds: Vec<_> = bench.cloud.transitions.iter().map(|transition| transition.kind).collect();
    assert_eq!(kinds, [TransitionKind::Opened, TransitionKind::Resolved]);
    let told = bench.reports().into_iter().flat_map(|report| report.diagnostics);
    assert!(told.into_iter().any(|fault| fault.code == 512));
}

/// Starts three times and gets nowhere.
fn stumble(bench: &mut Bench) {
    for _ in 0..3 {
        bench.kill_after = Some(1);
        bench.restart();
        bench.feed(Event::Woke);
    }
    bench.kill_after = None;
    bench.restart();
}

// R11
#[test]
fn the_administrator_hears_of_a_repair_once_whatever_happens_in_between() {
    let mut bench = Bench::activated();
    bench.fail = Some(SendFailure::TimedOut);
    bench.feed(Event::CheckIn);
    stumble(&mut bench);
    bench.feed(Event::CheckIn);
    // Two more starts before the cloud is back; a report with it is on its way in the first.
    bench.restart();
    bench.feed(Event::CheckIn);
    bench.restart();
    bench.fail = None;
    bench.feed(Event::CheckIn);
    bench.restart();
    bench.feed(Event::CheckIn);
    let arrived: std::collections::BTreeMap<_, _> = bench
        .reports()
        .into_iter()
        .map(|report| ((report.chain, report.sequence), report.diagnostics))
        .collect();
    let told: Vec<u32> =
        arrived.into_values().flatten().filter(|told| told.code == 512).map(|told| told.count).collect();
    assert_eq!(told, [1]);
}

// D12, R11
#[test]
fn a_repair_keeps_the_clouds_clock() {
    let mut bench = Bench::new();
    bench.now.wall = Wall(1_000);
    bench.cloud.clock = Some(Wall(1_700_000_000_000));
    bench.feed(Event::Network(network(Reach::Online)));
    bench.feed(Event::Consent(true));
    bench.feed(Event::Configured(configuration()));
    stumble(&mut bench);
    bench.fail = Some(SendFailure::TimedOut);
    bench.feed(Event::Network(network(Reach::Online)));
    bench.feed(Event::CheckIn);
    assert!(bench.trusted >= Wall(1_700_000_000_000), "{:?}", bench.trusted);
}

// R11
#[test]
fn starts_that_rest_drop_nothing() {
    let mut bench = Bench::activated();
    bench.feed(Event::Configured(configuration()));
    let sequence = bench.reports().last().unwrap().sequence;
    for _ in 0..10 {
        bench.restart();
        bench.feed(Event::Woke);
    }
    bench.feed(Event::CheckIn);
    assert!(bench.reports().last().unwrap().sequence > sequence);
}

// R11
#[test]
fn starts_that_the_os_ends_while_a_report_is_on_its_way_drop_nothing() {
    let mut bench = Bench::activated();
    bench.fail = Some(SendFailure::TimedOut);
    bench.feed(Event::Detected(MITM));
    bench.fail = None;
    for _ in 0..9 {
        bench.kill_after = Some(2);
        bench.restart();
        bench.feed(Event::Woke);
        bench.kill_after = Some(1);
        bench.sleep(Duration::from_secs(10));
        bench.feed(Event::Woke);
    }
    bench.kill_after = None;
    bench.restart();
    bench.feed(Event::CheckIn);
    let ordinals: Vec<_> = bench.cloud.transitions.iter().map(|transition| transition.ordinal).collect();
    assert_eq!(ordinals, [1]);
}

// R11
#[test]
fn a_repair_keeps_the_clouds_pause_and_an_interception_that_can_end() {
    let mut bench = Bench::activated();
    bench.fail = Some(distrust());
    bench.feed(Event::CheckIn);
    bench.feed(Event::CheckIn);
    bench.fail = Some(SendFailure::Throttled(Some(Duration::from_secs(600))));
    bench.pass(Duration::from_secs(60));
    bench.fail = None;
    for _ in 0..4 {
        bench.kill_after = Some(1);
        bench.restart();
        bench.feed(Event::Woke);
    }
    bench.kill_after = None;
    bench.restart();
    let sent = bench.spoken.len();
    bench.feed(Event::CheckIn);
    assert_eq!(bench.spoken.len(), sent);
    bench.pass(Duration::from_secs(800));
    assert!(bench.spoken.len() > sent);
    for _ in 0..6 {
        bench.feed(Event::CheckIn);
    }
    assert!(bench.agent.status().open.is_empty());
}

// W2, R11
#[test]
fn a_report_on_its_way_that_nobody_can_read_is_given_up_and_what_it_told_is_told_anew() {
    let mut bench = Bench::activated();
    bench.fail = Some(SendFailure::TimedOut);
    bench.feed(Event::Detected(MITM));
    let body = Bytes::new(br#"{"protocol":1,"cc"#.to_vec());
    bench.records.push(Record::from(outbox::Change::Sealed(body.clone())).to_bytes());
    bench.fail = None;
    bench.restart();
    bench.feed(Event::CheckIn);
    assert!(!bench.spoken.contains(&body));
    assert_eq!((bench.cloud.transitions.len(), bench.agent.status().unacknowledged), (1, 0));
}
