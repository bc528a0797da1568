//! An agent from start to end, and a host that is in its way.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use agent_bindings::facade::{MtdAgent, MtdError, MtdNetwork, MtdReach};
use tempfile::TempDir;

use super::host::{Bench, Blind, Keys, Loud, Told, WAIT, config, configuration, start};

#[test]
fn the_listener_is_called_on_the_agents_thread_and_cannot_block_it() {
    let bench = Bench::open();
    bench.agent().set_consent(true).unwrap();
    let mut within = 0;
    while within == 0 {
        match bench.told.recv_timeout(WAIT).unwrap() {
            Told::Status(thread) => assert_eq!(thread.as_deref(), Some("mtd-agent")),
            Told::Within(settled, stopped) => {
                assert_eq!((settled.unwrap_err().code(), stopped.unwrap_err().code()), (135, 135));
                within += 1;
            }
            Told::Inert(error) => panic!("{error:?}"),
            Told::Web(answer) => panic!("{answer:?}"),
        }
    }
}

#[test]
fn a_host_that_panics_in_every_callback_takes_nothing_down() {
    let bench = Bench::open();
    let agent = bench.agent();
    let network = MtdNetwork { reach: MtdReach::Online, name: Some("home".into()), metered: false };
    agent.network_changed(network).unwrap();
    agent.configure(configuration()).unwrap();
    agent.set_consent(true).unwrap();
    agent.check_in().unwrap();
    let end = std::time::Instant::now() + WAIT;
    // The sensors' failure may be told first.
    let last = || agent.status().unwrap().last_failure.map(|failure| failure.code());
    while last() != Some(202) && std::time::Instant::now() < end {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(last(), Some(202), "a key store that panics is busy");
    assert_eq!(agent.check_in(), Ok(()));
}

#[test]
fn after_the_end_calls_fail_and_the_folder_is_free() {
    let bench = Bench::open();
    let agent = bench.agent();
    let (second, _) = start(&bench.folder, Ok(vec![7; 32]));
    assert_eq!(second.unwrap_err().code(), 505, "one agent in one folder");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| agent.settle(60_000));
        assert_eq!(agent.stop(), Ok(()));
        // It settled before the end, was ended by it, or came after it.
        let _whichever = waiting.join().unwrap();
    });
    assert_eq!(agent.check_in().unwrap_err(), MtdError::stopped());
    assert_eq!(agent.status().unwrap_err(), MtdError::stopped());
    assert_eq!(agent.stop(), Ok(()), "twice is fine");
    let (again, _) = start(&bench.folder, Ok(vec![7; 32]));
    again.unwrap();
}

#[test]
fn a_call_that_another_thread_ends_says_stopped_and_not_inert() {
    let folder = TempDir::new().unwrap();
    for _ in 0..30 {
        let (started, _told) = start(&folder, Ok(vec![7; 32]));
        let agent = started.unwrap();
        std::thread::scope(|scope| {
            let calling = scope.spawn(|| {
                loop {
                    match agent.check_in() {
                        Ok(()) => {}
                        Err(error) if error.code() == 133 => {}
                        Err(error) => break error.code(),
                    }
                }
            });
            agent.stop().unwrap();
            assert_eq!(calling.join().unwrap(), 132);
        });
    }
}

#[test]
fn when_stop_comes_back_no_thread_holds_a_part_of_the_host() {
    let folder = TempDir::new().unwrap();
    for life in 0..50 {
        let (keys, sensors) = (Arc::new(Keys(Ok(vec![7; 32]))), Arc::new(Blind));
        let (told, _hear) = channel();
        let loud = Loud { told: Mutex::new(told), agent: Arc::default() };
        let agent =
            MtdAgent::start(config(&folder), Some(keys.clone()), sensors.clone(), Arc::new(loud)).unwrap();
        agent.settle(5_000).unwrap();
        agent.stop().unwrap();
        let held = (Arc::strong_count(&keys), Arc::strong_count(&sensors));
        assert_eq!(held, (1, 1), "life {life}: the test's own");
    }
}

#[test]
fn a_host_that_starts_and_stops_it_at_once_can_do_so_for_ever() {
    let folder = TempDir::new().unwrap();
    for life in 0..100 {
        let (started, _told) = start(&folder, Ok(vec![7; 32]));
        let agent = started.unwrap_or_else(|error| panic!("life {life}: {error:?}"));
        if life % 10 == 9 {
            agent.settle(5_000).unwrap();
        }
        agent.stop().unwrap();
    }
}
