//! The eight steps, in order.

mod activated;
mod app_threat;
mod deactivated;
mod gate;
mod interception;
mod inventory;
mod outage;
mod renewal;

use serde_json::Value;

use super::tell::Outcome;
use crate::stage::evidence::Standing;
use crate::stage::{Device, Mishap, Stage};

/// One step.
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) claim: &'static str,
    pub(super) play: fn(&mut Stage) -> Result<Outcome, Mishap>,
}

/// The story.
pub(super) const ALL: &[Step] = &[
    Step { name: "gate", claim: "Without a device ID nothing leaves the phone.", play: gate::play },
    Step {
        name: "activated",
        claim: "First launch: a key, a certificate, a first check-in.",
        play: activated::play,
    },
    Step {
        name: "inventory",
        claim: "Apps are reported when policy says so, and then only what changed.",
        play: inventory::play,
    },
    Step {
        name: "app-threat",
        claim: "A known spy app blocks access; removing it lifts the block.",
        play: app_threat::play,
    },
    Step {
        name: "interception",
        claim: "An intercepted connection is refused, and reported once the path is back.",
        play: interception::play,
    },
    Step {
        name: "outage",
        claim: "Cloud down, phone killed: every change arrives once and in order.",
        play: outage::play,
    },
    Step {
        name: "renewal",
        claim: "A new certificate is proved before the old one is dropped.",
        play: renewal::play,
    },
    Step {
        name: "deactivated",
        claim: "The cloud is told, then the phone forgets everything.",
        play: deactivated::play,
    },
];

/// One wake of the device's process.
fn wake(stage: &Stage, device: &Device) -> Result<Value, Mishap> {
    stage.device(device, &["check-in"])
}

/// Says and checks what Intune makes of the device.
fn access(
    stage: &Stage,
    device: &Device,
    outcome: &mut Outcome,
    health: &str,
    granted: bool,
) -> Result<Option<Standing>, Mishap> {
    let standing = stage.standing(device, health)?;
    outcome.must("the stand-in for Intune heard of it", standing.is_some());
    if let Some(standing) = &standing {
        let word = if standing.granted { "granted" } else { "blocked" };
        outcome.say(format!("Intune: {health} -> access {word}. {}", standing.why));
        outcome.must("access follows the level", standing.granted == granted);
    }
    Ok(standing)
}

/// A text of a status.
fn text<'a>(status: &'a Value, name: &str) -> &'a str {
    status.get(name).and_then(Value::as_str).unwrap_or("none")
}

/// A number of a status.
fn number(status: &Value, name: &str) -> u64 {
    status.get(name).and_then(Value::as_u64).unwrap_or_default()
}
