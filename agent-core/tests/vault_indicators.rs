//! A stored indicator set is read in part, and no altered byte of it is believed.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::panic,
    reason = "a test may panic, and says what it did"
)]

#[path = "support/forgetful_disk.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared by several tests")]
mod forgetful_disk;

use std::sync::Arc;
use std::time::Instant;

use agent_core::folder::Folder;
use agent_core::indicators::IndicatorStore;
use agent_logic::command::Query;
use agent_logic::failure::StorageFailure;
use agent_logic::model::{App, Classification, Digest, Sha1, Signer, Subject};
use agent_logic::time::Wall;
use agent_logic::wire::{BUCKET_TARGET, Bucket, Entry, IndicatorKind, Manifest};
use forgetful_disk::ForgetfulDisk;
use tempfile::TempDir;

const LARGE: usize = 100_000;
const APPS: usize = 500;

// W4
#[test]
fn an_app_matches_by_name_or_signer_once_with_the_worst_classification() {
    let signer = Digest::of(b"signer");
    let sha1 = Sha1::new([0xaa; 20]);
    let (manifest, bytes) = set(&[
        (IndicatorKind::Package, "com.adware".into(), Classification::Adware),
        (IndicatorKind::Package, "com.both".into(), Classification::Adware),
        (IndicatorKind::SignerSha256, signer.to_string(), Classification::Spyware),
        (IndicatorKind::SignerSha1, sha1.to_string(), Classification::Riskware),
    ]);
    let store = IndicatorStore::new(ForgetfulDisk::new(1));
    store.replace(&manifest, &bytes).unwrap();
    let sha256 = Signer { sha1: None, sha256: Some(signer) };
    let both = Signer { sha1: Some(sha1), sha256: Some(signer) };
    let apps = [
        app("com.adware", vec![]),
        app("com.both", vec![sha256.clone()]),
        app("com.good", vec![]),
        app("com.signed", vec![both]),
    ];
    let found = store.find(&manifest, &queries(&apps)).unwrap();
    let found: Vec<_> = found.iter().map(|hit| (app_of(&hit.subject), hit.classification)).collect();
    assert_eq!(
        found,
        [
            ("com.adware", Classification::Adware),
            ("com.both", Classification::Spyware),
            ("com.signed", Classification::Spyware),
        ]
    );
}

#[test]
fn only_the_buckets_in_question_are_read() {
    let disk = ForgetfulDisk::new(1);
    let store = IndicatorStore::new(disk.clone());
    let (manifest, bytes) = set(&packages(4_000));
    store.replace(&manifest, &bytes).unwrap();
    assert!(manifest.buckets.len() >= 16);
    let query = queries(&[app("com.bad7", vec![])]);
    // Every bucket but the one in question is altered.
    let own = agent_logic::wire::bucket_of(IndicatorKind::Package, "com.bad7", manifest.buckets.len());
    disk.tamper("indicators", |bytes| {
        let mut at = 0;
        for (index, bucket) in manifest.buckets.iter().enumerate() {
            if index != own {
                bytes[at] ^= 1;
            }
            at += bucket.length as usize;
        }
    });
    assert_eq!(store.find(&manifest, &query).unwrap().len(), 1);
    let other = queries(&packages_as_apps(50));
    assert_eq!(store.find(&manifest, &other), Err(StorageFailure::Unreadable));
}

#[test]
fn a_set_that_is_missing_short_or_another_is_unreadable() {
    let disk = ForgetfulDisk::new(1);
    let store = IndicatorStore::new(disk.clone());
    let (manifest, bytes) = set(&packages(1_000));
    let query = queries(&packages_as_apps(50));
    assert_eq!(store.find(&manifest, &query), Err(StorageFailure::Unreadable));
    store.replace(&manifest, &bytes).unwrap();
    assert_eq!(store.find(&manifest, &query).unwrap().len(), 50);
    let (newer, newer_bytes) = set(&packages(1_200));
    assert_eq!(store.find(&newer, &query), Err(StorageFailure::Unreadable));
    assert_eq!(store.replace(&newer, &bytes), Err(StorageFailure::Unreadable));
    assert_eq!(store.replace(&newer, &newer_bytes[1..]), Err(StorageFailure::Unreadable));
    assert_eq!(store.find(&manifest, &query).unwrap().len(), 50, "left as it was");
    disk.tamper("indicators", |bytes| bytes.truncate(100));
    assert_eq!(store.find(&manifest, &query), Err(StorageFailure::Unreadable));
    store.erase().unwrap();
    assert_eq!(disk.show("indicators"), None);
}

#[test]
fn a_manifest_without_buckets_matches_nothing() {
    let store = IndicatorStore::new(ForgetfulDisk::new(1));
    let (mut manifest, _) = set(&[]);
    manifest.buckets.clear();
    store.replace(&manifest, &[]).unwrap();
    assert_eq!(store.find(&manifest, &queries(&packages_as_apps(3))), Ok(vec![]));
}

#[test]
fn a_full_disk_keeps_the_old_set() {
    let disk = ForgetfulDisk::new(1);
    let store = IndicatorStore::new(disk.clone());
    let (manifest, bytes) = set(&packages(300));
    store.replace(&manifest, &bytes).unwrap();
    let (newer, newer_bytes) = set(&packages(600));
    disk.set_space(1_000);
    assert_eq!(store.replace(&newer, &newer_bytes), Err(StorageFailure::Full));
    assert_eq!(disk.show("indicators.new"), None);
    disk.restart();
    assert_eq!(store.find(&manifest, &queries(&packages_as_apps(9))).unwrap().len(), 9);
}

#[test]
fn a_hundred_thousand_indicators_fit_and_are_searched_by_500_apps() {
    let temp = TempDir::new().unwrap();
    let store = IndicatorStore::new(Arc::new(Folder::open(temp.path()).unwrap()));
    let (manifest, bytes) = set(&packages(LARGE));
    store.replace(&manifest, &bytes).unwrap();
    let apps: Vec<App> = (0..APPS)
        .map(|n| {
            let mut sha1 = [0; 20];
            sha1[12..].copy_from_slice(&u64::try_from(n).unwrap().to_be_bytes());
            let sha256 = Digest::of(&n.to_be_bytes());
            let signer = Signer { sha1: Some(Sha1::new(sha1)), sha256: Some(sha256) };
            let name = if n % 100 == 0 { format!("com.bad{n}") } else { format!("com.good{n}") };
            app(&name, vec![signer])
        })
        .collect();
    let queries = queries(&apps);
    let start = Instant::now();
    let found = store.find(&manifest, &queries).unwrap();
    let took = start.elapsed();
    println!(
        "{} queries of {APPS} apps against {LARGE} indicators, {} B on disk: {took:?}",
        queries.len(),
        bytes.len()
    );
    assert_eq!(found.len(), APPS / 100);
    assert!(bytes.len() <= 1_200_000);
}

fn set(indicators: &[(IndicatorKind, String, Classification)]) -> (Manifest, Vec<u8>) {
    let count = (indicators.len() / BUCKET_TARGET).max(1).next_power_of_two();
    let classifications = vec![Classification::Adware, Classification::Spyware, Classification::Riskware];
    let mut buckets = vec![Vec::new(); count];
    for (kind, value, classification) in indicators {
        let index = classifications.iter().position(|c| c == classification).unwrap();
        let entry = Entry::new(*kind, value, index as u16);
        buckets[entry.bucket(count)].push(entry);
    }
    let buckets: Vec<Vec<u8>> = buckets
        .iter_mut()
        .map(|entries| {
            entries.sort_unstable();
            entries.iter().flat_map(|entry| entry.to_bytes()).collect()
        })
        .collect();
    let manifest = Manifest {
        kind: "indicators".into(),
        tenant: "b9841cd9-9843-405f-be28-b2265c59ef97".parse().unwrap(),
        version: 1,
        expires: Wall(0),
        classifications,
        buckets: buckets
            .iter()
            .map(|bytes| Bucket { length: bytes.len() as u32, digest: Digest::of(bytes) })
            .collect(),
    };
    (manifest, buckets.concat())
}

fn packages(count: usize) -> Vec<(IndicatorKind, String, Classification)> {
    let package = |n| (IndicatorKind::Package, format!("com.bad{n}"), Classification::Spyware);
    (0..count).map(package).collect()
}

fn packages_as_apps(count: usize) -> Vec<App> {
    (0..count).map(|n| app(&format!("com.bad{n}"), vec![])).collect()
}

fn app(id: &str, signers: Vec<Signer>) -> App {
    let mut app = App::new(id.parse().unwrap());
    app.signers = signers;
    app
}

fn app_of(subject: &Subject) -> &str {
    match subject {
        Subject::App { id } => id.reveal(),
        Subject::Device | Subject::Network | Subject::Domain { .. } => panic!("a match is of an app"),
    }
}

fn queries(apps: &[App]) -> Vec<Query> {
    apps.iter().flat_map(Query::about).collect()
}
