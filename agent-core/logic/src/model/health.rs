//! Graph's ten health states, the one table that maps the axes to them, and what each level of policy lets in.

use serde::{Deserialize, Serialize};

use super::{Activation, Level, Protection, Security};

/// Graph's `managedDevicePartnerReportedHealthState`, exact names. A name of a later version reads as unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HealthState {
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
    /// Nothing reported yet.
    #[serde(other)]
    Unknown,
}

impl HealthState {
    /// All ten.
    pub const ALL: [Self; 10] = [
        Self::Unknown,
        Self::Activated,
        Self::Deactivated,
        Self::Secured,
        Self::LowSeverity,
        Self::MediumSeverity,
        Self::HighSeverity,
        Self::Unresponsive,
        Self::Compromised,
        Self::Misconfigured,
    ];

    /// The health of a device. Read from the top: each line hides what stands below it.
    #[must_use]
    pub const fn of(activation: Activation, protection: Protection, security: Security) -> Self {
        use Activation::{Activated, Deactivated, Pending};
        use Protection::{Disconnected, Protected};
        match (activation, protection, security) {
            (Deactivated, _, _) => Self::Deactivated,
            (Pending, _, Security::Misconfigured) => Self::Misconfigured,
            (Pending, _, Security::Unknown | Security::Rated(_) | Security::Compromised) => Self::Unknown,
            (Activated, Disconnected, _) => Self::Unresponsive,
            (Activated, Protected, Security::Unknown) => Self::Activated,
            (Activated, Protected, Security::Misconfigured) => Self::Misconfigured,
            (Activated, Protected, Security::Compromised) => Self::Compromised,
            (Activated, Protected, Security::Rated(level)) => Self::of_level(level),
        }
    }

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

    /// [`HealthState::of`] where `level` is known only when a report has been rated.
    #[must_use]
    pub const fn of_axes(activation: Activation, protection: Protection, level: Option<Level>) -> Self {
        let security = match level {
            None => Security::Unknown,
            Some(level) => Security::Rated(level),
        };
        Self::of(activation, protection, security)
    }

    /// The level it states, if it states one.
    #[must_use]
    pub const fn level(self) -> Option<Level> {
        match self {
            Self::Secured => Some(Level::Secured),
            Self::LowSeverity => Some(Level::Low),
            Self::MediumSeverity => Some(Level::Medium),
            Self::HighSeverity => Some(Level::High),
            Self::Unknown
            | Self::Activated
            | Self::Deactivated
            | Self::Unresponsive
            | Self::Compromised
            | Self::Misconfigured => None,
        }
    }

    /// Whether a device in this state passes a policy that allows `required` at most. A preview: Intune
    /// decides. A state without a level passes nowhere (domain.md §5.3).
    #[must_use]
    pub fn passes(self, required: Level) -> bool {
        self.level().is_some_and(|level| level <= required)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACTIVATIONS: [Activation; 3] =
        [Activation::Pending, Activation::Activated, Activation::Deactivated];
    const PROTECTIONS: [Protection; 2] = [Protection::Protected, Protection::Disconnected];

    /// One line for each of the 3 × 2 × 7 combinations, written out.
    #[test]
    fn every_combination_of_the_axes_has_its_state() {
        use HealthState::{
            Activated, Compromised, Deactivated, HighSeverity, LowSeverity, MediumSeverity, Misconfigured,
            Secured, Unknown, Unresponsive,
        };
        let pending = [Unknown, Misconfigured, Unknown, Unknown, Unknown, Unknown, Unknown];
        let protected =
            [Activated, Misconfigured, Secured, LowSeverity, MediumSeverity, HighSeverity, Compromised];
        let expected =
            [pending, pending, protected, [Unresponsive; 7], [Deactivated; 7], [Deactivated; 7]].concat();
        let mut found = Vec::new();
        for activation in ACTIVATIONS {
            for protection in PROTECTIONS {
                for security in Security::ALL {
                    found.push(HealthState::of(activation, protection, *security));
                }
            }
        }
        assert_eq!(found, expected);
        assert!(HealthState::ALL.iter().all(|state| found.contains(state)));
    }

    /// Rows: the ten states. Columns: what is allowed at most, from secured to high.
    #[test]
    fn every_state_passes_where_it_should() {
        let (yes, no) = (true, false);
        let expected = [
            (HealthState::Unknown, [no, no, no, no]),
            (HealthState::Activated, [no, no, no, no]),
            (HealthState::Deactivated, [no, no, no, no]),
            (HealthState::Secured, [yes, yes, yes, yes]),
            (HealthState::LowSeverity, [no, yes, yes, yes]),
            (HealthState::MediumSeverity, [no, no, yes, yes]),
            (HealthState::HighSeverity, [no, no, no, yes]),
            (HealthState::Unresponsive, [no, no, no, no]),
            (HealthState::Compromised, [no, no, no, no]),
            (HealthState::Misconfigured, [no, no, no, no]),
        ];
        let found = HealthState::ALL.map(|state| (state, Level::ALL.map(|level| state.passes(level))));
        assert_eq!(found, expected);
    }

    #[test]
    fn names_are_those_of_graph_and_a_later_one_is_unknown() {
        let names = HealthState::ALL.map(|state| serde_json::to_string(&state).unwrap());
        assert_eq!(
            names.join(","),
            r#""unknown","activated","deactivated","secured","lowSeverity","mediumSeverity","highSeverity","unresponsive","compromised","misconfigured""#
        );
        for (name, state) in names.iter().zip(HealthState::ALL) {
            assert_eq!(serde_json::from_str::<HealthState>(name).unwrap(), state);
        }
        assert_eq!(serde_json::from_str::<HealthState>(r#""quarantined""#).unwrap(), HealthState::Unknown);
    }

    #[test]
    fn what_the_user_cannot_end_compromises_unless_it_is_recorded_only() {
        assert_eq!(Security::worst([]), Security::Rated(Level::Secured));
        assert_eq!(Security::worst([(Level::Low, true), (Level::High, true)]), Security::Rated(Level::High));
        assert_eq!(Security::worst([(Level::Low, false), (Level::High, true)]), Security::Compromised);
        assert_eq!(Security::worst([(Level::Secured, false)]), Security::Rated(Level::Secured));
    }
}
