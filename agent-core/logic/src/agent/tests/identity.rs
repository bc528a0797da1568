//! Certificates, credentials and the key store.

use super::bench::{self, Bench, configuration};
use super::*;

#[test]
fn a_kill_after_any_command_of_the_first_launch_makes_no_second_device() {
    for fatal in 0..24 {
        let mut bench = Bench::new();
        bench.kill_after = Some(fatal);
        bench.feed(Event::Consent(true));
        bench.feed(Event::Configured(configuration()));
        bench.kill_after = None;
        bench.restart();
        bench.feed(Event::Consent(true));
        bench.feed(Event::Configured(configuration()));
        assert_eq!(bench.agent.status().activation, Activation::Activated, "killed after {fatal}");
        let requests: Vec<_> = bench.enrolled.iter().map(|enrol| enrol.request.clone()).collect();
        assert!(requests.windows(2).all(|pair| pair[0] == pair[1]), "killed after {fatal}");
    }
}

fn with_code(text: &str) -> crate::event::Configuration {
    let code = crate::command::Credential::Code(crate::redact::Secret::new(text.into()));
    crate::event::Configuration { credential: Some(code), ..configuration() }
}

// R6
#[test]
fn a_credential_that_worked_leaves_the_disk() {
    let mut bench = Bench::new();
    bench.feed(Event::Network(network(Reach::Offline)));
    bench.feed(Event::Consent(true));
    bench.feed(Event::Configured(with_code("k7-secret")));
    assert!(bench.disk_contains("k7-secret"), "it is kept until it worked");
    bench.feed(Event::Network(network(Reach::Online)));
    bench.feed(Event::CheckIn);
    assert_eq!(bench.agent.status().activation, Activation::Activated);
    assert!(!bench.disk_contains("k7-secret"));
}

#[test]
fn another_credential_ends_our_own_pause_and_not_the_servers() {
    let mut bench = Bench::new();
    bench.fail = Some(SendFailure::Problem(ProblemKind::NotEligible));
    bench.feed(Event::Consent(true));
    bench.feed(Event::Configured(configuration()));
    let asked = bench.enrolled.len();
    bench.feed(Event::Configured(configuration()));
    assert_eq!(bench.enrolled.len(), asked, "the same again ends no pause");
    bench.fail = Some(SendFailure::Throttled(Some(Duration::from_secs(600))));
    bench.feed(Event::Configured(with_code("second")));
    assert_eq!(bench.enrolled.len(), asked + 1);
    bench.fail = None;
    bench.feed(Event::Configured(with_code("third")));
    assert_eq!(bench.enrolled.len(), asked + 1, "the server said to wait");
    bench.pass(Duration::from_secs(800));
    assert_eq!(bench.agent.status().activation, Activation::Activated);
}

// D12, R9, R20
#[test]
fn a_certificate_received_while_the_calendar_stood_in_2040_is_renewed_in_time() {
    let right = Wall(1_700_000_000_000);
    let mut bench = Bench::new();
    bench.cloud.clock = Some(right);
    bench.now.wall = Wall(2_208_988_800_000);
    bench.feed(Event::Network(network(Reach::Online)));
    bench.feed(Event::Consent(true));
    bench.feed(Event::Configured(configuration()));
    assert_eq!(bench.agent.status().certificate_until, Some(right.plus(bench::LIFE)));
    // Switched off each night: no boot lasts as long as the pause.
    for day in 0..30 {
        let wall = right.plus(Duration::from_secs(day * 86_400));
        bench.cloud.clock = Some(wall);
        bench.reboot(wall);
        bench.feed(Event::CheckIn);
        let renewed = bench.enrolled.len() > 1;
        assert!(!renewed || day > 15, "renewed on day {day}");
        assert!(renewed || day < 25, "not renewed on day {day}");
    }
    assert_eq!(bench.enrolled.len(), 2, "renewed once");
}

#[test]
fn a_renewed_certificate_is_proved_before_the_old_key_goes() {
    let mut bench = Bench::activated();
    bench.pass(bench::LIFE);
    let Authority::Identity(old) = &bench.enrolled.last().unwrap().authority else {
        panic!("a renewal is asked for under the present certificate")
    };
    assert_eq!(old.slot, Slot::A);
    let seen: Vec<_> = bench.spoken_as.iter().rev().take(2).copied().collect();
    assert!(seen.contains(&Slot::B));
    assert_eq!(bench.dropped, [Slot::A]);
}

#[test]
fn an_old_key_that_a_store_does_not_drop_at_once_goes_at_the_wake_asked_for() {
    let mut bench = Bench::activated();
    bench.dropping = Err(KeyFailure::Busy);
    while bench.dropped.is_empty() {
        bench.pass(Duration::from_secs(3_600));
    }
    // Nothing but the time passes: no contact, no change ends the pause.
    bench.feed(Event::CheckIn);
    let (tried, wake) = (bench.dropped.len(), bench.agent.next_wake().unwrap());
    bench.dropping = Ok(());
    bench.move_to(wake.at);
    bench.feed(Event::Woke);
    assert_eq!((wake.why, bench.dropped.len()), ("try again", tried + 1));
}

#[test]
fn a_renewal_that_is_refused_keeps_no_report_back() {
    let mut bench = Bench::activated();
    bench.refuse_enrolment = Some(ProblemKind::RequestInvalid);
    bench.pass(bench::LIFE);
    assert_eq!(bench.agent.status().need, None);
    bench.feed(Event::Detected(MITM));
    assert_eq!(bench.cloud.transitions.len(), 1);
    let asked = bench.enrolled.len();
    bench.refuse_enrolment = None;
    bench.pass(Duration::from_secs(2 * 86_400));
    assert_eq!((bench.enrolled.len(), bench.dropped.as_slice()), (asked + 1, [Slot::A].as_slice()));
}

#[test]
fn a_refused_identity_stays_until_a_new_credential_brings_another() {
    let mut bench = Bench::activated();
    bench.fail = Some(SendFailure::CertificateRefused);
    bench.feed(Event::CheckIn);
    assert_eq!(bench.agent.status().need, Some(Need::Credential(None)));
    assert_eq!(bench.agent.status().activation, Activation::Activated);
    bench.fail = None;
    let mut again = configuration();
    again.credential = Some(crate::command::Credential::Code(crate::redact::Secret::new("another".into())));
    bench.feed(Event::Configured(again));
    bench.feed(Event::CheckIn);
    assert_eq!(bench.agent.status().need, None);
}

#[test]
fn a_burnt_credential_stops_enrolment_and_asks_for_another() {
    let mut bench = Bench::new();
    bench.fail = Some(SendFailure::Problem(ProblemKind::CredentialBurnt));
    bench.feed(Event::Consent(true));
    bench.feed(Event::Configured(configuration()));
    assert!(matches!(bench.agent.status().need, Some(Need::Credential(Some(_)))));
    let asked = bench.enrolled.len();
    bench.restart();
    bench.feed(Event::Configured(configuration()));
    bench.feed(Event::CheckIn);
    assert_eq!(bench.enrolled.len(), asked);
}

#[test]
fn a_locked_key_store_waits_for_the_unlock_and_makes_no_new_key() {
    let mut bench = Bench::activated();
    bench.fail = Some(SendFailure::Key(KeyFailure::Locked));
    bench.feed(Event::CheckIn);
    assert_eq!(bench.agent.status().need, Some(Need::Unlock));
    assert!(bench.agent.next_wake().is_none_or(|wake| wake.at > bench.now.mono));
    bench.fail = None;
    let sent = bench.spoken.len();
    bench.feed(Event::Unlocked);
    assert!(bench.spoken.len() > sent);
    assert_eq!(bench.enrolled.len(), 1);
}

#[test]
fn a_key_that_is_gone_twice_is_believed_gone() {
    let mut bench = Bench::activated();
    bench.fail = Some(SendFailure::Key(KeyFailure::Gone));
    bench.feed(Event::CheckIn);
    assert_eq!(bench.agent.status().activation, Activation::Activated);
    bench.feed(Event::CheckIn);
    assert_eq!(bench.agent.status().activation, Activation::Pending);
    assert_eq!(bench.agent.status().need, Some(Need::Credential(None)));
}

#[test]
fn a_wait_of_the_ca_survives_a_kill() {
    let mut bench = Bench::new();
    bench.enrolment = Some(Enrolled::Wait(Some(Duration::from_secs(600))));
    bench.feed(Event::Consent(true));
    bench.feed(Event::Configured(configuration()));
    bench.enrolment = None;
    bench.restart();
    bench.feed(Event::CheckIn);
    assert_eq!(bench.enrolled.len(), 1);
    bench.pass(Duration::from_secs(600 + 75));
    assert_eq!(bench.enrolled.len(), 2);
    assert_eq!(bench.agent.status().activation, Activation::Activated);
}

#[test]
fn a_refused_identity_does_not_keep_a_waiting_report_from_a_new_one() {
    let mut bench = Bench::activated();
    bench.fail = Some(SendFailure::CertificateRefused);
    bench.feed(Event::Detected(MITM));
    bench.feed(Event::CheckIn);
    let asked = bench.enrolled.len();
    let mut again = configuration();
    again.credential = Some(crate::command::Credential::Code(crate::redact::Secret::new("another".into())));
    bench.feed(Event::Configured(again));
    bench.feed(Event::CheckIn);
    assert!(bench.enrolled.len() > asked);
}

#[test]
fn a_calendar_ahead_of_the_certificate_does_not_renew_without_end() {
    let mut bench = Bench::activated();
    bench.now.wall = bench.now.wall.plus(bench::LIFE * 3);
    bench.pass(bench::LIFE);
    assert!(bench.enrolled.len() <= 50, "{} enrolments", bench.enrolled.len());
}
