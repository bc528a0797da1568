//! Two clocks, read together. Deadlines live on the one that counts sleep; the wire sees both.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Milliseconds since boot, sleep included (`CLOCK_BOOTTIME`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mono(pub u64);

/// Milliseconds since 1970-01-01 UTC, as the device believes. May jump either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wall(pub u64);

/// Tells one boot from another; equal values mean that [`Mono`] readings compare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Boot(pub u64);

/// One reading of both clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Now {
    /// The boot that `mono` counts from.
    pub boot: Boot,
    /// Counts sleep, never goes back within a boot.
    pub mono: Mono,
    /// What the device's calendar says.
    pub wall: Wall,
}

/// When something happened. The server can date it anew from the three readings.
pub type Stamp = Now;

/// When the agent wants to be called back, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wake {
    /// The latest moment.
    pub at: Mono,
    /// For the log: the reason the phone is woken.
    pub why: &'static str,
}

impl Mono {
    /// This moment plus `pause`, at most the end of time.
    #[must_use]
    pub fn plus(self, pause: Duration) -> Self {
        Self(self.0.saturating_add(millis(pause)))
    }

    /// Time from `earlier` to this moment, zero if `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Wall {
    /// This moment plus `pause`, at most the end of time.
    #[must_use]
    pub fn plus(self, pause: Duration) -> Self {
        Self(self.0.saturating_add(millis(pause)))
    }

    /// Time from `earlier` to this moment, zero if `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Now {
    /// Time passed since `earlier`: by the sleep-counting clock within one boot, else by the calendar, but never
    /// less than this boot lasts. A calendar that was set back cannot stop a timer (R20).
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Duration {
        if self.boot == earlier.boot {
            self.mono.since(earlier.mono)
        } else {
            self.wall.since(earlier.wall).max(self.mono.since(Mono(0)))
        }
    }
}

/// A pause that began at one reading and survives sleep, kills and boots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    from: Stamp,
    millis: u64,
}

impl Timer {
    /// Runs out `pause` after `from`.
    #[must_use]
    pub fn new(from: Stamp, pause: Duration) -> Self {
        Self { from, millis: millis(pause) }
    }

    /// What is left at `now`; nothing once it ran out. Never more than the whole pause, whatever the
    /// calendar does.
    #[must_use]
    pub fn left(&self, now: &Now) -> Duration {
        Duration::from_millis(self.millis).saturating_sub(now.since(&self.from))
    }

    /// Time since it began.
    #[must_use]
    pub fn age(&self, now: &Now) -> Duration {
        now.since(&self.from)
    }

    /// The whole pause.
    #[must_use]
    pub const fn whole(&self) -> Duration {
        Duration::from_millis(self.millis)
    }

    /// Time since it ran out; nothing before.
    #[must_use]
    pub fn overdue(&self, now: &Now) -> Duration {
        now.since(&self.from).saturating_sub(Duration::from_millis(self.millis))
    }

    /// The calendar was set back between two boots: nobody knows how much of the pause is over.
    #[must_use]
    pub fn is_doubtful(&self, now: &Now) -> bool {
        now.boot != self.from.boot && now.wall < self.from.wall
    }

    /// Whether it ran out.
    #[must_use]
    pub fn is_over(&self, now: &Now) -> bool {
        self.left(now).is_zero()
    }
}

fn millis(pause: Duration) -> u64 {
    u64::try_from(pause.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn across_a_boot_the_calendar_counts() {
        let before = Now { boot: Boot(1), mono: Mono(900_000), wall: Wall(1_000_000) };
        let after = Now { boot: Boot(2), mono: Mono(5_000), wall: Wall(1_060_000) };
        assert_eq!(after.since(&before), Duration::from_secs(60));
    }

    #[test]
    fn a_calendar_that_goes_back_gives_no_negative_time() {
        let before = Now { boot: Boot(1), mono: Mono(0), wall: Wall(2_000) };
        let after = Now { boot: Boot(2), mono: Mono(0), wall: Wall(1_000) };
        assert_eq!(after.since(&before), Duration::ZERO);
    }

    // R20
    #[test]
    fn a_calendar_that_was_set_back_cannot_stop_a_timer() {
        let before = Now { boot: Boot(1), mono: Mono(0), wall: Wall(2_000_000_000_000) };
        let timer = Timer::new(before, Duration::from_secs(60));
        let at = |mono| Now { boot: Boot(2), mono: Mono(mono), wall: Wall(mono) };
        assert!(timer.is_doubtful(&at(1)));
        assert_eq!(timer.left(&at(20_000)), Duration::from_secs(40));
        assert!(timer.is_over(&at(60_000)));
        assert_eq!(timer.overdue(&at(70_000)), Duration::from_secs(10));
    }
}
