//! Records on their way to the disk. Nothing is spoken while one is.

use std::time::Duration;

use super::state::Record;
use crate::command::CommandId;
use crate::failure::StorageFailure;
use crate::redact::Bytes;
use crate::time::{Now, Timer};

/// Bytes of records after which they are replaced by a snapshot.
const COMPACT_ABOVE: usize = 256 * 1024;

/// A failed save is tried again after this pause, doubled to at most an hour: a disk that stays full must not
/// wake the phone every minute.
const RETRY: Duration = Duration::from_secs(1);
const RETRY_MOST: Duration = Duration::from_secs(3_600);

/// Records in one write. More wait, while the disk is full: a vault takes 4,096 at once and refuses a larger batch for
/// ever.
pub(crate) const BATCH: usize = 1_000;

#[derive(Debug, Default)]
pub(crate) struct Journal {
    fresh: Vec<Bytes>,
    writing: Option<(CommandId, Writing)>,
    written: usize,
    compact: bool,
    failures: u32,
    retry: Option<Timer>,
    failure: Option<StorageFailure>,
}

#[derive(Debug)]
enum Writing {
    Records(Vec<Bytes>),
    Snapshot,
}

/// What to write next.
pub(crate) enum Write {
    Save(Vec<Bytes>),
    Compact,
}

impl Journal {
    /// Another process wrote this. What it dropped and had no time to wipe is made up for, and what many short lives
    /// write counts as what one long life writes.
    pub(crate) fn hold(&mut self, record: &Record, bytes: &Bytes) {
        if matches!(record, Record::Snapshot(_)) {
            *self = Self::default();
        } else {
            self.compact |= record.drops();
            self.written = self.written.saturating_add(bytes.as_slice().len());
        }
    }

    pub(crate) fn push(&mut self, record: &Record) {
        self.fresh.push(record.to_bytes());
    }

    /// Replace everything by a snapshot at the next chance: what was dropped leaves the disk.
    pub(crate) const fn compact(&mut self) {
        self.compact = true;
    }

    /// Somebody asks: the pause after a failed save ends.
    pub(crate) const fn try_now(&mut self) {
        self.retry = None;
    }

    /// Whether everything is durable.
    pub(crate) const fn is_settled(&self) -> bool {
        self.fresh.is_empty() && self.writing.is_none()
    }

    /// The failure that keeps records from the disk.
    pub(crate) const fn failure(&self) -> Option<StorageFailure> {
        self.failure
    }

    /// When a failed save is tried again.
    pub(crate) fn retry(&self) -> Option<Timer> {
        self.retry.filter(|_| !self.fresh.is_empty())
    }

    /// What to write now, if anything.
    pub(crate) fn next(&mut self, id: CommandId, now: &Now) -> Option<Write> {
        if self.writing.is_some() || self.retry.is_some_and(|retry| !retry.is_over(now)) {
            return None;
        }
        if !self.fresh.is_empty() {
            let later = self.fresh.split_off(self.fresh.len().min(BATCH));
            let records = std::mem::replace(&mut self.fresh, later);
            self.writing = Some((id, Writing::Records(records.clone())));
            return Some(Write::Save(records));
        }
        if self.compact || self.written > COMPACT_ABOVE {
            self.compact = false;
            self.writing = Some((id, Writing::Snapshot));
            return Some(Write::Compact);
        }
        None
    }

    /// The end of a write; false if it was none of ours.
    pub(crate) fn done(&mut self, id: CommandId, result: Result<(), StorageFailure>, now: &Now) -> bool {
        let Some((_, writing)) = self.writing.take_if(|(waits, _)| *waits == id) else {
            return false;
        };
        match (result, writing) {
            (Ok(()), Writing::Records(records)) => {
                let bytes: usize = records.iter().map(|record| record.as_slice().len()).sum();
                self.written = self.written.saturating_add(bytes);
                self.recovered();
            }
            (Ok(()), Writing::Snapshot) => {
                self.written = 0;
                self.recovered();
            }
            (Err(failure), Writing::Records(mut records)) => {
                records.append(&mut self.fresh);
                self.fresh = records;
                self.failed(failure, now);
            }
            (Err(failure), Writing::Snapshot) => {
                self.compact = true;
                self.failed(failure, now);
            }
        }
        true
    }

    const fn recovered(&mut self) {
        self.failures = 0;
        self.retry = None;
        self.failure = None;
    }

    fn failed(&mut self, failure: StorageFailure, now: &Now) {
        let pause = RETRY.saturating_mul(2_u32.saturating_pow(self.failures.min(12))).min(RETRY_MOST);
        self.failures = self.failures.saturating_add(1);
        self.retry = Some(Timer::new(*now, pause));
        self.failure = Some(failure);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::start::Change;
    use crate::agent::state::State;
    use crate::time::{Boot, Mono, Wall};

    // R11
    #[test]
    fn what_piled_up_while_the_disk_was_full_is_written_in_batches_that_fit() {
        let now = Now { boot: Boot(1), mono: Mono(1), wall: Wall(1) };
        let mut journal = Journal::default();
        (0..BATCH * 2 + 5).for_each(|_| journal.push(&Record::Start(Change::Began)));
        let mut sizes = Vec::new();
        let mut id = 0;
        while let Some(Write::Save(records)) = journal.next(CommandId(id), &now) {
            sizes.push(records.len());
            assert!(!journal.is_settled());
            assert!(journal.done(CommandId(id), Ok(()), &now));
            id += 1;
        }
        assert_eq!(sizes, [BATCH, BATCH, 5]);
    }

    // R11
    #[test]
    fn many_lives_that_write_little_leave_no_longer_a_journal_than_one() {
        let now = Now { boot: Boot(1), mono: Mono(1), wall: Wall(1) };
        let began = Record::Start(Change::Began).to_bytes();
        let lives = COMPACT_ABOVE / began.as_slice().len() + 1;
        let mut disk = vec![began.clone(); lives];
        let next = |disk: &[Bytes]| State::restore(disk).unwrap().1.next(CommandId(1), &now);
        assert!(matches!(next(&disk), Some(Write::Compact)));
        assert!(next(&disk[1..]).is_none(), "not before");
        disk.push(Record::snapshot(&State::default()).to_bytes());
        disk.push(began);
        assert!(next(&disk).is_none(), "a snapshot stands for what was before it");
    }
}
