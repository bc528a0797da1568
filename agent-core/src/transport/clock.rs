//! The time certificates are judged by: what the agent trusts, moved on by a monotonic clock.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use agent_logic::time::Wall;
use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;

/// Set at the start of each call; the TLS stack reads it.
#[derive(Debug)]
pub(super) struct TrustedClock(Mutex<(Wall, Instant)>);

impl TrustedClock {
    pub(super) fn new() -> Self {
        Self(Mutex::new((Wall::default(), Instant::now())))
    }

    pub(super) fn set(&self, trusted: Wall) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (trusted, Instant::now());
    }

    pub(super) fn now(&self) -> Wall {
        let (trusted, at) = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        trusted.plus(at.elapsed())
    }
}

impl TimeProvider for TrustedClock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(unix(self.now()))
    }
}

pub(super) const fn unix(at: Wall) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_millis(at.0))
}
