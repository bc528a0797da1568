//! What the administrator of Intune sets for the connector. The names are those of Graph's
//! `mobileThreatDefenseConnector`, except for the minimum versions, which each partner documents for itself.

use serde::{Deserialize, Serialize};

use crate::managed::Version;

/// The options of seeds 000–003. The defaults are Graph's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    /// Android devices are evaluated with what the partner says.
    #[serde(default)]
    pub android_enabled: bool,
    /// iOS devices are.
    #[serde(default)]
    pub ios_enabled: bool,
    /// An Android device of which the partner said nothing is noncompliant.
    #[serde(default)]
    pub android_device_blocked_on_missing_partner_data: bool,
    /// An iOS device of which it said nothing is.
    #[serde(default)]
    pub ios_device_blocked_on_missing_partner_data: bool,
    /// App Sync: the partner may ask for the apps of iOS devices.
    #[serde(default, rename = "allowPartnerToCollectIOSApplicationMetadata")]
    pub app_sync: bool,
    /// Apps of personal devices that Intune did not deploy are in the answer too.
    #[serde(default, rename = "allowPartnerToCollectIOSPersonalApplicationMetadata")]
    pub full_personal: bool,
    /// A device whose system is older than the minimum is noncompliant.
    #[serde(default)]
    pub partner_unsupported_os_version_blocked: bool,
    /// App protection policies evaluate Android devices with what the partner says.
    #[serde(default)]
    pub android_mobile_application_management_enabled: bool,
    /// They evaluate iOS devices.
    #[serde(default)]
    pub ios_mobile_application_management_enabled: bool,
    /// Days of silence after which the partner's word is ignored.
    #[serde(default = "default_days")]
    pub partner_unresponsiveness_threshold_in_days: u32,
    /// The oldest Android that the partner supports.
    #[serde(default = "android_floor")]
    pub android_minimum_version: Version,
    /// The oldest iOS that it supports.
    #[serde(default = "ios_floor")]
    pub ios_minimum_version: Version,
}

impl Settings {
    /// Whether any app protection policy is evaluated with the partner's word.
    #[must_use]
    pub const fn app_protection(&self) -> bool {
        self.android_mobile_application_management_enabled || self.ios_mobile_application_management_enabled
    }

    /// Whether every value is within its bounds.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        (1..=MAX_DAYS).contains(&self.partner_unresponsiveness_threshold_in_days)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            android_enabled: false,
            ios_enabled: false,
            android_device_blocked_on_missing_partner_data: false,
            ios_device_blocked_on_missing_partner_data: false,
            app_sync: false,
            full_personal: false,
            partner_unsupported_os_version_blocked: false,
            android_mobile_application_management_enabled: false,
            ios_mobile_application_management_enabled: false,
            partner_unresponsiveness_threshold_in_days: default_days(),
            android_minimum_version: android_floor(),
            ios_minimum_version: ios_floor(),
        }
    }
}

/// Most days that a silent partner is believed.
pub const MAX_DAYS: u32 = 365;

const fn default_days() -> u32 {
    7
}

/// Seeds 000 and 002: Android 4.1.
fn android_floor() -> Version {
    Version::new(vec![4, 1])
}

/// Seeds 000 and 002: iOS 8.0.
fn ios_floor() -> Version {
    Version::new(vec![8, 0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_on_unless_the_administrator_says_so() {
        let empty: Settings = serde_json::from_str("{}").unwrap();
        assert_eq!(empty, Settings::default());
        let json = serde_json::to_value(&empty).unwrap();
        let on = json.as_object().unwrap().values().filter(|value| **value == true).count();
        assert_eq!(on, 0);
        assert_eq!(json["androidMinimumVersion"], "4.1");
        assert_eq!(json["iosMinimumVersion"], "8.0");
    }

    #[test]
    fn days_have_bounds_and_unknown_names_are_refused() {
        let days = |n| Settings { partner_unresponsiveness_threshold_in_days: n, ..Settings::default() };
        assert!(!days(0).is_valid() && days(1).is_valid() && days(365).is_valid() && !days(366).is_valid());
        assert!(serde_json::from_str::<Settings>(r#"{"androidEnable":true}"#).is_err());
    }
}
