//! Virtual time. True time only grows; the device sees a clock that counts sleep and ends at each boot, and a
//! calendar that may be wrong.

use agent_logic::time::{Boot, Mono, Now, Wall};

use super::chance::Chance;

pub(super) const SECOND: u64 = 1_000;
pub(super) const MINUTE: u64 = 60 * SECOND;
pub(super) const HOUR: u64 = 60 * MINUTE;
pub(super) const DAY: u64 = 24 * HOUR;

/// True time when a world begins: shortly after the library was built.
pub(super) const BEGIN: u64 = BUILT + 10 * DAY;
pub(super) const BUILT: u64 = 1_793_577_600_000;

/// Milliseconds from 2026 to 2040.
const TO_2040: i64 = 14 * 365 * 86_400_000;

#[derive(Debug)]
pub(super) struct Clock {
    time: u64,
    booted: u64,
    boot: u64,
    /// Calendar minus true time.
    skew: i64,
    /// How fast the clock that counts sleep runs: 1, unless the world is broken on purpose.
    pace: u64,
}

impl Clock {
    pub(super) const fn new(pace: u64) -> Self {
        Self { time: BEGIN, booted: BEGIN - HOUR, boot: 1, skew: 0, pace }
    }

    /// True time, milliseconds since 1970.
    pub(super) const fn time(&self) -> u64 {
        self.time
    }

    pub(super) fn pass_to(&mut self, time: u64) {
        self.time = self.time.max(time);
    }

    pub(super) fn now(&self) -> Now {
        Now {
            boot: Boot(self.boot),
            mono: Mono(self.time.saturating_sub(self.booted).saturating_mul(self.pace)),
            wall: Wall(self.time.saturating_add_signed(self.skew)),
        }
    }

    /// The true time at which the device's clock shows `mono`, in this boot.
    pub(super) const fn true_time(&self, mono: Mono) -> u64 {
        self.booted.saturating_add(mono.0.div_ceil(self.pace))
    }

    pub(super) const fn reboot(&mut self) {
        self.booted = self.time;
        self.boot += 1;
    }

    pub(super) const fn is_right(&self) -> bool {
        self.skew == 0
    }

    pub(super) const fn set_right(&mut self) {
        self.skew = 0;
    }

    /// The calendar becomes wrong: a little, by weeks, by years, in either direction.
    pub(super) fn jump(&mut self, chance: &mut Chance) {
        let far = i64::try_from(chance.between(MINUTE, 120 * DAY)).unwrap_or_default();
        self.skew = match chance.below(5) {
            0 => TO_2040,
            1 => -TO_2040,
            2 => far,
            3 => -far,
            _ => far / 1_000,
        };
    }
}
