//! A database that an earlier gateway left behind, and one that a later one did.

use agent_gateway::clock::now;
use agent_gateway::console::{Overview, Page};
use agent_gateway::home::Home;
use agent_gateway::init::init;
use agent_gateway::rating::Rating;
use agent_gateway::store::{Store, StoreError};
use agent_logic::model::{Activation, Level};
use rusqlite::Connection;
use tempfile::TempDir;

/// One device with a threat, one that waits for its code to be used.
const VERSION_7: &str = include_str!("../data/version-7.sql");

/// A gateway's folder with that database, the device last heard now.
fn earlier() -> (Home, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(folder.path().join("gateway"));
    init(&home, "localhost", None).unwrap();
    std::fs::write(home.database(), "").unwrap();
    let connection = Connection::open(home.database()).unwrap();
    connection.execute_batch(VERSION_7).unwrap();
    let sql = "UPDATE device SET last_contact = ?1 WHERE last_contact IS NOT NULL";
    connection.execute(sql, [i64::try_from(now().0).unwrap()]).unwrap();
    (home, folder)
}

fn ask<T: rusqlite::types::FromSql>(home: &Home, sql: &str) -> T {
    Connection::open(home.database()).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

const HELD: &str = "SELECT (SELECT count(*) FROM history) || ' ' || (SELECT count(*) FROM transition) || ' '
    || (SELECT count(*) FROM certificate) || ' ' || (SELECT count(*) FROM code) || ' ' || (SELECT count(*) FROM audit)";

#[test]
fn what_an_earlier_gateway_left_is_kept_and_its_devices_are_rated() {
    let (home, _folder) = earlier();
    assert_eq!(ask::<i64>(&home, "PRAGMA user_version"), 7);
    let before: String = ask(&home, HELD);
    let store = Store::open(&home.database()).unwrap();
    assert!(ask::<i64>(&home, "PRAGMA user_version") > 7);
    assert_eq!(ask::<String>(&home, HELD), before);
    let overview = store.read(|tx| Overview::read(tx, &Page::default(), now())).unwrap();
    assert_eq!((overview.tally.high, overview.tally.unrated, overview.devices.len()), (1, 1, 2));
    let (high, waits) = (&overview.devices[0], &overview.devices[1]);
    assert_eq!((high.level, high.threats[0].classification), (Some(Level::High), "ROGUE_WIFI"));
    assert_eq!((high.group.as_deref(), waits.activation), (Some("Sales"), Activation::Pending));
    let noted = store.read(|tx| {
        for device in tx.devices_after("", u32::MAX)? {
            let rating = Rating::read(tx, &device, now())?;
            assert_eq!(tx.standing(&device.id)?, (rating.health, rating.known));
        }
        Ok::<_, StoreError>(())
    });
    noted.unwrap();
}

#[test]
fn what_a_later_gateway_left_is_not_touched_and_the_remedy_is_said() {
    let (home, _folder) = earlier();
    drop(Store::open(&home.database()).unwrap());
    let later = ask::<i64>(&home, "PRAGMA user_version") + 1;
    let connection = Connection::open(home.database()).unwrap();
    connection.pragma_update(None, "user_version", later).unwrap();
    let before: String = ask(&home, HELD);
    for command in ["serve", "devices"] {
        let out = std::process::Command::new(env!("CARGO_BIN_EXE_mtd-gateway"))
            .args([command, "--dir"])
            .arg(home.dir())
            .output()
            .unwrap();
        assert!(!out.status.success());
        let said = String::from_utf8(out.stderr).unwrap();
        assert!(said.contains("of a later version. Use that version's program."), "{said}");
    }
    assert_eq!((ask::<i64>(&home, "PRAGMA user_version"), ask::<String>(&home, HELD)), (later, before));
}
