//! What a day has cost the device (L7), counted apart from the agent, and as low as it may have counted itself: what a
//! process did not save before it died counts for nobody.

use crate::world::clock::DAY;

/// Exchanges and bytes of a day after which only what counts goes.
const EXCHANGES: u32 = 150;
const BYTES: u64 = 4 * 1_024 * 1_024;

#[derive(Debug, Default)]
pub(in crate::world) struct Budget {
    day: Option<Spent>,
    saved: Option<Spent>,
    /// The calendar jumped and the phone booted, in either order: nobody but the agent knows when its day began.
    unknown: bool,
    jumped: bool,
    rebooted: bool,
}

#[derive(Clone, Copy, Debug)]
struct Spent {
    began: u64,
    exchanges: u32,
    bytes: u64,
}

impl Budget {
    pub(in crate::world) fn spend(&mut self, now: u64, bytes: u64) {
        let day = self.day.filter(|day| now < day.began + DAY);
        let day = day.unwrap_or(Spent { began: now, exchanges: 0, bytes: 0 });
        self.day = Some(Spent { exchanges: day.exchanges + 1, bytes: day.bytes + bytes, ..day });
    }

    /// Whether only what counts may go now.
    pub(in crate::world) fn is_used_up(&self, now: u64) -> bool {
        let runs = self.day.filter(|day| !self.unknown && now < day.began + DAY);
        runs.is_some_and(|day| day.exchanges >= EXCHANGES || day.bytes >= BYTES)
    }

    pub(super) fn saved(&mut self) {
        self.saved = self.day;
    }

    pub(super) fn process_died(&mut self) {
        let began = |spent: Option<Spent>| spent.map(|spent| spent.began);
        // A write that failed may be found all the same.
        self.unknown |= began(self.day) != began(self.saved);
        self.day = self.saved;
    }

    pub(super) const fn calendar_jumped(&mut self) {
        self.jumped = true;
        self.unknown |= self.rebooted;
    }

    pub(super) const fn rebooted(&mut self) {
        self.rebooted = true;
        self.unknown |= self.jumped;
    }

    /// The device forgot it.
    pub(super) fn forget(&mut self) {
        self.day = None;
        self.saved = None;
        self.unknown = true;
    }
}
