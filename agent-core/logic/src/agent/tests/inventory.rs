//! What is told of the apps.

use std::time::Duration;

use super::bench::{Bench, network};
use super::{MITM, sharing};
use crate::command::Effect;
use crate::event::{Event, Power, Reach};
use crate::failure::{CollectFailure, SendFailure};
use crate::model::{App, Classification, Digest, Level};
use crate::time::Wall;
use crate::wire::{IndicatorKind, InventoryPart, Order};

fn apps(count: usize) -> Vec<App> {
    (0..count).map(|n| App::new(format!("com.example.a{n}").parse().unwrap())).collect()
}

fn last(bench: &Bench) -> InventoryPart {
    bench.reports().pop().unwrap().inventory.unwrap()
}

fn shared(count: usize) -> Bench {
    let mut bench = Bench::activated();
    bench.apps = Ok(apps(count));
    bench.cloud.policy = Some(sharing(1));
    bench.feed(Event::CheckIn);
    assert!(matches!(last(&bench), InventoryPart::Full { apps, .. } if apps.len() == count));
    bench
}

// P8, P9
#[test]
fn inventory_goes_whole_then_as_a_digest_then_as_a_delta() {
    let mut bench = Bench::activated();
    bench.apps = Ok(apps(20));
    bench.feed(Event::CheckIn);
    assert!(bench.reports().iter().all(|report| report.inventory.is_none()));
    bench.cloud.policy = Some(sharing(1));
    bench.feed(Event::CheckIn);
    assert!(matches!(last(&bench), InventoryPart::Full { apps, .. } if apps.len() == 20));
    bench.feed(Event::CheckIn);
    assert!(matches!(last(&bench), InventoryPart::Digest { .. }));
    bench.apps = Ok(apps(19));
    bench.feed(Event::CheckIn);
    assert!(matches!(last(&bench), InventoryPart::Delta { removed, .. } if removed.len() == 1));
}

// P9
#[test]
fn a_cloud_whose_copy_differs_gets_the_whole_inventory() {
    let mut bench = Bench::activated();
    bench.apps = Ok(apps(5));
    bench.cloud.policy = Some(sharing(1));
    bench.feed(Event::CheckIn);
    let before = bench.spoken.len();
    bench.cloud.orders = vec![Order::FullInventory];
    bench.feed(Event::CheckIn);
    let forms: Vec<_> =
        bench.reports().into_iter().skip(before).map(|report| report.inventory.unwrap()).collect();
    assert!(matches!(forms.as_slice(), [InventoryPart::Digest { .. }, InventoryPart::Full { .. }, ..]));
}

// P10
#[test]
fn six_of_250_are_not_told_as_a_mass_uninstall() {
    let mut bench = shared(250);
    bench.apps = Ok(apps(6));
    bench.feed(Event::CheckIn);
    assert!(matches!(last(&bench), InventoryPart::Digest { .. }));
    bench.restart();
    bench.feed(Event::CheckIn);
    assert!(matches!(last(&bench), InventoryPart::Digest { .. }), "a kill does not make it believed");
    bench.apps = Ok(apps(249));
    bench.pass(Duration::from_secs(60));
    bench.feed(Event::CheckIn);
    let delta = last(&bench);
    assert!(
        matches!(delta, InventoryPart::Delta { set, removed, .. } if set.is_empty() && removed.len() == 1)
    );
}

// P9
#[test]
fn a_change_while_the_apps_are_read_is_not_lost() {
    let mut bench = shared(30);
    let collections = bench.collections;
    bench.meanwhile = Some((|effect| matches!(effect, Effect::Collect), Event::Changed));
    bench.feed(Event::Changed);
    assert_eq!(bench.collections, collections + 2);
}

// P10
#[test]
fn a_list_that_stays_short_is_told_after_the_pause() {
    let mut bench = shared(250);
    bench.apps = Ok(apps(6));
    bench.feed(Event::CheckIn);
    let collections = bench.collections;
    bench.pass(Duration::from_secs(60));
    assert!(bench.collections > collections);
    bench.feed(Event::CheckIn);
    assert!(matches!(last(&bench), InventoryPart::Full { apps, .. } if apps.len() == 6));
}

// P8, P10
#[test]
fn apps_that_cannot_be_read_after_a_start_are_not_gone() {
    let mut bench = shared(30);
    bench.apps = Err(CollectFailure::Failed);
    bench.restart();
    bench.feed(Event::CheckIn);
    assert!(matches!(last(&bench), InventoryPart::Digest { .. }));
}

// R17
#[test]
fn withdrawn_consent_stops_and_forgets() {
    let mut bench = shared(30);
    let sent = bench.spoken.len();
    bench.feed(Event::Consent(false));
    bench.feed(Event::CheckIn);
    bench.pass(Duration::from_secs(86_400));
    assert_eq!(bench.spoken.len(), sent);
    assert_eq!(bench.agent.status().shared_apps, None);
    assert!(!bench.disk_contains("com.example."));
}

// P10
#[test]
fn apps_that_find_no_room_are_told_to_the_administrator() {
    let told = |bench: &Bench| {
        bench.reports().iter().flat_map(|report| &report.diagnostics).filter(|told| told.code == 510).count()
    };
    let mut bench = shared(30);
    assert_eq!(told(&bench), 0);
    bench.apps = Ok(apps(5_001));
    bench.feed(Event::CheckIn);
    bench.feed(Event::CheckIn);
    assert!(told(&bench) > 0, "more than are read");
    let mut bench = shared(30);
    let mut long = apps(5_000);
    for app in &mut long {
        app.name = Some(crate::redact::Redacted::new("n".repeat(200)));
    }
    bench.apps = Ok(long);
    bench.feed(Event::CheckIn);
    bench.feed(Event::CheckIn);
    assert!(told(&bench) > 0, "more than one report takes");
}

// R17, W2
#[test]
fn withdrawn_consent_takes_the_report_on_its_way_with_it() {
    let mut bench = shared(30);
    bench.fail = Some(SendFailure::TimedOut);
    bench.apps = Ok(apps(60));
    bench.feed(Event::Changed);
    bench.feed(Event::Detected(MITM));
    assert!(bench.disk_contains("com.example.a59"), "it was to be sent");
    bench.feed(Event::Consent(false));
    assert!(!bench.disk_contains("com.example."));
    assert_eq!(bench.agent.status().unacknowledged, 1);
    bench.fail = None;
    bench.feed(Event::Consent(true));
    bench.feed(Event::CheckIn);
    let told = bench.reports().pop().unwrap();
    assert_eq!((told.previous, told.open.map(|open| open.len())), (None, Some(1)), "a new chain tells all");
    assert_eq!((bench.cloud.transitions.len(), bench.agent.status().unacknowledged), (1, 0));
}

// R17, R11
#[test]
fn a_kill_while_consent_is_withdrawn_leaves_no_app_on_the_disk() {
    for fatal in 0..4 {
        let mut bench = shared(30);
        bench.fail = Some(SendFailure::TimedOut);
        bench.apps = Ok(apps(60));
        bench.feed(Event::Changed);
        bench.feed(Event::Detected(MITM));
        bench.kill_after = Some(fatal);
        bench.feed(Event::Consent(false));
        bench.kill_after = None;
        bench.restart();
        bench.feed(Event::Consent(false));
        assert!(!bench.disk_contains("com.example."), "killed after {fatal}");
    }
}

// P5
#[test]
fn files_of_apps_from_no_store_are_hashed_while_charging_once() {
    let mut bench = shared(3);
    let mut list = apps(3);
    list[0].installer = Some("com.android.vending".parse().unwrap());
    list[1].updated = Some(Wall(7));
    bench.apps = Ok(list);
    bench.hashes.insert("com.example.a1".into(), Digest::of(b"file"));
    bench.list(IndicatorKind::FileSha256, &Digest::of(b"file").to_string(), Classification::Trojan);
    bench.feed(Event::CheckIn);
    assert!(bench.hashed.is_empty());
    bench.feed(Event::Power(Power { charging: true }));
    assert_eq!(bench.hashed, ["com.example.a1", "com.example.a2"]);
    assert_eq!(bench.agent.status().level, Some(Level::High));
    bench.restart();
    bench.feed(Event::Power(Power { charging: true }));
    bench.feed(Event::Network(network(Reach::Online)));
    assert_eq!(bench.hashed.len(), 3, "what is remembered is not hashed again");
    assert_eq!(bench.agent.status().level, Some(Level::High));
    bench.feed(Event::Consent(false));
    bench.feed(Event::Consent(true));
    bench.feed(Event::CheckIn);
    assert_eq!(bench.hashed.len(), 5, "what consent took away is hashed when it is back");
    assert_eq!(bench.agent.status().level, Some(Level::High));
}
