//! One cold wake: CPU and peak memory of a process that starts, checks in and ends.

use std::path::{Path, PathBuf};

use super::golden::{self, Client};
use super::peers::{Body, Curl, Requests};
use super::row::{Peer, Row, Target, Unit, median};
use super::timed::{Cost, cost};
use crate::stage::{Mishap, Stage};

const ROUNDS: usize = 15;

pub(super) fn measure() -> Result<Vec<Row>, Mishap> {
    let stage = Stage::set(&std::env::current_exe()?, 1)?;
    let (url, code, id) = (stage.gateway_url(), stage.code(&stage.main)?, stage.main.id.clone());
    let activate =
        ["activate", "--gateway", &url, "--tenant", Stage::tenant(), "--device", &id, "--code", &code];
    stage.device(&stage.main, &activate)?;
    let device = device(&stage)?;
    // What is new after the activation goes first.
    cost(&device)?;
    cost(&device)?;
    let reports = stage.exchanges(&stage.main)?.len();
    let ours = costs(&device)?;
    let told = stage.exchanges(&stage.main)?.len().saturating_sub(reports);
    if told != ROUNDS {
        return Err(format!("{ROUNDS} wakes were {told} check-ins").into());
    }
    let mut client = Client::enrolled(&stage)?;
    let apps = golden::apps(120)?;
    client.report(&apps)?;
    let body = client.report(&apps)?;
    let body = Body::write(&stage, &client, &body)?;
    let peers = [
        ("curl + OpenSSL", Curl::find().map(|curl| curl.command(&body))),
        ("Python requests", Requests::find().map(|requests| requests.command(&body))),
    ];
    let peers = peers.map(|(name, command)| {
        (name, command.and_then(|command| costs(&command).map_err(|e| e.to_string())))
    });
    let row = |name, what, unit, target, of: fn(&Cost) -> u64| Row {
        name,
        what,
        unit,
        ours: of(&ours),
        target,
        peers: peers
            .iter()
            .map(|(name, cost)| Peer { name, value: cost.as_ref().map(of).map_err(Clone::clone) })
            .collect(),
    };
    Ok(vec![
        row("wake-cpu", "one cold wake: CPU of the process", Unit::Micros, Target::AtMost(5_000), |c| {
            c.cpu_micros
        }),
        row("wake-memory", "one cold wake: peak memory", Unit::Kib, Target::AtMost(6 * 1024), |c| c.peak_kib),
    ])
}

fn costs(words: &[String]) -> Result<Cost, Mishap> {
    let all = (0..ROUNDS).map(|_| cost(words)).collect::<Result<Vec<Cost>, Mishap>>()?;
    let of = |part: fn(&Cost) -> u64| median(all.iter().map(part).collect());
    Ok(Cost { cpu_micros: of(|cost| cost.cpu_micros), peak_kib: of(|cost| cost.peak_kib) })
}

/// The stand-in device as a program of its own, beside this one.
fn device(stage: &Stage) -> Result<Vec<String>, Mishap> {
    let program: PathBuf = std::env::current_exe()?.with_file_name("mtd-device");
    if !program.is_file() {
        return Err("mtd-device is not built; run: cargo xtask bench".into());
    }
    let text = |path: &Path| path.display().to_string();
    let trust = stage.cloud().join("trust.json");
    let words = [text(&program), "--json".into(), "--dir".into(), text(&stage.main.dir)];
    Ok(words.into_iter().chain(["--trust".into(), text(&trust), "check-in".into()]).collect())
}
