//! Without a device ID nothing leaves the phone.

use super::super::tell::Outcome;
use super::text;
use crate::stage::{Mishap, Stage};

pub(super) fn play(stage: &mut Stage) -> Result<Outcome, Mishap> {
    let mut outcome = Outcome::new();
    let code = stage.code(&stage.main)?;
    let url = stage.gateway_url();
    let base = ["activate", "--gateway", &url, "--tenant", Stage::tenant(), "--code", &code];
    // What Intune leaves when it cannot fill a token in.
    let unresolved = [base.as_slice(), &["--device", "{{aaddeviceid}}"]].concat();
    let without = stage.device(&stage.main, &base)?;
    let status = stage.device(&stage.main, &unresolved)?;
    let seen = stage.seen()?;
    let devices = stage.devices()?;
    outcome
        .say("The phone has a gateway, a tenant and a code, but no Entra device ID; then {{aaddeviceid}}.");
    outcome.say(format!("It asks for {}.", text(&status, "need")));
    outcome.say(format!("The network saw {} connections and {} bytes.", seen.connections, seen.up));
    for status in [&without, &status] {
        outcome.must("the phone asks for its configuration", text(status, "need").contains("device ID"));
        outcome.must("the phone is pending", text(status, "activation") == "pending");
    }
    outcome.must("no connection was made", seen.connections == 0 && seen.up == 0);
    outcome.must("the gateway knows no enrolled device", devices == 0);
    outcome.fact("connections", seen.connections);
    outcome.fact("bytes", seen.up);
    Ok(outcome)
}
