//! The privacy ledger.

use super::bench::Bench;
use super::*;
use crate::command::CredentialKind;

fn reasons(bench: &Bench) -> Vec<Why> {
    bench.agent.ledger().map(|entry| entry.why).collect()
}

/// Reports in the ledger that the cloud acknowledged.
fn acknowledged(bench: &Bench) -> usize {
    let reports = bench.agent.ledger();
    reports.filter(|entry| matches!(entry.sent, Sent::Report { acknowledged: true, .. })).count()
}

#[test]
fn the_ledger_tells_what_was_sent_and_why_newest_first() {
    let mut bench = Bench::activated();
    bench.apps =
        Ok((0..3).map(|n| crate::model::App::new(format!("com.secret.a{n}").parse().unwrap())).collect());
    bench.feed(Event::CheckIn);
    bench.cloud.policy = Some(sharing(1));
    bench.feed(Event::Detected(MITM));
    bench.pass(Duration::from_secs(3_600));
    let reasons = reasons(&bench);
    let first: Vec<Why> = reasons.iter().rev().take(5).copied().collect();
    assert_eq!(first, [Why::Activation, Why::Activation, Why::Asked, Why::Change, Why::CloudAsked]);
    assert!(reasons.iter().take(reasons.len() - 5).all(|why| *why == Why::Routine));
    let entries: Vec<Entry> = bench.agent.ledger().cloned().collect();
    let registration = Sent::Registration { credential: Some(CredentialKind::Code), accepted: true };
    assert_eq!(entries[entries.len() - 1].sent, registration);
    let Sent::Report { inventory, .. } = &entries[entries.len() - 5].sent else { panic!() };
    assert_eq!(*inventory, Some(InventorySent::Full { apps: 3 }));
    let Sent::Report { changes, .. } = &entries[entries.len() - 4].sent else { panic!() };
    assert_eq!(*changes, 1);
    let written = serde_json::to_string(&entries).unwrap();
    for personal in ["com.secret", "b9841cd9", "mtd.example", "csr"] {
        assert!(!written.contains(personal), "{personal} in {written}");
    }
}

#[test]
fn an_entry_and_its_acknowledgement_are_saved_together() {
    for fatal in 0..24 {
        let mut bench = Bench::activated();
        bench.kill_after = Some(fatal);
        bench.feed(Event::Detected(MITM));
        bench.kill_after = None;
        bench.restart();
        let place = bench.agent.state.outbox.place(crate::model::ChainId::new([0; 16]));
        assert_eq!(
            acknowledged(&bench),
            usize::try_from(place.sequence - 1).unwrap(),
            "killed after {fatal}"
        );
        bench.feed(Event::CheckIn);
        let place = bench.agent.state.outbox.place(crate::model::ChainId::new([0; 16]));
        assert_eq!(
            acknowledged(&bench),
            usize::try_from(place.sequence - 1).unwrap(),
            "killed after {fatal}"
        );
    }
}

#[test]
fn a_report_that_is_dropped_is_in_the_ledger_too() {
    let mut bench = Bench::activated();
    bench.cloud.forget_chain();
    bench.feed(Event::Detected(MITM));
    let reports: Vec<bool> = bench
        .agent
        .ledger()
        .filter_map(|entry| match entry.sent {
            Sent::Report { acknowledged, .. } => Some(acknowledged),
            Sent::Registration { .. } => None,
        })
        .collect();
    assert_eq!(reports, [true, false, true]);
}

#[test]
fn a_refused_credential_and_a_renewal_are_in_the_ledger() {
    let mut bench = Bench::new();
    bench.fail = Some(SendFailure::Problem(ProblemKind::CredentialBurnt));
    bench.feed(Event::Consent(true));
    bench.feed(Event::Configured(configuration()));
    let refused = Sent::Registration { credential: Some(CredentialKind::Code), accepted: false };
    assert_eq!(bench.agent.ledger().next().unwrap().sent, refused);

    let mut bench = Bench::activated();
    bench.pass(bench::LIFE);
    let renewed = Sent::Registration { credential: None, accepted: true };
    assert!(bench.agent.ledger().any(|entry| entry.why == Why::Renewal && entry.sent == renewed));
}

#[test]
fn a_year_of_reports_keeps_the_last_two_hundred() {
    let mut bench = Bench::activated();
    for _ in 0..MAX_ENTRIES {
        bench.sleep(std::time::Duration::from_secs(15 * 60));
        bench.feed(Event::CheckIn);
    }
    assert_eq!(bench.agent.ledger().count(), MAX_ENTRIES);
    assert!(reasons(&bench).iter().all(|why| *why == Why::Asked));
}

// P6
#[test]
fn a_level_that_travels_alone_is_a_change() {
    let mut bench = Bench::activated();
    let mut policy = sharing(1);
    policy.threat_state_sync = false;
    bench.cloud.policy = Some(policy);
    bench.feed(Event::CheckIn);
    bench.feed(Event::Detected(MITM));
    assert_eq!(reasons(&bench)[0], Why::Change);
}

#[test]
fn leaving_takes_the_ledger_with_it() {
    let mut bench = Bench::activated();
    bench.feed(Event::Deactivate);
    assert_eq!(bench.agent.ledger().count(), 0);
}
