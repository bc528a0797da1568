//! What the journal's tests share.

use std::sync::Arc;

use agent_core::ports::Storage;
use agent_core::vault::{Opened, Vault};
use agent_logic::redact::{Bytes, Secret};

use super::forgetful_disk::ForgetfulDisk;

pub fn open(disk: &Arc<ForgetfulDisk>) -> Opened {
    let storage: Arc<dyn Storage> = disk.clone();
    Vault::open(storage, &key()).unwrap()
}

pub fn key() -> Secret<[u8; 32]> {
    Secret::new([7; 32])
}

pub fn record(number: u64, length: usize) -> Bytes {
    let mut bytes = number.to_be_bytes().to_vec();
    bytes.resize(length, b'.');
    Bytes::new(bytes)
}

pub const JOURNAL: &str = "journal";
