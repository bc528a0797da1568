//! Pauses of a device among many.

use std::collections::BTreeSet;

use super::bench::Bench;
use super::*;

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
