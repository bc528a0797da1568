//! The reference cloud with 100,000 devices in its database: how fast it shows them, and what a check-in costs there.

use std::path::Path;
use std::sync::Barrier;
use std::time::Instant;

use agent_gateway::checkin::{self, Arrival};
use agent_gateway::clock::now;
use agent_gateway::console::{Overview, Page};
use agent_gateway::home::Home;
use agent_gateway::init;
use agent_gateway::peer::PeerCertificate;
use agent_gateway::store::{Store, StoreError};
use agent_gateway::{api, rating};
use agent_logic::model::DeviceId;
use rusqlite::Connection;

use super::row::{Peer, Row, Target, Unit, median};
use crate::fleet::{fill, id, report, serial};
use crate::stage::Mishap;

/// Devices in the table.
const DEVICES: u32 = 100_000;
/// Readings of which the middle counts.
const READINGS: usize = 9;
/// Check-ins that are measured together, each of another device.
const CHECK_INS: u32 = 2_000;
/// Devices that check in at one moment.
const AT_ONCE: u32 = 64;
/// Check-ins after one another at each of these places.
const EACH: u32 = 30;

pub(super) fn measure() -> Result<Vec<Row>, Mishap> {
    let folder = tempfile::tempdir()?;
    let home = Home::new(folder.path().join("cloud"));
    init::init(&home, "localhost", None).map_err(said)?;
    fill(&home.database(), DEVICES)?;
    let begun = Instant::now();
    let store = Store::open(&home.database())?;
    let rated = micros(begun)?;
    let listed = listed(&store)?;
    let every_row = every_row(&home.database())?;
    let cost = check_ins(&store, CHECK_INS)?;
    let one_row = one_row(&home.database())?;
    let together = together(&store)?;
    let re_rated = re_rated(&store)?;
    Ok(vec![
        Row {
            name: "fleet-overview",
            what: "overview of 100,000 devices, first page",
            unit: Unit::Micros,
            ours: listed,
            target: Target::AtMost(200_000),
            peers: vec![Peer { name: "SQLite, every row read once", value: Ok(every_row) }],
        },
        Row {
            name: "fleet-check-in",
            what: "check-in's database work, 64 at once: CPU of one",
            unit: Unit::Micros,
            ours: together.cost,
            target: Target::AtMost(100),
            peers: vec![Peer { name: "SQLite, one row changed and synced", value: Ok(one_row) }],
        },
        Row {
            name: "fleet-alone",
            what: "the same, one after another: each its own sync",
            unit: Unit::Micros,
            ours: cost,
            target: Target::None,
            peers: vec![Peer { name: "SQLite, one row changed and synced", value: Ok(one_row) }],
        },
        Row {
            name: "fleet-sync",
            what: "64 devices at once: check-ins for one sync",
            unit: Unit::Permille,
            ours: together.a_sync,
            target: Target::None,
            peers: vec![Peer { name: "one transaction each", value: Ok(1_000) }],
        },
        Row {
            name: "fleet-policy",
            what: "new policy: 5,000 devices with threats re-rated",
            unit: Unit::Micros,
            ours: re_rated.took,
            target: Target::None,
            peers: Vec::new(),
        },
        Row {
            name: "fleet-policy-step",
            what: "the same: the longest transaction of it",
            unit: Unit::Micros,
            ours: re_rated.longest,
            target: Target::None,
            peers: Vec::new(),
        },
        Row {
            name: "fleet-migration",
            what: "first opening of an earlier version's database",
            unit: Unit::Micros,
            ours: rated,
            target: Target::None,
            peers: Vec::new(),
        },
    ])
}

/// What the console asks for its first page.
fn listed(store: &Store) -> Result<u64, Mishap> {
    let mut taken = Vec::new();
    for _ in 0..READINGS {
        let begun = Instant::now();
        let overview = store.read(|tx| Overview::read(tx, &Page::default(), now()))?;
        taken.push(micros(begun)?);
        if overview.tally.high == 0 || overview.devices.len() != 100 {
            return Err("the overview is not that of the fleet".into());
        }
    }
    Ok(median(taken))
}

/// What a page costs at least that reads the fleet.
fn every_row(path: &Path) -> Result<u64, Mishap> {
    let connection = Connection::open(path)?;
    let mut taken = Vec::new();
    for _ in 0..READINGS {
        let begun = Instant::now();
        let mut statement = connection.prepare("SELECT * FROM device")?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
        taken.push(micros(begun)?);
    }
    Ok(median(taken))
}

/// CPU of one check-in's transaction, of so many devices one after another.
fn check_ins(store: &Store, count: u32) -> Result<u64, Mishap> {
    let bodies = (0..count).map(|nth| body(nth).map(|body| (nth, body)));
    let bodies = bodies.collect::<Result<Vec<_>, Mishap>>()?;
    let before = cpu()?;
    for (nth, body) in &bodies {
        check_in(store, *nth, body)?;
    }
    Ok(cpu()?.saturating_sub(before) / 1_000 / u64::from(count))
}

/// What the handler of a check-in does with the database.
fn check_in(store: &Store, nth: u32, body: &[u8]) -> Result<(), Mishap> {
    let device: DeviceId = id(nth).parse()?;
    let shown = PeerCertificate { serial: serial(nth), device, subject: Vec::new(), san: Vec::new() };
    let answer = store.transact(|tx| {
        let now = now();
        let device = match api::authenticate(tx, &shown, now)? {
            Ok(device) => device,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let arrival = Arrival { body, wire_bytes: body.len(), resumed: true, serial: &shown.serial, at: now };
        checkin::apply(tx, &device, &arrival)
    });
    let answer = answer.map_err(|error: StoreError| error)?.map_err(|refusal| format!("{refusal:?}"))?;
    if answer.acknowledged == 2 { Ok(()) } else { Err("not acknowledged".into()) }
}

/// CPU of the least that is durable in the same file.
fn one_row(path: &Path) -> Result<u64, Mishap> {
    let connection = Connection::open(path)?;
    connection.execute_batch("PRAGMA synchronous = FULL")?;
    let before = cpu()?;
    for nth in 0..CHECK_INS {
        connection
            .prepare_cached("UPDATE device SET policy_held = policy_held + 1 WHERE id = ?1")?
            .execute([id(nth)])?;
    }
    Ok(cpu()?.saturating_sub(before) / 1_000 / u64::from(CHECK_INS))
}

/// What check-ins cost that come at one moment.
struct Together {
    /// CPU of one, of all threads together.
    cost: u64,
    /// Thousandths of a check-in for one commit.
    a_sync: u64,
}

/// Threads, each with a device at a time, all at once.
fn together(store: &Store) -> Result<Together, Mishap> {
    let before = store.written();
    let gate = Barrier::new(usize::try_from(AT_ONCE)?);
    let check_in_all = |first: u32| -> Result<u64, Mishap> {
        let bodies =
            (0..EACH).map(|nth| first.saturating_add(nth)).map(|nth| body(nth).map(|body| (nth, body)));
        let bodies = bodies.collect::<Result<Vec<_>, Mishap>>()?;
        gate.wait();
        let before = cpu()?;
        bodies.iter().try_for_each(|(nth, body)| check_in(store, *nth, body))?;
        Ok(cpu()?.saturating_sub(before))
    };
    let spent: Vec<Result<u64, String>> = std::thread::scope(|scope| {
        let spawn = |thread: u32| {
            let first = CHECK_INS.saturating_add(thread.saturating_mul(EACH));
            scope.spawn(move || check_in_all(first).map_err(|error| error.to_string()))
        };
        let all: Vec<_> = (0..AT_ONCE).map(spawn).collect();
        all.into_iter().map(|one| one.join().unwrap_or_else(|_| Err("it panicked".into()))).collect()
    });
    let spent = spent.into_iter().sum::<Result<u64, String>>()?;
    let after = store.written();
    let works = after.works.saturating_sub(before.works);
    let commits = after.commits.saturating_sub(before.commits);
    Ok(Together { cost: spent / 1_000 / works.max(1), a_sync: works.saturating_mul(1_000) / commits.max(1) })
}

/// Rating everything anew that a policy rates.
struct ReRated {
    /// From the first to the last.
    took: u64,
    /// The longest transaction, for which a check-in may have to wait.
    longest: u64,
}

fn re_rated(store: &Store) -> Result<ReRated, Mishap> {
    store.transact(rating::begin_settling)?;
    let (begun, mut longest, mut more) = (Instant::now(), 0, true);
    while more {
        let step = Instant::now();
        more = store.transact(|tx| rating::settle_on(tx, now()))?;
        longest = longest.max(micros(step)?);
    }
    Ok(ReRated { took: micros(begun)?, longest })
}

fn body(nth: u32) -> Result<Vec<u8>, Mishap> {
    Ok(serde_json::to_vec(&report(nth)?)?)
}

fn micros(begun: Instant) -> Result<u64, Mishap> {
    Ok(u64::try_from(begun.elapsed().as_micros())?)
}

/// Nanoseconds of CPU that this thread has had.
fn cpu() -> Result<u64, Mishap> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(text.split_whitespace().next().ok_or("no schedstat")?.parse()?)
}

fn said(error: agent_gateway::failure::SetupError) -> Mishap {
    error.to_string().into()
}
