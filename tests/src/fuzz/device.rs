//! What lies on the device, and what configures it.

use std::sync::Arc;

use agent_core::fuzzing;
use agent_core::ports::Storage;
use agent_core::vault::{Opened, Vault};
use agent_logic::command::Credential;
use agent_logic::event::Configuration;
use agent_logic::failure::StorageFailure;
use agent_logic::redact::{Bytes, Redacted, Secret};

use super::disk::Disk;
use super::life::{Life, SUFFIX, split};
use super::world::WORLD_TRUST;

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

/// Managed or app configuration: gateway, device, tenant and code, one a line. Whether it leads to an enrolment,
/// which goes nowhere but to a host that both gates allow.
pub fn configuration(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.lines();
    let configuration = Configuration {
        gateway: lines.next().map(|gateway| Redacted::new(gateway.to_owned())),
        device: lines.next().and_then(|device| device.trim().parse().ok()),
        tenant: lines.next().and_then(|tenant| tenant.trim().parse().ok()),
        credential: lines.next().map(|code| Credential::Code(Secret::new(code.to_owned()))),
    };
    let Some(mut life) = Life::of(Vec::new()) else { return false };
    life.configure(configuration);
    for origin in &life.origins {
        let host = origin.host.as_str();
        assert!(host == SUFFIX || host.ends_with(&format!(".{SUFFIX}")), "{host}");
        assert!(WORLD_TRUST.as_ref().is_some_and(|trust| trust.allows(origin)), "{host}: the gates differ");
    }
    let leads = !life.origins.is_empty();
    life.judge();
    leads
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
