//! What a day costs the phone, and what it may cost.

use crate::world::clock::{DAY, SECOND};

/// What one day cost.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::world) struct Day {
    pub(in crate::world) number: u64,
    pub(in crate::world) wakes: u32,
    pub(in crate::world) requests: u32,
    /// Of reports that left for the first time.
    pub(in crate::world) bytes: u64,
    /// Apps, threats and transitions of the largest report.
    pub(in crate::world) items: u64,
    /// What may make a report larger than an idle one: what happens to the phone, and answers that ask for something.
    pub(in crate::world) reasons: u64,
    /// Milliseconds in which the cloud's pause ran.
    pub(in crate::world) held: u64,
    /// An exchange, a key or the disk failed, today or until today.
    pub(in crate::world) troubled: bool,
    /// What went wrong or was asked for: each may cost a few wakes.
    pub(in crate::world) disturbances: u32,
    /// The shortest interval by which the device checked in, by the policies that its reports name.
    pub(in crate::world) interval: u64,
}

impl Day {
    pub(in crate::world) fn begin(time: u64, interval_seconds: u32) -> Self {
        Self { number: time / DAY, interval: interval(interval_seconds), ..Self::default() }
    }

    /// Another policy is in force.
    pub(in crate::world) fn shorten(&mut self, interval_seconds: u32) {
        self.interval = self.interval.min(interval(interval_seconds));
    }
}

/// As the policy's bounds let it be, in milliseconds.
fn interval(seconds: u32) -> u64 {
    u64::from(seconds.clamp(900, 86_400)) * SECOND
}
