//! What the toggles, the connector's state and the rule make of one device.

use serde::{Deserialize, Serialize};

use crate::compliance::{Access, HealthState, RequiredLevel, Rule, Verdict, fail, judge, passed_over};
use crate::managed::{Managed, Platform};
use crate::partner::PartnerState;
use crate::settings::Settings;

/// What is set, and how the connector stands.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// The toggles.
    pub settings: &'a Settings,
    /// The connector's state at the moment of asking.
    pub partner: PartnerState,
}

/// An app protection policy's rule "Max allowed device threat level", and what follows when it is not met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppProtection {
    /// The worst level that is allowed.
    pub maximum_allowed_device_threat_level: RequiredLevel,
    /// What follows.
    pub mobile_threat_defense_remediation_action: Remediation,
}

/// Graph's `mobileThreatDefenseRemediationAction`; `warn` is not supported there either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Remediation {
    /// The protected apps do not open.
    Block,
    /// Their data is wiped.
    Wipe,
}

/// What a protected app does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Protected {
    /// No policy is evaluated.
    NotEvaluated,
    /// It opens.
    Allowed,
    /// It does not open.
    Blocked,
    /// Its data is wiped.
    Wiped,
}

impl Ground<'_> {
    /// The compliance of a device.
    #[must_use]
    pub fn comply(&self, device: &Managed, reported: Option<HealthState>, rule: Option<Rule>) -> Verdict {
        if !device.enrolled {
            return passed_over("The device is not enrolled in device management.");
        }
        let settings = self.settings;
        if !is_on(device.operating_system.as_ref(), settings.android_enabled, settings.ios_enabled) {
            return passed_over("The partner is not connected for devices of this platform.");
        }
        if !self.is_supported(device) {
            return if settings.partner_unsupported_os_version_blocked {
                fail("The device's system is older than the partner supports.")
            } else {
                passed_over("The device's system is older than the partner supports, which does not block.")
            };
        }
        if self.partner == PartnerState::Unresponsive {
            return passed_over("The partner is unresponsive; what it says is ignored.");
        }
        let Some(rule) = rule else {
            return passed_over("No device threat level is required of this device's user.");
        };
        match reported.filter(|health| *health != HealthState::Unknown && !self.partner.blocks()) {
            Some(health) => rule.judge(health),
            None if is_on(
                device.operating_system.as_ref(),
                settings.android_device_blocked_on_missing_partner_data,
                settings.ios_device_blocked_on_missing_partner_data,
            ) =>
            {
                fail(
                    "The partner has not reported this device yet, and without its word no device is let in.",
                )
            }
            None => passed_over("The partner has not reported this device yet."),
        }
    }

    /// What the protected apps of a device do, enrolled or not.
    #[must_use]
    pub fn protect(
        &self,
        device: &Managed,
        reported: Option<HealthState>,
        policy: Option<AppProtection>,
    ) -> (Protected, &'static str) {
        let settings = self.settings;
        let connected = is_on(
            device.operating_system.as_ref(),
            settings.android_mobile_application_management_enabled,
            settings.ios_mobile_application_management_enabled,
        );
        let Some(policy) = policy.filter(|_| connected && self.is_supported(device)) else {
            return (Protected::NotEvaluated, "No app protection policy evaluates this device.");
        };
        if self.partner == PartnerState::Unresponsive {
            return (Protected::NotEvaluated, "The partner is unresponsive; what it says is ignored.");
        }
        let health = reported.filter(|_| !self.partner.blocks()).unwrap_or(HealthState::Unknown);
        let verdict = judge(health, policy.maximum_allowed_device_threat_level);
        match (verdict.access, policy.mobile_threat_defense_remediation_action) {
            (Access::Granted, _) => (Protected::Allowed, verdict.why),
            // Data is wiped for a threat, not for a device that has still to install the partner's app.
            (Access::Blocked, Remediation::Wipe) if health != HealthState::Unknown => {
                (Protected::Wiped, verdict.why)
            }
            (Access::Blocked, Remediation::Wipe | Remediation::Block) => (Protected::Blocked, verdict.why),
        }
    }

    fn is_supported(&self, device: &Managed) -> bool {
        let least = match &device.operating_system {
            Some(Platform::Android) => &self.settings.android_minimum_version,
            Some(Platform::Ios) => &self.settings.ios_minimum_version,
            Some(Platform::Other(_)) | None => return true,
        };
        device.os_version.as_ref().is_none_or(|version| version >= least)
    }
}

/// A device whose system Intune was not told counts as one of either platform.
const fn is_on(platform: Option<&Platform>, android: bool, ios: bool) -> bool {
    match platform {
        Some(Platform::Android) => android,
        Some(Platform::Ios) => ios,
        Some(Platform::Other(_)) => false,
        None => android || ios,
    }
}

#[cfg(test)]
mod tests;
