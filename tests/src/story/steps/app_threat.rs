//! A known spy app blocks access; removing it lifts the block.

use serde_json::json;

use super::super::tell::Outcome;
use super::{access, number, text, wake};
use crate::stage::{Indicator, Mishap, Stage};

pub(super) fn play(stage: &mut Stage) -> Result<Outcome, Mishap> {
    let mut outcome = Outcome::new();
    stage.import_indicators()?;
    let before = wake(stage, &stage.main)?;
    let known = number(&before, "indicators");
    outcome.must("the phone holds the signed set", known > 0);
    outcome.must("nothing on this machine is in it", text(&before, "level") == "secured");

    let Indicator { name, package, signer } = Indicator::real()?;
    outcome.say(format!("Planted at the inventory port: {package}, signer {}… ({name}).", short(&signer)));
    stage.main.plant(&json!({ "set": [{ "id": package, "signers": [{ "sha1": signer }] }] }))?;
    wake(stage, &stage.main)?;
    let transitions = stage.transitions(&stage.main)?;
    let opened = transitions.last().map(|row| (row.kind.as_str(), row.classification.as_str()));
    let named = opened.map_or("nothing", |(_, classification)| classification);
    outcome.say(format!("The phone matches it with real indicators itself and reports {named} at once."));
    outcome.must("the gateway has it open", opened == Some(("opened", "SURVEILLANCEWARE")));
    access(stage, &stage.main, &mut outcome, "highSeverity", false)?;

    stage.main.plant(&json!({}))?;
    let status = wake(stage, &stage.main)?;
    outcome.say(format!("The app is removed: level {}.", text(&status, "level")));
    let resolved = stage.transitions(&stage.main)?;
    outcome.must("the gateway has it resolved", resolved.last().is_some_and(|row| row.kind == "resolved"));
    access(stage, &stage.main, &mut outcome, "secured", true)?;
    outcome.fact("classification", "SURVEILLANCEWARE");
    outcome.fact("indicators", known);
    Ok(outcome)
}

fn short(digest: &str) -> &str {
    digest.get(..8).unwrap_or_default()
}
