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

mod step;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::target::{ConfigurationFault, Target};
use crate::command::{Credential, Identity, Slot};
use crate::event::{Certificate, Configuration};
use crate::failure::Code;
use crate::model::Digest;
use crate::redact::Bytes;
use crate::time::{Now, Stamp, Timer};
use crate::wire::KeyProtection;

pub(crate) use step::Step;

/// What the cloud is asked for when it does not say how long to wait (RFC 7030 §4.2.3 demands that it does).
pub(crate) const DEFAULT_WAIT: Duration = Duration::from_secs(60);

/// The cloud may order a new identity so often: commands that were never heard may come in a row.
const RE_ENROL_AGAIN: Duration = Duration::from_secs(3_600);

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

    fn was_refused(&self, credential: &Credential) -> bool {
        self.refused.is_some_and(|(refused, _)| refused == digest(credential))
    }
}

fn digest(credential: &Credential) -> Digest {
    Digest::of(&serde_json::to_vec(credential).unwrap_or_default())
}

#[cfg(test)]
mod tests;
