//! Documents under the policy key: which are believed (D9, R14).
//!
//! A document is for one tenant, of one kind, not expired, and newer than the one held; versions grow across restarts
//! because what is held is durable. A policy that expires while it is in force still rates threats, since dropping it
//! would lower a level; it no longer lets the inventory be shared, since nobody confirms that it still may be (W7).

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::code::{self, Code};
use crate::event::Verified;
use crate::model::{DeviceId, Digest, TenantId};
use crate::time::Wall;
use crate::wire::{CommandDocument, Manifest, Policy, SignedCommand, policy_kind};

/// Nonces remembered until their commands expire. While so many are in flight no other command is obeyed.
const MAX_NONCES: usize = 64;

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

/// Why a document whose signature holds is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    WrongKind,
    WrongTenant,
    /// It is the one in force: an answer may repeat it.
    InForce,
    Old,
    Expired,
    WrongDevice,
    Repeated,
    /// Too many commands are in flight.
    Crowded,
}

impl Refusal {
    /// Its number; none for what is no fault.
    pub(crate) const fn code(&self) -> Option<Code> {
        match self {
            Self::WrongKind => Some(code::DOCUMENT_WRONG_KIND),
            Self::WrongTenant => Some(code::DOCUMENT_WRONG_TENANT),
            Self::InForce => None,
            Self::Old => Some(code::DOCUMENT_OLD),
            Self::Expired => Some(code::DOCUMENT_EXPIRED),
            Self::WrongDevice => Some(code::COMMAND_WRONG_DEVICE),
            Self::Repeated => Some(code::COMMAND_REPEATED),
            Self::Crowded => Some(code::COMMANDS_CROWDED),
        }
    }
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

    /// The change that a policy makes, or why it makes none.
    pub(crate) fn accept(
        &self,
        policy: Verified<Policy>,
        tenant: TenantId,
        trusted: Wall,
    ) -> Result<Change, Refusal> {
        let policy = policy.into_inner();
        let held = self.policy.as_ref().map_or(0, |held| held.version);
        check(policy.kind == policy_kind::POLICY, Refusal::WrongKind)?;
        check(policy.tenant == tenant, Refusal::WrongTenant)?;
        check_version(policy.version, held)?;
        check(policy.expires > trusted, Refusal::Expired)?;
        Ok(Change::Policy(policy))
    }

    /// The indicator set that replaces the one in force, or why it does not.
    pub(crate) fn accept_manifest(
        &self,
        manifest: Verified<Manifest>,
        tenant: TenantId,
        trusted: Wall,
    ) -> Result<Manifest, Refusal> {
        let manifest = manifest.into_inner();
        let held = self.manifest.as_ref().map_or(0, |held| held.version);
        check(manifest.kind == policy_kind::INDICATORS, Refusal::WrongKind)?;
        check(manifest.tenant == tenant, Refusal::WrongTenant)?;
        check_version(manifest.version, held)?;
        check(manifest.expires > trusted, Refusal::Expired)?;
        Ok(manifest)
    }

    /// The command that is obeyed, with the change that keeps it from being obeyed twice, or why it is not.
    pub(crate) fn obey(
        &self,
        document: Verified<CommandDocument>,
        tenant: TenantId,
        device: DeviceId,
        trusted: Wall,
    ) -> Result<(SignedCommand, Change), Refusal> {
        let CommandDocument { kind, tenant: of, device: to, nonce, expires, command } = document.into_inner();
        check(kind == policy_kind::COMMAND, Refusal::WrongKind)?;
        check(of == tenant, Refusal::WrongTenant)?;
        check(to == device, Refusal::WrongDevice)?;
        check(expires > trusted, Refusal::Expired)?;
        check(!self.nonces.iter().any(|(held, _)| *held == nonce), Refusal::Repeated)?;
        let in_flight = self.nonces.iter().filter(|(_, expires)| *expires > trusted).count();
        check(in_flight < MAX_NONCES, Refusal::Crowded)?;
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

fn check(holds: bool, refusal: Refusal) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(refusal) }
}

/// Versions only grow.
fn check_version(offered: u64, held: u64) -> Result<(), Refusal> {
    match offered.cmp(&held) {
        Ordering::Greater => Ok(()),
        Ordering::Equal => Err(Refusal::InForce),
        Ordering::Less => Err(Refusal::Old),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "b9841cd9-9843-405f-be28-b2265c59ef97";
    const OTHER: &str = "c9841cd9-9843-405f-be28-b2265c59ef97";

    fn policy(version: u64) -> Verified<Policy> {
        Verified::assertion(Policy::new(TENANT.parse().unwrap(), version, Wall(1_000)))
    }

    fn accept(policies: &Policies, version: u64) -> Result<Change, Refusal> {
        policies.accept(policy(version), TENANT.parse().unwrap(), Wall(0))
    }

    // R14
    #[test]
    fn versions_only_grow() {
        let mut policies = Policies::default();
        let tenant = TENANT.parse().unwrap();
        policies.apply(policies.accept(policy(3), tenant, Wall(0)).unwrap());
        assert_eq!(policies.accept(policy(3), tenant, Wall(0)).unwrap_err(), Refusal::InForce);
        assert_eq!(policies.accept(policy(2), tenant, Wall(0)).unwrap_err(), Refusal::Old);
        assert!(policies.accept(policy(4), tenant, Wall(0)).is_ok());
    }

    // R14
    #[test]
    fn another_kind_another_tenant_and_the_expired_are_refused() {
        let policies = Policies::default();
        let refusal = |tenant: &str, trusted| {
            policies.accept(policy(1), tenant.parse().unwrap(), Wall(trusted)).unwrap_err()
        };
        assert_eq!(refusal(OTHER, 0), Refusal::WrongTenant);
        assert_eq!(refusal(TENANT, 1_000), Refusal::Expired);
    }

    // W7
    #[test]
    fn an_expired_policy_rates_and_no_longer_shares() {
        let mut policies = Policies::default();
        policies.apply(accept(&policies, 1).unwrap());
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
    fn another_tenants_indicators_are_refused() {
        let manifest = Manifest {
            kind: policy_kind::INDICATORS.into(),
            tenant: TENANT.parse().unwrap(),
            version: 1,
            expires: Wall(1_000),
            classifications: Vec::new(),
            buckets: Vec::new(),
        };
        let policies = Policies::default();
        let accept = |tenant: &str| {
            let manifest = Verified::assertion(manifest.clone());
            policies.accept_manifest(manifest, tenant.parse().unwrap(), Wall(0))
        };
        assert_eq!(accept(OTHER).unwrap_err(), Refusal::WrongTenant);
        assert_eq!(accept(TENANT).unwrap(), manifest);
    }

    #[test]
    fn a_command_is_for_one_device_and_once() {
        let mut policies = Policies::default();
        let (tenant, device) = (TENANT.parse().unwrap(), OTHER.parse().unwrap());
        let refused = |policies: &Policies, document, at| {
            policies.obey(document, tenant, device, Wall(at)).unwrap_err()
        };
        assert_eq!(refused(&policies, command(TENANT.parse().unwrap(), 1, 10), 0), Refusal::WrongDevice);
        assert_eq!(refused(&policies, command(device, 1, 10), 10), Refusal::Expired);
        let (_, change) = policies.obey(command(device, 1, 10), tenant, device, Wall(0)).unwrap();
        policies.apply(change);
        assert_eq!(refused(&policies, command(device, 1, 10), 0), Refusal::Repeated);
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
