//! What is held ages out, with a clock that the test moves.

use std::time::Duration;

use agent_gateway::clock::{days, now};
use agent_gateway::retention::age;
use agent_gateway::serve::{self, Options};
use agent_logic::model::Level;
use agent_logic::wire::{Diagnostic, InventoryPart, Order, Report, TransitionKind, set_digest};

use crate::device::{Chain, app, full, stamp, transition};
use crate::found::import;
use crate::world::{A, World};

/// What ages out at the end of `after`, as the daily task has it.
fn later(world: &World, after: Duration) {
    let at = now().plus(after);
    age(&world.running.gateway.store, at).unwrap();
}

#[tokio::test]
async fn apps_history_and_audit_age_out_each_at_its_own_time() {
    let world = World::new().await;
    world.command(&["policy", "--app-sync", "on"]);
    import(&world, &["com.b"]);
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let apps = [app("com.a"), app("com.b")];
    let report = Report {
        inventory: Some(full(&apps)),
        diagnostics: vec![Diagnostic { code: 302, count: 1, last: stamp(9) }],
        transitions: vec![
            transition(1, TransitionKind::Opened, 1),
            transition(2, TransitionKind::Resolved, 1),
        ],
        ..chain.report()
    };
    assert_eq!(world.check_in(&identity, &mut chain, &report).await.level, Level::High);
    let count = |table: &str| world.ask::<i64>(&format!("SELECT count(*) FROM {table}"));
    let all = || ["inventory", "found", "history", "transition", "diagnostic"].map(count);
    let (before, audit) = (all(), count("audit"));
    assert!(before.iter().all(|count| *count > 0) && audit > 0);
    later(&world, days(30) - Duration::from_secs(60));
    assert_eq!(all(), before, "a day less");
    later(&world, days(30) + Duration::from_secs(60));
    assert_eq!(all()[..2], [0, 0]);
    assert_eq!(all()[2..3], [before[2] + 1], "and that what was found is gone is noted");

    // The device comes back as if nothing had been.
    let part = InventoryPart::Digest { digest: set_digest(&apps) };
    let report = Report { inventory: Some(part), ..chain.report() };
    assert_eq!(world.check_in(&identity, &mut chain, &report).await.orders, [Order::FullInventory]);

    later(&world, days(180) - Duration::from_secs(60));
    assert!(all()[2] > 0 && all()[3..] == before[3..]);
    later(&world, days(180) + Duration::from_secs(60));
    assert_eq!(all(), [0, 0, 1, 0, 0], "what was noted on the 30th day is younger");
    assert_eq!(count("audit"), audit);
    later(&world, days(730) + Duration::from_secs(60));
    assert_eq!(count("audit"), 0);
}

#[tokio::test]
async fn the_days_are_set_within_bounds_and_never_below_what_counts() {
    let world = World::new().await;
    for args in
        [["--inventory-days", "0"], ["--history-days", "6"], ["--audit-days", "89"], ["--audit-days", "3651"]]
    {
        assert!(!world.try_command(&[&["retention"], args.as_slice()].concat()).0, "{args:?}");
    }
    world.command(&["retention", "--inventory-days", "1"]);
    let kept = world.command(&["retention", "--history-days", "7"]);
    assert_eq!(kept, r#"{"inventoryDays":1,"historyDays":7,"auditDays":730}"#);
    world.command(&["policy", "--app-sync", "on", "--disconnected-days", "5"]);
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let report = Report { inventory: Some(full(&[app("com.a")])), ..chain.report() };
    world.check_in(&identity, &mut chain, &report).await;
    let count = || world.ask::<i64>("SELECT count(*) FROM inventory");
    later(&world, days(4));
    assert_eq!(count(), 1, "until it counts as disconnected");
    later(&world, days(6));
    assert_eq!(count(), 0);
}

#[tokio::test]
async fn much_that_is_old_goes_some_in_a_transaction() {
    let world = World::new().await;
    world.code(A);
    let connection = rusqlite::Connection::open(world.home.database()).unwrap();
    let sql = "INSERT INTO history (device, at, event) WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c
               WHERE n < 25000) SELECT ?1, n, 'check-in' FROM c";
    connection.execute(sql, [A]).unwrap();
    let before = world.running.gateway.store.written().works;
    age(&world.running.gateway.store, now()).unwrap();
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM history"), 0);
    let works = world.running.gateway.store.written().works - before;
    assert!(works >= 4, "three for the lines, one for the audit log: {works}");
}

#[tokio::test]
async fn a_gateway_that_starts_forgets_first() {
    let world = World::new().await;
    let connection = rusqlite::Connection::open(world.home.database()).unwrap();
    connection.execute("UPDATE audit SET at = 1", []).unwrap();
    let options = Options::on_loopback(&world.home);
    let _running = serve::start(&options).await.unwrap();
    let started = std::time::Instant::now();
    while world.ask::<i64>("SELECT count(*) FROM audit") > 0 {
        assert!(started.elapsed() < Duration::from_secs(20), "nothing aged out");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
