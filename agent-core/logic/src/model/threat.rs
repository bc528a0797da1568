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

/// What becomes of a classification on a device (P3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    /// Not looked for: nothing is opened, and what is open is closed.
    Off,
    /// Reported with [`Severity::None`]: the administrator sees it, the level does not.
    Audit,
    /// Reported and rated.
    #[default]
    Enable,
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
    ($($variant:ident $name:literal $family:ident $severity:ident $fixer:ident)*) => {
        /// What kind of threat. Names follow the ones Lookout publishes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum Classification {
            $(#[doc = concat!("`", $name, "`.")] $variant,)*
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

// Name, family, severity, who can end it; after `//` whose published severity it is. Where vendors name a threat
// and publish no figure, or differ, the figure is ours. Vendors' scales: Jamf 1 to 5, Zimperium elevated = Medium,
// critical = High. Policy overrides the severity (P2). The remedies are in `text/remedy.rs`.
classifications! {
    RootJailbreak "ROOT_JAILBREAK" Device High Administrator // Defender: High
    AccessControlViolation "ACCESS_CONTROL_VIOLATION" Device High Administrator // Zimperium, system tampering: critical
    AppTampering "APP_TAMPERING" Device High User // Zimperium, system tampering: critical
    Emulator "EMULATOR" Device Medium Administrator // ours
    OutOfDateOs "OUT_OF_DATE_OS" Device Medium User // Lookout: Medium
    OutOfDatePatch "OUT_OF_DATE_ASPL" Device Low User // ours
    UnsupportedOs "UNSUPPORTED_OS" Device Medium User // ours
    NoDeviceLock "NO_DEVICE_LOCK" Device Low User // Check Point: Low
    Unencrypted "UNENCRYPTED" Device Medium User // ours
    DeveloperMode "DEVELOPER_MODE_ENABLED" Device Low User // ours
    UsbDebugging "USB_DEBUGGING_ENABLED" Device Medium User // ours
    UnknownSources "UNKNOWN_SOURCES_ENABLED" Device Medium User // Zimperium: elevated
    AppVerificationOff "APP_VERIFICATION_DISABLED" Device Low User // ours
    NoSecureHardware "NO_SECURE_HARDWARE" Device None Administrator // ours; a fact rather than a fault
    RiskyProfile "RISKY_PROFILE" Device Medium User // Zimperium names it, no figure public
    UserCa "USER_CA_INSTALLED" Device Low User // ours
    ActiveMitm "ACTIVE_MITM" Network High User // ours; every vendor names it
    RogueWifi "ROGUE_WIFI" Network High User // ours; Lookout names it
    OpenWifi "OPEN_WIFI" Network Low User // ours; Defender names it
    DangerZone "DANGER_ZONE_CONNECTED" Network Medium User // Zimperium names it, no figure public
    CaptivePortal "CAPTIVE_PORTAL" Network None User // Zimperium names it; no attack by itself
    ArpScan "ARP_SCAN" Network Low User // Zimperium names it, no figure public
    PortScan "PORT_SCAN" Network Low User // Lookout names it, no figure public
    GatewayChange "GATEWAY_ADDRESS_CHANGE" Network Medium User // Lookout names it, no figure public
    VpnNotEnabled "VPN_NOT_ENABLED" Network Low User // Lookout names it, no figure public
    SecureDnsNotEnabled "SECURE_DNS_NOT_ENABLED" Network Low User // Lookout names it, no figure public
    MaliciousCell "MALICIOUS_CELLULAR_NETWORK" Network High Administrator // iVerify names it, no figure public
    Surveillanceware "SURVEILLANCEWARE" Application High User // ours; Defender rates any malicious app Medium
    Spyware "SPYWARE" Application High User // ours; Defender rates any malicious app Medium
    Trojan "TROJAN" Application High User // ours; Defender rates any malicious app Medium
    Backdoor "BACKDOOR" Application High User // ours
    Bot "BOT" Application High User // ours
    AppDropper "APP_DROPPER" Application High User // ours
    Exploit "EXPLOIT" Application High User // ours
    RootEnabler "ROOT_ENABLER" Application High User // ours
    Virus "VIRUS" Application High User // ours
    Worm "WORM" Application High User // ours
    Ransomware "RANSOMWARE" Application High User // ours
    TollFraud "TOLL_FRAUD" Application High User // ours
    Cryptojacking "CRYPTOJACKING" Application Medium User // Jamf names it, no figure public
    MaliciousApp "MALICIOUS_APP" Application Medium User // Defender: Medium
    Chargeware "CHARGEWARE" Application Medium User // ours
    ClickFraud "CLICK_FRAUD" Application Medium User // ours
    Spam "SPAM" Application Low User // ours
    DataLeak "DATA_LEAK" Application Medium User // Jamf: password leak 3 of 5
    CardLeak "CREDIT_CARD_LEAK" Application High User // Jamf: 4 of 5
    IdentityLeak "IDENTITY_LEAK" Application Low User // Jamf: e-mail, location, identity leak 2 of 5
    Vulnerability "VULNERABILITY" Application Medium User // ours
    Riskware "RISKWARE" Application Medium User // ours
    Adware "ADWARE" Application Low User // ours
    Connectivity "CONNECTIVITY" Application Low User // Lookout names it, no figure public
    SideloadedApp "SIDELOADED_APP" Application Low User // Lookout: does not alert the user
    NonStoreSigner "NON_APP_STORE_SIGNER" Application Low User // Lookout: does not alert the user
    DenylistedApp "DENYLISTED_APP" Application Medium User // ours; the organisation's own choice
    Phishing "PHISHING_CONTENT" Web High User // Jamf: 5 of 5
    MaliciousContent "MALICIOUS_CONTENT" Web High User // ours
    UnauthorizedContent "UNAUTHORIZED_CONTENT" Web Low User // ours
    DenylistedContent "DENYLISTED_CONTENT" Web Low User // ours
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

    // P2
    #[test]
    fn each_family_has_rows_and_what_vendors_publish_stands() {
        for family in [Family::Device, Family::Network, Family::Application, Family::Web] {
            assert!(Classification::ALL.iter().any(|row| row.family() == family), "{family:?}");
        }
        let published = [
            (Classification::RootJailbreak, Severity::High),
            (Classification::OutOfDateOs, Severity::Medium),
            (Classification::NoDeviceLock, Severity::Low),
            (Classification::UnknownSources, Severity::Medium),
            (Classification::MaliciousApp, Severity::Medium),
            (Classification::CardLeak, Severity::High),
            (Classification::Phishing, Severity::High),
        ];
        for (classification, severity) in published {
            assert_eq!(classification.default_severity(), severity, "{}", classification.name());
        }
    }
}
