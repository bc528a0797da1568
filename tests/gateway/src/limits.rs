//! What clients may take of the gateway, all of them and each.

use std::time::Duration;

use crate::pace::Share;

/// Bounds of the listeners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections of clients that showed no certificate: while they shake hands, and those that enrol.
    pub strangers: usize,
    /// Connections of clients that showed a certificate of our CA.
    pub devices: usize,
    /// Connections of people to the console.
    pub people: usize,
    /// Handshakes of one address, whoever is behind it.
    pub handshakes: Share,
    /// Requests under the certificates of one device.
    pub requests: Share,
    /// How long a client may take to say hello, which costs it nothing, and how long it may be made to wait for its turn.
    pub hello: Duration,
    /// How long the rest of a handshake may take. A phone's key store may need seconds for one signature.
    pub handshake: Duration,
    /// How long a request's head may take, or the next one on a connection.
    pub head: Duration,
    /// How long a body may take.
    pub body: Duration,
    /// How long a connection may live.
    pub connection: Duration,
    /// How long requests that have begun may take to their end when the gateway stops.
    pub stop: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            strangers: 512,
            devices: 1024,
            people: 128,
            // A fleet of 100,000 behind one address makes seven in a second; five hundred cost a sixth of a core.
            handshakes: Share { burst: 1_000, every: Duration::from_millis(2) },
            requests: a_minute(REQUESTS_A_MINUTE),
            hello: Duration::from_secs(10),
            handshake: Duration::from_secs(30),
            head: Duration::from_secs(15),
            body: Duration::from_secs(30),
            connection: Duration::from_secs(300),
            stop: Duration::from_secs(35),
        }
    }
}

impl Limits {
    /// Descriptors of every connection, and as many as the rest of the process needs.
    #[must_use]
    pub fn descriptors(&self) -> u64 {
        let all = self.strangers.saturating_add(self.devices).saturating_add(self.people);
        u64::try_from(all).unwrap_or(u64::MAX).saturating_add(OTHERS)
    }
}

/// So many turns in a row, and as many in each minute.
#[must_use]
pub fn a_minute(turns: u32) -> Share {
    Share { burst: turns, every: MINUTE.checked_div(turns).unwrap_or(MINUTE) }
}

/// Requests that one device may make in a minute. One that keeps to its budget (L7) makes 150 in a day.
pub const REQUESTS_A_MINUTE: u32 = 120;

const MINUTE: Duration = Duration::from_secs(60);

/// Descriptors for listeners, database, spool and connector.
const OTHERS: u64 = 128;
