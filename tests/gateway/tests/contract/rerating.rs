//! A fleet that a changed policy rates anew, some devices at a time.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use agent_gateway::clock::now;
use agent_gateway::home::Home;
use agent_gateway::limits;
use agent_gateway::policy;
use agent_gateway::rating::{begin_settling, settle_on};
use agent_gateway::store::Store;
use agent_logic::model::{Classification, Level};
use agent_logic::wire::Report;
use serde_json::Value;
use tempfile::TempDir;

use crate::console::Person;
use crate::device::{Chain, open};
use crate::world::{A, World};

/// Longer than a change takes on a busy machine.
const LONG: Duration = Duration::from_secs(60);

/// Adds devices that report adware, rated under the first policy.
fn trouble(home: &Home, count: u32) {
    let mut connection = rusqlite::Connection::open(home.database()).unwrap();
    let tx = connection.transaction().unwrap();
    let threat = open(1, Classification::Adware);
    let json = |value: Value| value.to_string();
    let subject = json(serde_json::to_value(&threat.subject).unwrap());
    let detected = json(serde_json::to_value(threat.detected).unwrap());
    for nth in 0..count {
        let id = format!("{nth:08x}-9843-405f-be28-b2265c59ef97");
        tx.execute(
            "INSERT INTO device (id, activation, rated, last_contact, health, rank) VALUES (?1, 'activated', 1, ?2,
             'lowSeverity', 1)",
            rusqlite::params![id, i64::try_from(now().0).unwrap()],
        )
        .unwrap();
        tx.execute(
            "INSERT INTO threat VALUES (?1, ?2, 'ADWARE', 'low', ?3, ?4, 0, 0)",
            [&id, &format!("{nth:032x}"), &subject, &detected],
        )
        .unwrap();
    }
    tx.commit().unwrap();
}

/// A cloud that does not run, with so many devices.
fn fleet(count: u32) -> (TempDir, Home, Store) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(folder.path().join("gateway"));
    agent_gateway::init::init(&home, "localhost", None).unwrap();
    trouble(&home, count);
    let store = Store::open(&home.database()).unwrap();
    (folder, home, store)
}

async fn overview(person: &mut Person) -> Value {
    serde_json::from_slice(&person.get("/devices.json?limit=1").await.body).unwrap()
}

fn count(home: &Home, condition: &str) -> i64 {
    let connection = rusqlite::Connection::open(home.database()).unwrap();
    connection.query_row(&format!("SELECT count(*) FROM {condition}"), [], |row| row.get(0)).unwrap()
}

#[test]
fn a_fleet_is_rated_anew_some_devices_in_a_transaction_and_gone_on_with() {
    let (_folder, home, store) = fleet(600);
    store.transact(begin_settling).unwrap();
    // Whoever goes on finds them as the first policy rates them: noted otherwise, so that each rating shows.
    rusqlite::Connection::open(home.database()).unwrap().execute("UPDATE device SET rank = 3", []).unwrap();
    let mut steps = Vec::new();
    while store.transact(|tx| settle_on(tx, now())).unwrap() {
        steps.push(count(&home, "device WHERE rank = 1"));
    }
    assert_eq!(steps, [256, 512, 600]);
    assert!(!store.transact(|tx| settle_on(tx, now())).unwrap());
}

#[test]
fn a_fleet_joins_a_group_some_devices_in_a_transaction_under_one_policy() {
    let (_folder, home, store) = fleet(600);
    // One of each transaction holds a policy that is newer than the only one there is.
    let held = "UPDATE device SET policy_held = 5 WHERE id LIKE '%0000-9843%' OR id LIKE '%0200-9843%'";
    assert_eq!(rusqlite::Connection::open(home.database()).unwrap().execute(held, []).unwrap(), 2);
    let ids = store.transact(|tx| tx.devices_after("", 600)).unwrap();
    let ids: Vec<_> = ids.into_iter().map(|device| device.id).collect();
    store.transact(|tx| tx.ensure_group("Sales")).unwrap();
    let before = store.written().works;
    policy::join(&store, &home, "Sales", &ids).unwrap();
    assert_eq!(count(&home, "device WHERE group_name = 'Sales'"), 600);
    assert_eq!(count(&home, "policy"), 2, "signed anew once");
    assert_eq!(store.written().works - before, 3 + 4, "256 join in a transaction, and are rated in as many");
}

#[tokio::test(flavor = "multi_thread")]
async fn check_ins_are_answered_while_a_policy_rates_a_fleet_anew_and_by_that_policy() {
    const FLEET: u32 = 2_500;
    // One device checks in again and again meanwhile.
    let world = World::with(|options| options.limits.requests = limits::a_minute(100_000)).await;
    trouble(&world.home, FLEET);
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let report = Report { open: Some(vec![open(1, Classification::Adware)]), ..chain.report() };
    assert_eq!(world.check_in(&identity, &mut chain, &report).await.level, Level::Low);
    let mut person = Person::new(&world);
    person.log_in(world.made.admin_password.reveal()).await;
    let settling = || count(&world.home, "setting WHERE name = 'rated-to'") > 0;
    let rated = || count(&world.home, "device WHERE rank = 3 AND id < '1'");
    let partly = || (1..i64::from(FLEET)).contains(&rated());
    assert_eq!(overview(&mut person).await["settling"], false);

    let mut change = Command::new(env!("CARGO_BIN_EXE_mtd-gateway"))
        .args(["policy", "--severity", "ADWARE=high", "--dir"])
        .arg(world.home.dir())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let (mut during, mut longest, mut told) = (0, Duration::ZERO, false);
    while change.try_wait().unwrap().is_none() || settling() {
        assert!(begun.elapsed() < LONG, "the fleet is not rated");
        let before = settling();
        told |= overview(&mut person).await["settling"] == true;
        let report = chain.report();
        let asked = Instant::now();
        let level = world.check_in(&identity, &mut chain, &report).await.level;
        longest = longest.max(asked.elapsed());
        if before {
            assert_eq!(level, Level::High, "by the policy that is in force, wherever the rating is");
        }
        during += u32::from(partly());
    }
    let took = begun.elapsed();
    assert!(during >= 3, "{during} check-ins were answered meanwhile");
    assert!(longest < took / 2, "one waited {longest:?} of {took:?}");
    assert!(told, "the overview says so meanwhile");
    assert_eq!(overview(&mut person).await["settling"], false);
    assert_eq!(overview(&mut person).await["tally"]["high"], FLEET + 1);
    assert_eq!(rated(), i64::from(FLEET));
}
