//! What the model reads of the durable records.

use agent_logic::model::{Classification, DeviceId, Subject, ThreatId};
use agent_logic::redact::Bytes;
use agent_logic::time::{Mono, Stamp};
use agent_logic::wire::Report;
use memchr::memmem;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Violation;

/// How the record of a policy begins, and how one reads that keeps threats on the device.
const POLICY: &[u8] = br#"[1,{"Policies":{"Policy":"#;
const KEEPS: &[u8] = br#""threatStateSync":false"#;

/// How those of a registration begin that matter.
const MOVED: &[u8] = br#"[1,{"Registration":{"Moved":"#;
const LEAVING: &[u8] = br#"[1,{"Registration":{"Leaving":"#;

/// One record, as far as it matters.
#[derive(Debug)]
pub(super) enum Record {
    Threat(Threat),
    Policy {
        keeps_threats: bool,
    },
    /// A report was made; its newest transition.
    Sealed(u64),
    /// The report on its way was acknowledged.
    Acknowledged,
    /// A registration of this device: everything else starts from nothing.
    Moved(DeviceId),
    /// A start came to rest.
    Rested,
    /// Starts never came to rest: everything but identity is dropped.
    Emptied,
    /// The device leaves, since then.
    Leaving(Mono),
    /// The cloud said to wait.
    Told,
    /// Bulk waits for a network that costs nothing, or no longer does.
    Bulk(bool),
    Other,
}

/// What happened to a threat.
#[derive(Debug, Deserialize)]
pub(super) enum Threat {
    Opened { id: ThreatId, open: Open },
    Resolved { id: ThreatId },
    Ignored { id: ThreatId },
    Told { id: ThreatId },
}

#[derive(Debug, Deserialize)]
pub(super) struct Open {
    pub(super) classification: Classification,
    pub(super) subject: Subject,
}

#[derive(Deserialize)]
struct OfThreat {
    #[serde(rename = "Threat")]
    threat: Threat,
}

#[derive(Deserialize)]
struct OfRegistration {
    #[serde(rename = "Registration")]
    change: Registration,
}

#[derive(Deserialize)]
enum Registration {
    Moved { device: DeviceId },
    Leaving { at: Stamp },
}

impl Record {
    pub(super) fn read(record: &Bytes) -> Result<Self, Violation> {
        let bytes = record.as_slice();
        let is = |beginning: &[u8]| bytes.starts_with(beginning);
        if is(br#"[1,{"Threat":"#) {
            let (_, of): (u32, OfThreat) = parsed(bytes)?;
            return Ok(Self::Threat(of.threat));
        }
        if let Some(report) = sealed(record) {
            let newest = report.transitions.last().map_or(0, |transition| transition.ordinal);
            return Ok(Self::Sealed(newest));
        }
        if is(MOVED) || is(LEAVING) {
            let (_, of): (u32, OfRegistration) = parsed(bytes)?;
            return Ok(match of.change {
                Registration::Moved { device } => Self::Moved(device),
                Registration::Leaving { at } => Self::Leaving(at.mono),
            });
        }
        Ok(if is(POLICY) {
            Self::Policy { keeps_threats: memmem::find(bytes, KEEPS).is_some() }
        } else if is(br#"[1,{"Outbox":"Acknowledged""#) {
            Self::Acknowledged
        } else if is(br#"[1,{"Start":"Rested""#) {
            Self::Rested
        } else if is(br#"[1,{"Start":{"Repaired":{"depth":"AllButIdentity""#) {
            Self::Emptied
        } else if is(br#"[1,{"Contact":{"Told":"#) {
            Self::Told
        } else if is(br#"[1,{"Contact":{"Bulk":"#) {
            Self::Bulk(!is(br#"[1,{"Contact":{"Bulk":null"#))
        } else {
            Self::Other
        })
    }
}

fn parsed<T: DeserializeOwned>(record: &[u8]) -> Result<T, Violation> {
    serde_json::from_slice(record)
        .map_err(|error| Violation { rule: "a record is read", seen: error.to_string() })
}

/// The report that this record seals, if it does.
pub(in crate::world) fn sealed(record: &Bytes) -> Option<Report> {
    #[derive(Deserialize)]
    struct Sealed {
        #[serde(rename = "Sealed")]
        body: Bytes,
    }
    #[derive(Deserialize)]
    struct OfOutbox {
        #[serde(rename = "Outbox")]
        sealed: Sealed,
    }
    if !record.as_slice().starts_with(br#"[1,{"Outbox":{"Sealed":"#) {
        return None;
    }
    let (_, of): (u32, OfOutbox) = serde_json::from_slice(record.as_slice()).ok()?;
    serde_json::from_slice(of.sealed.body.as_slice()).ok()
}
