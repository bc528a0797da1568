//! The body of `POST /v1/check-in`.

use serde::{Deserialize, Serialize};

use super::InventoryPart;
use crate::model::{
    Activation, ChainId, Classification, Digest, Level, Protection, Severity, Subject, ThreatId,
};
use crate::time::Stamp;

/// One report. Serialised once, stored, and sent byte for byte until acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// [`super::PROTOCOL`].
    pub protocol: u32,
    /// The chain this report belongs to. A new chain begins at activation and after a resync.
    pub chain: ChainId,
    /// 1 at the start of a chain, then one more each time.
    pub sequence: u64,
    /// SHA-256 of the last acknowledged report's body; absent at the start of a chain.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub previous: Option<Digest>,
    /// When it was made.
    pub made: Stamp,
    /// First axis.
    pub activation: Activation,
    /// Second axis.
    pub protection: Protection,
    /// Third axis, the device's preview; absent while unknown.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub level: Option<Level>,
    /// What the device is.
    pub facts: FactsPart,
    /// At the start of a chain: every open threat, so that the cloud needs no history. Else absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub open: Option<Vec<OpenThreat>>,
    /// What happened since the last acknowledged report, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub transitions: Vec<Transition>,
    /// Absent while inventory may not be shared.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub inventory: Option<InventoryPart>,
    /// Faults for the administrator, bounded, without personal data.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub diagnostics: Vec<Diagnostic>,
    /// Version of the policy in force, 0 for none.
    pub policy: u64,
    /// Version of the indicator set in force, 0 for none.
    pub indicators: u64,
}

/// Facts about the device: whole when they changed since the last acknowledged report, else their digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FactsPart {
    /// SHA-256 of the facts' canonical form.
    pub digest: Digest,
    /// The facts, when they changed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<Facts>,
}

/// What the device is. Keys stand in the order of their names: the written form is canonical (RFC 8785).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// Version of this library.
    pub agent_version: String,
    /// How the private key is kept.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub key_protection: Option<KeyProtection>,
    /// Maker's model name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub model: Option<String>,
    /// Version of the system.
    pub os_version: String,
    /// Date of the system's security patch, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub patch_level: Option<String>,
    /// `android`, `ios` or `linux`.
    pub platform: String,
}

/// How the private key is kept, as the key store reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum KeyProtection {
    /// A secure element or trusted execution environment.
    SecureHardware,
    /// The operating system's key service, in software.
    System,
    /// A file only this app can read.
    Sandbox,
}

/// One open threat in a chain's first report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenThreat {
    /// Stable from detection to resolution.
    pub id: ThreatId,
    /// What it is.
    pub classification: Classification,
    /// The device's rating.
    pub severity: Severity,
    /// What it is in.
    pub subject: Subject,
    /// When it was first seen.
    pub detected: Stamp,
    /// The user chose to ignore it; whether it counts is for the policy in force to say.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub ignored: bool,
}

/// One change of one threat. `ordinal` grows by one for each and never repeats on a device's registration:
/// applying only what is above the last applied ordinal makes the effect exactly once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transition {
    /// Counts transitions from 1.
    pub ordinal: u64,
    /// What happened.
    pub kind: TransitionKind,
    /// The threat.
    pub id: ThreatId,
    /// What it is.
    pub classification: Classification,
    /// The device's rating.
    pub severity: Severity,
    /// What it is in.
    pub subject: Subject,
    /// When the threat was first seen.
    pub detected: Stamp,
    /// When this change happened.
    pub at: Stamp,
}

/// What happened to a threat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TransitionKind {
    /// It appeared.
    Opened,
    /// It is gone.
    Resolved,
    /// The user or policy ignores it.
    Ignored,
}

/// A fault on the device, for the administrator. No free text: nothing personal can be in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnostic {
    /// Stable code, see `failure::Code`.
    pub code: u16,
    /// How often since the last acknowledged report.
    pub count: u32,
    /// When it was last seen.
    pub last: Stamp,
}
