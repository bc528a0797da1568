//! One durable event of 300 bytes: what reaches the disk for it, in bytes written and calls of `fdatasync`.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use agent_core::folder::Folder;
use agent_core::ports::{FileName, FolderLock, Storage};
use agent_core::vault::Vault;
use agent_logic::failure::StorageFailure;
use agent_logic::redact::{Bytes, Secret};
use rusqlite::Connection;

use super::row::{Peer, Row, Target, Unit};
use crate::stage::Mishap;

/// Events written, so that what happens now and then has its share.
const EVENTS: u64 = 1_000;
/// Bytes of an event.
const EVENT: usize = 300;

pub(super) fn measure() -> Result<Vec<Row>, Mishap> {
    let folder = tempfile::tempdir()?;
    let disk = Arc::new(Counting {
        inner: Folder::open(folder.path().join("vault")).map_err(said)?,
        syncs: 0.into(),
    });
    let storage: Arc<dyn Storage> = Arc::<Counting>::clone(&disk);
    let mut vault = Vault::open(storage, &Secret::new([1; 32])).map_err(said)?.vault;
    // The journal's file and its name are made with the first.
    vault.append(&[Bytes::new(event(0))]).map_err(said)?;
    let (size, written, syncs) = (vault.size(), written()?, disk.syncs.load(Ordering::Relaxed));
    for nth in 1..=EVENTS {
        vault.append(&[Bytes::new(event(nth))]).map_err(said)?;
    }
    let written = self::written()?.saturating_sub(written);
    let grown = vault.size().saturating_sub(size);
    let syncs = disk.syncs.load(Ordering::Relaxed).saturating_sub(syncs);
    let sqlite = sqlite(&folder.path().join("peer.db"))?;
    Ok(vec![
        Row {
            name: "record-written",
            what: "durable event of 300 B: bytes written",
            unit: Unit::Bytes,
            ours: written.div_ceil(EVENTS),
            target: Target::AtMost(400),
            peers: vec![Peer { name: "SQLite, WAL, synchronous=FULL", value: Ok(sqlite.div_ceil(EVENTS)) }],
        },
        Row {
            name: "record-size",
            what: "durable event of 300 B: growth of the journal",
            unit: Unit::Bytes,
            ours: grown.div_ceil(EVENTS),
            target: Target::AtMost(400),
            peers: Vec::new(),
        },
        Row {
            name: "record-syncs",
            what: "durable event of 300 B: calls of fdatasync",
            unit: Unit::Times,
            ours: syncs.div_ceil(EVENTS),
            target: Target::AtMost(1),
            peers: Vec::new(),
        },
    ])
}

/// Bytes written for the same events, each in a transaction of its own.
fn sqlite(file: &Path) -> Result<u64, Mishap> {
    let connection = Connection::open(file)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.execute_batch("CREATE TABLE event (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")?;
    let before = written()?;
    for nth in 1..=EVENTS {
        connection.execute("INSERT INTO event (body) VALUES (?1)", [event(nth)])?;
    }
    Ok(written()?.saturating_sub(before))
}

/// Bytes that this process has handed to the system's write calls.
fn written() -> Result<u64, Mishap> {
    let text = std::fs::read_to_string("/proc/self/io")?;
    let value = text.lines().find_map(|line| line.strip_prefix("wchar: "));
    Ok(value.ok_or("/proc/self/io has no wchar")?.trim().parse()?)
}

/// Bytes that do not repeat.
fn event(nth: u64) -> Vec<u8> {
    let digest = agent_logic::model::Digest::of(&nth.to_be_bytes());
    digest.as_bytes().iter().cycle().take(EVENT).copied().collect()
}

fn said(failure: StorageFailure) -> Mishap {
    format!("{failure:?}").into()
}

/// Counts syncs of files.
struct Counting {
    inner: Folder,
    syncs: AtomicU64,
}

impl Storage for Counting {
    fn read(&self, name: FileName, limit: u64) -> Result<Option<Vec<u8>>, StorageFailure> {
        self.inner.read(name, limit)
    }

    fn read_at(&self, name: FileName, offset: u64, length: usize) -> Result<Vec<u8>, StorageFailure> {
        self.inner.read_at(name, offset, length)
    }

    fn append(&self, name: FileName, bytes: &[u8]) -> Result<(), StorageFailure> {
        self.inner.append(name, bytes)
    }

    fn sync(&self, name: FileName) -> Result<(), StorageFailure> {
        self.syncs.fetch_add(1, Ordering::Relaxed);
        self.inner.sync(name)
    }

    fn truncate(&self, name: FileName, length: u64) -> Result<(), StorageFailure> {
        self.inner.truncate(name, length)
    }

    fn rename(&self, from: FileName, to: FileName) -> Result<(), StorageFailure> {
        self.inner.rename(from, to)
    }

    fn remove(&self, name: FileName) -> Result<(), StorageFailure> {
        self.inner.remove(name)
    }

    fn sync_folder(&self) -> Result<(), StorageFailure> {
        self.syncs.fetch_add(1, Ordering::Relaxed);
        self.inner.sync_folder()
    }

    fn lock(&self) -> Result<Box<dyn FolderLock>, StorageFailure> {
        self.inner.lock()
    }
}
