//! Documents under the policy key: which are believed (D9).

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::code::{self, Code};
use crate::event::Verified;
use crate::model::{DeviceId, Digest, TenantId};
use crate::time::Wall;
use crate::wire::{CommandDocument, Manifest, Policy, SignedCommand, policy_kind};

/// Nonces remembered. A command expires; more than these are not in flight for one device.
const MAX_NONCES: usize = 64;

/// Durable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Policies {
    policy: Option<Policy>,
    manifest: Option<Manifest>,
    nonces: Vec<Digest>,
}

/// What changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Change {
    Policy(Policy),
    Manifest(Manifest),
    Obeyed(Digest),
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
        let document = document.into_inner();
        check(document.kind == policy_kind::COMMAND, Refusal::WrongKind)?;
        check(document.tenant == tenant, Refusal::WrongTenant)?;
        check(document.device == device, Refusal::WrongDevice)?;
        check(document.expires > trusted, Refusal::Expired)?;
        check(!self.nonces.contains(&document.nonce), Refusal::Repeated)?;
        Ok((document.command, Change::Obeyed(document.nonce)))
    }

    /// Takes in a change.
    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::Policy(policy) => self.policy = Some(policy),
            Change::Manifest(manifest) => self.manifest = Some(manifest),
            Change::Obeyed(nonce) => {
                if self.nonces.len() >= MAX_NONCES {
                    self.nonces.remove(0);
                }
                self.nonces.push(nonce);
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

    #[test]
    fn versions_only_grow() {
        let mut policies = Policies::default();
        let tenant = TENANT.parse().unwrap();
        policies.apply(policies.accept(policy(3), tenant, Wall(0)).unwrap());
        assert_eq!(policies.accept(policy(3), tenant, Wall(0)).unwrap_err(), Refusal::InForce);
        assert_eq!(policies.accept(policy(2), tenant, Wall(0)).unwrap_err(), Refusal::Old);
        assert!(policies.accept(policy(4), tenant, Wall(0)).is_ok());
    }

    #[test]
    fn another_tenants_and_expired_policies_are_refused() {
        let policies = Policies::default();
        let refusal = |tenant: &str, trusted| {
            policies.accept(policy(1), tenant.parse().unwrap(), Wall(trusted)).unwrap_err()
        };
        assert_eq!(refusal(OTHER, 0), Refusal::WrongTenant);
        assert_eq!(refusal(TENANT, 1_000), Refusal::Expired);
    }

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
        let command = |device| {
            Verified::assertion(CommandDocument {
                kind: policy_kind::COMMAND.into(),
                tenant,
                device,
                nonce: Digest::of(b"1"),
                expires: Wall(10),
                command: SignedCommand::Deactivate,
            })
        };
        let elsewhere = policies.obey(command(TENANT.parse().unwrap()), tenant, device, Wall(0));
        assert_eq!(elsewhere.unwrap_err(), Refusal::WrongDevice);
        let (_, change) = policies.obey(command(device), tenant, device, Wall(0)).unwrap();
        policies.apply(change);
        let again = policies.obey(command(device), tenant, device, Wall(0));
        assert_eq!(again.unwrap_err(), Refusal::Repeated);
    }
}
