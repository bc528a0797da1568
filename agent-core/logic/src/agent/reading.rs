//! Whether a reading of the apps is believed (P10).
//!
//! A system that is busy sometimes shows a handful of its apps. A list that lost more than half of its apps is read
//! again after a pause; it counts when a later reading agrees, or when so many readings differ that waiting for
//! agreement is waiting for nothing. Meanwhile the last list that was believed stands.

use std::time::Duration;

use crate::model::{App, Digest};
use crate::time::{Now, Timer};

/// Fewer apps than this are too few to tell a truncation from a tidy user.
const ENOUGH: usize = 20;

/// Between two readings of a list that is doubted.
const PAUSE: Duration = Duration::from_secs(60);

/// The reading that is believed whatever it says.
const LAST: u32 = 5;

/// Forgotten with the process: the next one reads anew and doubts anew.
#[derive(Debug, Default)]
pub(crate) struct Readings {
    doubt: Option<Doubt>,
}

#[derive(Debug)]
struct Doubt {
    list: Digest,
    readings: u32,
    again: Timer,
}

impl Readings {
    /// Whether `apps` are believed, after `before` apps in the last believed reading.
    pub(crate) fn believes(&mut self, before: usize, apps: &[App], now: Now) -> bool {
        if before < ENOUGH || apps.len().saturating_mul(2) >= before {
            self.doubt = None;
            return true;
        }
        let list = list(apps);
        let (agrees, readings) = match &self.doubt {
            // Asked again too soon: the system had no time to come to itself.
            Some(doubt) if !doubt.again.is_over(&now) => return false,
            Some(doubt) => (doubt.list == list, doubt.readings.saturating_add(1)),
            None => (false, 1),
        };
        if agrees || readings >= LAST {
            self.doubt = None;
            return true;
        }
        self.doubt = Some(Doubt { list, readings, again: Timer::new(now, PAUSE) });
        false
    }

    /// When to read again, while a reading is doubted.
    pub(crate) fn again(&self) -> Option<Timer> {
        self.doubt.as_ref().map(|doubt| doubt.again)
    }
}

fn list(apps: &[App]) -> Digest {
    Digest::of_parts(apps.iter().flat_map(|app| [app.id.reveal().as_bytes(), &[0]]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{Boot, Mono, Wall};

    fn at(second: u64) -> Now {
        Now { boot: Boot(1), mono: Mono(second * 1_000), wall: Wall(second * 1_000) }
    }

    fn apps(count: usize) -> Vec<App> {
        (0..count).map(|n| App::new(format!("com.a{n}").parse().unwrap())).collect()
    }

    // P10
    #[test]
    fn six_of_250_are_believed_when_a_later_reading_agrees() {
        let mut readings = Readings::default();
        assert!(!readings.believes(250, &apps(6), at(0)));
        assert!(!readings.believes(250, &apps(6), at(59)), "read again before the pause was over");
        assert!(readings.believes(250, &apps(6), at(60)));
        assert!(readings.again().is_none());
    }

    #[test]
    fn a_system_that_comes_to_itself_is_believed_at_once() {
        let mut readings = Readings::default();
        assert!(!readings.believes(250, &apps(6), at(0)));
        assert!(readings.believes(250, &apps(125), at(1)));
    }

    #[test]
    fn readings_that_never_agree_end_with_the_fifth() {
        let mut readings = Readings::default();
        let believed: Vec<_> = (0_u32..5)
            .map(|n| readings.believes(250, &apps(n.try_into().unwrap()), at(u64::from(n) * 60)))
            .collect();
        assert_eq!(believed, [false, false, false, false, true]);
    }

    #[test]
    fn half_of_the_apps_or_few_apps_are_no_truncation() {
        assert!(Readings::default().believes(40, &apps(20), at(0)));
        assert!(!Readings::default().believes(40, &apps(19), at(0)));
        assert!(Readings::default().believes(19, &apps(0), at(0)));
    }
}
