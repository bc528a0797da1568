//! Documents under the policy key: which are believed (D9, R14).
//!
//! A document is for one tenant, of one kind, not expired, and newer than the one held; versions grow across restarts
//! because what is held is durable. A policy that expires while it is in force still rates threats, since dropping it
//! would lower a level; it no longer lets the inventory be shared, since nobody confirms that it still may be (W7).

use serde::{Deserialize, Serialize};

use crate::code::{self, Code};
use crate::event::Verified;
use crate::model::{DeviceId, Digest, TenantId};
use crate::time::Wall;
use crate::wire::{CommandDocument, Manifest, Policy, SignedCommand, policy_kind};

/// Nonces remembered until their commands expire. While so many are in flight no other command is obeyed.
const MAX_NONCES: usize = 64;

/// Why a document is not believed. Counted as a diagnostic: the administrator sees that somebody tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is of another kind.
    Kind,
    /// It is for another tenant.
    Tenant,
    /// It is older than the one held.
    Older,
    /// It expired.
    Expired,
    /// It is for another device.
    Device,
    /// It was obeyed before.
    Replayed,
    /// Too many commands are in flight.
    Crowded,
}

impl Refusal {
    /// Its number.
    pub(crate) const fn code(self) -> Code {
        match self {
            Self::Kind => code::DOCUMENT_WRONG_KIND,
            Self::Tenant => code::DOCUMENT_WRONG_TENANT,
            Self::Older => code::DOCUMENT_OLD,
            Self::Expired => code::DOCUMENT_EXPIRED,
            Self::Device => code::COMMAND_WRONG_DEVICE,
            Self::Replayed => code::COMMAND_REPEATED,
            Self::Crowded => code::COMMANDS_CROWDED,
        }
    }
}

/// Durable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Policies {
    policy: Option<Policy>,
    manifest: Option<Manifest>,
    /// Nonces of commands that were obeyed, and when those expire.
    nonces: Vec<(Digest, Wall)>,
}

/// What changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Change {
    Policy(Policy),
    Manifest(Manifest),
    /// A command was obeyed; what expired by `trusted` is forgotten.
    Obeyed {
        nonce: Digest,
        expires: Wall,
        trusted: Wall,
    },
}

impl Policies {
    /// The policy in force.
    pub(crate) const fn policy(&self) -> Option<&Policy> {
        self.policy.as_ref()
    }

    /// The indicator set in force.
    pub(crate) const fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    /// The policy in force, unless it expired: what lets data leave the device is confirmed or not there.
    pub(crate) fn confirmed(&self, trusted: Wall) -> Option<&Policy> {
        self.policy.as_ref().filter(|policy| policy.expires > trusted)
    }

    /// Whether a policy replaces the one in force; nothing for the one that is held.
    pub(crate) fn accept(
        &self,
        policy: Verified<Policy>,
        tenant: TenantId,
        trusted: Wall,
    ) -> Result<Option<Change>, Refusal> {
        let policy = policy.into_inner();
        let held = self.policy.as_ref().map_or(0, |held| held.version);
        let document = (policy.kind.as_str(), policy.tenant, policy.version, policy.expires);
        let newer = is_newer(document, (policy_kind::POLICY, tenant, held, trusted))?;
        Ok(newer.then_some(Change::Policy(policy)))
    }

    /// Whether an indicator set replaces the one in force; nothing for the one that is held.
    pub(crate) fn accept_manifest(
        &self,
        manifest: Verified<Manifest>,
        tenant: TenantId,
        trusted: Wall,
    ) -> Result<Option<Manifest>, Refusal> {
        let manifest = manifest.into_inner();
        let held = self.manifest.as_ref().map_or(0, |held| held.version);
        let document = (manifest.kind.as_str(), manifest.tenant, manifest.version, manifest.expires);
        let newer = is_newer(document, (policy_kind::INDICATORS, tenant, held, trusted))?;
        Ok(newer.then_some(manifest))
    }

    /// Whether a command is obeyed, and the change that keeps it from being obeyed twice.
    pub(crate) fn obey(
        &self,
        document: Verified<CommandDocument>,
        tenant: TenantId,
        device: DeviceId,
        trusted: Wall,
    ) -> Result<(SignedCommand, Change), Refusal> {
        let CommandDocument { kind, tenant: of, device: to, nonce, expires, command } = document.into_inner();
        if kind != policy_kind::COMMAND {
            return Err(Refusal::Kind);
        }
        if of != tenant {
            return Err(Refusal::Tenant);
        }
        if to != device {
            return Err(Refusal::Device);
        }
        if expires <= trusted {
            return Err(Refusal::Expired);
        }
        if self.nonces.iter().any(|(held, _)| *held == nonce) {
            return Err(Refusal::Replayed);
        }
        if self.nonces.iter().filter(|(_, expires)| *expires > trusted).count() >= MAX_NONCES {
            return Err(Refusal::Crowded);
        }
        Ok((command, Change::Obeyed { nonce, expires, trusted }))
    }

    /// Takes in a change.
    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::Policy(policy) => self.policy = Some(policy),
            Change::Manifest(manifest) => self.manifest = Some(manifest),
            Change::Obeyed { nonce, expires, trusted } => {
                self.nonces.retain(|(_, expires)| *expires > trusted);
                self.nonces.push((nonce, expires));
            }
        }
    }
}

/// Whether a document (kind, tenant, version, expiry) is what is wanted and newer than what is held.
fn is_newer(
    (kind, tenant, version, expires): (&str, TenantId, u64, Wall),
    (wanted, own, held, trusted): (&str, TenantId, u64, Wall),
) -> Result<bool, Refusal> {
    if kind != wanted {
        return Err(Refusal::Kind);
    }
    if tenant != own {
        return Err(Refusal::Tenant);
    }
    if version < held {
        return Err(Refusal::Older);
    }
    if version == held {
        return Ok(false);
    }
    if expires <= trusted { Err(Refusal::Expired) } else { Ok(true) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "b9841cd9-9843-405f-be28-b2265c59ef97";
    const OTHER: &str = "c9841cd9-9843-405f-be28-b2265c59ef97";

    fn policy(version: u64) -> Verified<Policy> {
        Verified::assertion(Policy::new(TENANT.parse().unwrap(), version, Wall(1_000)))
    }

    fn accept(policies: &Policies, version: u64) -> Result<Option<Change>, Refusal> {
        policies.accept(policy(version), TENANT.parse().unwrap(), Wall(0))
    }

    // R14
    #[test]
    fn versions_only_grow() {
        let mut policies = Policies::default();
        policies.apply(accept(&policies, 3).unwrap().unwrap());
        assert!(accept(&policies, 3).unwrap().is_none());
        assert_eq!(accept(&policies, 2).unwrap_err(), Refusal::Older);
        assert!(accept(&policies, 4).unwrap().is_some());
    }

    // R14
    #[test]
    fn another_kind_another_tenant_and_the_expired_are_refused() {
        let policies = Policies::default();
        let tenant = TENANT.parse().unwrap();
        let refused = |policy, tenant, at| policies.accept(policy, tenant, Wall(at)).unwrap_err();
        assert_eq!(refused(policy(1), OTHER.parse().unwrap(), 0), Refusal::Tenant);
        assert_eq!(refused(policy(1), tenant, 1_000), Refusal::Expired);
        let other = Policy { kind: policy_kind::INDICATORS.into(), ..policy(1).into_inner() };
        assert_eq!(refused(Verified::assertion(other), tenant, 0), Refusal::Kind);
    }

    // W7
    #[test]
    fn an_expired_policy_rates_and_no_longer_shares() {
        let mut policies = Policies::default();
        policies.apply(accept(&policies, 1).unwrap().unwrap());
        assert!(policies.confirmed(Wall(999)).is_some());
        assert!(policies.confirmed(Wall(1_000)).is_none());
        assert!(policies.policy().is_some());
    }

    fn command(device: DeviceId, nonce: u64, expires: u64) -> Verified<CommandDocument> {
        Verified::assertion(CommandDocument {
            kind: policy_kind::COMMAND.into(),
            tenant: TENANT.parse().unwrap(),
            device,
            nonce: Digest::of(&nonce.to_be_bytes()),
            expires: Wall(expires),
            command: SignedCommand::Deactivate,
        })
    }

    // R14
    #[test]
    fn a_command_is_for_one_device_and_once() {
        let mut policies = Policies::default();
        let (tenant, device) = (TENANT.parse().unwrap(), OTHER.parse().unwrap());
        let refused = |policies: &Policies, document, at| {
            policies.obey(document, tenant, device, Wall(at)).unwrap_err()
        };
        assert_eq!(refused(&policies, command(TENANT.parse().unwrap(), 1, 10), 0), Refusal::Device);
        assert_eq!(refused(&policies, command(device, 1, 10), 10), Refusal::Expired);
        let (_, change) = policies.obey(command(device, 1, 10), tenant, device, Wall(0)).unwrap();
        policies.apply(change);
        assert_eq!(refused(&policies, command(device, 1, 10), 0), Refusal::Replayed);
    }

    // R14
    #[test]
    fn a_nonce_is_remembered_for_as_long_as_its_command_lives() {
        let mut policies = Policies::default();
        let (tenant, device) = (TENANT.parse().unwrap(), OTHER.parse().unwrap());
        for nonce in 0..u64::try_from(MAX_NONCES).unwrap() {
            let (_, change) = policies.obey(command(device, nonce, 10), tenant, device, Wall(0)).unwrap();
            policies.apply(change);
        }
        let more = |at| policies.obey(command(device, 999, 20), tenant, device, Wall(at));
        assert_eq!(more(9).unwrap_err(), Refusal::Crowded);
        assert!(more(10).is_ok());
    }
}
