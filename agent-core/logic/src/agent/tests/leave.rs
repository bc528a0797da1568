//! A device that leaves.

use super::bench::Bench;
use super::*;

// L10
#[test]
fn leaving_tells_the_cloud_and_then_wipes() {
    let mut bench = Bench::activated();
    bench.feed(Event::Detected(MITM));
    bench.feed(Event::Deactivate);
    assert_eq!(bench.reports().pop().unwrap().activation, Activation::Deactivated);
    assert!(bench.erased && bench.records.is_empty(), "nothing is written after the wipe");
    assert_eq!(bench.agent.status().activation, Activation::Deactivated);
    assert!(bench.agent.is_quiet() && bench.agent.next_wake().is_none());
}

#[test]
fn leaving_does_not_wait_for_a_cloud_that_is_gone() {
    let mut bench = Bench::activated();
    bench.fail = Some(SendFailure::ConnectionRefused);
    bench.feed(Event::Deactivate);
    bench.pass(Duration::from_secs(300));
    assert!(bench.erased, "three attempts take less than five minutes");
}

// L10
#[test]
fn a_wipe_that_fails_is_tried_again_after_a_pause_and_nothing_is_written_meanwhile() {
    let mut bench = Bench::activated();
    bench.destroying = Err(StorageFailure::Io);
    bench.feed(Event::Deactivate);
    let (wakes, told) = (bench.wakes, bench.spoken.len());
    // The next wipe would hide what was written before it.
    let written = |bench: &Bench| bench.records.len();
    bench.feed(Event::Detected(MITM));
    assert_eq!(written(&bench), 0);
    bench.feed(Event::Consent(false));
    assert_eq!(written(&bench), 0);
    bench.pass(Duration::from_secs(86_400));
    assert!((1..80).contains(&(bench.wakes - wakes)), "{} wakes", bench.wakes - wakes);
    assert_eq!((bench.spoken.len(), bench.agent.status().activation), (told, Activation::Activated));
    bench.destroying = Ok(());
    bench.feed(Event::Unlocked);
    assert!(bench.records.is_empty() && bench.agent.next_wake().is_none());
    assert_eq!(bench.agent.status().activation, Activation::Deactivated);
}

// L10
#[test]
fn a_disk_that_was_full_while_the_time_for_a_farewell_ran_costs_no_farewell() {
    let mut bench = Bench::activated();
    bench.disk = Err(StorageFailure::Full);
    bench.feed(Event::Deactivate);
    bench.pass(Duration::from_secs(7_200));
    assert!(!bench.erased, "nothing is spoken, and nothing given up, before it is saved");
    bench.disk = Ok(());
    bench.pass(Duration::from_secs(3_600));
    assert_eq!(bench.reports().pop().unwrap().activation, Activation::Deactivated);
    assert!(bench.erased);
}

// L10
#[test]
fn offline_a_device_that_leaves_wakes_once_to_wipe_what_it_could_not_tell() {
    let mut bench = Bench::activated();
    bench.feed(Event::Network(network(Reach::Offline)));
    let (wakes, spoken) = (bench.wakes, bench.spoken.len());
    bench.feed(Event::Deactivate);
    bench.pass(Duration::from_secs(3_599));
    assert!(!bench.erased, "the network may come back");
    bench.pass(Duration::from_secs(86_400));
    assert!(bench.erased);
    assert_eq!((bench.wakes - wakes, bench.spoken.len()), (1, spoken));
}

// L4, L10
#[test]
fn a_server_that_says_wait_for_days_does_not_keep_a_device_that_leaves() {
    let mut bench = Bench::activated();
    bench.fail = Some(SendFailure::Throttled(Some(Duration::from_secs(86_400))));
    bench.feed(Event::CheckIn);
    let (wakes, spoken) = (bench.wakes, bench.spoken.len());
    bench.feed(Event::Deactivate);
    bench.pass(Duration::from_secs(3_600));
    assert!(bench.erased);
    assert_eq!((bench.wakes - wakes, bench.spoken.len()), (1, spoken));
}
