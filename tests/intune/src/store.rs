//! The database. SQL stands here and nowhere else.

use std::fmt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::compliance::{HealthState, RequiredLevel};

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
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        match version {
            0 => connection.execute_batch(TABLES)?,
            VERSION => {}
            _ => return Err(StoreError::Newer),
        }
        Ok(Self(Mutex::new(connection)))
    }

    /// The level that is required.
    pub fn required(&self) -> Result<RequiredLevel, StoreError> {
        let found: Option<String> = self
            .connection()
            .query_row("SELECT value FROM setting WHERE name = 'required-level'", [], |row| row.get(0))
            .optional()?;
        found.map_or(Ok(RequiredLevel::Secured), unword)
    }

    /// Sets the level that is required.
    pub fn set_required(&self, level: RequiredLevel) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO setting (name, value) VALUES ('required-level', ?1)";
        self.connection().execute(sql, [word(&level)?])?;
        Ok(())
    }

    /// Takes what the partner says of a device; what is older than what is known changes nothing.
    pub fn report(&self, device: &str, health: HealthState, time: u64) -> Result<(), StoreError> {
        let now = now();
        let connection = self.connection();
        connection.execute(
            "INSERT INTO device (id, health, time, received) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET health = ?2, time = ?3, received = ?4 WHERE time <= ?3",
            params![device, word(&health)?, int(time), int(now)],
        )?;
        connection.execute(
            "INSERT INTO report (device, health, time, received) VALUES (?1, ?2, ?3, ?4)",
            params![device, word(&health)?, int(time), int(now)],
        )?;
        Ok(())
    }

    /// Takes the connector's heartbeat.
    pub fn beat(&self) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO setting (name, value) VALUES ('last-heartbeat', ?1)";
        self.connection().execute(sql, [now().to_string()])?;
        Ok(())
    }

    /// The connector's last heartbeat, milliseconds since 1970 UTC.
    pub fn last_heartbeat(&self) -> Result<Option<u64>, StoreError> {
        let found: Option<String> = self
            .connection()
            .query_row("SELECT value FROM setting WHERE name = 'last-heartbeat'", [], |row| row.get(0))
            .optional()?;
        found.map(|text| text.parse().map_err(|_| StoreError::Corrupt)).transpose()
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

    /// What the partner said last of every device, by ID.
    pub fn devices(&self) -> Result<Vec<Reported>, StoreError> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached("SELECT id, health, time, received FROM device ORDER BY id")?;
        let mut rows = statement.query([])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            out.push(reported(row)?);
        }
        Ok(out)
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

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
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

fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn unint(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}

/// How long a write waits for another process's.
const BUSY: Duration = Duration::from_secs(10);

const VERSION: i64 = 1;

const TABLES: &str = "
BEGIN;
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE device (id TEXT PRIMARY KEY, health TEXT NOT NULL, time INTEGER NOT NULL, received INTEGER NOT NULL) STRICT;
CREATE TABLE report (
    seq INTEGER PRIMARY KEY,
    device TEXT NOT NULL,
    health TEXT NOT NULL,
    time INTEGER NOT NULL,
    received INTEGER NOT NULL
) STRICT;
PRAGMA user_version = 1;
COMMIT;
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_report_does_not_replace_a_newer_one() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("intune.db")).unwrap();
        store.report("d", HealthState::HighSeverity, 20).unwrap();
        store.report("d", HealthState::Secured, 10).unwrap();
        assert_eq!(store.device("d").unwrap().unwrap().health, HealthState::HighSeverity);
        store.report("d", HealthState::Secured, 20).unwrap();
        assert_eq!(store.device("d").unwrap().unwrap().health, HealthState::Secured);
        assert_eq!(store.device("e").unwrap(), None);
    }

    #[test]
    fn settings_outlive_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("intune.db");
        Store::open(&path).unwrap().set_required(RequiredLevel::Medium).unwrap();
        assert_eq!(Store::open(&path).unwrap().required().unwrap(), RequiredLevel::Medium);
    }
}
