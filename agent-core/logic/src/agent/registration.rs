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

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::command::{Authority, Credential, Identity, Origin, Slot};
use crate::event::{Certificate, Configuration};
use crate::failure::Code;
use crate::model::{DeviceId, Digest, TenantId};
use crate::redact::Bytes;
use crate::time::{Now, Stamp, Timer, Wall};
use crate::wire::KeyProtection;

/// What the cloud is asked for when it does not say how long to wait (RFC 7030 §4.2.3 demands that it does).
pub(crate) const DEFAULT_WAIT: Duration = Duration::from_secs(60);

/// Who and where. Complete, or nothing leaves the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Target {
    pub(crate) device: DeviceId,
    pub(crate) tenant: TenantId,
    pub(crate) origin: Origin,
}

/// Durable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    },
    /// A certificate is there, not yet proved.
    Unproven {
        slot: Slot,
        certificate: Certificate,
        received: Stamp,
    },
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

/// Why a configuration does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigurationFault {
    /// No gateway, device ID or tenant.
    Incomplete,
    /// The gateway is no `https://host[:port]`.
    GatewayMalformed,
    /// The gateway is not under the host suffix that the app was built with (D3).
    GatewayNotAllowed,
    /// The device is registered with another gateway, which configuration cannot change (R7).
    GatewayChanged,
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

impl Registration {
    /// What a configuration changes, or why it does not count.
    pub(crate) fn configure(
        &self,
        configuration: &Configuration,
        host_suffix: &str,
    ) -> Result<Vec<Change>, ConfigurationFault> {
        let target = read_target(configuration, host_suffix)?;
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
            (
                Some(Candidate::Unproven {
                    slot, certificate, ..
                }),
                _,
            ) => (*slot, certificate),
            (_, Some(current)) => (current.slot, &current.certificate),
            (Some(Candidate::Asked { .. }) | None, None) => return None,
        };
        Some(Identity {
            slot,
            certificate: certificate.der.clone(),
        })
    }

    /// The next step of activation or renewal, if one is due.
    pub(crate) fn step(&self, key_ready: Option<Slot>, same_key: bool, now: &Now) -> Option<Step> {
        match &self.candidate {
            Some(Candidate::Unproven { .. }) => Some(Step::Prove),
            Some(Candidate::Asked { slot, request, wait }) => {
                if let Some(wait) = wait.filter(|wait| !wait.is_over(now)) {
                    return Some(Step::Wait(wait));
                }
                let authority = self.authority()?;
                Some(Step::Enrol {
                    slot: *slot,
                    request: request.clone(),
                    authority,
                })
            }
            None => match &self.identity {
                Some(current) if self.outlived => {
                    self.credential.as_ref()?;
                    Some(self.ask(current.slot.other(), key_ready, false, None))
                }
                Some(current) => {
                    if !current.renewal.is_over(now) {
                        return Some(Step::Wait(current.renewal));
                    }
                    let slot = if same_key {
                        current.slot
                    } else {
                        current.slot.other()
                    };
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
                *self = Self {
                    consent: self.consent,
                    target: Some(target),
                    stale,
                    ..Self::default()
                };
            }
            Change::Consent(given) => self.consent = given,
            Change::Credential(credential) => {
                self.credential = Some(credential);
                self.refused = None;
            }
            Change::CredentialRefused(code) => {
                self.refused = self
                    .credential
                    .take()
                    .map(|credential| (digest(&credential), code));
                self.candidate = None;
            }
            Change::KeyMade(protection) => self.key_protection = Some(protection),
            Change::Asked { slot, request } => {
                self.candidate = Some(Candidate::Asked {
                    slot,
                    request,
                    wait: None,
                });
            }
            Change::Told { wait: told } => {
                if let Some(Candidate::Asked { wait, .. }) = &mut self.candidate {
                    *wait = Some(told);
                }
            }
            Change::Issued {
                certificate,
                received,
            } => {
                if let Some(Candidate::Asked { slot, .. }) = self.candidate {
                    self.candidate = Some(Candidate::Unproven {
                        slot,
                        certificate,
                        received,
                    });
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

    /// Time from receipt after which a certificate is renewed: 2/3 of what is left of it then (R9).
    pub(crate) fn renewal_pause(certificate: &Certificate, received: Wall) -> Duration {
        let life = certificate.not_after.since(received);
        life.checked_div(3).unwrap_or_default().saturating_mul(2)
    }

    fn prove(&mut self, renewal: Timer) {
        if let Some(Candidate::Unproven {
            slot, certificate, ..
        }) = self.candidate.take()
        {
            let old = self
                .identity
                .take()
                .map(|current| current.slot)
                .filter(|old| *old != slot);
            self.stale = old.or(self.stale);
            self.identity = Some(Current {
                slot,
                certificate,
                renewal,
            });
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
        self.refused
            .is_some_and(|(refused, _)| refused == digest(credential))
    }
}

fn read_target(configuration: &Configuration, host_suffix: &str) -> Result<Target, ConfigurationFault> {
    let (Some(gateway), Some(device), Some(tenant)) =
        (&configuration.gateway, configuration.device, configuration.tenant)
    else {
        return Err(ConfigurationFault::Incomplete);
    };
    let origin = read_origin(gateway.reveal()).ok_or(ConfigurationFault::GatewayMalformed)?;
    let under = origin.host == host_suffix
        || origin
            .host
            .strip_suffix(host_suffix)
            .is_some_and(|rest| rest.ends_with('.'));
    if under {
        Ok(Target {
            device,
            tenant,
            origin,
        })
    } else {
        Err(ConfigurationFault::GatewayNotAllowed)
    }
}

fn read_origin(gateway: &str) -> Option<Origin> {
    let rest = gateway.trim().strip_prefix("https://")?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (rest, 443),
    };
    let well_formed = !host.is_empty()
        && host.len() <= 253
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.');
    (well_formed && port != 0).then(|| Origin {
        host: host.to_ascii_lowercase(),
        port,
    })
}

fn digest(credential: &Credential) -> Digest {
    Digest::of(&serde_json::to_vec(credential).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::{Redacted, Secret};
    use crate::time::{Boot, Mono};

    fn configuration(gateway: &str) -> Configuration {
        Configuration {
            gateway: Some(Redacted::new(gateway.into())),
            device: Some("b9841cd9-9843-405f-be28-b2265c59ef97".parse().unwrap()),
            tenant: Some("ab0dc123-9843-405f-be28-b2265c59ef97".parse().unwrap()),
            credential: Some(Credential::Code(Secret::new("code".into()))),
        }
    }

    fn at(second: u64) -> Now {
        Now {
            boot: Boot(1),
            mono: Mono(second * 1_000),
            wall: Wall(second * 1_000),
        }
    }

    fn configured() -> Registration {
        let mut registration = Registration::default();
        for change in registration
            .configure(&configuration("https://mtd.example.com"), "example.com")
            .unwrap()
        {
            registration.apply(change);
        }
        registration
    }

    fn certificate() -> Certificate {
        Certificate {
            der: Bytes::new(vec![1]),
            not_after: Wall(90_000),
        }
    }

    fn activated() -> Registration {
        let mut registration = configured();
        registration.apply(Change::Asked {
            slot: Slot::A,
            request: Bytes::new(vec![2]),
        });
        registration.apply(Change::Issued {
            certificate: certificate(),
            received: at(0),
        });
        registration.apply(Change::Proved {
            renewal: Timer::new(at(0), Duration::from_secs(60)),
        });
        registration
    }

    #[test]
    fn configuration_cannot_leave_the_hosts_that_the_app_allows() {
        let registration = Registration::default();
        let fault = |gateway: &str| {
            registration
                .configure(&configuration(gateway), "example.com")
                .unwrap_err()
        };
        assert_eq!(
            fault("https://example.com.evil.net"),
            ConfigurationFault::GatewayNotAllowed
        );
        assert_eq!(
            fault("https://evilexample.com"),
            ConfigurationFault::GatewayNotAllowed
        );
        assert_eq!(fault("http://example.com"), ConfigurationFault::GatewayMalformed);
        assert_eq!(
            fault("https://user@example.com"),
            ConfigurationFault::GatewayMalformed
        );
        assert_eq!(
            fault("https://example.com:0"),
            ConfigurationFault::GatewayMalformed
        );
        assert!(
            registration
                .configure(&configuration(" https://MTD.example.com:8443/ "), "example.com")
                .is_ok()
        );
    }

    #[test]
    fn a_device_id_alone_is_not_enough() {
        let mut incomplete = configuration("https://example.com");
        incomplete.tenant = None;
        assert_eq!(
            Registration::default()
                .configure(&incomplete, "example.com")
                .unwrap_err(),
            ConfigurationFault::Incomplete
        );
    }

    #[test]
    fn the_same_configuration_again_changes_nothing() {
        let again = configured()
            .configure(&configuration("https://mtd.example.com"), "example.com")
            .unwrap();
        assert!(again.is_empty());
    }

    #[test]
    fn a_refused_credential_is_not_tried_again_until_another_comes() {
        let mut registration = configured();
        registration.apply(Change::CredentialRefused(Code(211)));
        let same = registration
            .configure(&configuration("https://mtd.example.com"), "example.com")
            .unwrap();
        assert!(same.is_empty());
        let mut other = configuration("https://mtd.example.com");
        other.credential = Some(Credential::Code(Secret::new("other".into())));
        assert_eq!(registration.configure(&other, "example.com").unwrap().len(), 1);
    }

    #[test]
    fn another_device_id_starts_from_nothing() {
        let mut registration = activated();
        let mut other = configuration("https://mtd.example.com");
        other.device = Some("c9841cd9-9843-405f-be28-b2265c59ef97".parse().unwrap());
        for change in registration.configure(&other, "example.com").unwrap() {
            registration.apply(change);
        }
        assert!(registration.identity.is_none());
        assert_eq!(registration.stale, Some(Slot::A));
    }

    #[test]
    fn an_activated_device_does_not_follow_another_gateway() {
        let other = configuration("https://other.example.com");
        assert_eq!(
            activated().configure(&other, "example.com").unwrap_err(),
            ConfigurationFault::GatewayChanged
        );
    }

    #[test]
    fn the_credential_goes_once_the_certificate_is_proved() {
        let registration = activated();
        assert!(registration.credential.is_none());
        assert!(registration.identity.is_some());
    }

    #[test]
    fn a_renewal_keeps_the_old_identity_until_the_new_one_is_proved() {
        let mut registration = activated();
        assert!(matches!(
            registration.step(None, false, &at(59)),
            Some(Step::Wait(_))
        ));
        assert!(matches!(
            registration.step(None, false, &at(60)),
            Some(Step::MakeKey(Slot::B))
        ));
        registration.apply(Change::Asked {
            slot: Slot::B,
            request: Bytes::new(vec![3]),
        });
        let Some(Step::Enrol {
            authority: Authority::Identity(old),
            ..
        }) = registration.step(None, false, &at(60))
        else {
            panic!("a renewal is asked for under the present identity");
        };
        assert_eq!(old.slot, Slot::A);
        registration.apply(Change::Issued {
            certificate: certificate(),
            received: at(60),
        });
        assert_eq!(registration.identity().unwrap().slot, Slot::B);
        assert_eq!(registration.identity.as_ref().unwrap().slot, Slot::A);
        registration.apply(Change::Proved {
            renewal: Timer::new(at(60), Duration::from_secs(60)),
        });
        assert_eq!(registration.identity.as_ref().unwrap().slot, Slot::B);
        assert_eq!(registration.stale, Some(Slot::A));
    }

    #[test]
    fn a_wait_is_kept_and_the_same_request_is_sent_again() {
        let mut registration = configured();
        registration.apply(Change::Asked {
            slot: Slot::A,
            request: Bytes::new(vec![2]),
        });
        registration.apply(Change::Told {
            wait: Timer::new(at(0), Duration::from_secs(600)),
        });
        assert!(matches!(
            registration.step(None, false, &at(599)),
            Some(Step::Wait(_))
        ));
        let Some(Step::Enrol { request, .. }) = registration.step(None, false, &at(600)) else {
            panic!()
        };
        assert_eq!(request, Bytes::new(vec![2]));
    }

    #[test]
    fn a_certificate_is_renewed_at_two_thirds_of_its_life() {
        let pause = Registration::renewal_pause(&certificate(), Wall(0));
        assert_eq!(pause, Duration::from_secs(60));
    }
}
