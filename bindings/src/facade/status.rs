//! What the agent knows, as plain values; sentences are in the language that the host chose.

use std::fmt;
use std::time::Duration;

use agent_logic::agent::{OpenSummary, Status};
use agent_logic::model::{Activation, HealthState, Protection, Subject};
use agent_logic::text::Language;
use agent_logic::wire::KeyProtection;

use super::error::MtdError;
use super::explain::{self, MtdAccess, MtdFinding, MtdLateness, MtdLevel, MtdNeed, MtdNotice, level};
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

/// One open threat. Personal: it does not print.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct MtdThreat {
    /// Stable from detection to resolution: what [`super::MtdAgent::ignore`] takes.
    pub id: String,
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
    /// What the phone's owner can do.
    pub advice: String,
}

/// A copy of what the agent knows. Points in time are milliseconds since 1970.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
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
    /// What the phone's owner is told.
    pub notice: Option<MtdNotice>,
    /// What is wrong with the configuration, for the administrator.
    pub findings: Vec<MtdFinding>,
    /// How the device stands before each level of policy, from secured to high.
    pub access: Vec<MtdAccess>,
    /// Open threats, worst first.
    pub threats: Vec<MtdThreat>,
    /// The last failure since the cloud was last reached.
    pub last_failure: Option<MtdError>,
    /// When the cloud was last reached.
    pub last_contact_at_ms: Option<u64>,
    /// Milliseconds to the next planned contact.
    pub next_contact_in_ms: Option<u64>,
    /// Whether contact happens when it is planned; out of contact for too long is [`MtdProtection::Disconnected`].
    pub lateness: MtdLateness,
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
    pub(super) fn of(status: &Status, language: Language) -> Self {
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
            need: status.need.map(|need| explain::need(need, language)),
            notice: status.notice.map(|notice| explain::notice(notice, language)),
            findings: status.findings.iter().map(explain::finding).collect(),
            access: status.access.iter().map(|access| explain::access(access, language)).collect(),
            threats: status.open.iter().map(|open| threat(open, language)).collect(),
            last_failure: status.last_failure.map(MtdError::from),
            last_contact_at_ms: status.last_contact.map(|at| at.0),
            next_contact_in_ms: status.next_contact.map(millis),
            lateness: explain::lateness(status.lateness),
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

fn threat(open: &OpenSummary, language: Language) -> MtdThreat {
    let (subject, subject_name) = match &open.subject {
        Subject::Device => (MtdSubject::Device, None),
        Subject::Network => (MtdSubject::Network, None),
        Subject::App { id } => (MtdSubject::App, Some(id.reveal().to_owned())),
        Subject::Domain { name } => (MtdSubject::Domain, Some(name.reveal().clone())),
    };
    MtdThreat {
        id: open.id.to_string(),
        classification: open.classification.name().to_owned(),
        subject,
        subject_name,
        level: level(open.level),
        detected_at_ms: open.detected.wall.0,
        advice: open.advice.say(language).to_owned(),
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
