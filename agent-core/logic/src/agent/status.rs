//! What the host may know at this moment: three axes, the level, what blocks and what to do about it.

use std::time::Duration;

use super::Agent;
use super::access::{self, Access};
use super::contact::{Lateness, Verdict};
use super::registration::Candidate;
use super::target::ConfigurationFault;
use crate::configuration::Finding;
use crate::event::{Reach, Traffic};
use crate::failure::Code;
use crate::model::{Activation, Classification, HealthState, Level, Protection, Subject, ThreatId};
use crate::text::{self, Text};
use crate::time::{Stamp, Wall};
use crate::wire::KeyProtection;

/// A copy of what the agent knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// First axis.
    pub activation: Activation,
    /// Second axis.
    pub protection: Protection,
    /// Third axis: the cloud's level in force, else the device's preview; absent unless activated and in
    /// contact.
    pub level: Option<Level>,
    /// The axes as Graph names them.
    pub health: HealthState,
    /// What the host must bring before the agent can go on.
    pub need: Option<Need>,
    /// What the owner is told.
    pub notice: Option<Notice>,
    /// What is wrong with the configuration, for the administrator.
    pub findings: Vec<Finding>,
    /// How the device stands before each level of policy, from secured to high.
    pub access: [Access; 4],
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
    /// Whether contact happens when it is planned (L6).
    pub lateness: Lateness,
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
    /// What to do about it.
    pub advice: Text,
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

/// What the owner is told; nothing has to be brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The user wanted to leave, which the policy prevents.
    UnenrolmentPrevented,
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
        let security = self.security();
        let health = HealthState::of(activation, protection, security);
        let listed = self.state.threats.list(policy).into_iter().map(|open| OpenSummary {
            id: open.id,
            classification: open.classification,
            subject: open.subject,
            level: open.severity.level(),
            detected: open.detected,
            advice: text::remedy(open.classification),
        });
        let mut open: Vec<OpenSummary> = listed.collect();
        open.sort_by_key(|open| std::cmp::Reverse(open.level));
        Status {
            activation,
            protection,
            level: self.level(activation, protection, security),
            health,
            need: self.need(),
            notice: self.notice(),
            findings: self.live.findings.clone(),
            access: access::explain(health, &self.counted()),
            open,
            verdict: self.state.contact.verdict.clone(),
            last_failure: self.live.last_failure,
            last_contact: self.state.contact.last().map(|last| last.wall),
            next_contact: self.planned().map(|(timer, _)| timer.left(&self.now)),
            lateness: self.state.contact.lateness(self.live.network.reach == Reach::Offline, &self.now),
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

    fn notice(&self) -> Option<Notice> {
        let prevents = self.state.policy().is_some_and(|policy| policy.prevent_unenrolment);
        (self.live.leave_refused && prevents).then_some(Notice::UnenrolmentPrevented)
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
        // A renewal that was asked for under an identity that is refused by now gets no further without one either.
        let unproven = matches!(registration.candidate, Some(Candidate::Unproven { .. }));
        if without && registration.credential.is_none() && !unproven {
            return Some(Need::Credential(registration.refused.map(|(_, code)| code)));
        }
        None
    }
}
