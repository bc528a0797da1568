//! The next command. Read from the top, the first thing that is due is done; nothing is begun while another
//! thing is being done or a record is not durable yet.

use std::time::Duration;

use super::inventory::Shared;
use super::live::Job;
use super::registration::Step;
use super::state::Record;
use super::target::Target;
use super::{Agent, contact, ledger, outbox, registration};
use crate::command::{Contact, Effect, Enrol, Exchange, Query, RequestSpec};
use crate::event::Reach;
use crate::model::{Activation, Digest};
use crate::redact::Bytes;
use crate::time::Timer;
use crate::wire::{Facts, FactsPart, PROTOCOL, Report};

/// A write to the disk takes this long at most.
pub(crate) const WRITE_PATIENCE: Duration = Duration::from_secs(30);

/// An exchange with the cloud, handshake included. The OS gives a background wake about 30 s.
const EXCHANGE_PATIENCE: Duration = Duration::from_secs(30);

/// A key store may be slow: StrongBox takes seconds.
const KEY_PATIENCE: Duration = Duration::from_secs(30);

/// Reading every app of a full phone.
const COLLECT_PATIENCE: Duration = Duration::from_secs(60);

/// A million indicators on a slow network.
const FETCH_PATIENCE: Duration = Duration::from_secs(120);

/// How long a device that leaves tries to tell the cloud.
const LEAVE_PATIENCE: Duration = Duration::from_secs(3_600);

/// How often a device that leaves tries to tell the cloud.
const LEAVE_ATTEMPTS: u32 = 3;

/// How long a job may take.
pub(crate) const fn patience(job: &Job) -> Duration {
    match job {
        Job::Collect => COLLECT_PATIENCE,
        Job::Match | Job::Erase => WRITE_PATIENCE,
        Job::MakeKey(_) | Job::MakeRequest(_) | Job::DropKey => KEY_PATIENCE,
        Job::Enrol | Job::Send => EXCHANGE_PATIENCE,
        Job::Fetch(_) => FETCH_PATIENCE,
    }
}

impl Agent {
    /// Begins the next thing that is due, if nothing is being done.
    pub(super) fn advance(&mut self) {
        if self.job.is_some() || !self.journal.is_settled() {
            return;
        }
        if let Some((job, effect)) = self.next_step() {
            self.start(job, effect);
        } else if self.journal.is_settled() {
            self.live.asked = false;
            self.live.follow_up = false;
        }
    }

    /// The earliest moment something is due, and what; nothing while something is being done.
    pub(super) fn next_timer(&self) -> Option<(Timer, &'static str)> {
        self.planned().filter(|_| self.journal.retry().is_some() || self.is_quiet())
    }

    /// The earliest moment something will be due, and what.
    pub(super) fn planned(&self) -> Option<(Timer, &'static str)> {
        if let Some(retry) = self.journal.retry() {
            return Some((retry, "save again"));
        }
        self.gate()?;
        if self.live.network.reach == Reach::Offline || self.live.stopped {
            return None;
        }
        let registration = &self.state.registration;
        let step = registration.step(self.live.key_ready, self.same_key(), &self.now);
        let renewal = match step {
            Some(Step::Wait(timer)) => Some((timer, "renewal or enrolment")),
            Some(Step::MakeKey(_) | Step::MakeRequest { .. } | Step::Enrol { .. } | Step::Prove) | None => {
                None
            }
        };
        let pending = self.wants_contact() || (renewal.is_none() && registration.identity.is_none());
        let pause =
            self.pause().filter(|_| pending || renewal.is_some_and(|(timer, _)| timer.is_over(&self.now)));
        let routine = registration.identity().and(self.state.contact.next()).map(|timer| (timer, "check-in"));
        match pause {
            Some(pause) => Some((pause, "try again")),
            None => [renewal, routine]
                .into_iter()
                .flatten()
                .filter(|(timer, _)| !timer.is_over(&self.now))
                .min_by_key(|(timer, _)| timer.left(&self.now)),
        }
    }

    /// Everything that must be there before anything is collected or sent: consent and a complete target.
    pub(super) fn gate(&self) -> Option<&Target> {
        self.state.registration.target.as_ref().filter(|_| self.state.registration.consent)
    }

    /// What of the apps may be shared now.
    pub(super) fn shared(&self) -> Option<Shared> {
        Shared::filter(self.live.apps.as_deref()?, self.state.policy())
    }

    pub(super) fn same_key(&self) -> bool {
        self.state.policy().is_some_and(|policy| policy.renew_same_key)
    }

    fn next_step(&mut self) -> Option<(Job, Effect)> {
        if self.live.erase {
            return Some((Job::Erase, Effect::Erase));
        }
        if self.state.registration.leaving.is_some() && self.may_leave_untold() {
            self.live.erase = true;
            return Some((Job::Erase, Effect::Erase));
        }
        let target = self.gate()?.clone();
        if self.live.collect {
            return Some((Job::Collect, Effect::Collect));
        }
        self.local_step().or_else(|| self.contact_step(&target)).or_else(|| self.identity_step(&target))
    }

    /// What needs no network.
    fn local_step(&mut self) -> Option<(Job, Effect)> {
        if let Some(slot) =
            self.state.registration.stale.filter(|_| !self.live.locked && self.live.retry.is_none())
        {
            return Some((Job::DropKey, Effect::DropKey(slot)));
        }
        if self.live.match_apps
            && let (Some(manifest), Some(apps)) = (self.state.policies.manifest(), &self.live.apps)
        {
            let queries = apps.iter().flat_map(Query::about).collect();
            return Some((Job::Match, Effect::Match { manifest: manifest.clone(), queries }));
        }
        None
    }

    /// Key, request, certificate.
    fn identity_step(&mut self, target: &Target) -> Option<(Job, Effect)> {
        if !self.may_speak() || self.state.registration.leaving.is_some() {
            return None;
        }
        let step = self.state.registration.step(self.live.key_ready, self.same_key(), &self.now)?;
        match step {
            Step::MakeKey(slot) => Some((Job::MakeKey(slot), Effect::MakeKey(slot))),
            Step::MakeRequest { slot, like } => {
                let spec = RequestSpec { slot, device: target.device, like };
                Some((Job::MakeRequest(slot), Effect::MakeRequest(spec)))
            }
            Step::Enrol { slot, request, authority } => {
                let enrol = Enrol {
                    origin: target.origin.clone(),
                    authority,
                    slot,
                    device: target.device,
                    request,
                    trusted: self.trusted(),
                };
                Some((Job::Enrol, Effect::Enrol(enrol)))
            }
            Step::Wait(_) | Step::Prove => None,
        }
    }

    /// Reports and indicator sets.
    fn contact_step(&mut self, target: &Target) -> Option<(Job, Effect)> {
        let identity = self.state.registration.identity()?;
        if !self.may_speak() {
            return None;
        }
        let contact = Contact { origin: target.origin.clone(), identity, trusted: self.trusted() };
        if let Some(body) = self.state.outbox.sealed() {
            let exchange = Exchange { contact, body: body.clone() };
            return Some((Job::Send, Effect::Send(exchange)));
        }
        if self.wants_contact() {
            self.seal();
            return None;
        }
        let manifest = self.live.announced.take()?;
        let effect = Effect::FetchIndicators { contact, manifest: manifest.clone() };
        Some((Job::Fetch(Box::new(manifest)), effect))
    }

    /// Whether a report is due.
    fn wants_contact(&self) -> bool {
        let registration = &self.state.registration;
        let Some(_) = registration.identity() else {
            return false;
        };
        let unproved = matches!(registration.candidate, Some(registration::Candidate::Unproven { .. }));
        let routine = self.state.contact.next().is_none_or(|next| next.is_over(&self.now));
        self.live.asked
            || self.live.follow_up
            || unproved
            || routine
            || registration.leaving.is_some()
            || self.state.outbox.sealed().is_some()
            || self.state.outbox.waiting() > 0
    }

    fn may_speak(&self) -> bool {
        self.live.network.reach != Reach::Offline
            && !self.live.locked
            && !self.live.stopped
            && self.pause().is_none()
    }

    /// The pause that runs: the server's, else ours.
    fn pause(&self) -> Option<Timer> {
        let ours = self.live.retry.filter(|retry| !retry.is_over(&self.now));
        self.state.contact.held_back(&self.now).or(ours)
    }

    /// A device that leaves tells the cloud first if it can; it does not wait for ever.
    fn may_leave_untold(&self) -> bool {
        let registration = &self.state.registration;
        let since = registration.leaving.map_or(Duration::ZERO, |leaving| self.now.since(&leaving));
        registration.identity().is_none()
            || self.gate().is_none()
            || self.live.failures >= LEAVE_ATTEMPTS
            || since >= LEAVE_PATIENCE
    }

    fn trusted(&self) -> crate::time::Wall {
        self.state.contact.trusted(self.settings.built, &self.now)
    }

    fn seal(&mut self) {
        let why = self.why();
        let diagnostics = self.live.diagnostics.tell();
        let fresh = self.chance.make_chain();
        let place = self.state.outbox.place(fresh);
        let policy = self.state.policy();
        let leaving = self.state.registration.leaving.is_some();
        let shared = self.shared().filter(|_| !leaving);
        let report = Report {
            protocol: PROTOCOL,
            chain: place.chain,
            sequence: place.sequence,
            previous: place.previous,
            made: self.now,
            activation: if leaving { Activation::Deactivated } else { Activation::Activated },
            protection: self.state.contact.protection(policy, &self.now),
            level: self.live.posture.as_ref().map(|_| self.state.threats.level(policy)),
            facts: self.facts(),
            open: self.state.outbox.at_start().then(|| self.state.threats.list(policy)),
            transitions: self.state.outbox.batch(),
            inventory: shared.map(|shared| self.state.inventory.part(&shared)),
            diagnostics,
            policy: policy.map_or(0, |policy| policy.version),
            indicators: self.state.policies.manifest().map_or(0, |manifest| manifest.version),
        };
        // Cannot fail: every map has text keys.
        let body = Bytes::new(serde_json::to_vec(&report).unwrap_or_default());
        self.record(outbox::Change::Sealed(body));
        self.record(Record::Ledger(ledger::Change::Prepared(why)));
    }

    fn facts(&self) -> FactsPart {
        let mut facts =
            self.live.posture.as_ref().map_or_else(Facts::default, |posture| posture.facts.clone());
        facts.agent_version.clone_from(&self.settings.agent_version);
        facts.key_protection = self.state.registration.key_protection;
        let digest = Digest::of(&serde_json::to_vec(&facts).unwrap_or_default());
        let value = (!self.state.outbox.holds_facts(digest)).then_some(facts);
        FactsPart { digest, value }
    }

    /// The pause after one more failure of ours, with full jitter.
    pub(super) fn back_off(&mut self) {
        let most = contact::Contact::backoff(self.live.failures);
        self.live.failures = self.live.failures.saturating_add(1);
        self.live.retry = Some(Timer::new(self.now, self.chance.jitter(most)));
    }
}
