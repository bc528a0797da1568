//! What the phone's owner and the administrator are told, in the language that the host chose.

use agent_logic::agent::{Access, Blocker, ConfigurationFault, Lateness, Need, Notice};
use agent_logic::configuration::Finding;
use agent_logic::failure::Code;
use agent_logic::model::Level;
use agent_logic::text::{Language, of_need, of_notice};

use super::configuration::MtdProvenance;
use super::error::MtdError;
use super::plain::plain;

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

plain! {
    /// What the phone's owner is told; nothing has to be brought.
    MtdNoticeKind {
        /// The user wanted to leave, which the policy prevents.
        UnenrolmentPrevented = 0 "UNENROLMENT_PREVENTED",
    }
}

plain! {
    /// Whether contact happens when it is planned.
    MtdLateness {
        /// The planned contact is to come, or just passed.
        OnTime = 0 "ON_TIME",
        /// It passed and nothing was tried: the OS did not wake us.
        LateByOs = 1 "LATE_BY_OS",
        /// It passed, and what was tried failed.
        Unreachable = 2 "UNREACHABLE",
    }
}

/// What the host must bring before the agent can go on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct MtdNeed {
    /// What.
    pub kind: MtdNeedKind,
    /// Why, where there is a reason.
    pub error: Option<MtdError>,
    /// For the phone's owner.
    pub text: String,
}

/// What the phone's owner is told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct MtdNotice {
    /// What.
    pub kind: MtdNoticeKind,
    /// For the phone's owner.
    pub text: String,
}

/// What is wrong with a configured value, for the administrator. Names keys, never a value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct MtdFinding {
    /// Where.
    pub provenance: MtdProvenance,
    /// At which key; absent when it is about the whole source.
    pub key: Option<String>,
    /// What: 110 to 118.
    pub error: MtdError,
}

/// How the device stands before a policy that allows `required` at most. A preview: Intune decides.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct MtdAccess {
    /// The highest level that the policy allows.
    pub required: MtdLevel,
    /// Whether the device passes.
    pub passes: bool,
    /// What stands in the way, worst first; empty where it passes.
    pub blockers: Vec<MtdBlocker>,
}

/// One thing that stands in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct MtdBlocker {
    /// The open threat; absent where the device's own state stands in the way, whatever threats are open.
    pub threat_id: Option<String>,
    /// A name of the table of classifications; absent for a state, and for a threat that the cloud names and this
    /// version does not know.
    pub classification: Option<String>,
    /// The level that the threat gives.
    pub level: Option<MtdLevel>,
    /// What the phone's owner can do.
    pub remedy: String,
}

pub(super) fn need(need: Need, language: Language) -> MtdNeed {
    let (kind, code): (_, Option<Code>) = match need {
        Need::Configuration(fault) => (MtdNeedKind::Configuration, fault.map(ConfigurationFault::code)),
        Need::Consent => (MtdNeedKind::Consent, None),
        Need::Credential(code) => (MtdNeedKind::Credential, code),
        Need::Unlock => (MtdNeedKind::Unlock, None),
        Need::Storage(code) => (MtdNeedKind::Storage, Some(code)),
        Need::Administrator(code) => (MtdNeedKind::Administrator, Some(code)),
    };
    MtdNeed { kind, error: code.map(MtdError::from), text: of_need(need).say(language).to_owned() }
}

pub(super) fn notice(notice: Notice, language: Language) -> MtdNotice {
    let kind = match notice {
        Notice::UnenrolmentPrevented => MtdNoticeKind::UnenrolmentPrevented,
    };
    MtdNotice { kind, text: of_notice(notice).say(language).to_owned() }
}

pub(super) fn finding(finding: &Finding) -> MtdFinding {
    MtdFinding {
        provenance: MtdProvenance::of(finding.from),
        key: finding.key.map(ToOwned::to_owned),
        error: finding.fault.code().into(),
    }
}

pub(super) fn access(access: &Access, language: Language) -> MtdAccess {
    MtdAccess {
        required: level(access.required),
        passes: access.passes,
        blockers: access.blockers.iter().map(|blocker| self::blocker(blocker, language)).collect(),
    }
}

fn blocker(blocker: &Blocker, language: Language) -> MtdBlocker {
    let threat = match blocker {
        Blocker::State(_) => None,
        Blocker::Threat(threat) => Some(threat),
    };
    MtdBlocker {
        threat_id: threat.map(|threat| threat.id.to_string()),
        classification: threat.and_then(|threat| threat.classification).map(|one| one.name().to_owned()),
        level: threat.map(|threat| level(threat.level)),
        remedy: blocker.remedy().say(language).to_owned(),
    }
}

pub(super) const fn lateness(lateness: Lateness) -> MtdLateness {
    match lateness {
        Lateness::OnTime => MtdLateness::OnTime,
        Lateness::LateByOs => MtdLateness::LateByOs,
        Lateness::Unreachable => MtdLateness::Unreachable,
    }
}

pub(super) const fn level(level: Level) -> MtdLevel {
    match level {
        Level::Secured => MtdLevel::Secured,
        Level::Low => MtdLevel::Low,
        Level::Medium => MtdLevel::Medium,
        Level::High => MtdLevel::High,
    }
}
