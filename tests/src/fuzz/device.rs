//! What lies on the device.

use std::sync::Arc;

use agent_core::fuzzing;
use agent_core::ports::Storage;
use agent_core::vault::{Opened, Vault};
use agent_logic::failure::StorageFailure;
use agent_logic::redact::{Bytes, Secret};

use super::disk::Disk;
use super::life::{Life, split};

/// The key that the journals among the seeds are sealed with.
pub(super) const DATA_KEY: [u8; 32] = [7; 32];

/// Records, one a line: a machine that goes on from them emits nothing that it cannot read.
pub fn records(data: &[u8]) -> bool {
    let records = split(data);
    let full = !records.is_empty();
    match Life::of(records) {
        Some(life) => {
            life.judge();
            full
        }
        None => false,
    }
}

/// A journal file.
pub fn journal(data: &[u8]) -> bool {
    let disk = Arc::new(Disk::holding(JOURNAL, data));
    let Opened { mut vault, records, .. } = match open(&disk) {
        Ok(opened) => opened,
        Err(failure) => {
            assert!(matches!(failure, StorageFailure::Unreadable | StorageFailure::Newer), "{failure:?}");
            assert_eq!(disk.show(JOURNAL).as_deref(), Some(data), "what is not understood is left as it is");
            return false;
        }
    };
    assert!(vault.size() <= u64::try_from(data.len()).unwrap_or(u64::MAX), "read beyond the end");
    let fresh = Bytes::new(b"fresh".to_vec());
    assert_eq!(vault.append(std::slice::from_ref(&fresh)), Ok(()));
    drop(vault);
    let Ok(mut again) = open(&disk) else {
        assert!(records.is_empty(), "what was appended cannot be read");
        return false;
    };
    assert!(!again.torn, "torn twice");
    assert_eq!(again.records.split_last(), Some((&fresh, records.as_slice())));
    assert_eq!(again.vault.compact(&fresh), Ok(()));
    drop(again);
    assert_eq!(open(&disk).map(|opened| opened.records), Ok(vec![fresh]));
    true
}

/// The content of a journal frame once its seal is open: a fuzzer cannot seal.
pub fn frame(data: &[u8]) -> bool {
    let Some(records) = fuzzing::frame_records(data) else {
        return false;
    };
    let mut written = Vec::new();
    for record in &records {
        written.extend(u32::try_from(record.as_slice().len()).unwrap_or(u32::MAX).to_be_bytes());
        written.extend(record.as_slice());
    }
    assert_eq!(written, data, "records that are not what was written");
    true
}

fn open(disk: &Arc<Disk>) -> Result<Opened, StorageFailure> {
    let storage: Arc<dyn Storage> = Arc::<Disk>::clone(disk);
    Vault::open(storage, &Secret::new(DATA_KEY))
}

const JOURNAL: &str = "journal";
