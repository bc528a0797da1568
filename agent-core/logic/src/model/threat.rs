//! Threat classifications as a table: name, family, default severity.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{AppId, Level};
use crate::redact::Redacted;

/// What a threat touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Family {
    /// The system and its settings.
    Device,
    /// The path to the network.
    Network,
    /// An installed app.
    Application,
    /// Content on the web.
    Web,
}

/// How bad. [`Severity::None`] is recorded and never raises the level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// Recorded only.
    None,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
}

impl Severity {
    /// The level that one open threat of this severity gives a device.
    #[must_use]
    pub const fn level(self) -> Level {
        match self {
            Self::None => Level::Secured,
            Self::Low => Level::Low,
            Self::Medium => Level::Medium,
            Self::High => Level::High,
        }
    }
}

/// What the threat is in. Personal: it travels, it is never logged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Subject {
    /// The device itself.
    Device,
    /// The network path to the partner's cloud.
    Network,
    /// An installed app.
    App {
        /// Its identifier.
        id: AppId,
    },
    /// A domain on the web.
    Domain {
        /// The host name.
        name: Redacted<String>,
    },
}

/// A name that is not in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownClassification;

impl fmt::Display for UnknownClassification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a known threat classification")
    }
}

impl std::error::Error for UnknownClassification {}

macro_rules! classifications {
    ($($variant:ident $name:literal $family:ident $severity:ident $advice:literal)*) => {
        /// What kind of threat. Names follow the ones Lookout publishes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum Classification {
            $(#[doc = $advice] $variant,)*
        }

        impl Classification {
            /// Every classification, in table order.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name on the wire.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it touches.
            #[must_use]
            pub const fn family(self) -> Family {
                match self { $(Self::$variant => Family::$family,)* }
            }

            /// How bad, unless policy says otherwise.
            #[must_use]
            pub const fn default_severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// What the phone's owner can do, in English.
            #[must_use]
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$variant => $advice,)* }
            }
        }

        impl FromStr for Classification {
            type Err = UnknownClassification;

            fn from_str(name: &str) -> Result<Self, UnknownClassification> {
                match name {
                    $($name => Ok(Self::$variant),)*
                    _ => Err(UnknownClassification),
                }
            }
        }
    };
}

classifications! {
    RootJailbreak "ROOT_JAILBREAK" Device High "Contact your administrator: the protections of this device have been removed."
    OutOfDateOs "OUT_OF_DATE_OS" Device Medium "Install the pending system update."
    OutOfDatePatch "OUT_OF_DATE_ASPL" Device Low "Install the pending security update."
    NoDeviceLock "NO_DEVICE_LOCK" Device Medium "Set a screen lock."
    Unencrypted "UNENCRYPTED" Device Medium "Turn on storage encryption."
    DeveloperMode "DEVELOPER_MODE_ENABLED" Device Low "Turn off developer options."
    UsbDebugging "USB_DEBUGGING_ENABLED" Device Medium "Turn off USB debugging."
    UnknownSources "UNKNOWN_SOURCES_ENABLED" Device Low "Allow apps from the store only."
    AccessControlViolation "ACCESS_CONTROL_VIOLATION" Device High "Contact your administrator: a debugger or hook is attached."
    ActiveMitm "ACTIVE_MITM" Network High "Leave this Wi-Fi network: somebody intercepts your connections."
    RogueWifi "ROGUE_WIFI" Network High "Leave this Wi-Fi network."
    Surveillanceware "SURVEILLANCEWARE" Application High "Remove the app: it spies on you."
    Spyware "SPYWARE" Application High "Remove the app: it spies on you."
    Trojan "TROJAN" Application High "Remove the app: it is malicious."
    RootEnabler "ROOT_ENABLER" Application High "Remove the app: it breaks the device's protections."
    Riskware "RISKWARE" Application Medium "Remove the app: it puts your data at risk."
    Adware "ADWARE" Application Low "Remove the app: it shows unwanted advertising."
    SideloadedApp "SIDELOADED_APP" Application Low "Remove the app or install it from the store."
    DenylistedApp "DENYLISTED_APP" Application Medium "Remove the app: your organisation does not allow it."
    Phishing "PHISHING_CONTENT" Web High "Close the page and change the password you entered."
    MaliciousContent "MALICIOUS_CONTENT" Web High "Close the page."
}

impl TryFrom<String> for Classification {
    type Error = UnknownClassification;

    fn try_from(name: String) -> Result<Self, UnknownClassification> {
        name.parse()
    }
}

impl From<Classification> for String {
    fn from(classification: Classification) -> Self {
        classification.name().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_one_classification() {
        for classification in Classification::ALL {
            assert_eq!(classification.name().parse(), Ok(*classification));
        }
    }
}
