//! The list of apps as UniFFI takes it: the fields of `MtdApp`, one record an app.

use std::sync::{Mutex, PoisonError};

uniffi::setup_scaffolding!();

/// The list that was taken last.
static TAKEN: Mutex<Vec<App>> = Mutex::new(Vec::new());

/// Digests of a signer.
#[derive(uniffi::Record)]
pub struct Signer {
    pub sha1: Option<Vec<u8>>,
    pub sha256: Option<Vec<u8>>,
}

/// An app.
#[derive(uniffi::Record)]
pub struct App {
    pub id: String,
    pub installer: Option<String>,
    pub name: Option<String>,
    pub short_version: Option<String>,
    pub version: Option<String>,
    pub bundle_bytes: Option<u64>,
    pub dynamic_bytes: Option<u64>,
    pub updated_at_millis: Option<u64>,
    pub beta: Option<bool>,
    pub managed: Option<bool>,
    pub validated: Option<bool>,
    pub signers: Vec<Signer>,
}

/// Takes the apps and keeps them; how many they were.
#[uniffi::export]
pub fn take(apps: Vec<App>) -> u32 {
    let count = u32::try_from(apps.len()).unwrap_or(u32::MAX);
    *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) = apps;
    count
}

/// Drops the list that was taken last.
#[uniffi::export]
pub fn forget() {
    *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) = Vec::new();
}
