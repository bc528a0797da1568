//! What the status says of the ten states and of what blocks.

use super::bench::{Bench, configuration};
use super::*;
use crate::model::{HealthState, ThreatId};
use crate::wire::CloudThreat;

const ROOT: Detection = Detection { classification: Classification::RootJailbreak, app: None };
const ROGUE: Detection = Detection { classification: Classification::RogueWifi, app: None };
const USB: Detection = Detection { classification: Classification::UsbDebugging, app: None };

fn passes(bench: &Bench) -> [bool; 4] {
    bench.agent.status().access.map(|access| access.passes)
}

#[test]
fn the_life_of_a_device_walks_through_the_states() {
    let mut bench = Bench::new();
    let health = |bench: &Bench| bench.agent.status().health;
    assert_eq!(health(&bench), HealthState::Unknown);
    bench.feed(Event::Consent(true));
    assert_eq!(health(&bench), HealthState::Misconfigured);
    bench.fail = Some(SendFailure::ConnectionRefused);
    bench.feed(Event::Configured(configuration()));
    assert_eq!(health(&bench), HealthState::Unknown);
    bench.fail = None;
    bench.feed(Event::CheckIn);
    assert_eq!(health(&bench), HealthState::Secured);
    bench.feed(Event::Detected(USB));
    assert_eq!(health(&bench), HealthState::MediumSeverity);
    bench.feed(Event::Detected(ROOT));
    assert_eq!(health(&bench), HealthState::Compromised);
    bench.fail = Some(SendFailure::ConnectionRefused);
    bench.pass(Duration::from_secs(8 * 86_400));
    assert_eq!((health(&bench), bench.agent.status().level), (HealthState::Unresponsive, None));
    bench.fail = None;
    bench.feed(Event::Deactivate);
    assert_eq!(health(&bench), HealthState::Deactivated);
}

#[test]
fn offline_a_new_threat_blocks_at_once_and_its_end_frees_at_once() {
    let mut bench = Bench::activated();
    bench.feed(Event::Network(network(Reach::Offline)));
    bench.feed(Event::Detected(USB));
    assert_eq!(passes(&bench), [false, false, true, true]);
    let [secured, ..] = bench.agent.status().access;
    assert_eq!(secured.blockers[0].remedy().en, "Turn off USB debugging.");
    bench.feed(Event::Cleared(USB));
    assert_eq!(passes(&bench), [true; 4]);
}

// P4
#[test]
fn offline_what_the_owner_may_ignore_does_not_block() {
    let mut bench = Bench::activated();
    let mut policy = sharing(1);
    policy.ignorable.insert(Classification::UsbDebugging);
    bench.cloud.policy = Some(policy);
    bench.feed(Event::CheckIn);
    bench.feed(Event::Network(network(Reach::Offline)));
    bench.feed(Event::Detected(USB));
    bench.feed(Event::Detected(ROGUE));
    assert_eq!(passes(&bench), [false, false, false, true]);
    let id = |bench: &Bench, which: Classification| {
        bench.agent.status().open.iter().find(|open| open.classification == which).unwrap().id
    };
    let (usb, rogue) = (id(&bench, Classification::UsbDebugging), id(&bench, Classification::RogueWifi));
    let blockers = |bench: &Bench| -> Vec<ThreatId> {
        let access = bench.agent.status().access;
        let all = access.iter().flat_map(|access| &access.blockers).filter_map(|blocker| match blocker {
            Blocker::Threat(threat) => Some(threat.id),
            Blocker::State(_) => None,
        });
        all.collect()
    };
    assert!(blockers(&bench).contains(&usb));
    bench.feed(Event::Ignore(usb));
    bench.feed(Event::Ignore(rogue));
    assert!(!blockers(&bench).contains(&usb), "ignored, and still in the way");
    assert!(blockers(&bench).contains(&rogue), "ignored against the policy");
    bench.feed(Event::Cleared(ROGUE));
    assert_eq!(passes(&bench), [true; 4]);
}

#[test]
fn offline_what_the_cloud_found_still_counts() {
    let mut bench = Bench::activated();
    let id = ThreatId::new([9; 16]);
    bench.cloud.found = vec![CloudThreat { id, classification: "LATER_KIND".into(), level: Level::High }];
    bench.feed(Event::CheckIn);
    bench.feed(Event::Network(network(Reach::Offline)));
    bench.feed(Event::Detected(USB));
    assert_eq!(bench.agent.status().level, Some(Level::High));
    let [.., medium, high] = bench.agent.status().access;
    assert_eq!(medium.blockers, [Blocker::Threat(Counted { id, classification: None, level: Level::High })]);
    assert!(high.passes);
}

#[test]
fn what_the_cloud_does_not_count_does_not_block() {
    let mut bench = Bench::activated();
    bench.feed(Event::Detected(USB));
    bench.cloud.transitions.clear();
    bench.feed(Event::CheckIn);
    assert_eq!((bench.agent.status().open.len(), passes(&bench)), (1, [true; 4]));
}
