//! Documents under the policy key: which are believed (D9).

use serde::{Deserialize, Serialize};

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

impl Policies {
    /// The policy in force.
    pub(crate) const fn policy(&self) -> Option<&Policy> {
        self.policy.as_ref()
    }

    /// The indicator set in force.
    pub(crate) const fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    /// Whether a policy replaces the one in force.
    pub(crate) fn accept(&self, policy: Verified<Policy>, tenant: TenantId, trusted: Wall) -> Option<Change> {
        let policy = policy.into_inner();
        let held = self.policy.as_ref().map_or(0, |held| held.version);
        let good = policy.kind == policy_kind::POLICY
            && policy.tenant == tenant
            && policy.version > held
            && policy.expires > trusted;
        good.then_some(Change::Policy(policy))
    }

    /// Whether an indicator set replaces the one in force.
    pub(crate) fn accept_manifest(
        &self,
        manifest: Verified<Manifest>,
        tenant: TenantId,
        trusted: Wall,
    ) -> Option<Manifest> {
        let manifest = manifest.into_inner();
        let held = self.manifest.as_ref().map_or(0, |held| held.version);
        let good = manifest.kind == policy_kind::INDICATORS
            && manifest.tenant == tenant
            && manifest.version > held
            && manifest.expires > trusted;
        good.then_some(manifest)
    }

    /// Whether a command is obeyed, and the change that keeps it from being obeyed twice.
    pub(crate) fn obey(
        &self,
        document: Verified<CommandDocument>,
        tenant: TenantId,
        device: DeviceId,
        trusted: Wall,
    ) -> Option<(SignedCommand, Change)> {
        let document = document.into_inner();
        let good = document.kind == policy_kind::COMMAND
            && document.tenant == tenant
            && document.device == device
            && document.expires > trusted
            && !self.nonces.contains(&document.nonce);
        good.then_some((document.command, Change::Obeyed(document.nonce)))
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
        assert!(policies.accept(policy(3), tenant, Wall(0)).is_none());
        assert!(policies.accept(policy(2), tenant, Wall(0)).is_none());
        assert!(policies.accept(policy(4), tenant, Wall(0)).is_some());
    }

    #[test]
    fn another_tenants_and_expired_policies_are_refused() {
        let policies = Policies::default();
        assert!(policies.accept(policy(1), OTHER.parse().unwrap(), Wall(0)).is_none());
        assert!(policies.accept(policy(1), TENANT.parse().unwrap(), Wall(1_000)).is_none());
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
        assert!(policies.obey(command(TENANT.parse().unwrap()), tenant, device, Wall(0)).is_none());
        let (_, change) = policies.obey(command(device), tenant, device, Wall(0)).unwrap();
        policies.apply(change);
        assert!(policies.obey(command(device), tenant, device, Wall(0)).is_none());
    }
}
