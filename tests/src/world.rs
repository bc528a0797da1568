//! A simulated world: the real machine and the real vault, and around them a phone, a network and a cloud that do
//! what such things do. Everything comes from one seed.
//!
//! ```text
//!  step      what happens: networks, kills, power cuts, apps, moods, boots, users
//!  device    the process: agent, vault, the loop of the driver in virtual time
//!  errand    what commands do to keys, network, sensors and cloud, and how they end
//!  phone     the truth: settings, apps, detections
//!  sensors   what of it can be seen
//!  owner     visits pages, ignores threats
//!  keys · disk · network · cloud · clock     the parts, and their troubles
//!  model     what must be true, kept apart: ledger of transitions, durable records, pauses, costs
//!  invariants    checked at every command and after every moment
//!  calm      the calm after which cloud and device agree
//!  run       one history, many histories, figures
//! ```
//!
//! After every step: nothing is sent before consent, configuration and durable records, nor while offline is
//! known; a pause that the cloud told is kept, across kills and boots; a policy never gets older; transitions
//! reach the cloud once, in order, none invented; no app leaves that the privacy matrix keeps; the disk holds
//! what was acknowledged. After every day: wakes, requests and bytes within their bounds. After every calm: the
//! cloud's threats, level and inventory are the device's.

mod calm;
mod chance;
mod cli;
mod clock;
mod cloud;
mod device;
mod disk;
mod effect;
mod errand;
mod invariants;
mod keys;
mod model;
mod network;
mod owner;
mod phone;
mod run;
mod sensors;
mod step;
mod tally;
mod trace;
mod traffic;

pub use cli::main_with;
pub use model::Violation;
pub use run::{End, Fleet, Plan, fleet, run};
pub use tally::Tally;

/// A fault of the world itself, on purpose: each must turn a run red.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The disk says that it synced, and did not.
    DeafDisk,
    /// Some saves are acknowledged and never reach the vault.
    DroppedSave,
    /// The cloud applies the transitions of a repeated report again.
    DoublingCloud,
    /// The cloud acknowledges some reports without applying them.
    CarelessCloud,
    /// The device's clock that counts sleep runs twice as fast as time.
    HastyClock,
    /// The sensors tell the agent that each app is managed.
    LyingSensors,
    /// The key store writes a private key into a request.
    LeakyKeys,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 7] = [
        Self::DeafDisk,
        Self::DroppedSave,
        Self::DoublingCloud,
        Self::CarelessCloud,
        Self::HastyClock,
        Self::LyingSensors,
        Self::LeakyKeys,
    ];
}

const TENANT: &str = "ab0dc123-9843-405f-be28-b2265c59ef97";
