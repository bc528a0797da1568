//! The database. SQL stands in this module's files and nowhere else.

use std::fmt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use serde::Serialize;
use serde::de::DeserializeOwned;

mod attestations;
mod audit;
mod certificates;
mod commands;
mod credentials;
mod devices;
mod documents;
mod found;
mod history;
mod inventory;
mod schema;
mod settings;
mod threats;
mod troubles;

pub use attestations::{Attestation, AttestationRoot};
pub use audit::{Action, AuditLine, Place};
pub use certificates::{Certificate, CertificateLine, NewCertificate, Standing};
pub use commands::{CommandLine, Delivery};
pub use credentials::Code;
pub use devices::{ChainHead, Device};
pub use documents::{StoredIndicators, StoredPolicy};
pub use found::Found;
pub use history::{Entry, Event, HistoryLine};
pub use settings::Setting;
pub use threats::{Finder, HeldThreat, TransitionLine};
pub use troubles::Trouble;

/// The database of one gateway. Commands of the administrator write to it from other processes.
pub struct Store(Mutex<Connection>);

/// One transaction, and what can be done in it.
pub struct Tx<'a>(Transaction<'a>);

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
    /// Opens the database at `path`: a file that is there, empty at first.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::from_connection(Connection::open_with_flags(path, flags)?)
    }

    /// Runs `work` in one transaction: what it wrote stays if it succeeds, and nothing of it if it fails.
    pub fn transact<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let tx =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
        let tx = Tx(tx);
        let value = work(&tx)?;
        tx.0.commit().map_err(StoreError::from)?;
        Ok(value)
    }

    /// Runs `work`, which only reads.
    pub fn read<T, E: From<StoreError>>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let tx =
            connection.transaction_with_behavior(TransactionBehavior::Deferred).map_err(StoreError::from)?;
        work(&Tx(tx))
    }

    /// Changes when another process has written.
    pub fn data_version(&self) -> Result<i64, StoreError> {
        let connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(connection.query_row("PRAGMA data_version", [], |row| row.get(0))?)
    }

    fn from_connection(mut connection: Connection) -> Result<Self, StoreError> {
        connection.busy_timeout(BUSY)?;
        // What a device was told is acknowledged must outlive a power cut.
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
        )?;
        connection.set_prepared_statement_cache_capacity(64);
        schema::ensure(&mut connection)?;
        Ok(Self(Mutex::new(connection)))
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(error) => write!(f, "the database failed: {error}. Check the folder and its disk."),
            Self::Newer => f.write_str("the database is of a later version. Use that version's program."),
            Self::Corrupt => f.write_str("the database holds what it should not. Restore a backup."),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// How long a write waits for another process's.
const BUSY: Duration = Duration::from_secs(10);

/// A value's text in a column: the JSON string it has on the wire.
fn word<T: Serialize>(value: &T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => Ok(text),
        _ => Err(StoreError::Corrupt),
    }
}

/// The value that [`word`] wrote.
fn unword<T: DeserializeOwned>(text: String) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::String(text)).map_err(|_| StoreError::Corrupt)
}

fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Corrupt)
}

fn unjson<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt)
}

/// SQLite counts in `i64`.
fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn unint(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}
