//! Pauses of a device among many.

use std::collections::BTreeSet;

use super::bench::Bench;
use super::*;
use crate::event::FetchFailure;
use crate::time::Timer;
use crate::wire::IndicatorKind;

#[test]
fn a_fleet_does_not_come_back_at_once_after_an_outage() {
    let mut bench = Bench::activated();
    bench.fail = Some(SendFailure::TimedOut);
    let mut pauses = BTreeSet::new();
    for _ in 0..40 {
        bench.feed(Event::CheckIn);
        pauses.insert(bench.agent.status().next_contact.unwrap());
    }
    assert!(pauses.iter().all(|pause| *pause <= Duration::from_secs(3_600)));
    // Full jitter: as many below half of the most as above, about.
    let early = pauses.iter().filter(|pause| **pause < Duration::from_secs(1_800)).count();
    assert!(pauses.len() > 30 && early > 10 && pauses.len() - early > 5, "{pauses:?}");
}

#[test]
fn a_pause_told_while_the_calendar_was_in_2040_ends_after_a_boot() {
    let mut bench = Bench::activated();
    let right = bench.now.wall;
    bench.now.wall = Wall(2_208_988_800_000);
    bench.fail = Some(SendFailure::Throttled(Some(Duration::from_secs(600))));
    bench.feed(Event::CheckIn);
    bench.fail = None;
    bench.now = crate::time::Now { boot: crate::time::Boot(2), mono: crate::time::Mono(1_000), wall: right };
    bench.restart();
    bench.feed(Event::CheckIn);
    let sent = bench.spoken.len();
    bench.restart();
    bench.pass(Duration::from_secs(700));
    assert!(bench.spoken.len() > sent);
}

#[test]
fn a_check_in_that_falls_into_a_pause_wakes_at_its_end() {
    let mut bench = Bench::activated();
    let wake = |bench: &Bench| bench.agent.next_wake().unwrap();
    let pause = Duration::from_secs(36_000);
    assert!(wake(&bench).at < bench.now.mono.plus(pause));
    // As after a download that was lost.
    bench.agent.live.retry = Some(Timer::new(bench.now, pause));
    assert_eq!(wake(&bench).at, bench.now.mono.plus(pause));
}

#[test]
fn a_download_waits_for_a_day_with_a_budget() {
    let mut bench = Bench::activated();
    bench.feed(Event::CheckIn);
    for _ in 0..200 {
        bench.feed(Event::CheckIn);
    }
    bench.list(IndicatorKind::Domain, "phish.example", Classification::Phishing);
    bench.feed(Event::Detected(MITM));
    assert_eq!(bench.agent.status().indicators, 0, "what counts goes, the set does not");
    bench.pass(Duration::from_secs(2 * 86_400));
    assert_eq!(bench.agent.status().indicators, 1);
}

// L7
#[test]
fn downloads_that_fail_use_up_the_day_as_if_they_had_come() {
    let failures = [
        (FetchFailure::Send(SendFailure::TimedOut), 4..5),
        (FetchFailure::Storage(StorageFailure::Full), 4..5),
        (FetchFailure::Send(SendFailure::ConnectionRefused), 70..76),
    ];
    for (failure, most) in failures {
        let mut bench = Bench::activated();
        bench.list(IndicatorKind::Domain, "phish.example", Classification::Phishing);
        bench.cloud.manifest.as_mut().unwrap().buckets[0].length = 1_200_000;
        bench.fetch = Some(failure.clone());
        for _ in 0..200 {
            bench.feed(Event::CheckIn);
        }
        assert!(most.contains(&bench.fetches), "{failure:?}: {} downloads", bench.fetches);
    }
}

// L4
#[test]
fn a_pause_told_to_a_download_is_kept() {
    let mut bench = Bench::activated();
    bench.list(IndicatorKind::Domain, "phish.example", Classification::Phishing);
    let told = SendFailure::Throttled(Some(Duration::from_secs(7_200)));
    bench.fetch = Some(FetchFailure::Send(told));
    bench.feed(Event::CheckIn);
    let (sent, fetches) = (bench.spoken.len(), bench.fetches);
    bench.feed(Event::CheckIn);
    bench.pass(Duration::from_secs(7_199));
    assert_eq!((bench.spoken.len(), bench.fetches, fetches), (sent, 1, 1));
}

#[test]
fn a_ca_that_says_two_seconds_all_day_is_asked_ever_less() {
    let mut bench = Bench::new();
    bench.enrolment = Some(Enrolled::Wait(Some(Duration::from_secs(2))));
    bench.feed(Event::Network(network(Reach::Online)));
    bench.feed(Event::Consent(true));
    bench.feed(Event::Configured(configuration()));
    bench.pass(Duration::from_secs(60));
    assert!(bench.enrolled.len() >= 4, "{} in the first minute", bench.enrolled.len());
    bench.restart();
    bench.feed(Event::Network(network(Reach::Online)));
    bench.pass(Duration::from_secs(86_400));
    assert!(bench.enrolled.len() <= 36, "{} in a day", bench.enrolled.len());
    assert!(bench.wakes <= bench.enrolled.len(), "{} wakes", bench.wakes);
    bench.enrolment = None;
    bench.pass(Duration::from_secs(4_100));
    assert_eq!(bench.agent.status().activation, Activation::Activated);
}

#[test]
fn a_cloud_that_says_three_seconds_all_day_is_asked_ever_less() {
    let mut bench = Bench::activated();
    bench.fail = Some(SendFailure::Throttled(Some(Duration::from_secs(3))));
    bench.feed(Event::CheckIn);
    bench.pass(Duration::from_secs(86_400));
    assert!(bench.wakes <= 80, "{} wakes", bench.wakes);
    assert!(bench.spoken.len() + 5 >= bench.wakes, "each wake asks");
}

#[test]
fn what_failed_is_not_tried_again_in_the_same_breath() {
    let mut bench = Bench::activated();
    for _ in 0..50 {
        bench.fail = Some(SendFailure::ConnectionRefused);
        bench.feed(Event::CheckIn);
        let failed = bench.spoken.len();
        bench.pass(Duration::from_millis(999));
        assert_eq!(bench.spoken.len(), failed);
        bench.fail = None;
        bench.feed(Event::CheckIn);
    }
}
