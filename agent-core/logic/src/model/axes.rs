//! The three axes of a device's life, and Graph's ten health states that they map to.

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

/// Graph's `managedDevicePartnerReportedHealthState`, exact names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HealthState {
    /// Nothing reported yet.
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
    /// An active threat that the user cannot fix.
    Compromised,
    /// A profile or configuration is missing; analysis cannot complete.
    Misconfigured,
}

impl HealthState {
    /// The health of an activated device in contact at `level`.
    #[must_use]
    pub const fn of_level(level: Level) -> Self {
        match level {
            Level::Secured => Self::Secured,
            Level::Low => Self::LowSeverity,
            Level::Medium => Self::MediumSeverity,
            Level::High => Self::HighSeverity,
        }
    }

    /// Maps the three axes. `level` is known only when a report has been rated.
    #[must_use]
    pub const fn of_axes(activation: Activation, protection: Protection, level: Option<Level>) -> Self {
        match (activation, protection, level) {
            (Activation::Pending, _, _) => Self::Unknown,
            (Activation::Deactivated, _, _) => Self::Deactivated,
            (Activation::Activated, Protection::Disconnected, _) => Self::Unresponsive,
            (Activation::Activated, Protection::Protected, None) => Self::Activated,
            (Activation::Activated, Protection::Protected, Some(level)) => Self::of_level(level),
        }
    }
}
