//! How the way to Intune fares, for the console: told by the connector, read by people.

use std::sync::{Mutex, PoisonError};

use agent_logic::time::Wall;
use serde::Serialize;

/// What is known of the connector.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LinkState {
    /// The stand-in's address; absent without a connector.
    pub to: Option<String>,
    /// Minutes between heartbeats.
    pub heartbeat_minutes: u64,
    /// The last heartbeat that was taken.
    pub last_heartbeat: Option<Wall>,
    /// The last time that everything was told: Intune knows what the cloud knows.
    pub last_synchronised: Option<Wall>,
    /// The last message that was not taken.
    pub last_failure: Option<Wall>,
    /// Messages in a row that were not taken.
    pub failures: u64,
    /// Graph's `partnerState`, as Intune said last.
    pub partner_state: Option<String>,
    /// An administrator asked to set the connection up again.
    pub provision_asked: bool,
}

/// Graph's word for a connection that the administrator of Intune took away.
pub const UNAVAILABLE: &str = "unavailable";

/// Messages in a row that Intune did not take, before that is trouble.
pub const MANY_FAILURES: u64 = 3;

impl LinkState {
    /// What is wrong with the way to Intune, one sentence.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        match self.partner_state.as_deref() {
            Some(UNAVAILABLE) => return Some("Intune's administrator took the connection away.".into()),
            Some("notSetUp") => return Some("The connection is not set up.".into()),
            Some("error") => return Some("The cloud told Intune that it cannot do its part.".into()),
            Some("unresponsive") => {
                return Some("Intune ignores what the cloud says: it was silent for too long.".into());
            }
            Some(_) | None => {}
        }
        (self.failures >= MANY_FAILURES)
            .then(|| format!("{} messages in a row were not taken.", self.failures))
    }
}

/// The state, shared between the connector and the console.
#[derive(Debug, Default)]
pub struct Link(Mutex<LinkState>);

impl Link {
    /// A copy of the state.
    #[must_use]
    pub fn read(&self) -> LinkState {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the state.
    pub fn change(&self, change: impl FnOnce(&mut LinkState)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
