//! 500 transitions that waited for the network: how many requests they take, and how fast they are there.

use std::path::PathBuf;
use std::time::Instant;

use agent_logic::event::{Detection, Event, Network, Reach};
use agent_logic::model::Classification;

use super::golden::{self, Client};
use super::peers::{Body, Requests};
use super::phone::{Phone, check_in, online, refused, rest};
use super::row::{Peer, Row, Target, Unit};
use crate::stage::{Mishap, Stage, UNPACED};

const TRANSITIONS: u32 = 500;
/// Detections handed in before the agent is waited for: its queue is bounded.
const AT_ONCE: u32 = 50;

pub(super) fn measure() -> Result<Vec<Row>, Mishap> {
    let mut stage = Stage::set(&std::env::current_exe()?, 1)?;
    stage.restart_gateway(&UNPACED)?;
    let phone = Phone::activated(&stage, golden::apps(1)?)?;
    check_in(&phone.start()?)?;
    let before = stage.transitions(&stage.main)?.len();
    let agent = phone.start_offline()?;
    agent.send(Event::Network(offline())).map_err(refused)?;
    for nth in 0..TRANSITIONS {
        // Opened and gone by turns, so that each is a transition.
        let app = Some(golden::app(nth / 2, 0)?.id);
        let detection = Detection { classification: Classification::Trojan, app };
        let event =
            if nth.is_multiple_of(2) { Event::Detected(detection) } else { Event::Cleared(detection) };
        agent.send(event).map_err(refused)?;
        if nth % AT_ONCE == 0 {
            rest(&agent)?;
        }
    }
    rest(&agent)?;
    // A process of its own finds them on the disk.
    drop(agent);
    let agent = phone.start_offline()?;
    agent.send(Event::Network(offline())).map_err(refused)?;
    rest(&agent)?;
    stage.seen()?;
    let early = stage.transitions(&stage.main)?.len().saturating_sub(before);
    if early != 0 {
        return Err(format!("{early} transitions arrived before the network was there").into());
    }
    let begun = Instant::now();
    agent.send(Event::Network(online())).map_err(refused)?;
    rest(&agent)?;
    let took = begun.elapsed();
    let seen = stage.seen()?;
    let arrived = stage.transitions(&stage.main)?.len().saturating_sub(before);
    if arrived != usize::try_from(TRANSITIONS)? {
        return Err(format!("{arrived} of {TRANSITIONS} transitions arrived").into());
    }
    Ok(vec![
        Row {
            name: "drain-requests",
            what: "500 queued transitions: requests",
            unit: Unit::Times,
            ours: seen.connections,
            target: Target::AtMost(1),
            peers: vec![Peer { name: "one POST each", value: Ok(TRANSITIONS.into()) }],
        },
        Row {
            name: "drain-rate",
            what: "500 queued transitions, applied and acknowledged",
            unit: Unit::PerSecond,
            ours: rate(took),
            target: Target::AtLeast(10_000),
            peers: vec![Peer {
                name: "Python requests, one POST each, kept alive",
                value: requests(&stage)?,
            }],
        },
    ])
}

fn offline() -> Network {
    Network { reach: Reach::Offline, id: None, metered: false }
}

/// The same number of reports, each an event's size, one after another on one connection.
fn requests(stage: &Stage) -> Result<Result<u64, String>, Mishap> {
    let requests = match Requests::find() {
        Ok(requests) => requests,
        Err(why) => return Ok(Err(why)),
    };
    let mut client = Client::enrolled(stage)?;
    let apps = golden::apps(1)?;
    let first = client.report(&apps)?;
    let body = Body::write(stage, &client, &first)?;
    let folder = stage.folder().join("backlog");
    std::fs::create_dir_all(&folder)?;
    let bodies = (0..TRANSITIONS).map(|nth| {
        let file = folder.join(format!("{nth:03}.json"));
        std::fs::write(&file, client.prepare(&apps)?)?;
        Ok(file)
    });
    let bodies = bodies.collect::<Result<Vec<PathBuf>, Mishap>>()?;
    let begun = Instant::now();
    Ok(requests.post_all(&body, &bodies).map(|()| rate(begun.elapsed())))
}

fn rate(took: std::time::Duration) -> u64 {
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
    u64::from(TRANSITIONS).saturating_mul(1_000_000) / micros
}
