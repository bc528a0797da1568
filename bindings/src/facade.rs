//! What another language sees: one agent, few records, one table of errors.
//!
//! ```text
//!   MtdAgent        start · configure · setConsent · checkIn · report · clear · ignore · visit · left
//!                   networkChanged · powerChanged · appsChanged · unlocked · settle · setLanguage · status
//!                   ledger · deactivate · stop
//!   in              MtdConfig · MtdConfiguration · MtdNetwork · MtdDetection
//!   out             MtdStatus: MtdThreat · MtdNeed · MtdNotice · MtdAccess · MtdFinding; MtdLedgerEntry; MtdWebAnswer; MtdError
//!   host supplies   MtdKeyStore · MtdSensors · MtdListener
//! ```
//!
//! Threads: every call may come from any thread. Key store and sensors are called on `mtd-errands`, the data
//! key also on the thread of `start`; the listener on `mtd-agent`, or, when a call of the host ended in an
//! internal fault, on the thread of that call.

mod adapt;
mod agent;
mod config;
mod configuration;
mod error;
mod explain;
mod host;
mod ledger;
mod plain;
mod status;
mod web;

pub use agent::MtdAgent;
pub use config::{MtdConfig, MtdDetection, MtdNetwork, MtdReach};
pub use configuration::{MtdConfiguration, MtdProvenance, MtdValue};
#[cfg(feature = "uniffi")]
pub use error::mtd_error;
pub use error::{MtdError, MtdFault, MtdKind, MtdRemedy, TABLE};
pub use explain::{
    MtdAccess, MtdBlocker, MtdFinding, MtdLateness, MtdLevel, MtdNeed, MtdNeedKind, MtdNotice, MtdNoticeKind,
};
pub use host::{
    MtdKeyFault, MtdKeyProtection, MtdKeyStore, MtdListener, MtdPosture, MtdPublicKey, MtdSensorFault,
    MtdSensors, MtdSlot,
};
pub use ledger::{MtdLedgerEntry, MtdWhy};
pub use status::{MtdActivation, MtdProtection, MtdStatus, MtdSubject, MtdThreat};
pub use web::{MtdWebAnswer, MtdWebVerdict};
