//! What is shared, and in which form.

use std::collections::BTreeMap;

use super::*;
use crate::redact::Redacted;
use crate::time::Wall;

fn policy() -> Policy {
    let tenant = "b9841cd9-9843-405f-be28-b2265c59ef97".parse().unwrap();
    let mut policy = Policy::new(tenant, 1, Wall(0));
    policy.app_sync = true;
    policy.ownership = Ownership::Company;
    policy
}

fn apps(count: usize) -> Vec<App> {
    (0..count)
        .map(|n| {
            let mut app = App::new(format!("com.example.a{n}").parse().unwrap());
            app.managed = Some(n % 2 == 0);
            app
        })
        .collect()
}

#[test]
fn the_matrix_of_ownership_and_choice() {
    let count = |sync, ownership, full| {
        let mut policy = policy();
        policy.app_sync = sync;
        policy.ownership = ownership;
        policy.full_inventory_on_personal = full;
        Shared::filter(&apps(4), Some(&policy)).map(|shared| shared.count())
    };
    assert_eq!(count(false, Ownership::Company, true), None);
    assert_eq!(count(true, Ownership::Company, false), Some(4));
    assert_eq!(count(true, Ownership::Personal, false), Some(2));
    assert_eq!(count(true, Ownership::Personal, true), Some(4));
    assert_eq!(count(true, Ownership::Unknown, false), Some(2));
    assert!(Shared::filter(&apps(4), None).is_none());
}

#[test]
fn an_app_whose_management_is_unknown_is_not_managed() {
    let mut policy = policy();
    policy.ownership = Ownership::Personal;
    let app = App::new("com.example".parse().unwrap());
    assert_eq!(Shared::filter(&[app], Some(&policy)).unwrap().count(), 0);
}

#[test]
fn first_whole_then_a_digest_then_a_delta() {
    let mut inventory = Inventory::default();
    let mut list = apps(10);
    let shared = Shared::filter(&list, Some(&policy())).unwrap();
    let first = inventory.part(&shared, false).unwrap();
    assert!(matches!(&first, InventoryPart::Full { apps, .. } if apps.len() == 10));
    inventory.acknowledged(Some(&first));
    assert!(matches!(inventory.part(&shared, false).unwrap(), InventoryPart::Digest { .. }));

    list[3].version = Some(Redacted::new("2".into()));
    list.remove(0);
    let shared = Shared::filter(&list, Some(&policy())).unwrap();
    let delta = inventory.part(&shared, false).unwrap();
    let InventoryPart::Delta { set, removed, digest, .. } = &delta else { panic!("{delta:?}") };
    assert_eq!((set.len(), removed.len()), (1, 1));
    assert_eq!(*digest, set_digest(&list));
    inventory.acknowledged(Some(&delta));
    assert!(matches!(inventory.part(&shared, false).unwrap(), InventoryPart::Digest { .. }));
}

#[test]
fn what_may_no_longer_be_shared_is_forgotten() {
    let mut inventory = Inventory::default();
    let shared = Shared::filter(&apps(3), Some(&policy())).unwrap();
    inventory.acknowledged(inventory.part(&shared, false).as_ref());
    assert!(inventory.holds(Some(&shared)));
    inventory.acknowledged(None);
    assert!(inventory.holds(None));
    assert!(matches!(inventory.part(&shared, false).unwrap(), InventoryPart::Full { .. }));
}

// P9
#[test]
fn where_bytes_cost_money_the_whole_set_waits_and_a_delta_does_not() {
    let mut inventory = Inventory::default();
    let shared = Shared::filter(&apps(10), Some(&policy())).unwrap();
    assert!(inventory.part(&shared, true).is_none());
    inventory.acknowledged(inventory.part(&shared, false).as_ref());
    let half = Shared::filter(&apps(3), Some(&policy())).unwrap();
    assert!(matches!(inventory.part(&half, false), Some(InventoryPart::Full { .. })));
    assert!(matches!(inventory.part(&half, true), Some(InventoryPart::Delta { .. })));
}

// P8, P10
#[test]
fn what_cannot_be_read_stays_unless_less_may_be_shared() {
    let mut inventory = Inventory::default();
    let policy = policy();
    let shared = Shared::filter(&apps(3), Some(&policy)).unwrap();
    inventory.acknowledged(inventory.part(&shared, false).as_ref());
    inventory.apply(&Change::Shared(Scope::Everything));
    let digest = shared.digest;
    assert_eq!(inventory.unread(Some(&policy)), Some(InventoryPart::Digest { digest }));
    let narrower = Policy { ownership: Ownership::Personal, ..policy };
    assert_eq!(inventory.unread(Some(&narrower)), None);
    assert_eq!(inventory.unread(None), None);
}

// P10, R18
#[test]
fn hostile_names_cannot_make_a_report_too_large() {
    let text = |n: usize| Some(Redacted::new(format!("{n}{}", "\u{1}".repeat(250))));
    let hostile = (0..MAX_APPS + 10).map(|n| App {
        name: text(n),
        short_version: text(n),
        version: text(n),
        ..App::new(format!("com.a{n:05}").parse().unwrap())
    });
    let (apps, all) = bounded(hostile.collect());
    assert_eq!((apps.len(), all), (MAX_APPS, false));
    let shared = Shared::filter(&apps, Some(&policy())).unwrap();
    assert!(shared.count() > 200 && !shared.is_whole());
    let written = serde_json::to_vec(&shared.full()).unwrap().len();
    assert!(written <= MAX_WEIGHT, "{written} bytes");
}

// P10
#[test]
fn doubles_of_an_app_make_one_set_in_any_order() {
    let one = App::new("com.a".parse().unwrap());
    let other = App { managed: Some(true), ..one.clone() };
    let both = bounded(vec![one.clone(), other.clone(), one.clone()]);
    assert_eq!((both.0.len(), both.1), (1, true));
    assert_eq!(both, bounded(vec![other, one]));
}

// P9: whatever the apps do, what the deltas add up to is what the device has
#[test]
fn deltas_add_up_to_the_set() {
    let mut inventory = Inventory::default();
    let mut cloud: BTreeMap<AppId, App> = BTreeMap::new();
    let mut chance = crate::chance::Chance::new(crate::chance::Seed([9; 32]));
    let mut draw = |most: u64| chance.jitter(std::time::Duration::from_millis(most)).as_millis();
    let mut list = apps(30);
    for round in 0..200 {
        for _ in 0..draw(6) {
            let at = usize::try_from(draw(u64::try_from(list.len()).unwrap())).unwrap().min(list.len() - 1);
            match draw(3) {
                0 if list.len() > 5 => drop(list.remove(at)),
                1 => list.push(App { bundle_size: Some(round), ..list[at].clone() }),
                2 => list[at].version = Some(Redacted::new(format!("{round}"))),
                _ => list.push(App::new(format!("com.new{round}.a{at}").parse().unwrap())),
            }
        }
        let shared = Shared::filter(&bounded(list.clone()).0, Some(&policy())).unwrap();
        let part = inventory.part(&shared, draw(1) == 0);
        match part.clone() {
            Some(InventoryPart::Full { apps, .. }) => {
                cloud = apps.into_iter().map(|app| (app.id.clone(), app)).collect();
            }
            Some(InventoryPart::Delta { base, set, removed, .. }) => {
                assert_eq!(base, set_digest(cloud.values()));
                cloud.extend(set.into_iter().map(|app| (app.id.clone(), app)));
                cloud.retain(|id, _| !removed.contains(id));
            }
            Some(InventoryPart::Digest { .. }) | None => {}
        }
        if part.is_some() {
            assert_eq!(set_digest(cloud.values()), shared.digest, "round {round}");
            inventory.acknowledged(part.as_ref());
        }
    }
}

// P5
#[test]
fn a_hash_counts_while_version_and_update_are_the_same() {
    let mut inventory = Inventory::default();
    let mut app = App::new("com.a".parse().unwrap());
    app.updated = Some(Wall(5));
    let hashed = Hashed::new(&app, Digest::of(b"file"));
    inventory.apply(&Change::Hashed(vec![(app.id.clone(), hashed)]));
    assert_eq!(inventory.hash(&app), Some(Digest::of(b"file")));
    app.updated = Some(Wall(6));
    assert_eq!(inventory.hash(&app), None);
    app.updated = Some(Wall(5));
    app.version = Some(Redacted::new("2".into()));
    assert_eq!(inventory.hash(&app), None);
    inventory.apply(&Change::Wiped);
    assert_eq!(inventory, Inventory::default());
}
