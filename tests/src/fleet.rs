//! A fleet in the gateway's database, as check-ins would have left it: for what must not grow with the number of devices.

use std::path::Path;

use agent_logic::model::{Activation, ChainId, Classification, Digest, Level, Protection, Subject};
use agent_logic::time::Stamp;
use agent_logic::wire::{Facts, FactsPart, PROTOCOL, Report};
use rusqlite::{Connection, params};

use crate::stage::Mishap;

/// Of so many devices one has a threat and apps.
pub const TROUBLED: u32 = 20;

/// The ID of a device.
#[must_use]
pub fn id(nth: u32) -> String {
    format!("{nth:08x}-9843-405f-be28-b2265c59ef97")
}

/// The serial number of its certificate.
#[must_use]
pub fn serial(nth: u32) -> String {
    format!("{nth:040x}")
}

/// What it sends next: nothing has changed.
pub fn report(nth: u32) -> Result<Report, Mishap> {
    let digest = Digest::of(serde_json::to_string(&facts())?.as_bytes());
    Ok(Report {
        protocol: PROTOCOL,
        chain: ChainId::new(u128::from(nth).to_be_bytes()),
        sequence: 2,
        previous: Some(digest),
        made: Stamp::default(),
        activation: Activation::Activated,
        protection: Protection::Protected,
        level: Some(Level::Secured),
        facts: FactsPart { digest, value: None },
        open: None,
        transitions: Vec::new(),
        inventory: None,
        diagnostics: Vec::new(),
        policy: 1,
        indicators: 0,
    })
}

fn facts() -> Facts {
    Facts {
        agent_version: "0.1.0".into(),
        os_version: "14".into(),
        platform: "android".into(),
        model: Some("Pixel 8".into()),
        ..Facts::default()
    }
}

/// Adds `devices` to the database at `path`, which a gateway has made and no gateway uses. One in [`TROUBLED`] has an open
/// threat and 20 apps, each has a certificate and a history of four lines; the gateway rates them when it opens the file.
pub fn fill(path: &Path, devices: u32) -> Result<(), Mishap> {
    let mut connection = Connection::open(path)?;
    let facts = serde_json::to_string(&facts())?;
    let digest = Digest::of(facts.as_bytes()).to_string();
    let now = agent_gateway::clock::now().0;
    let tx = connection.transaction()?;
    tx.execute_batch(
        "CREATE TEMP TABLE fleet (n INTEGER PRIMARY KEY, id TEXT NOT NULL);
         CREATE TEMP TABLE few (n INTEGER PRIMARY KEY);
         INSERT INTO few WITH RECURSIVE c (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < 19) SELECT n FROM c;",
    )?;
    tx.execute(
        "INSERT INTO fleet WITH RECURSIVE c (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n + 1 < ?1)
         SELECT n, printf('%08x-9843-405f-be28-b2265c59ef97', n) FROM c",
        [devices],
    )?;
    tx.execute(
        "INSERT INTO device (id, activation, enrolment, credential, chain, sequence, report_sha256, rated, facts_sha256,
         facts, policy_held, last_contact, level, inventory_sha256, health, rank)
         SELECT id, 'activated', 1, 'code', printf('%032x', n), 1, ?1, 1, ?1, ?2, 1, ?3 - n, 'secured',
         iif(n % ?4 = 0, ?1, NULL), iif(n % ?4 = 0, NULL, 'secured'), iif(n % ?4 = 0, -1, 0) FROM fleet",
        params![digest, facts, now, TROUBLED],
    )?;
    tx.execute(
        "INSERT INTO certificate (serial, device, enrolment, standing, spki_sha256, issued, not_after, der)
         SELECT printf('%040x', n), id, 1, 'current', ?1, ?2, ?2 + 5000000000, randomblob(500) FROM fleet",
        params![digest, now],
    )?;
    tx.execute(
        "INSERT INTO history (device, at, event, chain, sequence, body_bytes, wire_bytes, resumed, serial)
         SELECT id, ?1, iif(few.n = 3 AND fleet.n % 50 = 0, 'restart', 'check-in'), printf('%032x', fleet.n), few.n, 340,
         340, 1, printf('%040x', fleet.n) FROM few, fleet WHERE few.n < 4",
        [now],
    )?;
    tx.execute(
        "INSERT INTO inventory (device, app, sha256, value)
         SELECT id, printf('com.example.a%d', few.n), ?1, printf('{\"identifier\":\"com.example.a%d\"}', few.n)
         FROM fleet, few WHERE fleet.n % ?2 = 0",
        params![digest, TROUBLED],
    )?;
    for (at, class) in [Classification::Trojan, Classification::Adware].into_iter().enumerate() {
        tx.execute(
            "INSERT INTO threat (device, id, classification, severity, subject, detected, ignored, received)
             SELECT id, printf('%032x', n), ?1, ?2, ?3, ?4, 0, ?5 FROM fleet WHERE n % ?6 = 0 AND n / ?6 % 2 = ?7",
            params![
                class.name(),
                serde_json::to_value(class.default_severity())?.as_str(),
                serde_json::to_string(&Subject::Device)?,
                serde_json::to_string(&Stamp::default())?,
                now,
                TROUBLED,
                at,
            ],
        )?;
    }
    tx.execute_batch("DROP TABLE temp.fleet; DROP TABLE temp.few;")?;
    tx.commit()?;
    Ok(connection.execute_batch("PRAGMA optimize")?)
}
