//! What Intune knows of a device by itself, from its own enrolment: never from the partner.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A device as Intune's own enrolment describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Managed {
    /// The system; absent if not stated.
    #[serde(default)]
    pub operating_system: Option<Platform>,
    /// Its version.
    #[serde(default)]
    pub os_version: Option<Version>,
    /// Who owns it.
    #[serde(default)]
    pub managed_device_owner_type: OwnerType,
    /// Whether it is enrolled in device management; if not, only app protection policies reach it.
    #[serde(default = "yes")]
    pub enrolled: bool,
    /// Groups of its user. Case counts.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Its name.
    #[serde(default)]
    pub device_name: String,
}

/// Graph's `operatingSystem`, which is any text; a partner's connector has toggles for two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Platform {
    /// Android.
    Android,
    /// iOS and iPadOS.
    #[serde(rename = "iOS")]
    Ios,
    /// Another one, by its name: no partner's word is counted.
    #[serde(untagged)]
    Other(String),
}

/// Graph's `managedDeviceOwnerType`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OwnerType {
    /// The organisation's.
    Company,
    /// The user's.
    Personal,
    /// Not stated, or a word that is not known here: treated as personal.
    #[default]
    #[serde(other)]
    Unknown,
}

/// A dotted version. Missing parts count as zero.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version(Vec<u32>);

/// A text that is no version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoVersion;

impl Default for Managed {
    fn default() -> Self {
        Self {
            operating_system: None,
            os_version: None,
            managed_device_owner_type: OwnerType::Unknown,
            enrolled: true,
            groups: Vec::new(),
            device_name: String::new(),
        }
    }
}

impl Version {
    /// The version with these parts.
    #[must_use]
    pub const fn new(parts: Vec<u32>) -> Self {
        Self(parts)
    }
}

impl FromStr for Version {
    type Err = NoVersion;

    fn from_str(text: &str) -> Result<Self, NoVersion> {
        let parts: Result<Vec<u32>, _> = text.split('.').map(str::parse).collect();
        parts.ok().filter(|parts| parts.len() <= MAX_PARTS).map(Self).ok_or(NoVersion)
    }
}

impl TryFrom<String> for Version {
    type Error = NoVersion;

    fn try_from(text: String) -> Result<Self, NoVersion> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&parts.join("."))
    }
}

impl fmt::Display for NoVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a version is numbers with dots between")
    }
}

impl std::error::Error for NoVersion {}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let length = self.0.len().max(other.0.len());
        let padded = |parts: &[u32]| {
            parts.iter().copied().chain(std::iter::repeat(0)).take(length).collect::<Vec<_>>()
        };
        padded(&self.0).cmp(&padded(&other.0))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

const fn yes() -> bool {
    true
}

/// Most parts of a version.
const MAX_PARTS: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number_and_not_by_letter() {
        let version = |text: &str| text.parse::<Version>().unwrap();
        assert!(version("4.0.3") < version("4.1"));
        assert!(version("10.0") > version("9.3.5"));
        assert_eq!(version("8"), version("8.0.0"));
        assert!(version("8.0.1") > version("8"));
        for text in ["", "4.", "4.x", "-1", "1.2.3.4.5.6.7", "99999999999"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_system_that_is_not_known_keeps_its_name() {
        for (name, system) in [
            ("Android", Platform::Android),
            ("iOS", Platform::Ios),
            ("Windows", Platform::Other("Windows".into())),
        ] {
            let text = format!("\"{name}\"");
            assert_eq!(serde_json::from_str::<Platform>(&text).unwrap(), system);
            assert_eq!(serde_json::to_string(&system).unwrap(), text);
        }
    }

    #[test]
    fn an_owner_that_is_not_known_is_unknown() {
        let owner = |text: &str| serde_json::from_str::<OwnerType>(text).unwrap();
        assert_eq!(owner("\"company\""), OwnerType::Company);
        assert_eq!(owner("\"shared\""), OwnerType::Unknown);
    }
}
