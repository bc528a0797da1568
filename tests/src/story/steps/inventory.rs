//! Apps are reported when policy says so, and then only what changed.

use serde_json::json;

use super::super::tell::Outcome;
use super::wake;
use crate::stage::evidence::Exchange;
use crate::stage::{Mishap, Stage};

pub(super) fn play(stage: &mut Stage) -> Result<Outcome, Mishap> {
    let mut outcome = Outcome::new();
    wake(stage, &stage.main)?;
    let off = stage.device_row(&stage.main)?.map_or(0, |row| row.apps);
    outcome.say(format!("App sync is off, as it is by default: the gateway holds {off} apps."));
    outcome.must("nothing is shared by default", off == 0);

    stage.administer(&["policy", "--app-sync", "on", "--ownership", "company"])?;
    wake(stage, &stage.main)?;
    let apps = stage.device_row(&stage.main)?.map_or(0, |row| row.apps);
    let full = last(stage, "full")?;
    wake(stage, &stage.main)?;
    let digest = last(stage, "digest")?;

    // The stand-in device updates one package of this machine.
    let first = stage.first_app(&stage.main)?;
    let mut changed = first.clone();
    if let Some(object) = changed.as_object_mut() {
        object.insert("version".into(), json!("2:0-story"));
    }
    stage.main.plant(&json!({ "set": [changed] }))?;
    wake(stage, &stage.main)?;
    let delta = last(stage, "delta")?;
    let after = stage.device_row(&stage.main)?.map_or(0, |row| row.apps);

    for (name, exchange) in [("full", &full), ("digest", &digest), ("delta", &delta)] {
        outcome.must("the form is as claimed", exchange.is_some());
        if let Some(exchange) = exchange {
            outcome.fact(name, exchange.wire);
        }
    }
    let bytes = |exchange: &Option<Exchange>| exchange.as_ref().map_or(0, |exchange| exchange.wire);
    outcome.say(format!(
        "A signed policy switches it on: {apps} packages of this machine arrive, {} B compressed.",
        bytes(&full)
    ));
    outcome.say(format!("Next check-in, nothing changed: a digest, {} B in all.", bytes(&digest)));
    outcome.say(format!("One package updated: a delta, {} B in all.", bytes(&delta)));
    outcome.must("this machine's packages arrived", apps > 0);
    outcome.must("the set has the same size after the update", after == apps);
    outcome.must(
        "each is smaller than the one before it needs",
        apps < 20 || (bytes(&digest) < bytes(&delta) && bytes(&delta) < bytes(&full)),
    );
    outcome.fact("apps", apps);
    Ok(outcome)
}

/// The last exchange, if its inventory had this form.
fn last(stage: &Stage, form: &str) -> Result<Option<Exchange>, Mishap> {
    let exchanges = stage.exchanges(&stage.main)?;
    Ok(exchanges.into_iter().next_back().filter(|exchange| exchange.inventory.as_deref() == Some(form)))
}
