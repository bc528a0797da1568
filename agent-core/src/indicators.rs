//! The indicator set on disk: kept unsealed, read in part, and every part checked against the signed manifest.
//!
//! Rules: W4.

use std::sync::Arc;

use agent_logic::command::{Match, Query};
use agent_logic::failure::StorageFailure;
use agent_logic::model::Severity;
use agent_logic::wire::{Bucket, Entry, Manifest};
use ring::digest::{SHA256, digest};

use crate::ports::{FileName, Storage};

/// Keeps one set.
#[derive(Clone)]
pub struct IndicatorStore {
    storage: Arc<dyn Storage>,
}

impl IndicatorStore {
    /// The store in the agent's folder.
    #[must_use]
    pub fn new(storage: Arc<dyn Storage>) -> Self {
        Self { storage }
    }

    /// Keeps `bytes`, the buckets of `manifest` one after another, in the place of the set that is there. After
    /// a failure at the last step either set may be there; [`IndicatorStore::find`] tells.
    ///
    /// # Errors
    /// [`StorageFailure::Unreadable`] if a bucket differs from the manifest; others as the system reports.
    pub fn replace(&self, manifest: &Manifest, bytes: &[u8]) -> Result<(), StorageFailure> {
        check(&manifest.buckets, bytes)?;
        self.storage.remove(DRAFT)?;
        let written = self.storage.append(DRAFT, bytes).and_then(|()| self.storage.sync(DRAFT));
        if let Err(failure) = written {
            let _ = self.storage.remove(DRAFT);
            return Err(failure);
        }
        self.storage.rename(DRAFT, SET)?;
        self.storage.sync_folder()
    }

    /// Looks `queries` up. One match for a subject, the worst by default severity; subjects in their order.
    ///
    /// # Errors
    /// [`StorageFailure::Unreadable`] if the set is missing, or a bucket that was read differs from the
    /// manifest; others as the system reports.
    pub fn find(&self, manifest: &Manifest, queries: &[Query]) -> Result<Vec<Match>, StorageFailure> {
        let mut found: Vec<Match> = Vec::new();
        for run in runs(manifest, queries) {
            let bytes = self.read(&run)?;
            let mut rest = bytes.as_slice();
            for wanted in &run.wanted {
                let (bucket, after) = split(&wanted.bucket, rest)?;
                check(&[wanted.bucket], bucket)?;
                for (query, entry) in &wanted.queries {
                    if let Some(hit) = manifest.find_entry(bucket, entry) {
                        found.push(Match { subject: query.subject.clone(), classification: hit });
                    }
                }
                rest = after;
            }
        }
        found.sort_by(|a, b| a.subject.cmp(&b.subject).then_with(|| severity(b).cmp(&severity(a))));
        found.dedup_by(|later, earlier| later.subject == earlier.subject);
        Ok(found)
    }

    /// Removes the set.
    ///
    /// # Errors
    /// As the system reports.
    pub fn erase(&self) -> Result<(), StorageFailure> {
        self.storage.remove(DRAFT)?;
        self.storage.remove(SET)?;
        self.storage.sync_folder()
    }

    fn read(&self, run: &Run<'_>) -> Result<Vec<u8>, StorageFailure> {
        let read = self.storage.read_at(SET, run.offset, run.length);
        match read {
            Err(StorageFailure::Io) if self.storage.read(SET, 0) == Ok(None) => {
                Err(StorageFailure::Unreadable)
            }
            other => other,
        }
    }
}

/// Neighbouring buckets, read at once.
struct Run<'a> {
    offset: u64,
    length: usize,
    wanted: Vec<Wanted<'a>>,
}

/// A bucket, and what is looked up in it.
struct Wanted<'a> {
    bucket: Bucket,
    queries: Vec<Hashed<'a>>,
}

/// A query and its hash, made once.
type Hashed<'a> = (&'a Query, Entry);

fn runs<'a>(manifest: &Manifest, queries: &'a [Query]) -> Vec<Run<'a>> {
    let hash = |query: &'a Query| (query, Entry::new(query.kind, query.value.reveal(), 0));
    let place = |hashed: &Hashed<'_>| hashed.1.bucket(manifest.buckets.len());
    let mut hashed: Vec<Hashed<'_>> = queries.iter().map(hash).collect();
    hashed.sort_by_key(place);
    let mut hashed = hashed.into_iter().peekable();
    let mut runs: Vec<Run<'_>> = Vec::new();
    let mut offset = 0_u64;
    for (at, bucket) in manifest.buckets.iter().enumerate() {
        let length = usize::try_from(bucket.length).unwrap_or(usize::MAX);
        let queries: Vec<Hashed<'_>> =
            std::iter::from_fn(|| hashed.next_if(|hashed| place(hashed) == at)).collect();
        if !queries.is_empty() {
            let wanted = Wanted { bucket: *bucket, queries };
            match runs.last_mut() {
                Some(run) if run.ends_at(offset) && run.length.saturating_add(length) <= MAX_RUN => {
                    run.length = run.length.saturating_add(length);
                    run.wanted.push(wanted);
                }
                Some(_) | None => runs.push(Run { offset, length, wanted: vec![wanted] }),
            }
        }
        offset = offset.saturating_add(bucket.length.into());
    }
    runs
}

impl Run<'_> {
    fn ends_at(&self, offset: u64) -> bool {
        u64::try_from(self.length).is_ok_and(|length| self.offset.saturating_add(length) == offset)
    }
}

/// Whether `bytes` are these buckets and nothing else.
fn check(buckets: &[Bucket], bytes: &[u8]) -> Result<(), StorageFailure> {
    let mut rest = bytes;
    for bucket in buckets {
        let (bytes, after) = split(bucket, rest)?;
        if digest(&SHA256, bytes).as_ref() != bucket.digest.as_bytes() {
            return Err(StorageFailure::Unreadable);
        }
        rest = after;
    }
    if rest.is_empty() { Ok(()) } else { Err(StorageFailure::Unreadable) }
}

fn split<'a>(bucket: &Bucket, bytes: &'a [u8]) -> Result<(&'a [u8], &'a [u8]), StorageFailure> {
    let length = usize::try_from(bucket.length).ok();
    length.and_then(|length| bytes.split_at_checked(length)).ok_or(StorageFailure::Unreadable)
}

fn severity(found: &Match) -> Severity {
    found.classification.default_severity()
}

const SET: FileName = "indicators";
/// The next set, until it is renamed.
const DRAFT: FileName = "indicators.new";

/// Bytes that one read takes at most, unless one bucket is larger: a bound on memory.
const MAX_RUN: usize = 64 * 1024;
