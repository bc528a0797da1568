//! First launch: a key, a certificate, a first check-in.

use super::super::tell::Outcome;
use super::{access, number, text};
use crate::stage::{Mishap, Stage};

pub(super) fn play(stage: &mut Stage) -> Result<Outcome, Mishap> {
    let mut outcome = Outcome::new();
    let code = stage.code(&stage.main)?;
    let before = stage.device_row(&stage.main)?;
    let activation = before.as_ref().map_or("unknown", |row| row.activation.as_str());
    outcome.say(format!("The console lists the phone as {activation}."));
    outcome.must("the device is listed as pending", activation == "pending");

    let status = activate(stage, &code)?;
    let seen = stage.seen()?;
    let after = stage.device_row(&stage.main)?;
    let first = stage.exchanges(&stage.main)?;
    let Some((row, exchange)) = after.zip(first.first()) else {
        outcome.must("the gateway has a device and a check-in", false);
        return Ok(outcome);
    };
    outcome.say(format!(
        "Configured, the phone made a P-256 key ({}) and enrolled by EST with its one-time code.",
        text(&status, "keyProtection")
    ));
    outcome.say(format!(
        "First check-in over mutual TLS: report 1, {} B; the whole activation was {} B up, {} B down.",
        exchange.body, seen.up, seen.down
    ));
    outcome.say(format!("The gateway: pending -> {}, level {}.", row.activation, text(&status, "level")));
    outcome.must("the gateway has it activated", row.activation == "activated");
    outcome.must("one certificate was issued", row.certificates == 1);
    outcome.must("one report was applied", first.len() == 1 && exchange.sequence == 1);
    access(stage, &stage.main, &mut outcome, "secured", true)?;
    outcome.fact("up", seen.up);
    outcome.fact("down", seen.down);
    outcome.fact("checkInUp", number(&status, "bytesUp"));
    outcome.fact("checkInDown", number(&status, "bytesDown"));
    Ok(outcome)
}

fn activate(stage: &Stage, code: &str) -> Result<serde_json::Value, Mishap> {
    let url = stage.gateway_url();
    let device = &stage.main;
    let args =
        ["activate", "--gateway", &url, "--tenant", Stage::tenant(), "--device", &device.id, "--code", code];
    stage.device(device, &args)
}
