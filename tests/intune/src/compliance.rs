//! The rule "Require the device to be at or under the Device Threat Level", and its other wording, "noncompliant
//! with an active threat of at least". This crate knows the partner's vocabulary from Graph's documents alone; it
//! shares no type with the partner's cloud.

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
    /// A word that this version does not know: taken, and never let in for.
    #[serde(other, rename = "unknownFutureValue")]
    Unrecognised,
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

/// The other wording of the rule: the least threat that makes a device noncompliant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "camelCase")]
pub enum LeastBlocked {
    /// Any threat.
    Low,
    /// Medium threats and worse.
    Medium,
    /// High threats and worse.
    High,
}

/// The rule as the administrator worded it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Rule {
    /// The worst level that is still compliant.
    RequiredLevel(RequiredLevel),
    /// The least level that is not.
    BlockedFrom(LeastBlocked),
}

/// Graph's `complianceState`, as far as this rule sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Compliance {
    /// At or under the required level.
    Compliant,
    /// Above it, or nothing is known that would let it in.
    Noncompliant,
    /// The rule is not evaluated.
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

impl Rule {
    /// What the rule says of a device in `health`.
    #[must_use]
    pub const fn judge(self, health: HealthState) -> Verdict {
        match self {
            Self::RequiredLevel(level) => judge(health, level),
            Self::BlockedFrom(least) => judge_from(health, least),
        }
    }

    /// The worst level that the rule lets in: by this, two rules are compared.
    #[must_use]
    pub const fn tolerates(self) -> RequiredLevel {
        match self {
            Self::RequiredLevel(level) => level,
            Self::BlockedFrom(LeastBlocked::Low) => RequiredLevel::Secured,
            Self::BlockedFrom(LeastBlocked::Medium) => RequiredLevel::Low,
            Self::BlockedFrom(LeastBlocked::High) => RequiredLevel::Medium,
        }
    }
}

/// Compares what the partner reported last with the worst level that is allowed.
#[must_use]
pub const fn judge(health: HealthState, required: RequiredLevel) -> Verdict {
    match health {
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
        HealthState::Unknown
        | HealthState::Activated
        | HealthState::Deactivated
        | HealthState::Unresponsive
        | HealthState::Compromised
        | HealthState::Misconfigured
        | HealthState::Unrecognised => without_level(health),
    }
}

/// Compares what the partner reported last with the least level that blocks.
#[must_use]
pub const fn judge_from(health: HealthState, least: LeastBlocked) -> Verdict {
    match (health, least) {
        (HealthState::Secured, _) => pass("The partner reports no active threat."),
        (HealthState::LowSeverity, LeastBlocked::Low) => {
            fail("The partner reports a low threat, and low threats block.")
        }
        (HealthState::LowSeverity, LeastBlocked::Medium | LeastBlocked::High) => {
            pass("The partner reports a low threat, which does not block.")
        }
        (HealthState::MediumSeverity, LeastBlocked::Low | LeastBlocked::Medium) => {
            fail("The partner reports a medium threat, and medium threats block.")
        }
        (HealthState::MediumSeverity, LeastBlocked::High) => {
            pass("The partner reports a medium threat, which does not block.")
        }
        (HealthState::HighSeverity, _) => fail("The partner reports a high threat, and high threats block."),
        (
            HealthState::Unknown
            | HealthState::Activated
            | HealthState::Deactivated
            | HealthState::Unresponsive
            | HealthState::Compromised
            | HealthState::Misconfigured
            | HealthState::Unrecognised,
            _,
        ) => without_level(health),
    }
}

/// States that no level lets in, not even High: that one still wants an app that is activated and reports.
const fn without_level(health: HealthState) -> Verdict {
    fail(match health {
        HealthState::Unknown => "The partner has not been told anything by this device yet.",
        HealthState::Activated => "The device is activated and has not reported its health yet.",
        HealthState::Deactivated => "The device is deactivated, so its health is not known.",
        HealthState::Unresponsive => "The device has not been in contact with the partner for too long.",
        HealthState::Compromised => "The partner reports a threat that the user cannot fix.",
        HealthState::Misconfigured => "A profile or configuration is missing on the device.",
        HealthState::Secured
        | HealthState::LowSeverity
        | HealthState::MediumSeverity
        | HealthState::HighSeverity
        | HealthState::Unrecognised => "The partner reports a state that is not known here.",
    })
}

/// The rule is not evaluated, so nothing is held against the device.
pub(crate) const fn passed_over(why: &'static str) -> Verdict {
    Verdict { state: Compliance::Unknown, access: Access::Granted, why }
}

/// Compliant.
pub(crate) const fn pass(why: &'static str) -> Verdict {
    Verdict { state: Compliance::Compliant, access: Access::Granted, why }
}

/// Noncompliant.
pub(crate) const fn fail(why: &'static str) -> Verdict {
    Verdict { state: Compliance::Noncompliant, access: Access::Blocked, why }
}

#[cfg(test)]
mod tests {
    use HealthState as H;

    use super::*;

    /// Compliant at a maximum of secured, low, medium, high; and below a least blocked level of low, medium, high.
    const TABLE: [(H, [bool; 4], [bool; 3]); 11] = [
        (H::Secured, [true; 4], [true; 3]),
        (H::LowSeverity, [false, true, true, true], [false, true, true]),
        (H::MediumSeverity, [false, false, true, true], [false, false, true]),
        (H::HighSeverity, [false, false, false, true], [false; 3]),
        (H::Unknown, [false; 4], [false; 3]),
        (H::Activated, [false; 4], [false; 3]),
        (H::Deactivated, [false; 4], [false; 3]),
        (H::Unresponsive, [false; 4], [false; 3]),
        (H::Compromised, [false; 4], [false; 3]),
        (H::Misconfigured, [false; 4], [false; 3]),
        (H::Unrecognised, [false; 4], [false; 3]),
    ];

    const MOST: [RequiredLevel; 4] =
        [RequiredLevel::Secured, RequiredLevel::Low, RequiredLevel::Medium, RequiredLevel::High];
    const LEAST: [LeastBlocked; 3] = [LeastBlocked::Low, LeastBlocked::Medium, LeastBlocked::High];

    fn check(verdict: Verdict, compliant: bool, what: &str) {
        let expected = if compliant {
            (Compliance::Compliant, Access::Granted)
        } else {
            (Compliance::Noncompliant, Access::Blocked)
        };
        assert_eq!((verdict.state, verdict.access), expected, "{what}");
    }

    #[test]
    fn every_state_at_every_allowed_level() {
        for (health, most, _) in TABLE {
            for (level, compliant) in MOST.into_iter().zip(most) {
                check(
                    Rule::RequiredLevel(level).judge(health),
                    compliant,
                    &format!("{health:?} at {level:?}"),
                );
            }
        }
    }

    #[test]
    fn every_state_at_every_blocking_level() {
        for (health, _, least) in TABLE {
            for (level, compliant) in LEAST.into_iter().zip(least) {
                check(
                    Rule::BlockedFrom(level).judge(health),
                    compliant,
                    &format!("{health:?} from {level:?}"),
                );
            }
        }
    }

    #[test]
    fn the_two_wordings_are_one_step_apart() {
        for least in LEAST {
            let rule = Rule::BlockedFrom(least);
            for (health, _, _) in TABLE {
                assert_eq!(
                    rule.judge(health).state,
                    judge(health, rule.tolerates()).state,
                    "{health:?} {least:?}"
                );
            }
        }
        let tolerated = LEAST.map(|least| Rule::BlockedFrom(least).tolerates());
        assert_eq!(tolerated, [RequiredLevel::Secured, RequiredLevel::Low, RequiredLevel::Medium]);
    }

    #[test]
    fn the_names_are_those_of_graph_and_a_later_one_is_taken() {
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
            assert_ne!(state, H::Unrecognised);
        }
        assert_eq!(serde_json::from_str::<HealthState>("\"splendid\"").unwrap(), H::Unrecognised);
        assert!(serde_json::from_str::<HealthState>("7").is_err());
    }

    #[test]
    fn a_rule_is_written_in_either_wording() {
        let read = |text: &str| serde_json::from_str::<Rule>(text).unwrap();
        assert_eq!(read(r#"{"requiredLevel":"low"}"#), Rule::RequiredLevel(RequiredLevel::Low));
        assert_eq!(read(r#"{"blockedFrom":"medium"}"#), Rule::BlockedFrom(LeastBlocked::Medium));
    }
}
