//! What is refused, who is told, and what leaving costs.

use super::bench::{self, Bench, TENANT, network};
use super::*;
use crate::code;
use crate::model::Digest;
use crate::wire::{CommandDocument, SignedCommand, policy_kind};

const ROOT: Detection = Detection { classification: Classification::RootJailbreak, app: None };
const DEVICE: &str = "b9841cd9-9843-405f-be28-b2265c59ef97";

fn told(bench: &Bench) -> Vec<(u16, u32)> {
    let last: Report = bench.reports().pop().unwrap();
    last.diagnostics.iter().map(|diagnostic| (diagnostic.code, diagnostic.count)).collect()
}

fn command(nonce: &[u8], device: &str) -> CommandDocument {
    CommandDocument {
        kind: policy_kind::COMMAND.into(),
        tenant: TENANT.parse().unwrap(),
        device: device.parse().unwrap(),
        nonce: Digest::of(nonce),
        expires: Wall(u64::MAX),
        command: SignedCommand::Deactivate,
    }
}

fn preventing() -> Bench {
    let mut bench = Bench::activated();
    let mut policy = sharing(1);
    policy.app_sync = false;
    policy.prevent_unenrolment = true;
    bench.cloud.policy = Some(policy);
    bench.feed(Event::CheckIn);
    bench
}

// R12
#[test]
fn the_administrator_hears_of_a_device_that_started_over() {
    let mut bench = Bench::new();
    bench.agent = Agent::start_over(bench::settings(), Seed([4; 32]), bench.now);
    // The first registration keeps it, and so does a restart before the first report.
    bench.feed(Event::Network(network(Reach::Offline)));
    bench.feed(Event::Consent(true));
    bench.feed(Event::Configured(bench::configuration()));
    bench.restart();
    bench.feed(Event::Consent(true));
    bench.feed(Event::Network(network(Reach::Online)));
    bench.feed(Event::Configured(bench::configuration()));
    bench.feed(Event::CheckIn);
    let counts = |report: &Report| report.diagnostics.iter().filter(|told| told.code == 515).count();
    let told: Vec<usize> = bench.reports().iter().map(counts).collect();
    assert_eq!((told.first(), told.iter().sum::<usize>()), (Some(&1), 1), "{told:?}");
}

#[test]
fn refused_documents_are_counted_by_their_reason() {
    let mut bench = Bench::activated();
    bench.cloud.policy = Some(sharing(5));
    bench.feed(Event::CheckIn);
    bench.feed(Event::CheckIn);
    assert_eq!(told(&bench), [], "the policy in force, repeated, is no fault");
    let mut foreign = sharing(9);
    foreign.tenant = DEVICE.parse().unwrap();
    let mut expired = sharing(9);
    expired.expires = Wall(1);
    let mut other = sharing(9);
    other.kind = policy_kind::INDICATORS.into();
    for (policy, code) in [
        (sharing(4), code::DOCUMENT_OLD),
        (foreign, code::DOCUMENT_WRONG_TENANT),
        (expired, code::DOCUMENT_EXPIRED),
        (other, code::DOCUMENT_WRONG_KIND),
    ] {
        bench.cloud.policy = Some(policy);
        bench.feed(Event::CheckIn);
        bench.cloud.policy = None;
        bench.feed(Event::CheckIn);
        assert_eq!(told(&bench), [(code.0, 1)]);
        assert_eq!(bench.agent.status().policy, 5);
    }
    bench.cloud.forged = 2;
    bench.cloud.commands = vec![command(b"1", TENANT)];
    bench.feed(Event::CheckIn);
    bench.cloud.forged = 0;
    bench.cloud.commands.clear();
    bench.feed(Event::CheckIn);
    assert_eq!(told(&bench), [(408, 2), (424, 1)]);
    assert_eq!(bench.agent.status().last_failure, None);
}

// R14
#[test]
fn commands_to_re_enrol_in_a_row_are_obeyed_an_hour_apart() {
    let hour = Duration::from_secs(3_600);
    let re_enrol =
        |nonce: &[u8]| CommandDocument { command: SignedCommand::ReEnrol, ..command(nonce, DEVICE) };
    let mut bench = Bench::activated();
    bench.cloud.commands = vec![re_enrol(b"1")];
    bench.feed(Event::CheckIn);
    assert_eq!(bench.enrolled.len(), 1, "the identity is new");
    bench.pass(hour);
    bench.feed(Event::CheckIn);
    assert_eq!(bench.enrolled.len(), 2, "it is obeyed when it comes again");
    for nonce in 2..12 {
        bench.cloud.commands = vec![re_enrol(&[nonce])];
        bench.feed(Event::CheckIn);
    }
    assert_eq!(bench.enrolled.len(), 2);
    bench.cloud.commands = vec![re_enrol(b"x"), re_enrol(b"y")];
    bench.pass(hour);
    bench.feed(Event::CheckIn);
    assert_eq!(bench.enrolled.len(), 3, "one new identity answers both");
    bench.pass(hour.saturating_mul(3));
    assert_eq!(bench.enrolled.len(), 3);
}

#[test]
fn failures_of_the_network_are_told_once_it_is_back() {
    let mut bench = Bench::activated();
    bench.fail = Some(SendFailure::TimedOut);
    bench.feed(Event::CheckIn);
    bench.feed(Event::CheckIn);
    bench.fail = None;
    bench.feed(Event::CheckIn);
    bench.feed(Event::CheckIn);
    assert_eq!(told(&bench), [(302, 2)]);
    bench.feed(Event::CheckIn);
    assert_eq!(told(&bench), []);
}

#[test]
fn transitions_that_the_bound_takes_are_counted() {
    let mut bench = Bench::activated();
    for _ in 0..outbox::MAX_WAITING / 2 + 3 {
        bench.agent.handle(Event::Detected(MITM), bench.now);
        bench.agent.handle(Event::Cleared(MITM), bench.now);
    }
    let counted = bench.agent.live.diagnostics.tell();
    let counted: Vec<_> = counted.iter().map(|diagnostic| (diagnostic.code, diagnostic.count)).collect();
    assert_eq!(counted, [(code::TRANSITIONS_OVERFLOWED.0, 6)]);
}

// P1, R10
#[test]
fn what_is_open_reaches_the_cloud_although_the_bound_took_its_transition() {
    let mut bench = Bench::activated();
    bench.feed(Event::Network(network(Reach::Offline)));
    bench.feed(Event::Detected(ROOT));
    for _ in 0..outbox::MAX_WAITING / 2 {
        bench.agent.handle(Event::Detected(MITM), bench.now);
        bench.agent.handle(Event::Cleared(MITM), bench.now);
    }
    assert_eq!(bench.agent.status().unacknowledged, outbox::MAX_WAITING);
    bench.feed(Event::Network(network(Reach::Online)));
    bench.feed(Event::CheckIn);
    assert_eq!(bench.agent.status().unacknowledged, 0);
    let whole = bench.reports().into_iter().filter_map(|report| report.open).next_back().unwrap();
    let open: Vec<_> = whole.iter().map(|threat| threat.classification).collect();
    assert_eq!(open, [Classification::RootJailbreak]);
    let begun = bench.reports().iter().filter(|report| report.open.is_some()).count();
    assert_eq!(begun, 2, "the chain begins anew once");
}

// R16
#[test]
fn a_policy_that_prevents_leaving_keeps_the_device_and_tells_the_administrator() {
    let mut bench = preventing();
    let before = bench.spoken.len();
    bench.feed(Event::Deactivate);
    assert_eq!(bench.agent.status().notice, Some(Notice::UnenrolmentPrevented));
    assert_eq!((bench.agent.status().activation, bench.erased), (Activation::Activated, false));
    assert_eq!((told(&bench), bench.spoken.len()), (vec![(130, 1)], before + 1));
    for _ in 0..9 {
        bench.feed(Event::Deactivate);
    }
    assert_eq!(bench.spoken.len(), before + 1, "who insists wakes no radio");
    bench.feed(Event::CheckIn);
    assert_eq!(told(&bench), [(130, 9)]);
}

#[test]
fn the_administrators_command_makes_a_device_leave_that_its_user_cannot() {
    let mut bench = preventing();
    bench.cloud.commands = vec![command(b"2", DEVICE)];
    bench.feed(Event::CheckIn);
    assert!(bench.erased);
    assert_eq!(bench.reports().pop().unwrap().activation, Activation::Deactivated);
}

#[test]
fn a_later_policy_lets_the_user_leave() {
    let mut bench = preventing();
    bench.feed(Event::Deactivate);
    bench.cloud.policy = Some(Policy::new(TENANT.parse().unwrap(), 2, Wall(u64::MAX)));
    bench.feed(Event::CheckIn);
    assert_eq!(bench.agent.status().notice, None);
    bench.feed(Event::Deactivate);
    assert!(bench.erased);
}

#[test]
fn consent_can_be_withdrawn_whatever_the_policy_says() {
    let mut bench = preventing();
    bench.feed(Event::Consent(false));
    let before = bench.spoken.len();
    bench.feed(Event::Detected(MITM));
    bench.pass(Duration::from_secs(7 * 86_400));
    assert_eq!(bench.spoken.len(), before);
}
