//! What the vault owes: every acknowledged record, in order, and at most one write that was not acknowledged.

use agent_logic::redact::Bytes;

use super::Violation;

#[derive(Debug, Default)]
pub(in crate::world) struct Durable {
    /// What the journal may hold: more than one after a compaction that failed.
    may_hold: Vec<Vec<u64>>,
    /// Batches that failed since the last write that succeeded.
    in_doubt: Vec<Vec<Bytes>>,
    /// No key opens what the folder holds, as far as anything was acknowledged.
    sealed_off: bool,
}

/// What a start found.
pub(in crate::world) struct Found {
    /// A wipe that was cut short had wiped everything.
    pub(in crate::world) wiped: bool,
    /// The records of a write that had failed.
    pub(in crate::world) late: Vec<Bytes>,
}

impl Durable {
    pub(in crate::world) fn appended(&mut self, records: &[Bytes], done: bool) {
        if !done {
            self.in_doubt.push(records.to_vec());
            return;
        }
        let batch = marks(records);
        self.sealed_off = false;
        self.in_doubt.clear();
        if self.may_hold.is_empty() {
            self.may_hold.push(Vec::new());
        }
        self.may_hold.iter_mut().for_each(|held| held.extend(&batch));
    }

    pub(in crate::world) fn compacted(&mut self, snapshot: &Bytes, done: bool) {
        let after = marks(std::slice::from_ref(snapshot));
        if done {
            self.sealed_off = false;
            self.in_doubt.clear();
            self.may_hold.clear();
        } else if self.may_hold.is_empty() {
            self.may_hold.push(Vec::new());
        }
        self.may_hold.push(after);
    }

    /// Removed, or perhaps removed.
    pub(in crate::world) fn erased(&mut self, done: bool) {
        if done {
            self.sealed_off = false;
            self.may_hold.clear();
            self.in_doubt.clear();
        } else {
            self.may_hold.push(Vec::new());
        }
    }

    /// Whether a write of this record failed, and none succeeded since.
    pub(in crate::world) fn is_in_doubt(&self, record: &Bytes) -> bool {
        self.in_doubt.iter().flatten().any(|held| held == record)
    }

    /// The key that opens the folder is lost.
    pub(in crate::world) const fn seal_off(&mut self) {
        self.sealed_off = true;
    }

    /// Whether it may be that no key opens what is there.
    pub(in crate::world) const fn is_sealed_off(&self) -> bool {
        self.sealed_off
    }

    /// What is there was given up, and nothing is acknowledged since.
    pub(in crate::world) fn given_up(&mut self) {
        self.may_hold.clear();
        self.in_doubt.clear();
    }

    /// The vault was opened and holds `records`.
    pub(in crate::world) fn opened(&mut self, records: &[Bytes]) -> Result<Found, Violation> {
        let found = marks(records);
        let in_doubt = std::mem::take(&mut self.in_doubt);
        if self.may_hold.is_empty() {
            self.may_hold.push(Vec::new());
        }
        let explained = |held: &Vec<u64>| {
            let more = found.strip_prefix(held.as_slice())?;
            let late = in_doubt.iter().find(|batch| marks(batch) == more).cloned();
            late.or_else(|| more.is_empty().then(Vec::new))
        };
        let Some(late) = self.may_hold.iter().find_map(explained) else {
            let lengths: Vec<usize> = self.may_hold.iter().map(Vec::len).collect();
            return Err(Violation {
                rule: "no acknowledged record is lost, none is doubled",
                seen: format!("{} records found, {lengths:?} owed", found.len()),
            });
        };
        let wiped = found.is_empty() && self.may_hold.iter().any(|held| !held.is_empty());
        self.may_hold = vec![found];
        self.sealed_off = false;
        Ok(Found { wiped, late })
    }
}

fn marks(records: &[Bytes]) -> Vec<u64> {
    records.iter().map(|record| crate::world::trace::mark(record.as_slice())).collect()
}
