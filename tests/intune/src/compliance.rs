//! The rule "Require the device to be at or under the Device Threat Level". This crate knows the partner's
//! vocabulary from Graph's documents alone; it shares no type with the partner's cloud.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// Graph's `managedDevicePartnerReportedHealthState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HealthState {
    /// Not reported yet.
    Unknown,
    /// Activated, health not yet reported.
    Activated,
    /// Deactivated, health unknown.
    Deactivated,
    /// No threat.
    Secured,
    /// A low threat.
    LowSeverity,
    /// A medium threat.
    MediumSeverity,
    /// A high threat.
    HighSeverity,
    /// Out of contact, health unknown.
    Unresponsive,
    /// An active threat that the user cannot fix: worse than high.
    Compromised,
    /// Analysis cannot complete.
    Misconfigured,
}

/// Graph's `deviceThreatProtectionRequiredSecurityLevel`: the worst level that is still compliant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "camelCase")]
pub enum RequiredLevel {
    /// No threats at all. Newer documents call it Clear.
    Secured,
    /// Low threats only.
    Low,
    /// Low and medium threats.
    Medium,
    /// All levels; the app must be activated and report.
    High,
}

/// Graph's `complianceState`, as far as this rule sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Compliance {
    /// At or under the required level.
    Compliant,
    /// Above it, or nothing is known that would let it in.
    Noncompliant,
    /// The partner never reported it.
    Unknown,
}

/// What conditional access makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Access {
    /// The device reaches the organisation's resources.
    Granted,
    /// It does not.
    Blocked,
}

/// The outcome for one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The compliance state.
    pub state: Compliance,
    /// What follows.
    pub access: Access,
    /// One plain sentence.
    pub why: &'static str,
}

/// Compares what the partner reported last, if anything, with the level that is required.
#[must_use]
pub const fn judge(reported: Option<HealthState>, required: RequiredLevel) -> Verdict {
    let Some(health) = reported else { return UNREPORTED };
    match health {
        HealthState::Unknown => UNREPORTED,
        HealthState::Secured => pass("The partner reports no threat."),
        HealthState::LowSeverity => match required {
            RequiredLevel::Secured => fail("The partner reports a low threat, and no threat is allowed."),
            RequiredLevel::Low | RequiredLevel::Medium | RequiredLevel::High => {
                pass("The partner reports a low threat, which is allowed.")
            }
        },
        HealthState::MediumSeverity => match required {
            RequiredLevel::Secured => fail("The partner reports a medium threat, and no threat is allowed."),
            RequiredLevel::Low => {
                fail("The partner reports a medium threat, and at most a low one is allowed.")
            }
            RequiredLevel::Medium | RequiredLevel::High => {
                pass("The partner reports a medium threat, which is allowed.")
            }
        },
        HealthState::HighSeverity => match required {
            RequiredLevel::Secured => fail("The partner reports a high threat, and no threat is allowed."),
            RequiredLevel::Low => {
                fail("The partner reports a high threat, and at most a low one is allowed.")
            }
            RequiredLevel::Medium => {
                fail("The partner reports a high threat, and at most a medium one is allowed.")
            }
            RequiredLevel::High => pass("The partner reports a high threat, and every level is allowed."),
        },
        HealthState::Activated => fail("The device is activated and has not reported its health yet."),
        HealthState::Deactivated => fail("The device is deactivated, so its health is not known."),
        HealthState::Unresponsive => {
            fail("The device has not been in contact with the partner for too long.")
        }
        HealthState::Compromised => fail("The partner reports a threat that the user cannot fix."),
        HealthState::Misconfigured => fail("A profile or configuration is missing on the device."),
    }
}

const UNREPORTED: Verdict = Verdict {
    state: Compliance::Unknown,
    access: Access::Blocked,
    why: "The partner has not reported this device yet.",
};

const fn pass(why: &'static str) -> Verdict {
    Verdict { state: Compliance::Compliant, access: Access::Granted, why }
}

const fn fail(why: &'static str) -> Verdict {
    Verdict { state: Compliance::Noncompliant, access: Access::Blocked, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_at_every_level_is_as_the_documents_have_it() {
        use HealthState as H;
        use RequiredLevel::{High, Low, Medium, Secured};
        let levels = [Secured, Low, Medium, High];
        let rows = [
            (H::Secured, [true, true, true, true]),
            (H::LowSeverity, [false, true, true, true]),
            (H::MediumSeverity, [false, false, true, true]),
            (H::HighSeverity, [false, false, false, true]),
            (H::Activated, [false; 4]),
            (H::Deactivated, [false; 4]),
            (H::Unresponsive, [false; 4]),
            (H::Compromised, [false; 4]),
            (H::Misconfigured, [false; 4]),
        ];
        for (health, expected) in rows {
            for (level, compliant) in levels.into_iter().zip(expected) {
                let verdict = judge(Some(health), level);
                let state = if compliant { Compliance::Compliant } else { Compliance::Noncompliant };
                let access = if compliant { Access::Granted } else { Access::Blocked };
                assert_eq!((verdict.state, verdict.access), (state, access), "{health:?} at {level:?}");
            }
        }
        for level in levels {
            for reported in [None, Some(H::Unknown)] {
                assert_eq!(judge(reported, level).state, Compliance::Unknown);
                assert_eq!(judge(reported, level).access, Access::Blocked);
            }
        }
    }

    #[test]
    fn the_names_are_those_of_graph() {
        let names = [
            "unknown",
            "activated",
            "deactivated",
            "secured",
            "lowSeverity",
            "mediumSeverity",
            "highSeverity",
            "unresponsive",
            "compromised",
            "misconfigured",
        ];
        for name in names {
            let state: HealthState = serde_json::from_str(&format!("\"{name}\"")).unwrap();
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{name}\""));
        }
    }
}
