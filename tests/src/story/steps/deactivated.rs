//! The cloud is told, then the phone forgets everything.

use std::path::Path;

use super::super::tell::Outcome;
use super::access;
use crate::stage::{Mishap, Stage};

pub(super) fn play(stage: &mut Stage) -> Result<Outcome, Mishap> {
    let mut outcome = Outcome::new();
    let before = bytes(&stage.main.dir)?;
    stage.device(&stage.main, &["deactivate"])?;
    let row = stage.device_row(&stage.main)?;
    let after = bytes(&stage.main.dir)?;
    let activation = row.as_ref().map_or("unknown", |row| row.activation.as_str());
    outcome.say(format!("The gateway: {activation}, {} apps held.", row.as_ref().map_or(0, |row| row.apps)));
    outcome.say(format!("The phone's folder had {before} B; now it has {after} B."));
    outcome.must("the gateway was told", activation == "deactivated");
    outcome.must("the gateway dropped the inventory", row.is_some_and(|row| row.apps == 0));
    outcome.must("there was something to forget", before > 0);
    outcome.must("key, certificate, queue and inventory are gone from disk", after == 0);
    access(stage, &stage.main, &mut outcome, "deactivated", false)?;
    outcome.fact("bytesBefore", before);
    outcome.fact("bytesAfter", after);
    Ok(outcome)
}

/// Bytes of every file below `folder`.
fn bytes(folder: &Path) -> Result<u64, Mishap> {
    let mut sum = 0_u64;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let more = if entry.file_type()?.is_dir() { bytes(&entry.path())? } else { entry.metadata()?.len() };
        sum = sum.saturating_add(more);
    }
    Ok(sum)
}
