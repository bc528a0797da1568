//! Records of the first version, in files that are written once and never edited.
//!
//! `golden/v1` is a life in order and the snapshot at its end; `golden/v1/apart` has one record of each kind that did not
//! happen in it.

use std::collections::BTreeSet;
use std::path::{Path as File, PathBuf};

use super::super::path::Path;
use super::super::state::{Record, State};
use super::super::{contact, inventory, ledger, outbox, policies, registration, start, threats};
use crate::redact::Bytes;

/// Names every kind of record; a kind without a name does not compile.
macro_rules! kinds {
    ($($kind:pat => $name:literal,)*) => {
        const KINDS: &[&str] = &[$($name),*];

        fn kind(record: &Record) -> &'static str {
            match record {
                $($kind => $name,)*
            }
        }
    };
}

kinds! {
    Record::Snapshot(_) => "snapshot",
    Record::Registration(registration::Change::Moved(_)) => "registration-moved",
    Record::Registration(registration::Change::Consent(_)) => "registration-consent",
    Record::Registration(registration::Change::Credential(_)) => "registration-credential",
    Record::Registration(registration::Change::CredentialRefused(_)) => "registration-credentialrefused",
    Record::Registration(registration::Change::KeyMade(_)) => "registration-keymade",
    Record::Registration(registration::Change::Asked { .. }) => "registration-asked",
    Record::Registration(registration::Change::Told { .. }) => "registration-told",
    Record::Registration(registration::Change::Issued { .. }) => "registration-issued",
    Record::Registration(registration::Change::Proved { .. }) => "registration-proved",
    Record::Registration(registration::Change::Dropped) => "registration-dropped",
    Record::Registration(registration::Change::StaleGone) => "registration-stalegone",
    Record::Registration(registration::Change::Outlived) => "registration-outlived",
    Record::Registration(registration::Change::Accepted) => "registration-accepted",
    Record::Registration(registration::Change::IdentityLost) => "registration-identitylost",
    Record::Registration(registration::Change::RenewNow { .. }) => "registration-renewnow",
    Record::Registration(registration::Change::Leaving { .. }) => "registration-leaving",
    Record::Threat(threats::Change::Opened { .. }) => "threat-opened",
    Record::Threat(threats::Change::Resolved { .. }) => "threat-resolved",
    Record::Threat(threats::Change::Ignored { .. }) => "threat-ignored",
    Record::Threat(threats::Change::Told { .. }) => "threat-told",
    Record::Path(Path::Clean) => "path-clean",
    Record::Path(Path::Suspected { .. }) => "path-suspected",
    Record::Path(Path::Intercepted { .. }) => "path-intercepted",
    Record::Outbox(outbox::Change::Sealed(_)) => "outbox-sealed",
    Record::Outbox(outbox::Change::Acknowledged) => "outbox-acknowledged",
    Record::Outbox(outbox::Change::Restarted) => "outbox-restarted",
    Record::Inventory(inventory::Change::Forgotten) => "inventory-forgotten",
    Record::Inventory(inventory::Change::Wiped) => "inventory-wiped",
    Record::Inventory(inventory::Change::Shared(_)) => "inventory-shared",
    Record::Inventory(inventory::Change::Read(_)) => "inventory-read",
    Record::Inventory(inventory::Change::Hashed(_)) => "inventory-hashed",
    Record::Policies(policies::Change::Policy(_)) => "policies-policy",
    Record::Policies(policies::Change::Manifest(_)) => "policies-manifest",
    Record::Policies(policies::Change::Obeyed { .. }) => "policies-obeyed",
    Record::Contact(contact::Change::Reached { .. }) => "contact-reached",
    Record::Contact(contact::Change::Told(_)) => "contact-told",
    Record::Contact(contact::Change::Failed { .. }) => "contact-failed",
    Record::Contact(contact::Change::Downloaded { .. }) => "contact-downloaded",
    Record::Contact(contact::Change::Bulk(_)) => "contact-bulk",
    Record::Ledger(ledger::Change::Prepared(_)) => "ledger-prepared",
    Record::Ledger(ledger::Change::Sent(_)) => "ledger-sent",
    Record::Start(start::Change::Began) => "start-began",
    Record::Start(start::Change::Rested) => "start-rested",
    Record::Start(start::Change::Repaired { .. }) => "start-repaired",
    Record::Start(start::Change::StartedOver { .. }) => "start-started-over",
}

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/v1");

/// Files in a folder, by name.
fn files(folder: &File) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

fn read(path: impl AsRef<File>) -> Bytes {
    Bytes::new(std::fs::read(path).unwrap())
}

/// The records of the life, oldest first.
fn life() -> Vec<Bytes> {
    let numbered = |path: &PathBuf| !path.ends_with("snapshot.json");
    files(File::new(FOLDER)).into_iter().filter(numbered).map(read).collect()
}

// R11, R12
#[test]
fn every_kind_of_record_has_its_file_and_is_read_for_ever() {
    let mut seen = BTreeSet::new();
    for path in [files(File::new(FOLDER)), files(&File::new(FOLDER).join("apart"))].concat() {
        let record = Record::from_bytes(&read(&path)).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let name = name.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
        assert_eq!(kind(&record), name, "{}", path.display());
        seen.insert(kind(&record));
    }
    let missing: Vec<_> = KINDS.iter().filter(|kind| !seen.contains(*kind)).collect();
    assert!(missing.is_empty(), "no file of {missing:?}");
}

// R11
#[test]
fn a_released_life_ends_in_its_snapshot_and_goes_on_with_any_record() {
    let records = life();
    let (state, _) = State::restore(&records).unwrap();
    let (held, _) = State::restore(&[read(File::new(FOLDER).join("snapshot.json"))]).unwrap();
    // A field that came later counts from its default in a snapshot that is older.
    assert_eq!((&state.registration, &state.threats), (&held.registration, &held.threats));
    assert_eq!((&state.policies, &state.outbox), (&held.policies, &held.outbox));
    assert_eq!((&state.inventory, state.path), (&held.inventory, held.path));
    assert_eq!(state.contact.last(), held.contact.last());
    assert_eq!(state.policy().unwrap().version, 12);
    for path in files(&File::new(FOLDER).join("apart")) {
        let on: Vec<Bytes> = records.iter().cloned().chain([read(&path)]).collect();
        assert!(State::restore(&on).is_ok(), "{}", path.display());
    }
}
