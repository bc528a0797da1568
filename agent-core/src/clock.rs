//! [`Clock`] on Linux, Android and Apple systems.

use std::time::SystemTime;

use agent_logic::time::{Boot, Mono, Now, Wall};
use rustix::time::{ClockId, Timespec, clock_gettime};

use crate::ports::Clock;

/// The system's clocks.
///
/// `mono` is `CLOCK_BOOTTIME`, or `CLOCK_MONOTONIC` where the kernel has no other; that one counts sleep on
/// Apple systems and does not on Linux.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    boot: Boot,
}

impl SystemClock {
    /// Tells boots apart by the kernel's boot ID, or, where it cannot be read, by the minute the system was
    /// started by its calendar: a calendar set anew looks like a boot then, and [`Now::since`] goes by it.
    #[must_use]
    pub fn new() -> Self {
        Self::of_boot(kernel_boot().unwrap_or_else(calendar_boot))
    }

    /// For a platform that counts boots itself.
    #[must_use]
    pub const fn of_boot(boot: Boot) -> Self {
        Self { boot }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Now {
        Now { boot: self.boot, mono: mono(), wall: wall() }
    }
}

fn mono() -> Mono {
    let time = boottime().unwrap_or_else(|| clock_gettime(ClockId::Monotonic));
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanos = u64::try_from(time.tv_nsec).unwrap_or_default();
    Mono(seconds.saturating_mul(1000).saturating_add(nanos / 1_000_000))
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn boottime() -> Option<Timespec> {
    use rustix::time::{DynamicClockId, clock_gettime_dynamic};
    clock_gettime_dynamic(DynamicClockId::Boottime).ok()
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn boottime() -> Option<Timespec> {
    None
}

fn wall() -> Wall {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Wall(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn kernel_boot() -> Option<Boot> {
    let id = std::fs::read("/proc/sys/kernel/random/boot_id").ok()?;
    fold(id.trim_ascii())
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn kernel_boot() -> Option<Boot> {
    None
}

fn calendar_boot() -> Boot {
    Boot(started(wall(), mono()))
}

/// The minute in which the system started, by its calendar.
fn started(wall: Wall, mono: Mono) -> u64 {
    const MINUTE: u64 = 60_000;
    wall.0.saturating_sub(mono.0).saturating_add(MINUTE / 2) / MINUTE
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn fold(id: &[u8]) -> Option<Boot> {
    if id.is_empty() {
        return None;
    }
    let digest = agent_logic::model::Digest::of(id);
    digest.as_bytes().first_chunk().map(|bytes| Boot(u64::from_be_bytes(*bytes)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn two_clocks_of_one_boot_agree_on_it_and_run() {
        let before = SystemClock::new().now();
        std::thread::sleep(Duration::from_millis(20));
        let after = SystemClock::new().now();
        assert_eq!(before.boot, after.boot);
        let passed = after.since(&before);
        assert!(passed >= Duration::from_millis(20) && passed < Duration::from_secs(20));
        assert!(after.wall >= Wall(1_700_000_000_000));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn mono_counts_from_the_boot_with_sleep() {
        let uptime = std::fs::read_to_string("/proc/uptime").unwrap();
        let seconds: f64 = uptime.split(' ').next().unwrap().parse().unwrap();
        let apart = Duration::from_secs_f64(seconds).abs_diff(mono().since(Mono(0)));
        assert!(apart < Duration::from_secs(5), "{apart:?}");
    }

    #[test]
    fn without_a_boot_id_the_calendar_tells_boots_apart() {
        let start = 1_700_000_010_000;
        let minute = started(Wall(start + 5_000), Mono(5_000));
        assert_eq!(started(Wall(start + 900_000), Mono(900_000)), minute);
        assert_ne!(started(Wall(start + 900_000), Mono(5_000)), minute);
    }

    #[test]
    fn boot_ids_fold_apart() {
        assert_eq!(fold(b""), None);
        assert_ne!(fold(b"a"), fold(b"b"));
    }
}
