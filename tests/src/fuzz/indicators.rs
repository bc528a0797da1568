//! The indicator set: a manifest on the first line, the set behind it.

use std::sync::Arc;

use agent_core::indicators::IndicatorStore;
use agent_core::ports::Storage;
use agent_logic::command::{Match, Query};
use agent_logic::failure::StorageFailure;
use agent_logic::model::{AppId, Digest, Subject};
use agent_logic::redact::Secret;
use agent_logic::wire::{Entry, IndicatorKind, Manifest, bucket_of};

use super::broken;
use super::disk::Disk;
use super::documents::round_trip;

/// Looked up in every set; the seeds hold the first.
const NAMES: [&str; 3] = ["com.android.core.monitored", "com.example.good", ""];

/// A manifest, a line break and a set. Digests are put right first: a fuzzer cannot hash.
pub fn indicators(data: &[u8]) -> bool {
    let mut halves = data.splitn(2, |byte| *byte == b'\n');
    let (head, set) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
    let Ok(mut manifest) = serde_json::from_slice::<Manifest>(head) else {
        return false;
    };
    round_trip(&manifest);
    let Ok(app) = "com.example.any".parse::<AppId>() else { return false };
    let queries: Vec<Query> = NAMES
        .iter()
        .map(|name| Query {
            subject: Subject::App { id: app.clone() },
            kind: IndicatorKind::Package,
            value: Secret::new((*name).to_owned()),
        })
        .collect();
    let store = || {
        let disk: Arc<dyn Storage> = Arc::new(Disk::holding("indicators", set));
        IndicatorStore::new(disk)
    };
    // As it came: the digests hold, or nothing is found.
    settled(store().find(&manifest, &queries));
    let whole = put_right(&mut manifest, set);
    let kept = store().replace(&manifest, set);
    assert_eq!(kept.is_ok(), whole, "{kept:?}");
    if !whole {
        return false;
    }
    let found = settled(store().find(&manifest, &queries));
    let found = found.unwrap_or_else(|| broken("a set that was kept cannot be read"));
    for query in &queries {
        let hit = linear(&manifest, set, query);
        assert!(!hit || !found.is_empty() || !ordered(&manifest, set), "in the set and not found");
    }
    true
}

/// The digests of what stands there; whether the set ends where the last bucket does.
fn put_right(manifest: &mut Manifest, set: &[u8]) -> bool {
    let mut rest = set;
    for bucket in &mut manifest.buckets {
        let length = usize::try_from(bucket.length).unwrap_or(usize::MAX);
        let Some((bytes, after)) = rest.split_at_checked(length) else {
            return false;
        };
        bucket.digest = Digest::of(bytes);
        rest = after;
    }
    rest.is_empty()
}

fn buckets<'a>(manifest: &'a Manifest, set: &'a [u8]) -> impl Iterator<Item = &'a [u8]> + 'a {
    let mut rest = set;
    manifest.buckets.iter().filter_map(move |bucket| {
        let (bytes, after) = rest.split_at_checked(usize::try_from(bucket.length).ok()?)?;
        rest = after;
        Some(bytes)
    })
}

/// Whether the set is one as the contract has it.
pub(super) fn ordered(manifest: &Manifest, set: &[u8]) -> bool {
    manifest.buckets.len().is_power_of_two()
        && buckets(manifest, set).all(|bytes| {
            let (entries, rest) = bytes.as_chunks::<{ Entry::SIZE }>();
            rest.is_empty() && entries.is_sorted()
        })
}

/// Whether the value stands in its bucket under a classification that the manifest names.
fn linear(manifest: &Manifest, set: &[u8], query: &Query) -> bool {
    let at = bucket_of(query.kind, query.value.reveal(), manifest.buckets.len());
    let Some(bytes) = buckets(manifest, set).nth(at) else {
        return false;
    };
    let wanted = Entry::new(query.kind, query.value.reveal(), 0).to_bytes();
    let hash = Entry::SIZE.saturating_sub(2);
    let (entries, _) = bytes.as_chunks::<{ Entry::SIZE }>();
    let known = |entry: &[u8; Entry::SIZE]| {
        let index = entry.iter().skip(hash).fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte));
        index < manifest.classifications.len()
    };
    let mut here = entries.iter().filter(|entry| entry.iter().take(hash).eq(wanted.iter().take(hash)));
    // Twice in one bucket under two classifications: either may be found.
    here.all(known) && entries.iter().any(|entry| entry.iter().take(hash).eq(wanted.iter().take(hash)))
}

fn settled(found: Result<Vec<Match>, StorageFailure>) -> Option<Vec<Match>> {
    match found {
        Ok(found) => {
            assert!(found.len() <= 1, "one match an app");
            Some(found)
        }
        Err(failure) => {
            assert_eq!(failure, StorageFailure::Unreadable);
            None
        }
    }
}
