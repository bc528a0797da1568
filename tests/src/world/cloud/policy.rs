//! What the administrator signs, and what somebody else sends along.

use agent_logic::model::{Classification, DeviceId, Digest, Mode, Ownership, Severity};
use agent_logic::time::Wall;
use agent_logic::wire::{CommandDocument, Manifest, Policy, SignedCommand, policy_kind};

use super::{BY_FILE, Cloud, FAR, tenant};
use crate::world::chance::Chance;
use crate::world::clock::{BUILT, DAY, HOUR};
use crate::world::network::inspector;

/// Whom documents of another tenant are for.
const OTHER: &str = "cd0dc123-9843-405f-be28-b2265c59ef97";

/// Versions that no administrator gets to.
const NEVER: u64 = 1_000_000;

/// No clock of a device is before it: its library was not built yet (D12).
const LONG_AGO: Wall = Wall(BUILT - DAY);

/// What policies are about here: everything that the phone may have, and one that it may not.
const ABOUT: [Classification; 13] = [
    Classification::NoDeviceLock,
    Classification::UsbDebugging,
    Classification::DeveloperMode,
    Classification::OutOfDateOs,
    Classification::RootJailbreak,
    Classification::RogueWifi,
    Classification::AccessControlViolation,
    Classification::Phishing,
    Classification::Trojan,
    Classification::Spyware,
    BY_FILE,
    Classification::ActiveMitm,
    Classification::Adware,
];

impl Cloud {
    /// The administrator signs another policy; the classifications that are looked for again.
    pub(in crate::world) fn sign_policy(&mut self, now: u64, chance: &mut Chance) -> Vec<Classification> {
        let before = self.policy.modes.clone();
        let policy = &mut self.policy;
        policy.version += chance.between(1, 3);
        let soon = Wall(now + chance.between(HOUR, 2 * DAY));
        let ends = chance.one_in(6);
        policy.expires = if ends { soon } else { FAR };
        match chance.below(14) {
            0 => policy.app_sync = !policy.app_sync,
            1 => policy.app_sync = true,
            2 => policy.full_inventory_on_personal = !policy.full_inventory_on_personal,
            3 => {
                let whose = [Ownership::Unknown, Ownership::Company, Ownership::Personal];
                policy.ownership = chance.pick(&whose).copied().unwrap_or_default();
            }
            4 => {
                let seconds = chance.pick(&[0, 900, 3_600, 14_400, 43_200, 86_400, 1_000_000]);
                policy.check_in_seconds = seconds.copied().unwrap_or(14_400);
            }
            5 => {
                let severity = [Severity::None, Severity::Low, Severity::Medium, Severity::High];
                let how = chance.pick(&severity).copied();
                policy.severities.extend(chance.pick(&ABOUT).copied().zip(how));
            }
            6 => policy.inspection_cas = if chance.one_in(2) { vec![inspector()] } else { Vec::new() },
            7 | 8 => {
                let mode = chance.pick(&[Mode::Off, Mode::Audit, Mode::Enable]).copied();
                policy.modes.extend(chance.pick(&ABOUT).copied().zip(mode));
            }
            9 => {
                policy.ignorable.clear();
                policy.ignorable.extend((0..4).filter_map(|_| chance.pick(&ABOUT).copied()));
            }
            10 => policy.device_state_sync = !policy.device_state_sync,
            11 | 12 => policy.threat_state_sync = !policy.threat_state_sync,
            _ => policy.renew_same_key = !policy.renew_same_key,
        }
        // What an end takes away is there before.
        policy.app_sync |= ends;
        self.signed.push(policy.clone());
        let off = before.into_iter().filter(|(_, mode)| *mode == Mode::Off).map(|(which, _)| which);
        off.filter(|which| self.policy.mode(*which) != Mode::Off).collect()
    }

    /// The administrator confirms a policy that would expire.
    pub(super) fn confirm_policy(&mut self) {
        if self.policy.expires != FAR {
            self.policy.version += 1;
            self.policy.expires = FAR;
            self.signed.push(self.policy.clone());
        }
    }

    /// A policy whose signature holds and which is for nobody here: it is of another tenant, of another kind, or over.
    pub(super) fn unfit_policy(&self, chance: &mut Chance) -> Policy {
        let mut policy =
            Policy { version: self.policy.version + NEVER, app_sync: true, ..self.policy.clone() };
        policy.ownership = Ownership::Company;
        match chance.below(3) {
            0 => policy.tenant = other(),
            1 => policy.kind = policy_kind::INDICATORS.into(),
            _ => policy.expires = LONG_AGO,
        }
        policy
    }

    /// An indicator set that is for nobody here.
    pub(super) fn unfit_set(&self, chance: &mut Chance) -> Manifest {
        let mut set = Manifest {
            kind: policy_kind::INDICATORS.into(),
            tenant: tenant(),
            version: NEVER,
            expires: FAR,
            classifications: vec![Classification::Spyware],
            buckets: Vec::new(),
        };
        match chance.below(3) {
            0 => set.tenant = other(),
            1 => set.kind = policy_kind::POLICY.into(),
            _ => set.expires = LONG_AGO,
        }
        set
    }

    /// A command to leave that is not for this device now.
    pub(super) fn unfit_command(&self, device: DeviceId, chance: &mut Chance) -> CommandDocument {
        let mut document = CommandDocument {
            kind: policy_kind::COMMAND.into(),
            tenant: tenant(),
            device,
            nonce: Digest::new(chance.bytes()),
            expires: FAR,
            command: SignedCommand::Deactivate,
        };
        match chance.below(3) {
            0 => document.tenant = other(),
            1 => document.device = crate::world::device::device(999),
            _ => document.expires = LONG_AGO,
        }
        document
    }

    /// Whether the administrator ever told this device to leave.
    pub(in crate::world) fn tells_to_leave(&self, device: DeviceId) -> bool {
        let mut told = self.commands.iter().filter(|document| document.device == device);
        told.any(|document| document.command == SignedCommand::Deactivate)
    }
}

#[expect(clippy::expect_used, reason = "a constant")]
fn other() -> agent_logic::model::TenantId {
    OTHER.parse().expect("well-formed")
}
