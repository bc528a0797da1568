//! Documents under the partner's policy key. Each is the payload of a compact JWS (ES256).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::{Classification, DeviceId, Digest, Mode, Ownership, Severity, TenantId};
use crate::sorted::Sorted;
use crate::time::Wall;

/// The value of `kind` in each document.
pub mod policy_kind {
    /// [`super::Policy`].
    pub const POLICY: &str = "policy";
    /// [`crate::wire::Manifest`].
    pub const INDICATORS: &str = "indicators";
    /// [`super::CommandDocument`].
    pub const COMMAND: &str = "command";
}

/// What the administrator decided for a group of devices. Every absent key has the default named here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// [`policy_kind::POLICY`].
    pub kind: String,
    /// The tenant it is for; refused elsewhere.
    pub tenant: TenantId,
    /// Grows; an older one is refused.
    pub version: u64,
    /// Refused after this moment.
    pub expires: Wall,
    /// Inventory may be shared. Default false (seed 001: nothing is shared by default).
    #[serde(default)]
    pub app_sync: bool,
    /// Unmanaged apps of personal devices may be shared too. Default false.
    #[serde(default)]
    pub full_inventory_on_personal: bool,
    /// Who owns the devices this policy is for. Default unknown, treated as personal.
    #[serde(default)]
    pub ownership: Ownership,
    /// Seconds between check-ins, 900 to 86,400. Default 14,400.
    #[serde(default = "defaults::check_in_seconds")]
    pub check_in_seconds: u32,
    /// Days without contact until disconnected, 1 to 90. Default 7.
    #[serde(default = "defaults::disconnected_days")]
    pub disconnected_days: u16,
    /// Severities that differ from the table's.
    #[serde(default)]
    pub severities: Sorted<Classification, Severity>,
    /// Classifications that are not in [`Mode::Enable`] (P3).
    #[serde(default)]
    pub modes: Sorted<Classification, Mode>,
    /// Classifications that the user may ignore. Default none (P4).
    #[serde(default)]
    pub ignorable: BTreeSet<Classification>,
    /// Facts about the device are shared. Default true; off changes detail, never the level (P6).
    #[serde(default = "defaults::on")]
    pub device_state_sync: bool,
    /// Threats are shared one by one. Default true; off leaves the level alone to travel (P6).
    #[serde(default = "defaults::on")]
    pub threat_state_sync: bool,
    /// SHA-256 of the SubjectPublicKeyInfo of CAs that inspect traffic on the organisation's behalf.
    #[serde(default)]
    pub inspection_cas: Vec<Digest>,
    /// Clean handshakes that close an interception, 1 to 20. Default 3.
    #[serde(default = "defaults::clean_handshakes")]
    pub clean_handshakes: u8,
    /// Renewal keeps the key. Default false: each certificate has a key of its own.
    #[serde(default)]
    pub renew_same_key: bool,
    /// The user cannot leave; the signed command still makes the device leave. Default false: leaving is
    /// reported.
    #[serde(default)]
    pub prevent_unenrolment: bool,
}

mod defaults {
    pub(super) const fn check_in_seconds() -> u32 {
        14_400
    }
    pub(super) const fn disconnected_days() -> u16 {
        7
    }
    pub(super) const fn clean_handshakes() -> u8 {
        3
    }
    pub(super) const fn on() -> bool {
        true
    }
}

impl Policy {
    /// A policy of `version` in which every choice has its default.
    #[must_use]
    pub fn new(tenant: TenantId, version: u64, expires: Wall) -> Self {
        Self {
            kind: policy_kind::POLICY.into(),
            tenant,
            version,
            expires,
            app_sync: false,
            full_inventory_on_personal: false,
            ownership: Ownership::Unknown,
            check_in_seconds: defaults::check_in_seconds(),
            disconnected_days: defaults::disconnected_days(),
            severities: Sorted::new(),
            modes: Sorted::new(),
            ignorable: BTreeSet::new(),
            device_state_sync: defaults::on(),
            threat_state_sync: defaults::on(),
            inspection_cas: Vec::new(),
            clean_handshakes: defaults::clean_handshakes(),
            renew_same_key: false,
            prevent_unenrolment: false,
        }
    }

    /// The severity of `classification` under this policy: the table's unless overridden; none unless enabled.
    #[must_use]
    pub fn severity(&self, classification: Classification) -> Severity {
        match self.mode(classification) {
            Mode::Off | Mode::Audit => Severity::None,
            Mode::Enable => self
                .severities
                .get(&classification)
                .copied()
                .unwrap_or_else(|| classification.default_severity()),
        }
    }

    /// What becomes of `classification`.
    #[must_use]
    pub fn mode(&self, classification: Classification) -> Mode {
        self.modes.get(&classification).copied().unwrap_or_default()
    }

    /// Whether a user's choice to ignore a threat of `classification` counts.
    #[must_use]
    pub fn may_ignore(&self, classification: Classification) -> bool {
        self.ignorable.contains(&classification)
    }
}

/// A command that changes the device's standing, for one device and once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommandDocument {
    /// [`policy_kind::COMMAND`].
    pub kind: String,
    /// The tenant it is for.
    pub tenant: TenantId,
    /// The device it is for.
    pub device: DeviceId,
    /// Never used twice on a device.
    pub nonce: Digest,
    /// Refused after this moment.
    pub expires: Wall,
    /// What to do.
    pub command: SignedCommand,
}

/// What a signed command asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SignedCommand {
    /// Tell the cloud, then wipe.
    Deactivate,
    /// Make a new key and enrol it under the present certificate.
    ReEnrol,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_policy_leaves_out_shares_nothing() {
        let policy: Policy = serde_json::from_str(
            r#"{"kind":"policy","tenant":"b9841cd9-9843-405f-be28-b2265c59ef97","version":1,"expires":5}"#,
        )
        .unwrap();
        assert_eq!(policy, Policy::new(policy.tenant, 1, Wall(5)));
        assert!(!policy.app_sync);
        assert_eq!(policy.ownership, Ownership::Unknown);
        assert!(policy.device_state_sync && policy.threat_state_sync);
    }

    // P2, P3
    #[test]
    fn only_what_is_enabled_is_rated() {
        let mut policy = Policy::new("b9841cd9-9843-405f-be28-b2265c59ef97".parse().unwrap(), 1, Wall(5));
        policy.severities.insert(Classification::Adware, Severity::High);
        for (mode, severity) in
            [(Mode::Enable, Severity::High), (Mode::Audit, Severity::None), (Mode::Off, Severity::None)]
        {
            policy.modes.insert(Classification::Adware, mode);
            assert_eq!(policy.severity(Classification::Adware), severity, "{mode:?}");
        }
    }
}
