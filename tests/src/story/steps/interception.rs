//! An intercepted connection is refused, and reported once the path is back.

use serde_json::Value;

use super::super::tell::Outcome;
use super::{access, wake};
use crate::path::Mode;
use crate::stage::{Mishap, Stage};

pub(super) fn play(stage: &mut Stage) -> Result<Outcome, Mishap> {
    let mut outcome = Outcome::new();
    stage.path(Mode::Intercept)?;
    let status = wake(stage, &stage.main)?;
    let seen = stage.path(Mode::Pass)?;
    outcome.say(format!(
        "A proxy with a CA of its own answers for the cloud: {} handshakes, {} client certificates and {} bytes seen by it.",
        seen.connections, seen.certificates, seen.read
    ));
    outcome.must("the phone tried again before it believed it", seen.connections >= 2);
    outcome.must("the proxy read nothing", seen.read == 0 && seen.certificates == 0);
    let open = status.get("open").and_then(Value::as_array).map_or(0, Vec::len);
    outcome.say("Refused once is a suspicion; refused again, without a captive portal, an interception.");
    outcome.must("the phone has one threat open", open == 1);
    let silent = stage.transitions(&stage.main)?;
    outcome.must(
        "the cloud cannot know yet",
        silent.last().is_none_or(|row| row.classification != "ACTIVE_MITM"),
    );

    let before = stage.exchanges(&stage.main)?.len();
    wake(stage, &stage.main)?;
    let reported = stage.transitions(&stage.main)?;
    if let Some(row) = reported.last() {
        let late = row.received.saturating_sub(row.detected);
        outcome.say(format!("The path is back: reported, with its time of detection {late} ms before."));
        outcome.must("it is reported open", row.kind == "opened" && row.classification == "ACTIVE_MITM");
        outcome.must("it is dated at the first refusal", late >= 1_000);
        outcome.fact("reportedAfterMilliseconds", late);
    }
    access(stage, &stage.main, &mut outcome, "highSeverity", false)?;

    let mut wakes = 1_u32;
    while stage.transitions(&stage.main)?.last().is_some_and(|row| row.kind == "opened") && wakes < 6 {
        wake(stage, &stage.main)?;
        wakes = wakes.saturating_add(1);
    }
    // The last exchange is the one that reports the end.
    let handshakes = stage.exchanges(&stage.main)?.len().saturating_sub(before).saturating_sub(1);
    outcome.say(format!("It closes after {handshakes} clean handshakes in {wakes} wakes."));
    outcome.must("it closes after three clean handshakes", handshakes == 3);
    outcome.must("it does not close in the wake that reported it", wakes >= 2);
    access(stage, &stage.main, &mut outcome, "secured", true)?;
    outcome.fact("bytesReadByProxy", seen.read);
    outcome.fact("cleanHandshakes", handshakes);
    Ok(outcome)
}
