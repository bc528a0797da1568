//! What the host may know at this moment: three axes, the level, what blocks and what to do about it.

use std::time::Duration;

use super::Agent;
use super::contact::Verdict;
use super::target::ConfigurationFault;
use crate::event::Traffic;
use crate::failure::Code;
use crate::model::{Activation, Classification, HealthState, Level, Protection, Subject, ThreatId};
use crate::time::{Stamp, Wall};
use crate::wire::KeyProtection;

/// A copy of what the agent knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// First axis.
    pub activation: Activation,
    /// Second axis.
    pub protection: Protection,
    /// Third axis: the cloud's level in force, else the device's preview; absent until activated.
    pub level: Option<Level>,
    /// The axes as Graph names them.
    pub health: HealthState,
    /// What the host must bring before the agent can go on.
    pub need: Option<Need>,
    /// Open threats, worst first.
    pub open: Vec<OpenSummary>,
    /// The cloud's last word.
    pub verdict: Option<Verdict>,
    /// The last failure since the cloud was last reached.
    pub last_failure: Option<Code>,
    /// When the cloud was last reached.
    pub last_contact: Option<Wall>,
    /// Time to the next planned contact.
    pub next_contact: Option<Duration>,
    /// Transitions that the cloud has not acknowledged.
    pub unacknowledged: usize,
    /// Apps that are shared; absent while the inventory is not shared.
    pub shared_apps: Option<usize>,
    /// How the private key is kept.
    pub key_protection: Option<KeyProtection>,
    /// End of the certificate in use.
    pub certificate_until: Option<Wall>,
    /// Version of the policy in force, 0 for none.
    pub policy: u64,
    /// Version of the indicator set in force, 0 for none.
    pub indicators: u64,
    /// What the last check-in cost.
    pub traffic: Traffic,
}

/// One open threat, for the phone's owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSummary {
    /// Stable from detection to resolution.
    pub id: ThreatId,
    /// What it is.
    pub classification: Classification,
    /// What it is in.
    pub subject: Subject,
    /// The level it gives, by the policy in force.
    pub level: Level,
    /// When it was first seen.
    pub detected: Stamp,
    /// What to do about it, in English.
    pub advice: &'static str,
}

/// What the host must bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A complete configuration. Nothing was sent.
    Configuration(Option<ConfigurationFault>),
    /// The user's or administrator's consent. Nothing was sent.
    Consent,
    /// An activation credential; the code says why the last one does not count.
    Credential(Option<Code>),
    /// The first unlock after the boot.
    Unlock,
    /// Space on the device, or another device: nothing can be saved, so nothing is sent.
    Storage(Code),
    /// The administrator, or a later version of the app.
    Administrator(Code),
}

impl Agent {
    /// What the host may know at this moment.
    #[must_use]
    pub fn status(&self) -> Status {
        let policy = self.state.policy();
        let registration = &self.state.registration;
        let activation = match (&registration.identity, self.live.left) {
            (_, true) => Activation::Deactivated,
            (Some(_), false) => Activation::Activated,
            (None, false) => Activation::Pending,
        };
        let protection = self.state.contact.protection(policy, &self.now);
        let verdict = self.state.contact.verdict.clone();
        let level = registration.identity.as_ref().and(verdict.as_ref()).map(|verdict| {
            // What the device sees and the cloud does not know yet counts at once.
            if self.state.outbox.waiting() > 0 { self.state.threats.level(policy) } else { verdict.level }
        });
        let listed = self.state.threats.list(policy).into_iter().map(|open| OpenSummary {
            id: open.id,
            classification: open.classification,
            subject: open.subject,
            level: open.severity.level(),
            detected: open.detected,
            advice: open.classification.advice(),
        });
        let mut open: Vec<OpenSummary> = listed.collect();
        open.sort_by_key(|open| std::cmp::Reverse(open.level));
        Status {
            activation,
            protection,
            level,
            health: HealthState::of_axes(activation, protection, level),
            need: self.need(),
            open,
            verdict,
            last_failure: self.live.last_failure,
            last_contact: self.state.contact.last().map(|last| last.wall),
            next_contact: self.planned().map(|(timer, _)| timer.left(&self.now)),
            unacknowledged: self.state.outbox.waiting(),
            shared_apps: self.shared().map(|shared| shared.count()),
            key_protection: registration.key_protection,
            certificate_until: registration.identity.as_ref().map(|current| current.certificate.not_after),
            policy: policy.map_or(0, |policy| policy.version),
            indicators: self.state.policies.manifest().map_or(0, |manifest| manifest.version),
            traffic: self.state.contact.traffic,
        }
    }

    /// Whether the status differs from what the host was told; true once for each change.
    pub fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.live.changed)
    }

    fn need(&self) -> Option<Need> {
        let registration = &self.state.registration;
        if self.live.left {
            return None;
        }
        if let Some(failure) = self.journal.failure() {
            return Some(Need::Storage(failure.code()));
        }
        if registration.target.is_none() || self.live.fault.is_some() {
            return Some(Need::Configuration(self.live.fault));
        }
        if !registration.consent {
            return Some(Need::Consent);
        }
        if self.live.locked {
            return Some(Need::Unlock);
        }
        if self.live.stopped {
            return self.live.last_failure.map(Need::Administrator);
        }
        let without = registration.identity.is_none() || registration.outlived;
        if without && registration.credential.is_none() && registration.candidate.is_none() {
            return Some(Need::Credential(registration.refused.map(|(_, code)| code)));
        }
        None
    }
}
