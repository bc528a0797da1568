//! What another language sees: one agent, few records, one table of errors.
//!
//! ```text
//!   MtdAgent        start · configure · setConsent · checkIn · report · clear · networkChanged · appsChanged
//!                   unlocked · settle · status · deactivate · stop
//!   in              MtdConfig · MtdConfiguration · MtdNetwork · MtdDetection
//!   out             MtdStatus · MtdThreat · MtdNeed · MtdError
//!   host supplies   MtdKeyStore · MtdSensors · MtdListener
//! ```
//!
//! Threads: every call may come from any thread. Key store and sensors are called on `mtd-errands`, the data
//! key also on the thread of `start`; the listener on `mtd-agent`, or, when a call of the host ended in an
//! internal fault, on the thread of that call.

mod adapt;
mod agent;
pub mod apps;
pub(crate) mod buffer;
mod config;
mod error;
mod host;
mod plain;
mod status;

pub use agent::MtdAgent;
pub use config::{MtdConfig, MtdConfiguration, MtdCredentialKind, MtdDetection, MtdNetwork, MtdReach};
pub use error::{MtdError, MtdKind, MtdRemedy, TABLE};
pub use host::{
    MtdKeyFault, MtdKeyProtection, MtdKeyStore, MtdListener, MtdPosture, MtdPublicKey, MtdSensorFault,
    MtdSensors, MtdSlot,
};
pub use status::{
    MtdActivation, MtdLevel, MtdNeed, MtdNeedKind, MtdProtection, MtdStatus, MtdSubject, MtdThreat,
};
