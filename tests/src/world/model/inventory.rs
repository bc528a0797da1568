//! What the agent is known to hold of the apps, by the records that are on the disk.

use std::collections::BTreeMap;

use agent_logic::model::{AppId, Digest};
use agent_logic::redact::Bytes;

/// More hashes than these are not remembered by the agent either.
const HASHES: usize = 500;

#[derive(Debug, Default)]
pub(in crate::world) struct Inventory {
    /// Apps in the last reading that was believed.
    read: Option<usize>,
    /// Installation files whose hash is on the disk.
    hashed: BTreeMap<AppId, Digest>,
    /// Those that the agent has just been told.
    told: Vec<(AppId, Digest)>,
}

impl Inventory {
    pub(in crate::world) const fn read(&self) -> Option<usize> {
        self.read
    }

    /// The agent was told these hashes of apps that it had read as they are.
    pub(in crate::world) fn told(&mut self, hashes: Vec<(AppId, Digest)>) {
        self.told = hashes;
    }

    pub(in crate::world) fn is_hashed(&self, app: &AppId, file: Digest) -> bool {
        self.hashed.get(app) == Some(&file)
    }

    pub(in crate::world) fn process_died(&mut self) {
        self.told.clear();
    }

    pub(super) fn wrote(&mut self, record: &Bytes, done: bool) {
        let bytes = record.as_slice();
        if let Some(rest) = bytes.strip_prefix(br#"[1,{"Inventory":"#) {
            if let Some(read) = rest.strip_prefix(br#"{"Read":"#) {
                let digits = read.split(|byte| !byte.is_ascii_digit()).next();
                let count = digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
                self.read = count.filter(|_| done);
            } else if rest.starts_with(br#"{"Hashed":"#) {
                let told = std::mem::take(&mut self.told);
                if !done || self.hashed.len() + told.len() > HASHES {
                    self.hashed.clear();
                } else {
                    self.hashed.extend(told);
                }
            } else if rest.starts_with(br#""Wiped""#) {
                *self = Self::default();
            }
        } else if bytes.starts_with(br#"[1,{"Start":{"Repaired""#) {
            *self = Self::default();
        }
    }
}
