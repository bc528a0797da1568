//! What the vault owes: every acknowledged record, in order, and at most one write that was not acknowledged.

use agent_logic::redact::Bytes;

use super::{Violation, hold};

#[derive(Debug, Default)]
pub(in crate::world) struct Durable {
    /// What the journal may hold: more than one after a compaction that failed.
    may_hold: Vec<Vec<u64>>,
    /// Batches that failed since the last write that succeeded.
    in_doubt: Vec<Vec<u64>>,
}

impl Durable {
    pub(in crate::world) fn appended(&mut self, records: &[Bytes], done: bool) {
        let batch = marks(records);
        if !done {
            self.in_doubt.push(batch);
            return;
        }
        self.in_doubt.clear();
        if self.may_hold.is_empty() {
            self.may_hold.push(Vec::new());
        }
        self.may_hold.iter_mut().for_each(|held| held.extend(&batch));
    }

    pub(in crate::world) fn compacted(&mut self, snapshot: &Bytes, done: bool) {
        let after = marks(std::slice::from_ref(snapshot));
        if done {
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
            self.may_hold.clear();
            self.in_doubt.clear();
        } else {
            self.may_hold.push(Vec::new());
        }
    }

    /// The vault was opened and holds `records`; whether a wipe that was cut short had wiped it.
    pub(in crate::world) fn opened(&mut self, records: &[Bytes]) -> Result<bool, Violation> {
        let found = marks(records);
        let in_doubt = &self.in_doubt;
        let explained = |held: &Vec<u64>| {
            found
                .strip_prefix(held.as_slice())
                .is_some_and(|more| more.is_empty() || in_doubt.iter().any(|batch| batch.as_slice() == more))
        };
        let nothing = Vec::new();
        let holds = self.may_hold.iter().any(explained) || (self.may_hold.is_empty() && explained(&nothing));
        hold(holds, "no acknowledged record is lost, none is doubled", || {
            let lengths: Vec<usize> = self.may_hold.iter().map(Vec::len).collect();
            format!("{} records found, {lengths:?} owed", found.len())
        })?;
        let wiped = found.is_empty() && self.may_hold.iter().any(|held| !held.is_empty());
        self.may_hold = vec![found];
        self.in_doubt.clear();
        Ok(wiped)
    }
}

fn marks(records: &[Bytes]) -> Vec<u64> {
    records.iter().map(|record| crate::world::trace::mark(record.as_slice())).collect()
}
