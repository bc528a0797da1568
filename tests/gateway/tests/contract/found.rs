//! What the cloud finds by itself in the apps that a device reported.

use std::time::{Duration, Instant};

use agent_gateway::clock::now;
use agent_gateway::found::{begin_look, look_on};
use agent_gateway::home::Home;
use agent_gateway::indicators::{self, Sources};
use agent_gateway::store::Store;
use agent_logic::model::{Classification, Level, Subject};
use agent_logic::wire::{Report, TransitionKind};

use crate::device::{Chain, app, full, open, transition};
use crate::world::{A, World};

/// Imports a set whose only indicators are these packages, each of stalkerware.
pub(crate) fn import(world: &World, packages: &[&str]) {
    let path = |name: &str| world.home.dir().join(name).display().to_string();
    let (ioc, samples) = (path("ioc.yaml"), path("samples.csv"));
    let text = format!("- name: Bad\n  type: stalkerware\n  packages: [{}]\n", packages.join(", "));
    std::fs::write(&ioc, text).unwrap();
    std::fs::write(&samples, "SHA256,Package Name,Certificate,Version,App\n").unwrap();
    world.command(&["indicators", "--ioc", &ioc, "--samples", &samples]);
}

#[tokio::test]
async fn apps_that_are_held_are_matched_when_indicators_are_imported() {
    let world = World::new().await;
    world.command(&["policy", "--app-sync", "on"]);
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let report = Report { inventory: Some(full(&[app("com.a"), app("com.b")])), ..chain.report() };
    assert_eq!(world.check_in(&identity, &mut chain, &report).await.level, Level::Secured);

    import(&world, &["com.b"]);
    let found = || world.ask::<String>("SELECT coalesce(group_concat(app), '') FROM found");
    assert_eq!(found(), "com.b", "before any check-in");
    let again = Report { inventory: Some(unchanged(&report)), ..chain.report() };
    let answer = world.check_in(&identity, &mut chain, &again).await;
    assert_eq!((answer.level, answer.threats.len(), answer.why.len()), (Level::High, 1, 1));

    import(&world, &["com.c"]);
    assert_eq!(found(), "", "a set that no longer names the app closes what it opened");
    let report = Report { inventory: Some(full(&[app("com.a"), app("com.c")])), ..chain.report() };
    let answer = world.check_in(&identity, &mut chain, &report).await;
    assert_eq!((found().as_str(), answer.threats.len()), ("com.c", 1), "a new app is matched in its report");
    let report = chain.report();
    let answer = world.check_in(&identity, &mut chain, &report).await;
    assert_eq!((found().as_str(), answer.level), ("", Level::Secured), "what is not shared is not matched");
}

/// Adds devices that hold the app `com.b`, and no report of which ever came.
fn hold(home: &Home, count: u32) {
    let connection = rusqlite::Connection::open(home.database()).unwrap();
    let digest = app("com.b").digest().to_string();
    let value = serde_json::to_string(&app("com.b")).unwrap();
    for nth in 0..count {
        let id = format!("{nth:08x}-9843-405f-be28-b2265c59ef97");
        connection.execute("INSERT INTO device (id) VALUES (?1)", [&id]).unwrap();
        let row = [id.as_str(), "com.b", &digest, &value];
        connection.execute("INSERT INTO inventory VALUES (?1, ?2, ?3, ?4)", row).unwrap();
    }
}

fn count(home: &Home) -> i64 {
    let connection = rusqlite::Connection::open(home.database()).unwrap();
    connection.query_row("SELECT count(*) FROM found", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_fleet_is_matched_some_devices_in_a_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(folder.path().join("gateway"));
    agent_gateway::init::init(&home, "localhost", None).unwrap();
    hold(&home, 150);
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let ioc = file("ioc.yaml", "- name: Bad\n  type: stalkerware\n  packages: [com.b]\n");
    let samples = file("samples.csv", "SHA256,Package Name,Certificate,Version,App\n");
    let store = Store::open(&home.database()).unwrap();
    let sources = Sources { stalkerware: Some((ioc, samples)), ..Sources::default() };
    indicators::import(&home, &store, &sources).unwrap();
    assert_eq!(count(&home), 150, "all of them before the import ends");
    rusqlite::Connection::open(home.database()).unwrap().execute("DELETE FROM found", []).unwrap();
    store.transact(begin_look).unwrap();
    let mut steps = Vec::new();
    while store.transact(|tx| look_on(tx, now())).unwrap() {
        steps.push(count(&home));
    }
    assert_eq!(steps, [64, 128, 150]);
    assert!(!store.transact(|tx| look_on(tx, now())).unwrap());
}

#[tokio::test]
async fn a_look_that_was_left_off_is_gone_on_with_by_the_serving_gateway() {
    let world = World::new().await;
    hold(&world.home, 70);
    import(&world, &["com.b"]);
    let connection = rusqlite::Connection::open(world.home.database()).unwrap();
    connection.execute("DELETE FROM found", []).unwrap();
    connection.execute("INSERT INTO setting (name, value) VALUES ('looked-at', '')", []).unwrap();
    let begun = Instant::now();
    while count(&world.home) < 70 {
        assert!(begun.elapsed() < Duration::from_secs(20), "{} found", count(&world.home));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_the_device_reports_itself_is_not_told_twice() {
    let world = World::new().await;
    world.command(&["policy", "--app-sync", "on"]);
    import(&world, &["com.example.bad"]);
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let mut own = open(1, Classification::Trojan);
    own.subject = Subject::App { id: "com.example.bad".parse().unwrap() };
    let apps = full(&[app("com.example.bad")]);
    let report = Report { open: Some(vec![own]), inventory: Some(apps), ..chain.report() };
    let answer = world.check_in(&identity, &mut chain, &report).await;
    assert_eq!((answer.why.len(), answer.threats.len()), (1, 0));

    let mut resolved = transition(1, TransitionKind::Resolved, 1);
    resolved.subject = Subject::App { id: "com.example.bad".parse().unwrap() };
    let inventory = Some(unchanged(&report));
    let report = Report { transitions: vec![resolved], inventory, ..chain.report() };
    let answer = world.check_in(&identity, &mut chain, &report).await;
    assert_eq!((answer.level, answer.threats.len()), (Level::High, 1), "the app is still there");

    world.command(&["policy", "--mode", "SURVEILLANCEWARE=off"]);
    let report = Report { inventory: Some(unchanged(&report)), ..chain.report() };
    let answer = world.check_in(&identity, &mut chain, &report).await;
    assert_eq!((answer.level, answer.threats.len()), (Level::Secured, 0), "policy does not look for it");
    let listed = world.command(&["devices", "--json"]);
    assert!(listed.contains("\"threats\":[]"), "{listed}");
}

/// The digest that `report`'s inventory has.
fn unchanged(report: &Report) -> agent_logic::wire::InventoryPart {
    use agent_logic::wire::InventoryPart;
    match report.inventory.as_ref().unwrap() {
        InventoryPart::Full { digest, .. }
        | InventoryPart::Delta { digest, .. }
        | InventoryPart::Digest { digest } => InventoryPart::Digest { digest: *digest },
    }
}
