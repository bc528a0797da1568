//! The database. SQL stands in this module's files and nowhere else.

use std::fmt;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Params, Row, TransactionBehavior};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::now;
use crate::rating;

mod attestations;
mod audit;
mod batch;
mod certificates;
mod commands;
mod credentials;
mod devices;
mod documents;
mod found;
mod history;
mod inventory;
mod listing;
mod schema;
mod settings;
mod standing;
mod threats;
mod troubles;

pub use attestations::{Attestation, AttestationRoot};
pub use audit::{Action, AuditLine, By, Place};
pub use certificates::{Certificate, CertificateLine, NewCertificate, Shown, Standing};
pub use commands::{CommandLine, Delivery};
pub use credentials::Code;
pub use devices::{ChainHead, Device};
pub use documents::{StoredIndicators, StoredPolicy};
pub use found::Found;
pub use history::{Entry, Event, HistoryLine};
pub use listing::Listing;
pub use settings::Setting;
pub use standing::{Place as Listed, Tally};
pub use threats::{Finder, HeldThreat, TransitionLine};
pub use troubles::Trouble;

/// The database of one gateway. Commands of the administrator write to it from other processes.
pub struct Store {
    writer: batch::Writer,
    /// Reads what is committed, while the writer writes.
    reader: Mutex<Connection>,
}

/// One transaction, and what can be done in it.
pub struct Tx<'a>(&'a Connection);

/// What was written since the database was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Works, each kept whole or not at all.
    pub works: u64,
    /// Commits, each one sync; works that wait for one another share one.
    pub commits: u64,
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
    /// The transaction that others shared did not reach the disk.
    NotCommitted,
}

impl Store {
    /// Opens the database at `path`: a file that is there, empty at first.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let mut connection = connect(path)?;
        schema::ensure(&mut connection)?;
        let store = Self { writer: batch::Writer::new(connection), reader: Mutex::new(connect(path)?) };
        while store.transact(|tx| rating::settle_unnoted(tx, now()))? > 0 {}
        Ok(store)
    }

    /// Runs `work`: what it wrote is on the disk when this answers success, and nothing of it if it fails.
    pub fn transact<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.writer.transact(work)
    }

    /// Runs one of the steps of a long work, which answers whether there may be more. If so this pauses as long as the step took:
    /// a check-in of another process tries for the file's lock now and then and would not come in between.
    pub fn step<E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<bool, E>,
    ) -> Result<bool, E> {
        let begun = Instant::now();
        let more = self.transact(work)?;
        if more {
            std::thread::sleep(begun.elapsed());
        }
        Ok(more)
    }

    /// Runs `work`, which only reads, on what is committed.
    pub fn read<T, E: From<StoreError>>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut connection = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let tx =
            connection.transaction_with_behavior(TransactionBehavior::Deferred).map_err(StoreError::from)?;
        work(&Tx(&tx))
    }

    /// Changes when another process has written.
    pub fn data_version(&self) -> Result<i64, StoreError> {
        Ok(self
            .writer
            .peek(|connection| connection.query_row("PRAGMA data_version", [], |row| row.get(0)))?)
    }

    /// What was written since the database was opened.
    #[must_use]
    pub fn written(&self) -> Written {
        let counts = self.writer.counts();
        Written {
            works: counts.works.load(Ordering::Relaxed),
            commits: counts.commits.load(Ordering::Relaxed),
        }
    }
}

impl Tx<'_> {
    /// What `read` makes of each row.
    fn list<T>(
        &self,
        sql: &str,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            out.push(read(row)?);
        }
        Ok(out)
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    // What a device was told is acknowledged must outlive a power cut. A fleet's indexes do not fit into the 2 MB of
    // cache that SQLite has by itself, and what is written again and again goes to the file once in 32 MB.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 8192;",
    )?;
    // The plan of a statement is that of its text: SQLite would else plan one again each time that a value is bound to it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(error) => write!(f, "the database failed: {error}. Check the folder and its disk."),
            Self::Newer => f.write_str("the database is of a later version. Use that version's program."),
            Self::Corrupt => f.write_str("the database holds what it should not. Restore a backup."),
            Self::NotCommitted => {
                f.write_str("the database did not reach the disk. Check the folder and its disk.")
            }
        }
    }
}

impl std::error::Error for StoreError {}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Statements that stay prepared on a connection: more than there are.
const STATEMENTS: usize = 128;

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

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn no_statement_is_planned_again_for_another_value() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut connection = connect(file.path()).unwrap();
        schema::ensure(&mut connection).unwrap();
        for nth in 0..100 {
            connection.execute("INSERT INTO device (id) VALUES (?1)", [format!("{nth:03}")]).unwrap();
        }
        // An administrator may run it; what it counts is looked up by value.
        connection.execute_batch("ANALYZE").unwrap();
        let connection = connect(file.path()).unwrap();
        let mut statement = connection.prepare("SELECT revoked FROM device WHERE id > ?1 LIMIT 1").unwrap();
        for id in ["001", "002", "003"] {
            assert!(!statement.query_row([id], |row| row.get::<_, bool>(0)).unwrap());
        }
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }
}
