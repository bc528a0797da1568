//! Wrong passwords in a row lock the door for a while, longer each time.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Wrong passwords before the door locks.
pub const TRIES: u32 = 5;

/// How long it is locked at first; then twice as long for each further wrong password.
pub const FIRST_LOCK: Duration = Duration::from_secs(30);

/// The longest lock: a stranger must not keep the administrator out for a day.
pub const LONGEST_LOCK: Duration = Duration::from_secs(15 * 60);

/// Counts wrong passwords.
#[derive(Debug, Default)]
pub struct Lockout(Mutex<Count>);

#[derive(Debug, Default)]
struct Count {
    failures: u32,
    until: Option<Instant>,
}

impl Lockout {
    /// Whether a password may be tried, or after how many seconds.
    pub fn check(&self, now: Instant) -> Result<(), u64> {
        match self.count().until {
            Some(until) if until > now => Err(until.duration_since(now).as_secs().saturating_add(1)),
            Some(_) | None => Ok(()),
        }
    }

    /// Counts a wrong password. True if it locked the door.
    pub fn failed(&self, now: Instant) -> bool {
        let mut count = self.count();
        count.failures = count.failures.saturating_add(1);
        let Some(beyond) = count.failures.checked_sub(TRIES) else {
            return false;
        };
        let factor = 1_u32.checked_shl(beyond.min(16)).unwrap_or(u32::MAX);
        count.until = now.checked_add(FIRST_LOCK.saturating_mul(factor).min(LONGEST_LOCK));
        true
    }

    /// A right password ends the count.
    pub fn succeeded(&self) {
        *self.count() = Count::default();
    }

    fn count(&self) -> MutexGuard<'_, Count> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_door_locks_after_the_tries_and_longer_each_time() {
        let (lockout, start) = (Lockout::default(), Instant::now());
        for _ in 1..TRIES {
            assert!(!lockout.failed(start));
        }
        assert_eq!(lockout.check(start), Ok(()));
        assert!(lockout.failed(start));
        assert_eq!(lockout.check(start), Err(31));
        let later = start + FIRST_LOCK;
        assert_eq!(lockout.check(later), Ok(()));
        assert!(lockout.failed(later), "one more is enough now");
        assert_eq!(lockout.check(later), Err(61));
        for _ in 0..40 {
            lockout.failed(later);
        }
        assert_eq!(lockout.check(later), Err(LONGEST_LOCK.as_secs() + 1));
        lockout.succeeded();
        assert_eq!(lockout.check(later), Ok(()));
    }
}
