//! The answer to a check-in.

use serde::{Deserialize, Serialize};

use crate::model::{HealthState, Level, ThreatId};
use crate::redact::Redacted;
use crate::time::Wall;

/// What the cloud says. Unknown keys are ignored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckInAnswer {
    /// The cloud's clock, milliseconds since 1970 UTC.
    pub server_time: Wall,
    /// Every report of the chain up to this sequence is applied.
    pub acknowledged: u64,
    /// The level in force.
    pub level: Level,
    /// Graph's health state as pushed to Intune.
    pub health: HealthState,
    /// Every open threat that counts, worst first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub why: Vec<Reason>,
    /// Threats that the cloud found. The complete list, each time.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub threats: Vec<CloudThreat>,
    /// A newer policy: compact JWS over [`super::Policy`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub policy: Option<Redacted<String>>,
    /// A newer indicator set: compact JWS over [`super::Manifest`]; its buckets are fetched apart.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub indicators: Option<Redacted<String>>,
    /// What the device is asked to do.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub orders: Vec<Order>,
    /// Bounds for the next contact; absent leaves the policy's interval.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<NextContact>,
}

/// One open threat that counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reason {
    /// The threat.
    pub id: ThreatId,
    /// Its classification, as the cloud names it.
    pub classification: String,
    /// The level it gives.
    pub level: Level,
}

/// A threat that the cloud found on its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CloudThreat {
    /// Stable from detection to resolution.
    pub id: ThreatId,
    /// Its classification, as the cloud names it.
    pub classification: String,
    /// The level it gives.
    pub level: Level,
}

/// What the device is asked to do. The first three need no signature: they can only make it say the truth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "camelCase")]
pub enum Order {
    /// Read posture and inventory again now.
    Rescan,
    /// Begin a new chain with the whole truth.
    Resync,
    /// Send the whole inventory: the cloud's copy differs.
    FullInventory,
    /// A command under the policy key: compact JWS over [`super::CommandDocument`].
    Signed {
        /// The JWS.
        jws: Redacted<String>,
    },
    /// An order of a later version.
    #[serde(other)]
    Unknown,
}

/// When to be in contact again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NextContact {
    /// Not before this many seconds.
    pub after_seconds: u32,
}
