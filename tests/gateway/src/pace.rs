//! Turns by who takes them: so many in a row, then one at a time. Addresses take turns at handshakes, since each costs the
//! gateway a signature before it knows who is there; devices take turns at requests.
//!
//! Who comes too early waits for its turn, and is sent away if that is too far off; a carrier's address, with thousands of
//! phones behind it, is slowed down before anybody is refused. Who has no debt is forgotten.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::crowd::Holder;

/// How often one holder has a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Turns in a row.
    pub burst: u32,
    /// Then one in each of these.
    pub every: Duration,
}

/// When each holder has paid for its turns.
#[derive(Debug)]
pub struct Pace {
    share: Share,
    patience: Duration,
    paid: Mutex<HashMap<Holder, Instant>>,
}

/// The turn is further off than anybody may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany {
    /// Who comes again after this long is let in, unless others of the same holder come before.
    pub after: Duration,
}

impl Pace {
    /// Each holder has `share`; nobody waits for longer than `patience`.
    #[must_use]
    pub fn new(share: Share, patience: Duration) -> Self {
        Self { share, patience, paid: Mutex::default() }
    }

    /// Takes a turn for `holder`, and answers how far off it is.
    pub fn turn(&self, holder: Holder, now: Instant) -> Result<Duration, TooMany> {
        let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        if paid.len() >= MAX_HOLDERS {
            paid.retain(|_, until| *until > now);
        }
        let until = paid.get(&holder).map_or(now, |until| (*until).max(now));
        let debt = until.duration_since(now).saturating_add(self.share.every);
        let wait = debt.saturating_sub(self.share.every.saturating_mul(self.share.burst));
        if wait > self.patience {
            return Err(TooMany { after: wait.saturating_sub(self.patience) });
        }
        // So many addresses at once are met by the room for strangers, which is one for all; devices by that for devices.
        if paid.len() < MAX_HOLDERS || paid.contains_key(&holder) {
            paid.insert(holder, now.checked_add(debt).unwrap_or(now));
        }
        Ok(wait)
    }
}

/// Holders in debt that are remembered; each costs some 50 bytes.
const MAX_HOLDERS: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    const SHARE: Share = Share { burst: 3, every: Duration::from_secs(1) };

    fn from(address: &str) -> Holder {
        Holder::from_address(address.parse().unwrap())
    }

    #[test]
    fn after_its_burst_an_address_waits_for_its_turn_and_another_does_not() {
        let (pace, start) = (Pace::new(SHARE, Duration::from_secs(2)), Instant::now());
        let (a, b) = (from("192.0.2.1"), from("192.0.2.2"));
        let at = |seconds| start + Duration::from_secs(seconds);
        let turns: Vec<_> = (0..6).map(|_| pace.turn(a, start).map(|wait| wait.as_secs())).collect();
        assert_eq!(turns, [Ok(0), Ok(0), Ok(0), Ok(1), Ok(2), Err(TooMany { after: SHARE.every })]);
        assert_eq!(pace.turn(b, start), Ok(Duration::ZERO));
        assert_eq!(pace.turn(a, at(1)), Ok(Duration::from_secs(2)), "who is sent away takes no turn");
        assert_eq!(pace.turn(a, at(6)), Ok(Duration::ZERO), "paid");
    }

    #[test]
    fn who_has_paid_is_forgotten() {
        let (pace, start) = (Pace::new(SHARE, Duration::from_secs(2)), Instant::now());
        let address = |nth: usize| {
            Holder::from_address(std::net::Ipv4Addr::from_bits(u32::try_from(nth).unwrap()).into())
        };
        for nth in 0..MAX_HOLDERS + 1 {
            assert_eq!(pace.turn(address(nth), start), Ok(Duration::ZERO));
        }
        assert_eq!(pace.paid.lock().unwrap().len(), MAX_HOLDERS);
        assert_eq!(pace.turn(address(1), start + SHARE.every), Ok(Duration::ZERO));
        assert_eq!(pace.paid.lock().unwrap().len(), 1);
    }
}
