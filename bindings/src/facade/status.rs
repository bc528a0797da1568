//! What the agent knows, as plain values.

use std::fmt;
use std::time::Duration;

use agent_logic::agent::{ConfigurationFault, Need, OpenSummary, Status};
use agent_logic::failure::Code;
use agent_logic::model::{Activation, HealthState, Level, Protection, Subject};
use agent_logic::wire::KeyProtection;

use super::error::MtdError;
use super::host::MtdKeyProtection;
use super::plain::plain;

plain! {
    /// Where the device stands with the partner's cloud.
    MtdActivation {
        /// Not enrolled yet.
        Pending = 0 "PENDING",
        /// Enrolled and proved.
        Activated = 1 "ACTIVATED",
        /// Left.
        Deactivated = 2 "DEACTIVATED",
    }
}

plain! {
    /// Whether the agent is in contact.
    MtdProtection {
        /// Within the days the policy allows.
        Protected = 0 "PROTECTED",
        /// For longer out of contact.
        Disconnected = 1 "DISCONNECTED",
    }
}

plain! {
    /// The risk of a device or a threat.
    MtdLevel {
        /// None.
        Secured = 0 "SECURED",
        /// Low.
        Low = 1 "LOW",
        /// Medium.
        Medium = 2 "MEDIUM",
        /// High.
        High = 3 "HIGH",
    }
}

plain! {
    /// What a threat is in.
    MtdSubject {
        /// The device.
        Device = 0 "DEVICE",
        /// The network.
        Network = 1 "NETWORK",
        /// An app.
        App = 2 "APP",
        /// A domain.
        Domain = 3 "DOMAIN",
    }
}

plain! {
    /// What the host must bring.
    MtdNeedKind {
        /// A complete configuration.
        Configuration = 0 "CONFIGURATION",
        /// The user's or administrator's consent.
        Consent = 1 "CONSENT",
        /// An activation credential.
        Credential = 2 "CREDENTIAL",
        /// The first unlock after the boot.
        Unlock = 3 "UNLOCK",
        /// Space on the device.
        Storage = 4 "STORAGE",
        /// The administrator, or a later version of the app.
        Administrator = 5 "ADMINISTRATOR",
    }
}

/// What the host must bring before the agent can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MtdNeed {
    /// What.
    pub kind: MtdNeedKind,
    /// Why, where there is a reason.
    pub error: Option<MtdError>,
}

/// One open threat. Personal: it does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct MtdThreat {
    /// A name of the table of classifications.
    pub classification: String,
    /// What it is in.
    pub subject: MtdSubject,
    /// The app's identifier or the domain.
    pub subject_name: Option<String>,
    /// The level it gives, by the policy in force.
    pub level: MtdLevel,
    /// When it was first seen, milliseconds since 1970 by the device's calendar.
    pub detected_at_ms: u64,
    /// What the phone's owner can do, in English.
    pub advice: String,
}

/// A copy of what the agent knows. Points in time are milliseconds since 1970.
#[derive(Clone, PartialEq, Eq)]
pub struct MtdStatus {
    /// First axis.
    pub activation: MtdActivation,
    /// Second axis.
    pub protection: MtdProtection,
    /// Third axis: the cloud's level in force, else the device's preview; absent until activated.
    pub level: Option<MtdLevel>,
    /// The axes as Microsoft Graph names them.
    pub health: String,
    /// What the host must bring.
    pub need: Option<MtdNeed>,
    /// Open threats, worst first.
    pub threats: Vec<MtdThreat>,
    /// The last failure since the cloud was last reached.
    pub last_failure: Option<MtdError>,
    /// When the cloud was last reached.
    pub last_contact_at_ms: Option<u64>,
    /// Milliseconds to the next planned contact.
    pub next_contact_in_ms: Option<u64>,
    /// Changes that the cloud has not acknowledged.
    pub unacknowledged: u64,
    /// Apps that are shared; absent while the inventory is not shared.
    pub shared_apps: Option<u64>,
    /// How the private key is kept.
    pub key_protection: Option<MtdKeyProtection>,
    /// End of the certificate in use.
    pub certificate_until_ms: Option<u64>,
    /// Version of the policy in force, 0 for none.
    pub policy_version: u64,
    /// Version of the indicator set in force, 0 for none.
    pub indicators_version: u64,
    /// Bytes above TCP to the cloud in the last check-in.
    pub sent_bytes: u64,
    /// Bytes above TCP from the cloud in the last check-in.
    pub received_bytes: u64,
}

impl MtdStatus {
    pub(super) fn of(status: &Status) -> Self {
        Self {
            activation: match status.activation {
                Activation::Pending => MtdActivation::Pending,
                Activation::Activated => MtdActivation::Activated,
                Activation::Deactivated => MtdActivation::Deactivated,
            },
            protection: match status.protection {
                Protection::Protected => MtdProtection::Protected,
                Protection::Disconnected => MtdProtection::Disconnected,
            },
            level: status.level.map(level),
            health: health(status.health).to_owned(),
            need: status.need.map(need),
            threats: status.open.iter().map(threat).collect(),
            last_failure: status.last_failure.map(MtdError::from),
            last_contact_at_ms: status.last_contact.map(|at| at.0),
            next_contact_in_ms: status.next_contact.map(millis),
            unacknowledged: count(status.unacknowledged),
            shared_apps: status.shared_apps.map(count),
            key_protection: status.key_protection.map(|protection| match protection {
                KeyProtection::SecureHardware => MtdKeyProtection::SecureHardware,
                KeyProtection::System => MtdKeyProtection::System,
                KeyProtection::Sandbox => MtdKeyProtection::Sandbox,
            }),
            certificate_until_ms: status.certificate_until.map(|at| at.0),
            policy_version: status.policy,
            indicators_version: status.indicators,
            sent_bytes: status.traffic.up,
            received_bytes: status.traffic.down,
        }
    }
}

impl fmt::Debug for MtdThreat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MtdThreat({}, {:?})", self.classification, self.level)
    }
}

impl fmt::Debug for MtdStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MtdStatus")
            .field("activation", &self.activation)
            .field("protection", &self.protection)
            .field("level", &self.level)
            .field("need", &self.need)
            .field("threats", &self.threats.len())
            .field("last_failure", &self.last_failure)
            .finish_non_exhaustive()
    }
}

fn threat(open: &OpenSummary) -> MtdThreat {
    let (subject, subject_name) = match &open.subject {
        Subject::Device => (MtdSubject::Device, None),
        Subject::Network => (MtdSubject::Network, None),
        Subject::App { id } => (MtdSubject::App, Some(id.reveal().to_owned())),
        Subject::Domain { name } => (MtdSubject::Domain, Some(name.reveal().clone())),
    };
    MtdThreat {
        classification: open.classification.name().to_owned(),
        subject,
        subject_name,
        level: level(open.level),
        detected_at_ms: open.detected.wall.0,
        advice: open.advice.en.to_owned(),
    }
}

fn need(need: Need) -> MtdNeed {
    let of = |kind, code: Option<Code>| MtdNeed { kind, error: code.map(MtdError::from) };
    match need {
        Need::Configuration(fault) => of(MtdNeedKind::Configuration, fault.map(ConfigurationFault::code)),
        Need::Consent => of(MtdNeedKind::Consent, None),
        Need::Credential(code) => of(MtdNeedKind::Credential, code),
        Need::Unlock => of(MtdNeedKind::Unlock, None),
        Need::Storage(code) => of(MtdNeedKind::Storage, Some(code)),
        Need::Administrator(code) => of(MtdNeedKind::Administrator, Some(code)),
    }
}

const fn level(level: Level) -> MtdLevel {
    match level {
        Level::Secured => MtdLevel::Secured,
        Level::Low => MtdLevel::Low,
        Level::Medium => MtdLevel::Medium,
        Level::High => MtdLevel::High,
    }
}

const fn health(health: HealthState) -> &'static str {
    match health {
        HealthState::Unknown => "unknown",
        HealthState::Activated => "activated",
        HealthState::Deactivated => "deactivated",
        HealthState::Secured => "secured",
        HealthState::LowSeverity => "lowSeverity",
        HealthState::MediumSeverity => "mediumSeverity",
        HealthState::HighSeverity => "highSeverity",
        HealthState::Unresponsive => "unresponsive",
        HealthState::Compromised => "compromised",
        HealthState::Misconfigured => "misconfigured",
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
