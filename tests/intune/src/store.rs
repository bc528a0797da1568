//! The database. SQL stands in this module's files and nowhere else.

use std::fmt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::compliance::HealthState;

mod devices;
mod settings;

pub use devices::Record;
pub use settings::GroupRule;

/// The database of one stand-in.
pub struct Store(Mutex<Connection>);

/// What the partner said of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// The Entra device ID.
    pub device: String,
    /// The health state.
    pub health: HealthState,
    /// When the partner says it was so, milliseconds since 1970 UTC.
    pub time: u64,
    /// When it was received.
    pub received: u64,
}

/// The database cannot be used.
#[derive(Debug)]
pub enum StoreError {
    /// SQLite failed.
    Sqlite(rusqlite::Error),
    /// It was written by a later version of this program.
    Newer,
    /// A row does not hold what it should.
    Corrupt,
}

impl Store {
    /// Opens or makes the database at `path`.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version: i64 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        match version {
            0 => tx.execute_batch(&[FIRST, SECOND].concat())?,
            1 => tx.execute_batch(SECOND)?,
            VERSION => {}
            _ => return Err(StoreError::Newer),
        }
        tx.pragma_update(None, "user_version", VERSION)?;
        tx.commit()?;
        Ok(Self(Mutex::new(connection)))
    }

    /// Takes what the partner says of a device; what is older than what is known changes nothing.
    pub fn report(
        &self,
        device: &str,
        health: HealthState,
        time: u64,
        received: u64,
    ) -> Result<(), StoreError> {
        let connection = self.connection();
        connection.execute(
            "INSERT INTO device (id, health, time, received) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET health = ?2, time = ?3, received = ?4 WHERE time <= ?3",
            params![device, word(&health)?, int(time), int(received)],
        )?;
        connection.execute(
            "INSERT INTO report (device, health, time, received) VALUES (?1, ?2, ?3, ?4)",
            params![device, word(&health)?, int(time), int(received)],
        )?;
        Ok(())
    }

    /// What the partner said last of one device.
    pub fn device(&self, id: &str) -> Result<Option<Reported>, StoreError> {
        self.connection()
            .query_row("SELECT id, health, time, received FROM device WHERE id = ?1", [id], |row| {
                Ok(reported(row))
            })
            .optional()?
            .transpose()
    }

    /// Every device that Intune or the partner knows, by ID.
    pub fn device_ids(&self) -> Result<Vec<String>, StoreError> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached("SELECT id FROM device UNION SELECT id FROM managed ORDER BY id")?;
        let ids = statement.query_map([], |row| row.get(0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(error) => write!(f, "the database failed: {error}. Check the folder and its disk."),
            Self::Newer => f.write_str("the database is of a later version. Use that version's program."),
            Self::Corrupt => f.write_str("the database holds what it should not. Remove it and start anew."),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

fn reported(row: &Row<'_>) -> Result<Reported, StoreError> {
    Ok(Reported {
        device: row.get(0)?,
        health: unword(row.get(1)?)?,
        time: unint(row.get(2)?),
        received: unint(row.get(3)?),
    })
}

fn word<T: Serialize>(value: &T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => Ok(text),
        _ => Err(StoreError::Corrupt),
    }
}

fn unword<T: DeserializeOwned>(text: String) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::String(text)).map_err(|_| StoreError::Corrupt)
}

fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Corrupt)
}

fn unjson<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt)
}

fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn unint(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}

/// How long a write waits for another process's.
const BUSY: Duration = Duration::from_secs(10);

const VERSION: i64 = 2;

const FIRST: &str = "
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE device (id TEXT PRIMARY KEY, health TEXT NOT NULL, time INTEGER NOT NULL, received INTEGER NOT NULL) STRICT;
CREATE TABLE report (
    seq INTEGER PRIMARY KEY,
    device TEXT NOT NULL,
    health TEXT NOT NULL,
    time INTEGER NOT NULL,
    received INTEGER NOT NULL
) STRICT;
";

/// What Intune knows by itself, and the rules of groups.
const SECOND: &str = "
CREATE TABLE managed (
    id TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    enrolled INTEGER NOT NULL,
    synced INTEGER NOT NULL,
    apps TEXT
) STRICT;
CREATE TABLE group_rule (name TEXT PRIMARY KEY, rule TEXT, protection TEXT) STRICT;
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_report_does_not_replace_a_newer_one() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("intune.db")).unwrap();
        store.report("d", HealthState::HighSeverity, 20, 1).unwrap();
        store.report("d", HealthState::Secured, 10, 2).unwrap();
        assert_eq!(store.device("d").unwrap().unwrap().health, HealthState::HighSeverity);
        store.report("d", HealthState::Secured, 20, 3).unwrap();
        assert_eq!(store.device("d").unwrap().unwrap().health, HealthState::Secured);
        assert_eq!(store.device("e").unwrap(), None);
    }

    #[test]
    fn a_database_of_the_first_version_is_read_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("intune.db");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(FIRST).unwrap();
        old.execute_batch("INSERT INTO device VALUES ('d', 'secured', 1, 2); PRAGMA user_version = 1;")
            .unwrap();
        drop(old);
        let store = Store::open(&path).unwrap();
        assert_eq!(store.device("d").unwrap().unwrap().health, HealthState::Secured);
        assert_eq!(store.device_ids().unwrap(), ["d"]);
        drop(store);
        Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 3;").unwrap();
        assert!(matches!(Store::open(&path), Err(StoreError::Newer)));
    }
}
