//! What every call has in common: whom, as whom, until when, and what its failure means for the sessions held.

use std::time::{Duration, Instant};

use agent_logic::command::{Contact, Identity, Origin};
use agent_logic::failure::{EnrolFailure, SendFailure};
use agent_logic::time::Wall;

/// No deadline is longer, whatever the caller says.
const LONGEST_CALL: Duration = Duration::from_secs(10 * 60);

/// What every call has.
pub(super) struct Call<'a> {
    pub(super) origin: &'a Origin,
    pub(super) identity: Option<&'a Identity>,
    pub(super) trusted: Wall,
    pub(super) until: Instant,
}

impl<'a> Call<'a> {
    pub(super) fn new(
        origin: &'a Origin,
        identity: Option<&'a Identity>,
        trusted: Wall,
        deadline: Duration,
    ) -> Self {
        let now = Instant::now();
        Self { origin, identity, trusted, until: now.checked_add(deadline.min(LONGEST_CALL)).unwrap_or(now) }
    }

    pub(super) fn of(contact: &'a Contact, deadline: Duration) -> Self {
        Self::new(&contact.origin, Some(&contact.identity), contact.trusted, deadline)
    }
}

/// A failure that may be one of the exchange.
pub(super) trait Failing {
    fn from_send(failure: SendFailure) -> Self;
    fn send(&self) -> Option<&SendFailure>;
}

impl Failing for SendFailure {
    fn from_send(failure: SendFailure) -> Self {
        failure
    }

    fn send(&self) -> Option<&SendFailure> {
        Some(self)
    }
}

impl Failing for EnrolFailure {
    fn from_send(failure: SendFailure) -> Self {
        Self::Send(failure)
    }

    fn send(&self) -> Option<&SendFailure> {
        match self {
            Self::Send(failure) => Some(failure),
            Self::DemandUnmet | Self::CertificateInvalid => None,
        }
    }
}

/// After these the next handshake must be a whole one, with the key asked for again.
pub(super) const fn ends_sessions(failure: &SendFailure) -> bool {
    match failure {
        SendFailure::NotTrusted(_) | SendFailure::CertificateRefused | SendFailure::Key(_) => true,
        SendFailure::Offline
        | SendFailure::ConnectionRefused
        | SendFailure::TimedOut
        | SendFailure::Throttled(_)
        | SendFailure::Unavailable(_)
        | SendFailure::Problem(_)
        | SendFailure::Redirected
        | SendFailure::Unreadable(_) => false,
    }
}
