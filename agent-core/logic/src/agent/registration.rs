//! Who the device is to the cloud: configuration, consent, the credential, and the two-slot identity.
//!
//! ```text
//!   nothing ──key, request──► asked ──issued──► unproven ──check-in──► identity
//!                               ▲ wait as told                            │ renewal, re-enrol
//!                               └─────────────────────────────────────────┘ (the identity stays meanwhile)
//! ```
//!
//! A candidate certificate becomes the identity only when a check-in under it was answered; until then the
//! present identity is kept (R8). The same request is sent again after a crash, so that no second device
//! comes to be.
//!
//! Rules: L3, R6, R7, R8, R9, R20.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::target::{ConfigurationFault, Target};
use crate::command::{Authority, Credential, Identity, Slot};
use crate::event::{Certificate, Configuration};
use crate::failure::Code;
use crate::model::Digest;
use crate::redact::Bytes;
use crate::time::{Now, Stamp, Timer, Wall};
use crate::wire::KeyProtection;

/// What the cloud is asked for when it does not say how long to wait (RFC 7030 §4.2.3 demands that it does).
pub(crate) const DEFAULT_WAIT: Duration = Duration::from_secs(60);

/// The shortest pause before a request that waits for approval is sent again, doubled each time.
const ASK_AGAIN: Duration = Duration::from_secs(5);
const ASK_AGAIN_MOST: Duration = Duration::from_secs(3_600);

/// The cloud may order a new identity so often: commands that were never heard may come in a row.
const RE_ENROL_AGAIN: Duration = Duration::from_secs(3_600);

/// What counts as left of a certificate when no clock shows a time within its life.
const LEFT: Duration = Duration::from_secs(86_400);

/// Durable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Registration {
    pub(crate) consent: bool,
    pub(crate) target: Option<Target>,
    pub(crate) credential: Option<Credential>,
    /// Digest of the credential that the cloud refused, so that the host may repeat its configuration.
    pub(crate) refused: Option<(Digest, Code)>,
    pub(crate) key_protection: Option<KeyProtection>,
    pub(crate) identity: Option<Current>,
    pub(crate) candidate: Option<Candidate>,
    /// The cloud refused the identity: a new one is asked for by credential, the old one stays until then.
    pub(crate) outlived: bool,
    /// A slot whose key is to be destroyed.
    pub(crate) stale: Option<Slot>,
    /// The device leaves, since then.
    pub(crate) leaving: Option<Stamp>,
}

/// The identity in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Current {
    pub(crate) slot: Slot,
    pub(crate) certificate: Certificate,
    pub(crate) renewal: Timer,
}

/// The identity to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Candidate {
    /// A request is made; it may have been sent.
    Asked {
        slot: Slot,
        request: Bytes,
        wait: Option<Timer>,
        /// Times the cloud said to ask again.
        #[serde(default)]
        told: u32,
    },
    /// A certificate is there, not yet proved.
    Unproven { slot: Slot, certificate: Certificate, received: Stamp },
}

/// What changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Change {
    /// Another device ID or tenant, or the first: everything else starts from nothing.
    Moved(Target),
    Consent(bool),
    Credential(Credential),
    /// The cloud refused the credential.
    CredentialRefused(Code),
    KeyMade(KeyProtection),
    Asked {
        slot: Slot,
        request: Bytes,
    },
    /// Ask again later.
    Told {
        wait: Timer,
    },
    Issued {
        certificate: Certificate,
        received: Stamp,
    },
    /// A check-in under the candidate was answered.
    Proved {
        renewal: Timer,
    },
    /// The candidate is no good.
    Dropped,
    StaleGone,
    /// The cloud refuses the identity.
    Outlived,
    /// The cloud accepts it again.
    Accepted,
    /// The key is gone from the store.
    IdentityLost,
    /// Renew at this moment (re-enrol).
    RenewNow {
        at: Timer,
    },
    Leaving {
        at: Stamp,
    },
}

/// The next step towards an identity.
#[derive(Debug)]
pub(crate) enum Step {
    MakeKey(Slot),
    MakeRequest {
        slot: Slot,
        like: Option<Bytes>,
    },
    Enrol {
        slot: Slot,
        request: Bytes,
        authority: Authority,
    },
    /// A pause runs.
    Wait(Timer),
    /// A certificate waits for its proof.
    Prove,
}

impl Change {
    /// Whether a credential or another device's data ends here.
    pub(crate) const fn drops(&self) -> bool {
        match self {
            Self::Moved(_) | Self::CredentialRefused(_) | Self::Proved { .. } => true,
            Self::Consent(_)
            | Self::Credential(_)
            | Self::KeyMade(_)
            | Self::Asked { .. }
            | Self::Told { .. }
            | Self::Issued { .. }
            | Self::Dropped
            | Self::StaleGone
            | Self::Outlived
            | Self::Accepted
            | Self::IdentityLost
            | Self::RenewNow { .. }
            | Self::Leaving { .. } => false,
        }
    }
}

impl Current {
    /// The pause is over. After a boot with a calendar that was set back nobody knows how much of it is: then what is
    /// left of the certificate tells, since a third was to be left (R20).
    fn is_to_be_renewed(&self, now: &Now, trusted: Wall) -> bool {
        let third = self.renewal.whole().checked_div(2).unwrap_or_default();
        let nearly_over = self.certificate.not_after.since(trusted) <= third;
        self.renewal.is_over(now) || (self.renewal.is_doubtful(now) && nearly_over)
    }
}

impl Registration {
    /// What a configuration changes, or why it does not count.
    pub(crate) fn configure(
        &self,
        configuration: &Configuration,
        host_suffix: &str,
    ) -> Result<Vec<Change>, ConfigurationFault> {
        let target = Target::read(configuration, host_suffix)?;
        let mut changes = Vec::new();
        match &self.target {
            Some(present) if present.device == target.device && present.tenant == target.tenant => {
                if present.origin != target.origin && (self.identity.is_some() || self.candidate.is_some()) {
                    return Err(ConfigurationFault::GatewayChanged);
                }
                if present.origin != target.origin {
                    changes.push(Change::Moved(target));
                }
            }
            Some(_) | None => changes.push(Change::Moved(target)),
        }
        let moved = !changes.is_empty();
        if let Some(credential) = &configuration.credential {
            let known = self.credential.as_ref() == Some(credential) || self.was_refused(credential);
            // An activated device needs no credential: it is not kept (R6).
            if moved || (!known && (self.identity.is_none() || self.outlived)) {
                changes.push(Change::Credential(credential.clone()));
            }
        }
        Ok(changes)
    }

    /// The identity for the next exchange: the candidate that waits for its proof, else the present one.
    pub(crate) fn identity(&self) -> Option<Identity> {
        let (slot, certificate) = match (&self.candidate, &self.identity) {
            (Some(Candidate::Unproven { slot, certificate, .. }), _) => (*slot, certificate),
            (_, Some(current)) => (current.slot, &current.certificate),
            (Some(Candidate::Asked { .. }) | None, None) => return None,
        };
        Some(Identity { slot, certificate: certificate.der.clone() })
    }

    /// Whether a command to re-enrol waits: the identity was just made or refused. One that is ordered and not begun yet
    /// answers every command that comes until then.
    pub(crate) fn is_fresh(&self, now: &Now) -> bool {
        self.identity.as_ref().is_some_and(|current| {
            !current.renewal.whole().is_zero() && current.renewal.age(now) < RE_ENROL_AGAIN
        })
    }

    /// What is asked for is the successor of an identity that works.
    pub(crate) const fn is_renewing(&self) -> bool {
        self.identity.is_some() && !self.outlived
    }

    /// The next step of activation or renewal, if one is due. `trusted`: the time that certificates are judged by.
    pub(crate) fn step(
        &self,
        key_ready: Option<Slot>,
        same_key: bool,
        now: &Now,
        trusted: Wall,
    ) -> Option<Step> {
        match &self.candidate {
            Some(Candidate::Unproven { .. }) => Some(Step::Prove),
            Some(Candidate::Asked { slot, request, wait, .. }) => {
                if let Some(wait) = wait.filter(|wait| !wait.is_over(now)) {
                    return Some(Step::Wait(wait));
                }
                let authority = self.authority()?;
                Some(Step::Enrol { slot: *slot, request: request.clone(), authority })
            }
            None => match &self.identity {
                Some(current) if self.outlived => {
                    self.credential.as_ref()?;
                    Some(self.ask(current.slot.other(), key_ready, false, None))
                }
                Some(current) => {
                    if !current.is_to_be_renewed(now, trusted) {
                        return Some(Step::Wait(current.renewal));
                    }
                    let slot = if same_key { current.slot } else { current.slot.other() };
                    let like = Some(current.certificate.der.clone());
                    Some(self.ask(slot, key_ready, same_key, like))
                }
                None => {
                    self.credential.as_ref()?;
                    Some(self.ask(Slot::A, key_ready, false, None))
                }
            },
        }
    }

    /// Takes in a change.
    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::Moved(target) => {
                let stale = self.identity.as_ref().map(|current| current.slot);
                *self = Self { consent: self.consent, target: Some(target), stale, ..Self::default() };
            }
            Change::Consent(given) => self.consent = given,
            Change::Credential(credential) => {
                self.credential = Some(credential);
                self.refused = None;
            }
            Change::CredentialRefused(code) => {
                self.refused = self.credential.take().map(|credential| (digest(&credential), code));
                self.candidate = None;
            }
            Change::KeyMade(protection) => self.key_protection = Some(protection),
            Change::Asked { slot, request } => {
                self.candidate = Some(Candidate::Asked { slot, request, wait: None, told: 0 });
            }
            Change::Told { wait: pause } => {
                if let Some(Candidate::Asked { wait, told, .. }) = &mut self.candidate {
                    *wait = Some(pause);
                    *told = told.saturating_add(1);
                }
            }
            Change::Issued { certificate, received } => {
                if let Some(Candidate::Asked { slot, .. }) = self.candidate {
                    self.candidate = Some(Candidate::Unproven { slot, certificate, received });
                }
            }
            Change::Proved { renewal } => self.prove(renewal),
            Change::Dropped => self.candidate = None,
            Change::StaleGone => self.stale = None,
            Change::Outlived => self.outlived = true,
            Change::Accepted => self.outlived = false,
            Change::IdentityLost => {
                self.identity = None;
                self.outlived = false;
                self.candidate = None;
            }
            Change::RenewNow { at } => {
                if let Some(current) = &mut self.identity {
                    current.renewal = at;
                }
            }
            Change::Leaving { at } => self.leaving = Some(at),
        }
    }

    /// The pause after the cloud said to ask again after `told`: at least that, and longer the more often it said
    /// so. Whoever approves by hand does it in the first minutes or some time in the day.
    pub(crate) fn asking_pause(&self, told: Duration) -> Duration {
        let times = match &self.candidate {
            Some(Candidate::Asked { told, .. }) => *told,
            Some(Candidate::Unproven { .. }) | None => 0,
        };
        ASK_AGAIN.saturating_mul(2_u32.saturating_pow(times.min(16))).min(ASK_AGAIN_MOST).max(told)
    }

    /// Time after which a certificate is renewed that was just used: 2/3 of what is left of it (R9), by the first
    /// of `clocks` that shows a time within its life. A clock that does not is wrong: the cloud took the
    /// certificate.
    pub(crate) fn renewal_pause(certificate: &Certificate, clocks: [Wall; 2]) -> Duration {
        let left = clocks.into_iter().map(|clock| certificate.not_after.since(clock));
        let left = left.into_iter().find(|left| !left.is_zero()).unwrap_or(LEFT);
        left.checked_div(3).unwrap_or_default().saturating_mul(2)
    }

    fn prove(&mut self, renewal: Timer) {
        if let Some(Candidate::Unproven { slot, certificate, .. }) = self.candidate.take() {
            let old = self.identity.take().map(|current| current.slot).filter(|old| *old != slot);
            self.stale = old.or(self.stale);
            self.identity = Some(Current { slot, certificate, renewal });
            self.credential = None;
            self.refused = None;
            self.outlived = false;
        }
    }

    fn ask(&self, slot: Slot, key_ready: Option<Slot>, same_key: bool, like: Option<Bytes>) -> Step {
        if same_key || key_ready == Some(slot) {
            Step::MakeRequest { slot, like }
        } else {
            Step::MakeKey(slot)
        }
    }

    fn authority(&self) -> Option<Authority> {
        match (&self.identity, &self.credential) {
            (Some(current), _) if !self.outlived => Some(Authority::Identity(Identity {
                slot: current.slot,
                certificate: current.certificate.der.clone(),
            })),
            (_, Some(credential)) => Some(Authority::Credential(credential.clone())),
            (_, None) => None,
        }
    }

    fn was_refused(&self, credential: &Credential) -> bool {
        self.refused.is_some_and(|(refused, _)| refused == digest(credential))
    }
}

fn digest(credential: &Credential) -> Digest {
    Digest::of(&serde_json::to_vec(credential).unwrap_or_default())
}

#[cfg(test)]
mod tests;
