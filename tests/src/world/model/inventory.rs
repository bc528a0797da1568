//! What the agent is known to hold of the apps, by the records that are on the disk.

use std::collections::BTreeMap;

use agent_logic::model::{App, AppId, Digest};
use agent_logic::redact::Bytes;
use agent_logic::wire::InventoryPart;

use super::{Checked, hold};

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
    /// What the cloud holds, as the device knows: by the last report that was acknowledged.
    held: Option<BTreeMap<AppId, Digest>>,
    /// After the report that is on its way.
    then: Option<BTreeMap<AppId, Digest>>,
    /// The acknowledgement may not be on the disk.
    fresh: bool,
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
        self.held = self.held.take().filter(|_| !self.fresh);
    }

    pub(super) const fn saved(&mut self) {
        self.fresh = false;
    }

    /// A report with this part leaves for the first time. A whole inventory has a reason (P9): the cloud holds none, or
    /// more than half of it changed.
    pub(in crate::world) fn sends(&mut self, part: Option<&InventoryPart>) -> Checked {
        self.then = match part {
            None => None,
            Some(InventoryPart::Digest { .. }) => self.held.clone(),
            Some(InventoryPart::Delta { set, removed, .. }) => self.held.clone().map(|mut held| {
                held.retain(|id, _| !removed.contains(id));
                held.extend(digests(set));
                held
            }),
            Some(InventoryPart::Full { apps, .. }) => {
                let whole: BTreeMap<AppId, Digest> = digests(apps).collect();
                if let Some(held) = &self.held {
                    let set = whole.iter().filter(|(id, app)| held.get(*id) != Some(*app)).count();
                    let removed = held.keys().filter(|id| !whole.contains_key(*id)).count();
                    hold(2 * (set + removed) > whole.len(), "a whole inventory has a reason", || {
                        format!("{set} set and {removed} removed of {}", whole.len())
                    })?;
                }
                Some(whole)
            }
        };
        Ok(())
    }

    pub(in crate::world) fn acknowledged(&mut self) {
        self.held = self.then.take();
        self.fresh = true;
    }

    /// The cloud asks for the whole inventory.
    pub(in crate::world) fn refuted(&mut self) {
        self.held = None;
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

fn digests(apps: &[App]) -> impl Iterator<Item = (AppId, Digest)> {
    apps.iter().map(|app| (app.id.clone(), app.digest()))
}
