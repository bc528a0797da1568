//! What travels between device and partner's cloud. The contract in prose is `agent-core/docs/wire.md`.

mod answer;
mod indicators;
mod inventory;
mod policy;
mod problem;
mod report;

pub use answer::{CheckInAnswer, CloudThreat, NextContact, Order, Reason};
pub use indicators::{BUCKET_TARGET, Bucket, Entry, IndicatorKind, Manifest, bucket_of, indicator_hash};
pub use inventory::{InventoryPart, set_digest};
pub use policy::{CommandDocument, Policy, SignedCommand, policy_kind};
pub use problem::{MediaType, Problem, ProblemKind};
pub use report::{
    Diagnostic, Facts, FactsPart, KeyProtection, OpenThreat, Report, Transition, TransitionKind,
};

/// The version of the contract, in every report.
pub const PROTOCOL: u32 = 1;

/// Path of the check-in, relative to the cloud's origin.
pub const CHECK_IN_PATH: &str = "/v1/check-in";

/// Path of an indicator set; the version follows.
pub const INDICATORS_PATH: &str = "/v1/indicators/";

/// Largest report after decompression, in bytes. An inventory of 2,000 apps fits twice.
pub const MAX_REPORT: usize = 2 * 1024 * 1024;

/// Largest answer to a check-in after decompression, in bytes.
pub const MAX_ANSWER: usize = 256 * 1024;

/// Bodies larger than this travel as gzip. An idle report of 500 bytes loses a third; below, headers outweigh it.
pub const GZIP_ABOVE: usize = 256;
