//! Threat classifications as a table: name, family, default severity, who can end it.

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

/// Who can end a threat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixer {
    /// The phone's owner.
    User,
    /// The administrator.
    Administrator,
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
    ($($variant:ident $name:literal $family:ident $severity:ident $fixer:ident $what:literal)*) => {
        /// What kind of threat. Names follow the ones Lookout publishes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum Classification {
            $(#[doc = $what] $variant,)*
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

            /// Who can end it. What the user cannot makes a device compromised.
            #[must_use]
            pub const fn fixer(self) -> Fixer {
                match self { $(Self::$variant => Fixer::$fixer,)* }
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

// Wire name, family, default severity, who can end it, what it is. The remedies are in `text/remedy.rs`.
classifications! {
    RootJailbreak "ROOT_JAILBREAK" Device High Administrator "The protections of the system are removed."
    OutOfDateOs "OUT_OF_DATE_OS" Device Medium User "The system is older than the minimum."
    OutOfDatePatch "OUT_OF_DATE_ASPL" Device Low User "The security patch is older than the minimum."
    NoDeviceLock "NO_DEVICE_LOCK" Device Medium User "No screen lock is set."
    Unencrypted "UNENCRYPTED" Device Medium User "The storage is not encrypted."
    DeveloperMode "DEVELOPER_MODE_ENABLED" Device Low User "Developer options are on."
    UsbDebugging "USB_DEBUGGING_ENABLED" Device Medium User "USB debugging is on."
    UnknownSources "UNKNOWN_SOURCES_ENABLED" Device Low User "Apps may be installed from outside the store."
    AccessControlViolation "ACCESS_CONTROL_VIOLATION" Device High Administrator "A debugger or hook is attached."
    ActiveMitm "ACTIVE_MITM" Network High User "Somebody intercepts the connection."
    RogueWifi "ROGUE_WIFI" Network High User "The Wi-Fi network is not what it says."
    Surveillanceware "SURVEILLANCEWARE" Application High User "An app spies on the user."
    Spyware "SPYWARE" Application High User "An app spies on the user."
    Trojan "TROJAN" Application High User "An app does harm behind a pretence."
    RootEnabler "ROOT_ENABLER" Application High User "An app breaks the protections of the system."
    Riskware "RISKWARE" Application Medium User "An app puts data at risk."
    Adware "ADWARE" Application Low User "An app shows unwanted advertising."
    SideloadedApp "SIDELOADED_APP" Application Low User "An app does not come from the store."
    DenylistedApp "DENYLISTED_APP" Application Medium User "The organisation does not allow an app."
    Phishing "PHISHING_CONTENT" Web High User "A page asks for a password under a false name."
    MaliciousContent "MALICIOUS_CONTENT" Web High User "A page does harm."
}

impl Classification {
    /// Whether the phone's owner can end it.
    #[must_use]
    pub const fn user_can_fix(self) -> bool {
        match self.fixer() {
            Fixer::User => true,
            Fixer::Administrator => false,
        }
    }
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
