//! 500 apps against 100,000 indicators, from a file that is not in memory.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use agent_core::folder::Folder;
use agent_core::indicators::IndicatorStore;
use agent_core::ports::Storage;
use agent_logic::command::Query;
use agent_logic::failure::StorageFailure;
use agent_logic::model::{Classification, Digest};
use agent_logic::time::Wall;
use agent_logic::wire::{BUCKET_TARGET, Bucket, Entry, IndicatorKind, Manifest, policy_kind};
use rusqlite::{Connection, OpenFlags};
use rustix::fs::{Advice, fadvise};

use super::golden;
use super::row::{Peer, Row, Target, Unit, median};
use crate::stage::{Mishap, Stage};

const INDICATORS: u32 = 100_000;
const APPS: u32 = 500;
/// Of the apps, so many are in the set.
const BAD: u32 = 3;
const ROUNDS: usize = 21;

pub(super) fn measure() -> Result<Vec<Row>, Mishap> {
    let folder = tempfile::tempdir()?;
    let apps = golden::apps(APPS)?;
    let queries: Vec<Query> = apps.iter().flat_map(Query::about).collect();
    let values =
        values(&apps.iter().take(usize::try_from(BAD)?).map(|app| app.id.reveal()).collect::<Vec<_>>());
    let (manifest, set) = set(&values)?;
    let storage: Arc<dyn Storage> = Arc::new(Folder::open(folder.path()).map_err(said)?);
    let store = IndicatorStore::new(storage);
    store.replace(&manifest, &set).map_err(said)?;
    let file = only_file(folder.path())?;
    let mut micros = Vec::new();
    for _ in 0..ROUNDS {
        chill(&file)?;
        let begun = Instant::now();
        let found = store.find(&manifest, &queries).map_err(said)?;
        micros.push(u64::try_from(begun.elapsed().as_micros())?);
        if found.len() != usize::try_from(BAD)? {
            return Err(format!("{} of {BAD} apps were found", found.len()).into());
        }
    }
    let peer = sqlite(&folder.path().join("peer.db"), &values, &queries)?;
    Ok(vec![
        Row {
            name: "match-time",
            what: "500 apps against 100,000 indicators, cold file",
            unit: Unit::Micros,
            ours: median(micros),
            target: Target::AtMost(5_000),
            peers: vec![Peer { name: "SQLite, hash as primary key", value: Ok(peer.micros) }],
        },
        Row {
            name: "match-disk",
            what: "100,000 indicators: the set on disk",
            unit: Unit::Bytes,
            ours: std::fs::metadata(&file)?.len(),
            target: Target::AtMost(1_200_000),
            peers: vec![Peer { name: "SQLite, hash as primary key", value: Ok(peer.bytes) }],
        },
        Row {
            name: "match-manifest",
            what: "100,000 indicators: the signed manifest",
            unit: Unit::Bytes,
            ours: u64::try_from(serde_json::to_vec(&manifest)?.len())?,
            target: Target::None,
            peers: Vec::new(),
        },
    ])
}

/// Hashes of package names, `bad` among them.
fn values(bad: &[&str]) -> Vec<Entry> {
    let mut entries: BTreeMap<Vec<u8>, Entry> = BTreeMap::new();
    let made = (0_u32..).map(|nth| format!("com.spy.n{nth}"));
    for value in bad.iter().map(|bad| (*bad).to_owned()).chain(made) {
        if entries.len() >= usize::try_from(INDICATORS).unwrap_or(usize::MAX) {
            break;
        }
        let entry = Entry::new(IndicatorKind::Package, &value, 0);
        entries.insert(entry.to_bytes().to_vec(), entry);
    }
    entries.into_values().collect()
}

/// The set as a gateway makes it.
fn set(entries: &[Entry]) -> Result<(Manifest, Vec<u8>), Mishap> {
    let count = entries.len().div_ceil(BUCKET_TARGET).next_power_of_two();
    let mut buckets = vec![Vec::new(); count];
    for entry in entries {
        if let Some(bucket) = buckets.get_mut(entry.bucket(count)) {
            bucket.extend(entry.to_bytes());
        }
    }
    let described = |bytes: &Vec<u8>| -> Result<Bucket, Mishap> {
        Ok(Bucket { length: u32::try_from(bytes.len())?, digest: Digest::of(bytes) })
    };
    let manifest = Manifest {
        kind: policy_kind::INDICATORS.into(),
        tenant: Stage::tenant().parse()?,
        version: 1,
        expires: Wall(u64::MAX),
        classifications: vec![Classification::Surveillanceware],
        buckets: buckets.iter().map(described).collect::<Result<_, _>>()?,
    };
    Ok((manifest, buckets.concat()))
}

struct Sqlite {
    micros: u64,
    bytes: u64,
}

/// The same hashes in a table, asked one by one by a connection that has just been opened.
fn sqlite(path: &Path, entries: &[Entry], queries: &[Query]) -> Result<Sqlite, Mishap> {
    let mut connection = Connection::open(path)?;
    connection.execute_batch("CREATE TABLE i (hash BLOB PRIMARY KEY, class INTEGER) WITHOUT ROWID")?;
    let tx = connection.transaction()?;
    for entry in entries {
        let (hash, class) = hash_of(entry);
        tx.execute("INSERT INTO i VALUES (?1, ?2)", (hash, class))?;
    }
    tx.commit()?;
    connection.execute_batch("VACUUM")?;
    drop(connection);
    let mut micros = Vec::new();
    for _ in 0..ROUNDS {
        chill(path)?;
        let begun = Instant::now();
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut statement = connection.prepare("SELECT class FROM i WHERE hash = ?1")?;
        let mut found = 0_u32;
        for query in queries {
            let (hash, _) = hash_of(&Entry::new(query.kind, query.value.reveal(), 0));
            found = found.saturating_add(u32::from(statement.exists([hash])?));
        }
        micros.push(u64::try_from(begun.elapsed().as_micros())?);
        if found != BAD {
            return Err(format!("SQLite found {found} of {BAD}").into());
        }
    }
    Ok(Sqlite { micros: median(micros), bytes: std::fs::metadata(path)?.len() })
}

fn hash_of(entry: &Entry) -> (Vec<u8>, u8) {
    let bytes = entry.to_bytes();
    let (hash, class) = bytes.split_at(Entry::SIZE.saturating_sub(2));
    (hash.to_vec(), class.last().copied().unwrap_or_default())
}

/// Makes the system forget the file's pages.
fn chill(path: &Path) -> Result<(), Mishap> {
    let file = File::open(path)?;
    file.sync_all()?;
    Ok(fadvise(&file, 0, None, Advice::DontNeed)?)
}

fn only_file(folder: &Path) -> Result<std::path::PathBuf, Mishap> {
    let mut files = std::fs::read_dir(folder)?;
    let file = files.next().ok_or("the set is not on the disk")??.path();
    if files.next().is_some() { Err("more than the set is on the disk".into()) } else { Ok(file) }
}

fn said(failure: StorageFailure) -> Mishap {
    format!("{failure:?}").into()
}
