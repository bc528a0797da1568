//! What opens, counts and closes.

use super::*;
use crate::time::{Boot, Mono, Now, Wall};

fn at(second: u64) -> Now {
    Now { boot: Boot(1), mono: Mono(second * 1_000), wall: Wall(second * 1_000) }
}

fn see(threats: &mut Threats, seen: &[(Classification, Subject)], second: u64) -> Vec<Transition> {
    let changes = threats.observe(Source::Posture, seen, at(second), at(second), None);
    changes.iter().filter_map(|change| threats.apply(change, None)).collect()
}

#[test]
fn a_threat_opens_once_and_resolves_once() {
    let mut threats = Threats::default();
    let seen = [(Classification::NoDeviceLock, Subject::Device)];
    let opened = see(&mut threats, &seen, 1);
    assert_eq!(opened.iter().map(|t| (t.ordinal, t.kind)).collect::<Vec<_>>(), [(1, TransitionKind::Opened)]);
    assert_eq!(threats.level(None), Level::Low);
    assert!(see(&mut threats, &seen, 2).is_empty());
    let resolved = see(&mut threats, &[], 3);
    assert_eq!(resolved.len(), 1);
    assert_eq!((resolved[0].ordinal, resolved[0].kind), (2, TransitionKind::Resolved));
    assert_eq!(resolved[0].id, opened[0].id);
    assert_eq!(threats.level(None), Level::Secured);
}

#[test]
fn a_source_does_not_resolve_what_another_opened() {
    let mut threats = Threats::default();
    see(&mut threats, &[(Classification::NoDeviceLock, Subject::Device)], 1);
    assert!(threats.observe(Source::Apps, &[], at(2), at(2), None).is_empty());
}

#[test]
fn the_same_threat_seen_again_later_is_another_one() {
    let mut threats = Threats::default();
    let seen = [(Classification::NoDeviceLock, Subject::Device)];
    let first = see(&mut threats, &seen, 1)[0].id;
    see(&mut threats, &[], 2);
    assert_ne!(see(&mut threats, &seen, 3)[0].id, first);
}

#[test]
fn no_more_are_open_than_the_bound() {
    let mut threats = Threats::default();
    let seen: Vec<_> = (0..MAX_OPEN + 5)
        .map(|n| (Classification::Adware, Subject::App { id: format!("com.a{n}").parse().unwrap() }))
        .collect();
    assert_eq!(see(&mut threats, &seen, 1).len(), MAX_OPEN);
}

fn policy() -> Policy {
    Policy::new("b9841cd9-9843-405f-be28-b2265c59ef97".parse().unwrap(), 1, Wall(0))
}

fn open_lock(threats: &mut Threats) -> ThreatId {
    see(threats, &[(Classification::NoDeviceLock, Subject::Device)], 1)[0].id
}

// P2
#[test]
fn policy_rates_what_is_open() {
    let mut threats = Threats::default();
    open_lock(&mut threats);
    let mut policy = policy();
    policy.severities.insert(Classification::NoDeviceLock, Severity::High);
    assert_eq!(threats.level(Some(&policy)), Level::High);
    policy.severities.insert(Classification::NoDeviceLock, Severity::None);
    assert_eq!(threats.level(Some(&policy)), Level::Secured);
}

// P3
#[test]
fn what_is_audited_is_open_and_does_not_count() {
    let mut threats = Threats::default();
    open_lock(&mut threats);
    let mut policy = policy();
    policy.modes.insert(Classification::NoDeviceLock, Mode::Audit);
    assert_eq!(threats.level(Some(&policy)), Level::Secured);
    assert_eq!(threats.list(Some(&policy))[0].severity, Severity::None);
}

// P3
#[test]
fn what_is_off_is_closed_and_not_opened_again() {
    let mut threats = Threats::default();
    let id = open_lock(&mut threats);
    let mut policy = policy();
    policy.modes.insert(Classification::NoDeviceLock, Mode::Off);
    let closed = threats.switched_off(at(2), &policy);
    assert!(matches!(closed[..], [Change::Resolved { id: one, .. }] if one == id));
    threats.apply(&closed[0], Some(&policy));
    let seen = [(Classification::NoDeviceLock, Subject::Device)];
    assert!(threats.observe(Source::Posture, &seen, at(3), at(3), Some(&policy)).is_empty());
    let (one, subject) = &seen[0];
    assert!(threats.open_one(Source::Engine, *one, subject, at(3), at(3), Some(&policy)).is_none());
}

// P4
#[test]
fn only_what_policy_allows_is_ignored_and_no_longer_than_it_does() {
    let mut threats = Threats::default();
    let id = open_lock(&mut threats);
    assert!(threats.ignore(id, at(2), None).is_none());
    let mut policy = policy();
    assert!(threats.ignore(id, at(2), Some(&policy)).is_none());
    policy.ignorable.insert(Classification::NoDeviceLock);
    let change = threats.ignore(id, at(2), Some(&policy)).unwrap();
    let told = threats.apply(&change, Some(&policy)).unwrap();
    assert_eq!((told.kind, told.ordinal), (TransitionKind::Ignored, 2));
    assert!(threats.ignore(id, at(3), Some(&policy)).is_none());
    assert_eq!(threats.level(Some(&policy)), Level::Secured);
    assert!(threats.list(Some(&policy))[0].ignored);
    policy.ignorable.clear();
    assert_eq!(threats.level(Some(&policy)), Level::Low);
}

// P7
#[test]
fn a_page_that_nobody_closed_is_over_after_a_day() {
    let mut threats = Threats::default();
    let page = Subject::Domain { name: crate::redact::Redacted::new("bad.example".into()) };
    let opened = threats.open_one(Source::Web, Classification::Phishing, &page, at(0), at(0), None);
    threats.apply(&opened.unwrap(), None);
    open_lock(&mut threats);
    assert!(threats.outlived(at(86_399)).is_empty());
    assert_eq!(threats.outlived(at(86_400)).len(), 1);
}
