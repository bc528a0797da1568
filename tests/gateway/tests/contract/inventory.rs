//! Whole, delta, digest, and what happens when the two sides differ.

use agent_logic::wire::{InventoryPart, Order, Report, set_digest};

use crate::device::{Chain, app, full};
use crate::world::{A, World};

#[tokio::test]
async fn a_delta_keeps_the_two_sides_in_step_and_a_desync_asks_for_the_whole() {
    let world = World::new().await;
    world.command(&["policy", "--app-sync", "on"]);
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let (a, b, c) = (app("com.a"), app("com.b"), app("com.C"));
    let count = || world.ask::<i64>("SELECT count(*) FROM inventory");

    let whole = Report { inventory: Some(full(&[a.clone(), b.clone()])), ..chain.report() };
    assert_eq!(world.check_in(&identity, &mut chain, &whole).await.orders, []);
    assert_eq!(count(), 2);

    let base = set_digest([&a, &b]);
    let delta = InventoryPart::Delta {
        base,
        digest: set_digest([&b, &c]),
        set: vec![c.clone()],
        removed: vec![a.id.clone()],
    };
    let report = Report { inventory: Some(delta.clone()), ..chain.report() };
    assert_eq!(world.check_in(&identity, &mut chain, &report).await.orders, []);
    let unchanged = InventoryPart::Digest { digest: set_digest([&b, &c]) };
    let report = Report { inventory: Some(unchanged), ..chain.report() };
    assert_eq!(world.check_in(&identity, &mut chain, &report).await.orders, []);

    // The base is not what the cloud holds; then the outcome is not what the device says; then the digest.
    let wrong_outcome = InventoryPart::Delta {
        base: set_digest([&b, &c]),
        digest: base,
        set: vec![a.clone()],
        removed: vec![],
    };
    for part in [delta, wrong_outcome, InventoryPart::Digest { digest: base }] {
        let report = Report { inventory: Some(part), ..chain.report() };
        assert_eq!(world.check_in(&identity, &mut chain, &report).await.orders, [Order::FullInventory]);
        assert_eq!(world.ask::<String>("SELECT group_concat(app) FROM inventory"), "com.C,com.b");
    }
    let report = Report { inventory: Some(full(&[a])), ..chain.report() };
    assert_eq!(world.check_in(&identity, &mut chain, &report).await.orders, []);
    assert_eq!(count(), 1);
    assert_eq!(
        world.ask::<String>("SELECT group_concat(inventory) FROM history WHERE event = 'check-in'"),
        "full,delta,digest,delta,delta,digest,full"
    );
}

#[tokio::test]
async fn what_may_not_be_shared_is_not_held() {
    let world = World::new().await;
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let count = || world.ask::<i64>("SELECT count(*) FROM inventory");
    let report = Report { inventory: Some(full(&[app("com.a")])), ..chain.report() };
    world.check_in(&identity, &mut chain, &report).await;
    assert_eq!(count(), 0, "app sync is off by default");

    world.command(&["policy", "--app-sync", "on"]);
    let report = Report { inventory: Some(full(&[app("com.a")])), ..chain.report() };
    world.check_in(&identity, &mut chain, &report).await;
    assert_eq!(count(), 1);
    let report = chain.report();
    world.check_in(&identity, &mut chain, &report).await;
    assert_eq!(count(), 0, "consent was withdrawn");
}
