//! Threat classifications as a table: name, family, default severity (P2).

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

// Name, family, severity and advice; after `//` whose published severity it is. Where vendors name a threat and
// publish no figure, or differ, the figure is ours. Vendors' scales: Jamf 1 to 5, Zimperium elevated = Medium,
// critical = High. Policy overrides each row (P2).
classifications! {
    RootJailbreak "ROOT_JAILBREAK" Device High "Contact your administrator: the protections of this device have been removed." // Defender: High
    AccessControlViolation "ACCESS_CONTROL_VIOLATION" Device High "Contact your administrator: a debugger or hook is attached." // Zimperium, system tampering: critical
    AppTampering "APP_TAMPERING" Device High "Install this app again from the store: it was altered." // Zimperium, system tampering: critical
    Emulator "EMULATOR" Device Medium "Use a real device." // ours
    OutOfDateOs "OUT_OF_DATE_OS" Device Medium "Install the pending system update." // Lookout: Medium
    OutOfDatePatch "OUT_OF_DATE_ASPL" Device Low "Install the pending security update." // ours
    UnsupportedOs "UNSUPPORTED_OS" Device Medium "Update the system; if you cannot, contact your administrator." // ours
    NoDeviceLock "NO_DEVICE_LOCK" Device Low "Set a screen lock." // Check Point: Low
    Unencrypted "UNENCRYPTED" Device Medium "Turn on storage encryption." // ours
    DeveloperMode "DEVELOPER_MODE_ENABLED" Device Low "Turn off developer options." // ours
    UsbDebugging "USB_DEBUGGING_ENABLED" Device Medium "Turn off USB debugging." // ours
    UnknownSources "UNKNOWN_SOURCES_ENABLED" Device Medium "Allow apps from the store only." // Zimperium: elevated
    AppVerificationOff "APP_VERIFICATION_DISABLED" Device Low "Turn on the store's app scanning." // ours
    NoSecureHardware "NO_SECURE_HARDWARE" Device None "Nothing: this device keeps its key in software." // ours; a fact rather than a fault
    RiskyProfile "RISKY_PROFILE" Device Medium "Remove the configuration profile that you do not know." // Zimperium names it, no figure public
    UserCa "USER_CA_INSTALLED" Device Low "Remove the certificate authority that you do not know." // ours
    ActiveMitm "ACTIVE_MITM" Network High "Leave this Wi-Fi network: somebody intercepts your connections." // ours; every vendor names it
    RogueWifi "ROGUE_WIFI" Network High "Leave this Wi-Fi network." // ours; Lookout names it
    OpenWifi "OPEN_WIFI" Network Low "Leave this Wi-Fi network: it has no password." // ours; Defender names it
    DangerZone "DANGER_ZONE_CONNECTED" Network Medium "Leave this Wi-Fi network: attacks were seen there." // Zimperium names it, no figure public
    CaptivePortal "CAPTIVE_PORTAL" Network None "Sign in to the network." // Zimperium names it; no attack by itself
    ArpScan "ARP_SCAN" Network Low "Leave this Wi-Fi network." // Zimperium names it, no figure public
    PortScan "PORT_SCAN" Network Low "Leave this Wi-Fi network." // Lookout names it, no figure public
    GatewayChange "GATEWAY_ADDRESS_CHANGE" Network Medium "Leave this Wi-Fi network." // Lookout names it, no figure public
    VpnNotEnabled "VPN_NOT_ENABLED" Network Low "Turn on the VPN." // Lookout names it, no figure public
    SecureDnsNotEnabled "SECURE_DNS_NOT_ENABLED" Network Low "Turn on private DNS." // Lookout names it, no figure public
    MaliciousCell "MALICIOUS_CELLULAR_NETWORK" Network High "Switch to flight mode and contact your administrator." // iVerify names it, no figure public
    Surveillanceware "SURVEILLANCEWARE" Application High "Remove the app: it spies on you." // ours; Defender rates any malicious app Medium
    Spyware "SPYWARE" Application High "Remove the app: it spies on you." // ours; Defender rates any malicious app Medium
    Trojan "TROJAN" Application High "Remove the app: it is malicious." // ours; Defender rates any malicious app Medium
    Backdoor "BACKDOOR" Application High "Remove the app: it lets others in." // ours
    Bot "BOT" Application High "Remove the app: others control it." // ours
    AppDropper "APP_DROPPER" Application High "Remove the app: it installs others." // ours
    Exploit "EXPLOIT" Application High "Remove the app: it attacks the system." // ours
    RootEnabler "ROOT_ENABLER" Application High "Remove the app: it breaks the device's protections." // ours
    Virus "VIRUS" Application High "Remove the app: it is malicious." // ours
    Worm "WORM" Application High "Remove the app: it is malicious." // ours
    Ransomware "RANSOMWARE" Application High "Remove the app: it locks your files." // ours
    TollFraud "TOLL_FRAUD" Application High "Remove the app: it costs you money." // ours
    Cryptojacking "CRYPTOJACKING" Application Medium "Remove the app: it uses your device to earn money." // Jamf names it, no figure public
    MaliciousApp "MALICIOUS_APP" Application Medium "Remove the app: it is malicious." // Defender: Medium
    Chargeware "CHARGEWARE" Application Medium "Remove the app: it costs you money." // ours
    ClickFraud "CLICK_FRAUD" Application Medium "Remove the app: it clicks advertising in your name." // ours
    Spam "SPAM" Application Low "Remove the app: it sends unwanted messages." // ours
    DataLeak "DATA_LEAK" Application Medium "Remove the app: it sends your data in clear." // Jamf: password leak 3 of 5
    CardLeak "CREDIT_CARD_LEAK" Application High "Remove the app: it sends your card number in clear." // Jamf: 4 of 5
    IdentityLeak "IDENTITY_LEAK" Application Low "Remove the app: it sends who or where you are in clear." // Jamf: e-mail, location, identity leak 2 of 5
    Vulnerability "VULNERABILITY" Application Medium "Update the app: it has a known weakness." // ours
    Riskware "RISKWARE" Application Medium "Remove the app: it puts your data at risk." // ours
    Adware "ADWARE" Application Low "Remove the app: it shows unwanted advertising." // ours
    SideloadedApp "SIDELOADED_APP" Application Low "Remove the app or install it from the store." // Lookout: does not alert the user
    NonStoreSigner "NON_APP_STORE_SIGNER" Application Low "Remove the app or install it from the store." // Lookout: does not alert the user
    DenylistedApp "DENYLISTED_APP" Application Medium "Remove the app: your organisation does not allow it." // ours; the organisation's own choice
    Phishing "PHISHING_CONTENT" Web High "Close the page and change the password you entered." // Jamf: 5 of 5
    MaliciousContent "MALICIOUS_CONTENT" Web High "Close the page." // ours
    UnauthorizedContent "UNAUTHORIZED_CONTENT" Web Low "Close the page: your organisation does not allow it." // ours
    DenylistedContent "DENYLISTED_CONTENT" Web Low "Close the page: your organisation does not allow it." // ours
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
