//! An idle check-in: bytes above TCP both ways, and private-key operations.

use super::golden::{self, Client};
use super::peers::{Body, Curl, Requests};
use super::phone::{Phone, check_in};
use super::row::{Peer, Row, Target, Unit, median};
use crate::stage::{Mishap, Stage};

/// Of each: a signature's length differs by chance.
const ROUNDS: usize = 9;
/// Apps on the phone.
const APPS: u32 = 120;
/// Bytes by which the golden body and the agent's own may differ: digits of numbers, and how digests pack.
const TOLERANCE: u64 = 16;

/// What both rounds gave.
struct Idle {
    bytes: u64,
    signatures: u64,
}

pub(super) fn measure() -> Result<Vec<Row>, Mishap> {
    let mut stage = Stage::set(&std::env::current_exe()?, 1)?;
    golden::share_apps(&stage)?;
    let phone = Phone::activated(&stage, golden::apps(APPS)?)?;
    // What is new after the activation goes first: the policy, then the inventory.
    for _ in 0..3 {
        check_in(&phone.start()?)?;
    }
    let cold = cold(&mut stage, &phone)?;
    let warm = warm(&mut stage, &phone)?;
    let sent = stage.exchanges(&stage.main)?;
    let last = sent.last().ok_or("the gateway has no report")?;
    if last.inventory.as_deref() != Some("digest") {
        return Err("the check-in was not idle".into());
    }

    let mut client = Client::enrolled(&stage)?;
    let apps = golden::apps(APPS)?;
    client.report(&apps)?;
    let body = client.report(&apps)?;
    let plain = u64::try_from(body.len())?;
    if plain.abs_diff(last.body) > TOLERANCE {
        return Err(format!("the golden body has {plain} B, the agent's own {} B", last.body).into());
    }
    let body = Body::write(&stage, &client, &body)?;
    let peers = |stage: &mut Stage| -> Result<Vec<Peer>, Mishap> {
        let curl = bytes_of(stage, || Curl::find().and_then(|curl| curl.post(&body)))?;
        let requests = bytes_of(stage, || Requests::find().and_then(|requests| requests.post(&body)))?;
        Ok(vec![
            Peer { name: "curl + OpenSSL", value: curl },
            Peer { name: "Python requests", value: requests },
        ])
    };
    Ok(vec![
        Row {
            name: "idle-cold",
            what: "idle check-in above TCP, cold process",
            unit: Unit::Bytes,
            ours: cold.bytes,
            target: Target::AtMost(2_300),
            peers: peers(&mut stage)?,
        },
        Row {
            name: "idle-warm",
            what: "idle check-in above TCP, session resumed",
            unit: Unit::Bytes,
            ours: warm.bytes,
            target: Target::AtMost(1_350),
            peers: Vec::new(),
        },
        Row {
            name: "idle-body",
            what: "its body as sent; the peers send it plain",
            unit: Unit::Bytes,
            ours: last.wire,
            target: Target::None,
            peers: vec![Peer { name: "plain JSON", value: Ok(plain) }],
        },
        Row {
            name: "signatures-cold",
            what: "private-key operations, cold process",
            unit: Unit::Times,
            ours: cold.signatures,
            target: Target::AtMost(1),
            peers: Vec::new(),
        },
        Row {
            name: "signatures-warm",
            what: "private-key operations, session resumed",
            unit: Unit::Times,
            ours: warm.signatures,
            target: Target::AtMost(0),
            peers: Vec::new(),
        },
    ])
}

/// An agent that has just started has no session.
fn cold(stage: &mut Stage, phone: &Phone) -> Result<Idle, Mishap> {
    round(stage, phone, || check_in(&phone.start()?).map(drop))
}

/// The second check-in of one process.
fn warm(stage: &mut Stage, phone: &Phone) -> Result<Idle, Mishap> {
    let agent = phone.start()?;
    check_in(&agent)?;
    round(stage, phone, || check_in(&agent).map(drop))
}

fn round(
    stage: &mut Stage,
    phone: &Phone,
    mut wake: impl FnMut() -> Result<(), Mishap>,
) -> Result<Idle, Mishap> {
    let mut bytes = Vec::new();
    let mut signatures = Vec::new();
    for _ in 0..ROUNDS {
        stage.seen()?;
        phone.keys.signatures();
        wake()?;
        let seen = stage.seen()?;
        if seen.connections != 1 {
            return Err(format!("an idle check-in took {} connections", seen.connections).into());
        }
        bytes.push(seen.up.saturating_add(seen.down));
        signatures.push(phone.keys.signatures());
    }
    Ok(Idle { bytes: median(bytes), signatures: median(signatures) })
}

/// Bytes above TCP of one peer's exchange.
fn bytes_of(
    stage: &mut Stage,
    mut post: impl FnMut() -> Result<(), String>,
) -> Result<Result<u64, String>, Mishap> {
    let mut bytes = Vec::new();
    for _ in 0..ROUNDS {
        stage.seen()?;
        if let Err(why) = post() {
            return Ok(Err(why));
        }
        let seen = stage.seen()?;
        bytes.push(seen.up.saturating_add(seen.down));
    }
    Ok(Ok(median(bytes)))
}
