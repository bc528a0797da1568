//! The state of the connector, what it blocks, and when the partner counts as silent.

use serde::{Deserialize, Serialize};

use crate::clock::DAY;
use crate::settings::Settings;

/// Graph's `mobileThreatPartnerTenantState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PartnerState {
    /// Deprovisioned; the partner has to provision it again.
    Unavailable,
    /// Set up, no platform connected.
    Available,
    /// Set up, at least one platform connected.
    Enabled,
    /// Silent for as many days as the administrator allows, or longer.
    Unresponsive,
    /// Setup is not complete: the administrator or the partner has not done its part.
    NotSetUp,
    /// The partner sent an error code.
    Error,
    /// A state of a later version.
    #[serde(other)]
    UnknownFutureValue,
}

/// What is known of the partner's side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// The administrator took the connection away.
    pub deprovisioned: bool,
    /// The last heartbeat, milliseconds since 1970 UTC.
    pub heartbeat: Option<u64>,
    /// The last message of any kind.
    pub synchronised: Option<u64>,
    /// The error code of the last heartbeat, if it had one.
    pub error: Option<u32>,
    /// The last heartbeat said that the partner's setup is not complete.
    pub incomplete: bool,
}

/// What a heartbeat says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// The partner cannot do its part, by its own code.
    pub error: Option<u32>,
    /// Its setup is complete.
    pub complete: bool,
}

impl Heartbeat {
    /// All is well.
    pub const WELL: Self = Self { error: None, complete: true };
}

impl PartnerState {
    /// The state at `now`. What keeps data out wins over silence, silence over an error.
    #[must_use]
    pub fn of(contact: &Contact, settings: &Settings, now: u64) -> Self {
        let Some(heartbeat) = contact.heartbeat.filter(|_| !contact.deprovisioned) else {
            return if contact.deprovisioned { Self::Unavailable } else { Self::NotSetUp };
        };
        let patience = u64::from(settings.partner_unresponsiveness_threshold_in_days).saturating_mul(DAY);
        if contact.incomplete {
            Self::NotSetUp
        } else if now.saturating_sub(heartbeat) >= patience {
            Self::Unresponsive
        } else if contact.error.is_some() {
            Self::Error
        } else if settings.android_enabled || settings.ios_enabled || settings.app_protection() {
            Self::Enabled
        } else {
            Self::Available
        }
    }

    /// Whether messages about devices and requests for App Sync are refused.
    #[must_use]
    pub const fn blocks(self) -> bool {
        match self {
            Self::Unavailable | Self::NotSetUp => true,
            Self::Available | Self::Enabled | Self::Unresponsive | Self::Error | Self::UnknownFutureValue => {
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings { partner_unresponsiveness_threshold_in_days: 3, ..Settings::default() }
    }

    fn contact() -> Contact {
        Contact { heartbeat: Some(DAY), ..Contact::default() }
    }

    #[test]
    fn each_state_has_its_cause() {
        let state = |contact: Contact, settings: &Settings| PartnerState::of(&contact, settings, DAY);
        let plain = settings();
        assert_eq!(state(Contact::default(), &plain), PartnerState::NotSetUp);
        assert_eq!(state(contact(), &plain), PartnerState::Available);
        for on in [
            Settings { android_enabled: true, ..settings() },
            Settings { ios_enabled: true, ..settings() },
            Settings { android_mobile_application_management_enabled: true, ..settings() },
        ] {
            assert_eq!(state(contact(), &on), PartnerState::Enabled);
        }
        assert_eq!(state(Contact { error: Some(7), ..contact() }, &plain), PartnerState::Error);
        assert_eq!(state(Contact { incomplete: true, ..contact() }, &plain), PartnerState::NotSetUp);
        let gone = Contact { deprovisioned: true, ..contact() };
        assert_eq!(state(gone, &plain), PartnerState::Unavailable);
    }

    #[test]
    fn silence_of_the_days_allowed_is_unresponsive_and_a_moment_less_is_not() {
        let at = |now| PartnerState::of(&contact(), &settings(), now);
        assert_eq!(at(4 * DAY - 1), PartnerState::Available);
        assert_eq!(at(4 * DAY), PartnerState::Unresponsive);
        let failed = Contact { error: Some(1), ..contact() };
        assert_eq!(PartnerState::of(&failed, &settings(), 4 * DAY), PartnerState::Unresponsive);
        let gone = Contact { deprovisioned: true, ..contact() };
        assert_eq!(PartnerState::of(&gone, &settings(), 4 * DAY), PartnerState::Unavailable);
    }

    #[test]
    fn only_a_connection_that_is_not_there_blocks() {
        let rows = [
            ("unavailable", true),
            ("notSetUp", true),
            ("available", false),
            ("enabled", false),
            ("unresponsive", false),
            ("error", false),
            ("somethingOfTomorrow", false),
        ];
        for (name, blocks) in rows {
            let state: PartnerState = serde_json::from_str(&format!("\"{name}\"")).unwrap();
            assert_eq!(state.blocks(), blocks, "{name}");
            let written = serde_json::to_string(&state).unwrap();
            assert_eq!(written == format!("\"{name}\""), state != PartnerState::UnknownFutureValue);
        }
    }
}
