//! Intervals, pauses, budgets and calendars.

use super::*;
use crate::time::{Boot, Mono};

fn at(second: u64) -> Now {
    Now { boot: Boot(1), mono: Mono(second * 1_000), wall: Wall(second * 1_000) }
}

fn reached(second: u64, server_time: u64, counts_until: u64) -> Contact {
    let mut contact = Contact::default();
    let until = Wall(counts_until * 1_000);
    let reply = reply(server_time);
    contact.apply(Contact::reached(&reply, until, Traffic::default(), Duration::ZERO, &at(second)));
    contact
}

fn reply(server_time: u64) -> CheckInAnswer {
    CheckInAnswer {
        server_time: Wall(server_time * 1_000),
        acknowledged: 1,
        level: Level::Secured,
        health: HealthState::Secured,
        why: Vec::new(),
        threats: Vec::new(),
        policy: None,
        indicators: None,
        orders: Vec::new(),
        next: None,
    }
}

#[test]
fn a_server_clock_in_2040_counts_no_further_than_its_certificate() {
    let contact = reached(100, 2_000_000_000, 5_000);
    assert_eq!(contact.trusted(Wall(0), &at(101)), Wall(5_000_000));
}

#[test]
fn a_device_clock_in_the_past_is_mended_by_build_and_server() {
    let contact = reached(100, 1_000, 9_000);
    assert_eq!(contact.trusted(Wall(0), &at(160)), Wall(1_060_000));
    assert_eq!(contact.trusted(Wall(3_000_000), &at(160)), Wall(3_000_000));
}

#[test]
fn the_start_is_fast_and_then_routine() {
    let contact = reached(0, 0, 0);
    assert_eq!(contact.interval(None, &at(60)), Duration::from_secs(180));
    assert_eq!(contact.interval(None, &at(3_600)), Duration::from_secs(900));
    assert_eq!(contact.interval(None, &at(9_000)), INTERVAL);
}

#[test]
fn a_calendar_that_jumps_back_does_not_make_the_start_fast_for_years() {
    let mut contact = reached(2_000_000_000, 0, 0);
    let rebooted = Now { boot: Boot(2), ..at(60) };
    assert_eq!(contact.interval(None, &rebooted), Duration::from_secs(180));
    for _ in 0..20 {
        let reply = reply(0);
        contact.apply(Contact::reached(&reply, Wall(0), Traffic::default(), Duration::ZERO, &rebooted));
    }
    assert_eq!(contact.interval(None, &rebooted), INTERVAL);
}

#[test]
fn out_of_contact_for_seven_days_is_disconnected() {
    let contact = reached(0, 0, 0);
    assert_eq!(contact.protection(None, &at(7 * 86_400 - 1)), Protection::Protected);
    assert_eq!(contact.protection(None, &at(7 * 86_400)), Protection::Disconnected);
}

#[test]
fn pauses_grow_to_an_hour() {
    assert_eq!(Contact::backoff(0), Duration::from_secs(30));
    assert_eq!(Contact::backoff(3), Duration::from_secs(240));
    assert_eq!(Contact::backoff(40), Duration::from_secs(3_600));
}

#[test]
fn what_the_server_says_counts_within_a_day() {
    let mut contact = Contact::default();
    contact.apply(Contact::told(Contact::within_bounds(Duration::from_secs(10_000_000)), &at(0)));
    assert!(contact.held_back(&at(86_399)).is_some());
    assert!(contact.held_back(&at(86_400)).is_none());
}

// L6, R15
#[test]
fn late_because_nobody_woke_us_is_told_from_gone() {
    let mut contact = reached(0, 0, 0);
    assert_eq!(contact.lateness(false, &at(15 * 60)), Lateness::OnTime);
    assert_eq!(contact.lateness(false, &at(15 * 60 + 1)), Lateness::LateByOs);
    assert_eq!(contact.lateness(true, &at(15 * 60 + 1)), Lateness::Unreachable);
    contact.apply(Change::Failed { at: at(100) });
    assert_eq!(contact.lateness(false, &at(15 * 60 + 1)), Lateness::Unreachable);
}

// L6
#[test]
fn days_without_contact_are_1_to_90() {
    let contact = reached(0, 0, 0);
    let mut policy = Policy::new("b9841cd9-9843-405f-be28-b2265c59ef97".parse().unwrap(), 1, Wall(0));
    for (asked, days) in [(0, 1), (1, 1), (30, 30), (90, 90), (900, 90)] {
        policy.disconnected_days = asked;
        let protection = |second| contact.protection(Some(&policy), &at(second));
        assert_eq!(protection(days * 86_400 - 1), Protection::Protected, "{asked}");
        assert_eq!(protection(days * 86_400), Protection::Disconnected, "{asked}");
    }
}

// L6, R20
#[test]
fn a_calendar_set_back_between_boots_does_not_prolong_protection() {
    let contact = reached(1_000_000, 0, 0);
    let later = |second: u64| Now { boot: Boot(2), mono: Mono(second * 1_000), wall: Wall(second * 1_000) };
    assert_eq!(contact.protection(None, &later(7 * 86_400)), Protection::Disconnected);
    assert!(contact.is_due(&later(1)));
}

// L7
#[test]
fn a_day_has_a_budget() {
    let mut contact = reached(0, 0, 0);
    for _ in 1..EXCHANGES_A_DAY {
        assert!(contact.overspent(&at(60)).is_none());
        contact.apply(Change::Failed { at: at(60) });
    }
    assert!(contact.overspent(&at(60)).is_some());
    assert!(contact.overspent(&at(86_400)).is_none());
    contact.apply(Change::Downloaded { at: at(86_400), bytes: BYTES_A_DAY });
    assert!(contact.overspent(&at(86_401)).is_some());
}
