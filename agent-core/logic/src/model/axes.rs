//! The three axes of a device's life.

use serde::{Deserialize, Serialize};

/// Where the device stands with the partner's cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Activation {
    /// Not enrolled yet.
    Pending,
    /// Enrolled, and a check-in under mutual TLS has proved it.
    Activated,
    /// Left; nothing is known of its health.
    Deactivated,
}

/// Whether the agent is in contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Protection {
    /// In contact within the days the policy allows.
    Protected,
    /// Out of contact for longer than the policy allows.
    Disconnected,
}

/// What is known of the device's safety: the third axis, with what stands outside its four levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Not rated yet.
    Unknown,
    /// A configuration is missing or not acceptable: it cannot be rated.
    Misconfigured,
    /// Rated by its worst threat.
    Rated(Level),
    /// A threat is open that the user cannot end.
    Compromised,
}

impl Security {
    /// Every value.
    pub const ALL: &[Self] = &[
        Self::Unknown,
        Self::Misconfigured,
        Self::Rated(Level::Secured),
        Self::Rated(Level::Low),
        Self::Rated(Level::Medium),
        Self::Rated(Level::High),
        Self::Compromised,
    ];

    /// The worst of the threats that count: for each its level and whether the user can end it. A threat
    /// that gives no level makes nothing compromised.
    pub fn worst(threats: impl IntoIterator<Item = (Level, bool)>) -> Self {
        let mut worst = Level::Secured;
        let mut beyond_user = false;
        for (level, user_can_fix) in threats {
            worst = worst.max(level);
            beyond_user |= level > Level::Secured && !user_can_fix;
        }
        if beyond_user { Self::Compromised } else { Self::Rated(worst) }
    }
}

/// The risk of a device: its worst open, non-ignored threat. Ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// No open threat that counts.
    Secured,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
}

impl Level {
    /// Every level, in order.
    pub const ALL: [Self; 4] = [Self::Secured, Self::Low, Self::Medium, Self::High];
}

/// Who owns the device, after Graph's `managedDeviceOwnerType`. Unknown is treated as personal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Ownership {
    /// Not stated.
    #[default]
    Unknown,
    /// The organisation's.
    Company,
    /// The user's own.
    Personal,
}
