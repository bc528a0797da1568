//! Bulk, a whole inventory or an indicator set: when it may go, and what it cost.
//!
//! Rules: L7, L8.

use super::live::Job;
use super::{Agent, contact, policies};
use crate::event::FetchFailure;
use crate::failure::SendFailure;
use crate::wire::Manifest;

impl Agent {
    /// Over a network that costs nothing, or after it waited for one long enough.
    pub(super) fn bulk_may_go(&self) -> bool {
        !self.live.network.metered || self.state.contact.bulk().is_some_and(|wait| wait.is_over(&self.now))
    }

    pub(super) fn hold_bulk(&mut self) {
        if self.state.contact.bulk().is_none() {
            self.record(contact::Contact::bulk_waits(&self.now));
        }
    }

    pub(super) fn bulk_went(&mut self) {
        if self.state.contact.bulk().is_some() {
            self.record(contact::Change::Bulk(None));
        }
    }

    /// A set that did not come is announced again by the next answer.
    pub(super) fn fetched(&mut self, job: &Job, result: Result<(), FetchFailure>) {
        let Job::Fetch(manifest) = job else { return };
        match result {
            Ok(()) => {
                self.spent_on(manifest, true);
                self.bulk_went();
                self.record(policies::Change::Manifest((**manifest).clone()));
                self.live.match_apps = true;
            }
            Err(FetchFailure::Send(failure)) => {
                self.live.note(failure.code(), self.now);
                if !matches!(failure, SendFailure::Key(_)) {
                    self.spent_on(manifest, may_have_come(&failure));
                }
                if let SendFailure::Throttled(Some(pause)) | SendFailure::Unavailable(Some(pause)) = failure {
                    let pause = self.spread(pause);
                    self.record(contact::Contact::told(pause, &self.now));
                }
            }
            Err(FetchFailure::Storage(failure)) => {
                self.live.note(failure.code(), self.now);
                self.spent_on(manifest, true);
            }
        }
    }

    /// An exchange for a set counts, and the whole of it if it may have come.
    pub(super) fn spent_on(&mut self, manifest: &Manifest, came: bool) {
        let all = manifest.buckets.iter().map(|bucket| u64::from(bucket.length)).sum();
        let bytes = if came { all } else { 0 };
        self.record(contact::Change::Downloaded { at: self.now, bytes });
    }
}

/// Whether the set itself may have come before the exchange failed.
const fn may_have_come(failure: &SendFailure) -> bool {
    match failure {
        SendFailure::TimedOut | SendFailure::Unreadable(_) => true,
        SendFailure::Offline
        | SendFailure::ConnectionRefused
        | SendFailure::NotTrusted(_)
        | SendFailure::CertificateRefused
        | SendFailure::Key(_)
        | SendFailure::Throttled(_)
        | SendFailure::Unavailable(_)
        | SendFailure::Problem(_)
        | SendFailure::Redirected => false,
    }
}
