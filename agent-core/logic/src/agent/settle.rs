//! What the end of a command means.
//!
//! Rules: L9.

use std::time::Duration;

use super::live::Job;
use super::path::{LOOK_AGAIN, Meaning, Path};
use super::registration::{self, Candidate};
use super::state::{PATH, Record};
use super::{Agent, contact};
use crate::code;
use crate::command::CommandId;
use crate::event::{Enrolled, Outcome};
use crate::failure::{EnrolFailure, KeyFailure, Remedy, SendFailure, StorageFailure};
use crate::time::Timer;

/// A renewal that could not be sent is sent again after this pause. A third of the certificate's life is left.
const RENEW_AGAIN: Duration = Duration::from_secs(15 * 60);

/// A renewal that the cloud refuses is begun anew after this pause.
const RENEW_ANEW: Duration = Duration::from_secs(86_400);

impl Agent {
    pub(super) fn settle(&mut self, id: CommandId, outcome: Outcome) {
        let failing = self.journal.failure().is_some();
        if let Outcome::Saved(result) = &outcome
            && self.journal.done(id, *result, &self.now)
        {
            self.live.changed |= failing;
            if let Err(failure) = result {
                self.live.note(failure.code(), self.now);
            }
            return;
        }
        if matches!(outcome, Outcome::Lost) && self.journal.done(id, Err(StorageFailure::Io), &self.now) {
            self.live.note(StorageFailure::Io.code(), self.now);
            return;
        }
        if self.is_question(id) {
            let found = if let Outcome::Matched(result) = &outcome { Some(result) } else { None };
            return self.looked_up(id, found);
        }
        // A late answer to a question that is no longer asked is ignored.
        let Some((_, job)) = self.job.take_if(|(waits, _)| *waits == id) else {
            return;
        };
        self.rest();
        self.live.changed = true;
        match outcome {
            Outcome::Saved(result) => self.erased(result),
            Outcome::KeyMade(Ok(key)) => self.key_made(&job, key.protection),
            Outcome::RequestMade(Ok(request)) => self.request_made(&job, request),
            Outcome::KeyDropped(Ok(())) => {
                self.record(registration::Change::StaleGone);
            }
            Outcome::KeyMade(Err(failure))
            | Outcome::RequestMade(Err(failure))
            | Outcome::KeyDropped(Err(failure)) => self.key_failed(failure),
            Outcome::Enrolled(Ok(answer)) => self.enrolled(answer),
            Outcome::Enrolled(Err(failure)) => self.enrolment_failed(&failure),
            Outcome::Answered(Ok(answer)) => self.answered(*answer),
            Outcome::Answered(Err(failure)) => self.send_failed(&failure),
            Outcome::Fetched(result) => self.fetched(&job, result),
            Outcome::Matched(result) => self.matched(result),
            Outcome::Collected(collected) => self.collected(*collected),
            Outcome::Hashed(result) => self.hashed(&job, result),
            Outcome::Lost => self.lost(&job),
        }
    }

    fn lost(&mut self, job: &Job) {
        self.live.note(code::LOST, self.now);
        match job {
            // Not again by itself: the next change, check-in or start reads.
            Job::Collect => {}
            Job::Match => self.live.match_apps = false,
            Job::Hash(apps) => self.live.not_again(apps),
            Job::Fetch(manifest) => {
                self.spent_on(manifest, true);
                self.back_off();
            }
            Job::MakeKey(_) | Job::MakeRequest(_) | Job::DropKey | Job::Erase => self.back_off(),
            Job::Enrol | Job::Send => self.exchange_failed(Remedy::Retry(None)),
        }
    }

    fn erased(&mut self, result: Result<(), StorageFailure>) {
        match result {
            Ok(()) => {
                self.state = super::State::default();
                self.journal = super::Journal::default();
                self.live = super::Live::after_leaving();
            }
            Err(failure) => {
                self.live.note(failure.code(), self.now);
                self.back_off();
            }
        }
    }

    fn key_made(&mut self, job: &Job, protection: crate::wire::KeyProtection) {
        if let Job::MakeKey(slot) = job {
            self.live.key_ready = Some(*slot);
        }
        if self.state.registration.key_protection != Some(protection) {
            self.record(registration::Change::KeyMade(protection));
        }
    }

    fn request_made(&mut self, job: &Job, request: crate::redact::Bytes) {
        if let Job::MakeRequest(slot) = job {
            self.live.key_ready = None;
            self.record(registration::Change::Asked { slot: *slot, request });
        }
    }

    /// Gone is believed when it is seen twice: a store that is locked or starting says it too (D4).
    fn key_failed(&mut self, failure: KeyFailure) {
        self.live.note(failure.code(), self.now);
        match failure.remedy() {
            Remedy::WaitForUnlock => self.live.locked = true,
            Remedy::Stop => self.live.stopped = true,
            Remedy::Reactivate => {
                // The key that was just made and that nobody knows of yet: another is made.
                let unknown = self.live.key_ready.take().is_some();
                if !unknown && self.live.key_gone {
                    self.live.key_gone = false;
                    let proved = !matches!(self.state.registration.candidate, Some(Candidate::Asked { .. }));
                    let change = if proved {
                        registration::Change::IdentityLost
                    } else {
                        registration::Change::Dropped
                    };
                    self.record(change);
                } else {
                    self.live.key_gone |= !unknown;
                }
                self.back_off();
            }
            Remedy::Retry(_) | Remedy::WaitForNetwork | Remedy::NewChain | Remedy::NewCredential => {
                self.back_off();
            }
        }
    }

    fn enrolled(&mut self, answer: Enrolled) {
        match answer {
            Enrolled::Issued(certificate) => {
                self.live.failures = 0;
                self.live.last_failure = None;
                self.enter_registration(true);
                self.record(registration::Change::Issued { certificate, received: self.now });
            }
            Enrolled::Wait(pause) => {
                let told = pause.unwrap_or(registration::DEFAULT_WAIT);
                // A CA that says "two seconds" all day must not wake the phone every few seconds.
                let pause = self.spread(self.state.registration.asking_pause(told));
                let wait = Timer::new(self.now, pause);
                self.record(registration::Change::Told { wait });
            }
        }
    }

    fn enrolment_failed(&mut self, failure: &EnrolFailure) {
        match failure {
            EnrolFailure::Send(SendFailure::NotTrusted(distrust)) => {
                self.live.note(failure.code(), self.now);
                self.refused(distrust);
            }
            EnrolFailure::Send(SendFailure::Key(failure)) => self.key_failed(*failure),
            EnrolFailure::Send(_) | EnrolFailure::DemandUnmet | EnrolFailure::CertificateInvalid => {
                self.live.note(failure.code(), self.now);
                match (failure.remedy(), self.state.registration.is_renewing()) {
                    (Remedy::Reactivate, _) => self.identity_refused(),
                    (remedy, true) => self.renewal_failed(remedy),
                    (Remedy::NewCredential, false) => {
                        self.enter_registration(false);
                        self.record(registration::Change::CredentialRefused(failure.code()));
                    }
                    (other, false) => self.exchange_failed(other),
                }
            }
        }
    }

    /// A renewal that fails does not keep the present identity from reporting: it waits on its own, or is
    /// begun anew after a day.
    fn renewal_failed(&mut self, remedy: Remedy) {
        let pause = match remedy {
            Remedy::Retry(pause) => pause,
            Remedy::WaitForNetwork | Remedy::WaitForUnlock => None,
            Remedy::NewChain | Remedy::NewCredential | Remedy::Reactivate | Remedy::Stop => {
                self.record(registration::Change::Dropped);
                let at = Timer::new(self.now, self.chance.around(RENEW_ANEW));
                self.record(registration::Change::RenewNow { at });
                return;
            }
        };
        // A cloud that says "two seconds" all day must not wake the phone every few seconds.
        let pause = self.spread(pause.unwrap_or_default().max(RENEW_AGAIN));
        self.record(registration::Change::Told { wait: Timer::new(self.now, pause) });
    }

    fn send_failed(&mut self, failure: &SendFailure) {
        if let SendFailure::Key(failure) = failure {
            return self.key_failed(*failure);
        }
        self.live.note(failure.code(), self.now);
        if let SendFailure::NotTrusted(distrust) = failure {
            return self.refused(distrust);
        }
        match failure.remedy() {
            Remedy::NewChain => {
                self.restart_chain();
                self.live.follow();
                if !self.live.follow_up {
                    self.back_off();
                }
            }
            Remedy::Reactivate => self.identity_refused(),
            other @ (Remedy::Retry(_)
            | Remedy::WaitForNetwork
            | Remedy::WaitForUnlock
            | Remedy::NewCredential
            | Remedy::Stop) => self.exchange_failed(other),
        }
    }

    /// A pause that a server told, within bounds, and up to an eighth more: it told a whole fleet the same.
    pub(super) fn spread(&mut self, pause: Duration) -> Duration {
        let pause = contact::Contact::within_bounds(pause);
        pause.saturating_add(self.chance.jitter(pause.checked_div(8).unwrap_or_default()))
    }

    pub(super) fn exchange_failed(&mut self, remedy: Remedy) {
        self.live.asked = false;
        self.live.follow_up = false;
        self.record(contact::Change::Failed { at: self.now });
        match remedy {
            Remedy::Retry(Some(pause)) => {
                let pause = self.spread(pause);
                self.record(contact::Contact::told(pause, &self.now));
                // A cloud that says "three seconds" all day must not wake the phone every few seconds.
                self.back_off();
            }
            Remedy::WaitForUnlock => self.live.locked = true,
            Remedy::Stop => self.live.stopped = true,
            Remedy::Retry(None)
            | Remedy::WaitForNetwork
            | Remedy::NewChain
            | Remedy::NewCredential
            | Remedy::Reactivate => self.back_off(),
        }
    }

    /// The cloud refuses our certificate: a candidate is dropped; an identity stays until another works.
    fn identity_refused(&mut self) {
        let registration = &self.state.registration;
        let change = match (&registration.candidate, &registration.identity) {
            (Some(Candidate::Unproven { .. }), _) => Some(registration::Change::Dropped),
            (_, Some(_)) if !registration.outlived => Some(registration::Change::Outlived),
            (Some(Candidate::Asked { .. }) | None, _) => None,
        };
        if let Some(change) = change {
            self.record(change);
        }
        self.exchange_failed(Remedy::Retry(None));
    }

    fn refused(&mut self, distrust: &crate::failure::Distrust) {
        let before = self.state.path;
        match Path::meaning(distrust, &self.live.network, self.state.policy()) {
            Meaning::Unreachable => self.exchange_failed(Remedy::Retry(None)),
            Meaning::Suspicious => {
                let after = before.refused(&self.live.network, self.now);
                if after != before {
                    self.record(Record::Path(after));
                }
                self.exchange_failed(Remedy::Retry(None));
                match (before, after) {
                    (_, Path::Suspected { .. }) => self.live.retry = Some(Timer::new(self.now, LOOK_AGAIN)),
                    (Path::Suspected { first }, Path::Intercepted { .. }) => {
                        let (source, classification, subject) = PATH;
                        self.open_one(source, classification, subject, first);
                    }
                    (Path::Clean | Path::Intercepted { .. }, _) | (Path::Suspected { .. }, Path::Clean) => {}
                }
            }
        }
    }
}
