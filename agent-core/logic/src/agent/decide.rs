//! The next command. Read from the top, the first thing that is due is done; nothing is begun while another
//! thing is being done or a record is not durable yet.
//!
//! Rules: L1, L5, R17.

use std::time::Duration;

use super::inventory::Shared;
use super::live::Job;
use super::registration::Step;
use super::target::Target;
use super::{Agent, registration};
use crate::command::{Contact, Effect, Enrol, Exchange, Query, RequestSpec};
use crate::event::Reach;
use crate::wire::Policy;

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

/// How long a job may take.
pub(crate) const fn patience(job: &Job) -> Duration {
    match job {
        Job::Collect | Job::Hash(_) => COLLECT_PATIENCE,
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
            self.rest();
        }
    }

    /// Everything that must be there before anything is collected or sent: consent and a complete target.
    pub(super) fn gate(&self) -> Option<&Target> {
        self.state.registration.target.as_ref().filter(|_| self.state.registration.consent)
    }

    /// What of the apps may be shared now.
    pub(super) fn shared(&self) -> Option<Shared> {
        Shared::filter(self.live.apps.as_deref()?, self.sharing())
    }

    /// The policy by which data may leave the device: one that expired lets none (W7).
    pub(super) fn sharing(&self) -> Option<&Policy> {
        self.state.policies.confirmed(self.trusted())
    }

    pub(super) fn same_key(&self) -> bool {
        self.state.policy().is_some_and(|policy| policy.renew_same_key)
    }

    fn next_step(&mut self) -> Option<(Job, Effect)> {
        if self.live.erase {
            return self.own_pause().is_none().then_some((Job::Erase, Effect::Erase));
        }
        if self.state.registration.leaving.is_some() && self.may_leave_untold() {
            self.live.erase = true;
            return Some((Job::Erase, Effect::Erase));
        }
        let target = self.gate()?.clone();
        let doubted = self.live.readings.again().is_some_and(|again| again.is_over(&self.now));
        if self.live.collect || doubted {
            return Some((Job::Collect, Effect::Collect));
        }
        if let Some(step) = self.local_step() {
            return Some(step);
        }
        // With an identity that the cloud refuses no report arrives: first the new one, if it can be had.
        if self.state.registration.outlived
            && let Some(step) = self.identity_step(&target)
        {
            return Some(step);
        }
        if let Some(step) = self.contact_step(&target) {
            return Some(step);
        }
        // A report that was just sealed is saved before anything else begins.
        if self.journal.is_settled() { self.identity_step(&target) } else { None }
    }

    /// What needs no network.
    fn local_step(&mut self) -> Option<(Job, Effect)> {
        if let Some(slot) =
            self.state.registration.stale.filter(|_| !self.live.locked && self.own_pause().is_none())
        {
            return Some((Job::DropKey, Effect::DropKey(slot)));
        }
        if self.live.match_apps
            && let (Some(manifest), Some(apps)) = (self.state.policies.manifest(), &self.live.apps)
        {
            let queries = apps.iter().flat_map(Query::about).collect();
            return Some((Job::Match, Effect::Match { manifest: manifest.clone(), queries }));
        }
        self.hash_step()
    }

    /// Key, request, certificate.
    fn identity_step(&mut self, target: &Target) -> Option<(Job, Effect)> {
        if !self.may_speak() || self.state.registration.leaving.is_some() {
            return None;
        }
        let trusted = self.trusted();
        let registration = &self.state.registration;
        let step = registration.step(self.live.key_ready, self.same_key(), &self.now, trusted)?;
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
                    trusted,
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
            if !self.may_spend() && !self.must_speak() {
                return None;
            }
            let exchange = Exchange { contact, body: body.clone() };
            return Some((Job::Send, Effect::Send(exchange)));
        }
        if self.wants_contact() {
            self.seal();
            return None;
        }
        let spends = self.may_spend();
        if self.live.announced.is_some() && !self.bulk_may_go() {
            self.hold_bulk();
            return None;
        }
        // Bulk is not what counts: beyond the day's budget it waits for the next day (L7).
        let manifest = self.live.announced.take_if(|_| spends)?;
        let effect = Effect::FetchIndicators { contact, manifest: manifest.clone() };
        Some((Job::Fetch(Box::new(manifest)), effect))
    }

    /// Whether a report is due (L4, L7).
    pub(super) fn wants_contact(&self) -> bool {
        if self.state.registration.identity().is_none() {
            return false;
        }
        let wanted = self.live.asked
            || self.live.follow_up
            || self.state.contact.is_due(&self.now)
            || self.state.outbox.sealed().is_some();
        (wanted && self.may_spend()) || self.must_speak()
    }

    /// What goes whatever the day has cost: a certificate to prove, a farewell, and what counts.
    fn must_speak(&self) -> bool {
        let registration = &self.state.registration;
        let unproved = matches!(registration.candidate, Some(registration::Candidate::Unproven { .. }));
        unproved || registration.leaving.is_some() || self.has_news()
    }

    fn may_spend(&self) -> bool {
        self.state.contact.overspent(&self.now).is_none()
    }

    /// Whether the cloud does not know yet what counts: a transition, or the level where threats do not travel.
    pub(super) fn has_news(&self) -> bool {
        let level = self.live.posture.as_ref().map(|_| self.state.threats.level(self.state.policy()));
        let told = self.state.outbox.level().or(self.live.told_level);
        let untold = !self.state.tells_threats() && level.is_some() && level != told;
        untold || self.state.outbox.waiting() > 0
    }

    pub(super) fn may_speak(&self) -> bool {
        self.live.network.reach != Reach::Offline
            && !self.live.locked
            && !self.live.stopped
            && self.pause().is_none()
    }

    pub(super) fn trusted(&self) -> crate::time::Wall {
        self.state.contact.trusted(self.settings.built, &self.now)
    }
}
