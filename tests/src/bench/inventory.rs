//! Bytes of an inventory of 120 apps as sent: the first time, after three updates, unchanged.

use std::io::Write as _;

use agent_logic::model::App;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::golden;
use super::phone::{Phone, check_in};
use super::row::{Peer, Row, Target, Unit};
use crate::stage::{Mishap, Stage};

const APPS: u32 = 120;
/// Updated between the first inventory and the second.
const UPDATED: u32 = 3;

pub(super) fn measure() -> Result<Vec<Row>, Mishap> {
    let stage = Stage::set(&std::env::current_exe()?, 1)?;
    let first = golden::apps(APPS)?;
    let phone = Phone::activated(&stage, first.clone())?;
    golden::share_apps(&stage)?;
    // The policy comes with one answer, the inventory goes with the next report.
    for _ in 0..3 {
        check_in(&phone.start()?)?;
    }
    let updated = (0..APPS).map(|nth| golden::app(nth, u32::from(nth < UPDATED)));
    let updated = updated.collect::<Result<Vec<App>, Mishap>>()?;
    phone.install(updated.clone());
    for _ in 0..2 {
        check_in(&phone.start()?)?;
    }
    let sent = stage.exchanges(&stage.main)?;
    let wire = |form: &str| {
        let found = sent.iter().rfind(|exchange| exchange.inventory.as_deref() == Some(form));
        found.map(|exchange| exchange.wire).ok_or_else(|| format!("no inventory went as {form}"))
    };
    let row = |name, what, form: &str, target, apps: &[App]| -> Result<Row, Mishap> {
        let peer = Peer { name: "gzip of the JSON, each time", value: Ok(gzip(apps)?) };
        Ok(Row { name, what, unit: Unit::Bytes, ours: wire(form)?, target, peers: vec![peer] })
    };
    Ok(vec![
        row("inventory-first", "report with 120 apps, the first", "full", Target::AtMost(9_200), &first)?,
        row("inventory-three", "report after three updates", "delta", Target::AtMost(600), &updated)?,
        row("inventory-same", "report with nothing new: a digest", "digest", Target::None, &updated)?,
    ])
}

fn gzip(apps: &[App]) -> Result<u64, Mishap> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&serde_json::to_vec(apps)?)?;
    Ok(u64::try_from(encoder.finish()?.len())?)
}
