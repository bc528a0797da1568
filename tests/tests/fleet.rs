//! The gateway with 100,000 devices in its database: what a person or the connector asks does not grow with them.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use agent_gateway::checkin::{self, Arrival};
use agent_gateway::clock::{days, now};
use agent_gateway::console::{Overview, Page};
use agent_gateway::home::Home;
use agent_gateway::store::{Store, StoreError, Tx};
use agent_gateway::{init, rating};
use agent_tests::fleet::{TROUBLED, fill, id, report, serial};
use tempfile::TempDir;

const DEVICES: u32 = 100_000;

/// The overview's bound. Counted as CPU of the thread that asks: other tests run at the same time.
const BOUND: Duration = Duration::from_millis(200);

fn filled(devices: u32) -> (Store, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(folder.path().join("cloud"));
    init::init(&home, "localhost", None).unwrap();
    fill(&home.database(), devices).unwrap();
    (Store::open(&home.database()).unwrap(), folder)
}

fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split_whitespace().next().unwrap().parse().unwrap())
}

/// The least that `work` takes of three times.
fn least(mut work: impl FnMut()) -> Duration {
    let once = |_| {
        let before = cpu();
        work();
        cpu() - before
    };
    (0..3).map(once).min().unwrap()
}

#[test]
#[ignore = "fills the database for half a minute: run by --all"]
fn the_overview_of_a_hundred_thousand_devices_is_there_at_once_from_any_page() {
    let (store, _folder) = filled(DEVICES);
    let troubled = u64::from(DEVICES / TROUBLED);
    for after in [
        None,
        Some("high:00010000-9843-405f-be28-b2265c59ef97"),
        Some("secured:00018000-9843-405f-be28-b2265c59ef97"),
    ] {
        let mut page = Page::default();
        page.after = after.map(|text| text.parse().unwrap());
        let took = least(|| {
            // What the console's page asks.
            let ask =
                |tx: &Tx<'_>| Ok::<_, StoreError>((Overview::read(tx, &page, now())?, tx.activations()?));
            let (seen, stages) = store.read(ask).unwrap();
            assert_eq!(stages.iter().map(|(_, count)| count).sum::<u64>(), u64::from(DEVICES));
            assert_eq!((seen.devices.len(), seen.next.is_some()), (100, true));
            assert_eq!(seen.tally.high + seen.tally.low, troubled);
            assert_eq!(seen.tally.secured, u64::from(DEVICES) - troubled);
        });
        assert!(took <= BOUND, "{after:?}: {took:?}");
    }
    let took = least(|| assert_eq!(store.read(|tx| tx.untold(1)).unwrap().len(), 1));
    assert!(took <= BOUND / 20, "the connector's look: {took:?}");
    let none = least(|| assert_eq!(store.transact(|tx| rating::note_silence(tx, now())).unwrap(), 0));
    assert!(none <= BOUND / 20, "the clock's look: {none:?}");

    // All fall silent at once: noted some at a time, so that check-ins go on in between.
    let later = now().plus(days(8));
    let noted = store.transact(|tx| rating::note_silence(tx, later)).unwrap();
    assert!((1..=1_000).contains(&noted), "{noted}");
    check_in(&store, DEVICES - 1);
}

fn check_in(store: &Store, nth: u32) {
    let body = serde_json::to_vec(&report(nth).unwrap()).unwrap();
    let serial = serial(nth);
    let arrival = Arrival { body: &body, wire_bytes: body.len(), resumed: true, serial: &serial, at: now() };
    let device = id(nth).parse().unwrap();
    let answer = store.transact(|tx| checkin::apply(tx, &device, &arrival));
    assert_eq!(answer.map_err(|error: StoreError| error).unwrap().unwrap().acknowledged, 2);
}
