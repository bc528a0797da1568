//! `mtd-device conform`: the contract's cases against any server that claims to implement it.
//!
//! It needs what a new device needs: the server's trust, a device ID that is not enrolled, and a one-time code. The
//! device is left deactivated.

use std::io::Write as _;
use std::path::Path;

use agent_gateway::init::Trust;
use agent_logic::model::DeviceId;
use clap::Args;
use data_encoding::BASE64;

mod cases;
mod client;
mod device;

pub use client::Identity;

use client::Client;
use device::Device;

/// `conform`.
#[derive(Debug, Args)]
pub(super) struct ConformArgs {
    /// `host:port` of the server under test.
    #[arg(long)]
    gateway: String,
    /// An Entra device ID that the server knows and that is not enrolled.
    #[arg(long)]
    device: DeviceId,
    /// A one-time code for it.
    #[arg(long)]
    code: String,
    /// An enrolment key, to see that attempts with it are limited.
    #[arg(long)]
    enrolment_key: Option<String>,
}

/// How a case went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As the contract says.
    Pass,
    /// Not so, and what came instead.
    Fail(String),
    /// Not tried, and why.
    Skip(&'static str),
}

/// One row of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// What the contract says.
    pub case: &'static str,
    /// How it went.
    pub outcome: Outcome,
}

/// The trust file cannot be used, or the device ID or code has a form that no request can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unusable;

/// Runs every case in order. Each has the state that the ones before left.
pub fn conform(
    trust: &Path,
    gateway: &str,
    device: DeviceId,
    code: &str,
    enrolment_key: Option<&str>,
) -> Result<Vec<Row>, Unusable> {
    let mut device = open(trust, gateway, device, code)?;
    device.enrolment_key = enrolment_key.map(|key| key.trim().to_owned());
    let run = |(case, test): &(&'static str, cases::Test)| Row { case, outcome: test(&mut device) };
    Ok(cases::ALL.iter().map(run).collect())
}

/// Enrols `device` and answers what it may show from then on: for another tool that tests the same server.
pub fn enrolled(trust: &Path, gateway: &str, device: DeviceId, code: &str) -> Result<Identity, Unusable> {
    let mut device = open(trust, gateway, device, code)?;
    let answer = device.enrol(Some(device.code())).ok_or(Unusable)?;
    device.keep(&answer).ok_or(Unusable)?;
    device.identity.ok_or(Unusable)
}

fn open(trust: &Path, gateway: &str, device: DeviceId, code: &str) -> Result<Device, Unusable> {
    let text = std::fs::read_to_string(trust).map_err(|_| Unusable)?;
    let trust: Trust = serde_json::from_str(&text).map_err(|_| Unusable)?;
    let client = Client::new(&trust, gateway).ok_or(Unusable)?;
    let keys = trust.policy_keys.iter().map(|key| BASE64.decode(key.as_bytes()).map_err(|_| Unusable));
    Device::new(client, keys.collect::<Result<_, _>>()?, device, code).ok_or(Unusable)
}

/// Runs and prints the table; true if nothing failed.
pub(super) fn print(trust: &Path, args: &ConformArgs) -> Result<bool, Unusable> {
    let rows = conform(trust, &args.gateway, args.device, &args.code, args.enrolment_key.as_deref())?;
    let mut out = std::io::stdout().lock();
    let mut failed = 0_usize;
    for row in &rows {
        let (word, note) = match &row.outcome {
            Outcome::Pass => ("pass", ""),
            Outcome::Fail(what) => ("FAIL", what.as_str()),
            Outcome::Skip(why) => ("skip", *why),
        };
        failed = failed.saturating_add(usize::from(word == "FAIL"));
        let dash = if note.is_empty() { "" } else { " — " };
        let _closed = writeln!(out, "{word}  {}{dash}{note}", row.case);
    }
    let _closed = writeln!(out, "{} cases, {failed} failed.", rows.len());
    Ok(failed == 0)
}
