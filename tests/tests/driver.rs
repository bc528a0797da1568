//! The agent's threads: a fault of a part, a host in a hurry and a network that hangs never leave the agent
//! half alive, and never take the host down.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "support/faulty.rs"]
mod faulty;
#[path = "support/front.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod front;
#[path = "support/phone.rs"]
mod phone;
#[path = "support/world.rs"]
mod world;

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use agent_core::agent::{AgentHandle, InputError, StartError};
use agent_logic::agent::{MAX_QUESTIONS, Need, Status, WebVerdict, Why};
use agent_logic::event::{Detection, Event, Network, Reach};
use agent_logic::failure::{Code, StorageFailure};
use agent_logic::model::{Activation, Classification};
use agent_tests::device::keys::SoftwareKeys;
use agent_tests::device::sensors::LinuxSensors;

use faulty::{Barrier, Careless, FaultyKeys, FaultySensors, HangingSensors, Reader, panics};
use front::Fault;
use phone::{Phone, check_in, detected, online, rest, until};
use world::World;

/// A command that ended without an answer.
const LOST: Option<Code> = Some(Code(901));

/// What "at once" is for a caller, on a machine that does other things too.
const AT_ONCE: Duration = Duration::from_millis(500);

/// What a key store in hardware may take for a signature.
const SLOW: Duration = Duration::from_secs(3);

#[test]
fn sensors_that_panic_cost_one_errand() {
    let world = World::open(101);
    let mut platform = world.phone.platform();
    let armed = Arc::new(AtomicBool::new(true));
    let sensors = LinuxSensors::of_root(world.phone.dir.join("root"));
    platform.sensors = Arc::new(FaultySensors(sensors, panics(&armed)));
    let agent = world.phone.start_on(platform);
    agent.send(Event::Network(offline())).unwrap();
    assert_eq!(world.phone.launch(&agent, world.code()).last_failure, LOST);
    agent.send(detected("ROGUE_WIFI")).unwrap();
    agent.send(Event::Network(online())).unwrap();
    assert_eq!(check_in(&agent).activation, Activation::Activated);
    armed.store(false, Ordering::Relaxed);
    assert_eq!(check_in(&agent).last_failure, None);
    assert_eq!(world.arrived(), ["ROGUE_WIFI opened"]);
}

#[test]
fn a_key_store_that_panics_costs_one_errand() {
    let world = World::open(102);
    let mut platform = world.phone.platform();
    let armed = Arc::new(AtomicBool::new(true));
    platform.keys = Arc::new(FaultyKeys(software_keys(&world), panics(&armed)));
    let agent = world.phone.start_on(platform.clone());
    // While a key is made.
    let status = world.phone.launch(&agent, world.code());
    assert_eq!((status.last_failure, status.activation), (LOST, Activation::Pending));
    armed.store(false, Ordering::Relaxed);
    assert_eq!(check_in(&agent).activation, Activation::Activated);
    // While a handshake is signed.
    armed.store(true, Ordering::Relaxed);
    agent.send(detected("ROGUE_WIFI")).unwrap();
    drop(agent);
    let agent = world.phone.start_on(platform);
    assert_eq!(check_in(&agent).last_failure, LOST);
    armed.store(false, Ordering::Relaxed);
    let status = check_in(&agent);
    assert_eq!((status.last_failure, status.unacknowledged), (None, 0));
    assert_eq!(world.arrived(), ["ROGUE_WIFI opened"]);
}

#[test]
fn a_panic_on_the_agents_thread_leaves_it_inert_and_the_process_alive() {
    let world = World::open(103);
    let host = Arc::new(Careless::default());
    let mut platform = world.phone.platform();
    platform.host = Arc::<Careless>::clone(&host);
    let agent = world.phone.start_on(platform);
    assert_eq!(world.phone.launch(&agent, world.code()).activation, Activation::Activated);
    host.armed.store(true, Ordering::Relaxed);
    agent.send(detected("ROGUE_WIFI")).unwrap();
    let end = Instant::now() + Duration::from_secs(5);
    while agent.status().is_ok() && Instant::now() < end {
        thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(agent.status().unwrap_err(), InputError::Ended);
    assert!(!agent.settle(Duration::ZERO, AT_ONCE), "nothing rests that is not there");
    assert_eq!(agent.send(Event::CheckIn), Err(InputError::Ended));
    assert_eq!(host.inert.load(Ordering::Relaxed), 1, "the host is told once, and panics at that too");
    let begun = Instant::now();
    drop(agent);
    assert!(begun.elapsed() < AT_ONCE);

    // The next start goes on from what was recorded.
    let agent = world.phone.start();
    assert_eq!(check_in(&agent).activation, Activation::Activated);
    assert_eq!(world.arrived(), ["ROGUE_WIFI opened"]);
}

#[test]
fn one_folder_has_one_agent() {
    let world = World::open(104);
    let agent = world.phone.start();
    world.phone.launch(&agent, world.code());
    let second = AgentHandle::start(world.phone.platform(), world.phone.trust(), None);
    assert_eq!(second.err(), Some(StartError::Storage(StorageFailure::Busy)));
    // Nor in another process.
    let status = |phone: &Phone| {
        let mut device = Command::new(env!("CARGO_BIN_EXE_mtd-device"));
        device.arg("--dir").arg(&phone.dir).arg("--trust").arg(world.stage.cloud().join("trust.json"));
        device.arg("status").output().unwrap()
    };
    let refused = status(&world.phone);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("Another process holds this device's folder"));
    assert_eq!(check_in(&agent).last_failure, None, "the first is not disturbed");
    drop(agent);
    assert!(status(&world.phone).status.success());
}

#[test]
fn a_network_that_hangs_holds_nobody() {
    let world = World::open(105);
    let agent = world.phone.start();
    world.phone.launch(&agent, world.code());
    world.front.set(Fault::Silence);
    agent.send(detected("ROGUE_WIFI")).unwrap();
    agent.send(Event::CheckIn).unwrap();
    let begun = Instant::now();
    assert!(!agent.settle(Duration::ZERO, Duration::from_millis(500)), "an exchange is under way");
    assert!(begun.elapsed() < Duration::from_secs(1), "settle comes back");
    assert_eq!(quick(&agent).unacknowledged, 1);
    let sent: Vec<Why> = agent.ledger().unwrap().iter().map(|entry| entry.why).collect();
    assert_eq!(sent, [Why::Activation, Why::Activation], "registered and reported, nothing since");
    let begun = Instant::now();
    drop(agent);
    assert!(begun.elapsed() < Duration::from_secs(1), "stopped after {:?}", begun.elapsed());

    world.front.set(Fault::None);
    let agent = world.phone.start();
    check_in(&agent);
    assert_eq!(world.arrived(), ["ROGUE_WIFI opened"]);
    assert_eq!(world.stage.certificates(&world.stage.main).unwrap().len(), 1, "the same device");
}

#[test]
fn a_key_store_that_takes_seconds_holds_nobody() {
    let world = World::open(106);
    let mut platform = world.phone.platform();
    platform.keys = Arc::new(FaultyKeys(software_keys(&world), Arc::new(|| thread::sleep(SLOW))));
    let agent = world.phone.start_on(platform.clone());
    agent.send(Event::Consent(true)).unwrap();
    agent.send(Event::Configured(world.phone.configuration(world.code()))).unwrap();
    // The request is being signed.
    thread::sleep(Duration::from_millis(500));
    agent.send(detected("ROGUE_WIFI")).unwrap();
    let status = until(&agent, |status| status.unacknowledged == 1);
    assert_eq!(status.activation, Activation::Pending, "no signature is there yet");
    quick(&agent);
    let begun = Instant::now();
    drop(agent);
    assert!(begun.elapsed() < Duration::from_secs(1), "stopped after {:?}", begun.elapsed());

    // It is slow, and no more than that: request and handshake are signed in the end.
    let agent = world.phone.start_on(platform);
    assert_eq!(check_in(&agent).activation, Activation::Activated);
    assert_eq!(world.arrived(), ["ROGUE_WIFI opened"]);
}

// P7
#[test]
fn a_domain_is_looked_up_while_an_exchange_hangs() {
    let world = World::open(110);
    world.stage.import_indicators().unwrap();
    let host = Arc::new(Reader::default());
    let mut platform = world.phone.platform();
    platform.host = Arc::<Reader>::clone(&host);
    let agent = world.phone.start_on(platform);
    assert!(world.phone.launch(&agent, world.code()).indicators > 0);
    world.front.set(Fault::Silence);
    agent.send(Event::CheckIn).unwrap();
    assert!(!agent.settle(Duration::ZERO, Duration::from_millis(500)), "an exchange is under way");
    // As many at once as may wait.
    agent.send(Event::Visit("login.copy9.com".parse().unwrap())).unwrap();
    for nth in 1..MAX_QUESTIONS {
        agent.send(Event::Visit(format!("page{nth}.example.org").parse().unwrap())).unwrap();
    }
    let end = Instant::now() + Duration::from_secs(5);
    while host.0.lock().unwrap().len() < MAX_QUESTIONS && Instant::now() < end {
        thread::sleep(Duration::from_millis(5));
    }
    assert!(!agent.settle(Duration::ZERO, Duration::ZERO), "the exchange still hangs");
    let answers = host.0.lock().unwrap().clone();
    let verdicts = |wanted: fn(&WebVerdict) -> bool| answers.iter().filter(|a| wanted(&a.verdict)).count();
    assert_eq!(verdicts(|verdict| matches!(verdict, WebVerdict::Listed { block: true, .. })), 1);
    assert_eq!(verdicts(|verdict| *verdict == WebVerdict::Unlisted), MAX_QUESTIONS - 1);
}

#[test]
fn what_hangs_at_the_end_calls_the_host_no_more() {
    let world = World::open(111);
    // A sensor that hangs: the next one is not read.
    let (posture, apps) = (Arc::new(Barrier::default()), Arc::new(Barrier::default()));
    let mut platform = world.phone.platform();
    let sensors = Arc::new(HangingSensors(Arc::clone(&posture), Arc::clone(&apps)));
    platform.sensors = Arc::<HangingSensors>::clone(&sensors);
    let agent = world.phone.start_on(platform);
    agent.send(Event::Consent(true)).unwrap();
    agent.send(Event::Configured(world.phone.configuration(world.code()))).unwrap();
    stop_while_it_hangs(agent, &posture);
    ends(&sensors);
    assert_eq!(apps.calls.load(Ordering::SeqCst), 0);

    // A key that hangs in a handshake: what it signs in the end is not used.
    let agent = world.phone.start();
    assert_eq!(check_in(&agent).activation, Activation::Activated);
    drop(agent);
    let hanging = Arc::new(Barrier::default());
    let waits = Arc::clone(&hanging);
    let mut platform = world.phone.platform();
    let keys = Arc::new(FaultyKeys(software_keys(&world), Arc::new(move || waits.wait())));
    platform.keys = Arc::<FaultyKeys>::clone(&keys);
    let agent = world.phone.start_on(platform);
    agent.send(detected("ROGUE_WIFI")).unwrap();
    stop_while_it_hangs(agent, &hanging);
    ends(&keys);
    assert_eq!(hanging.calls.load(Ordering::SeqCst), 1);
    assert_eq!(world.arrived(), [""; 0]);
    // The next start reports it.
    assert_eq!(check_in(&world.phone.start()).unacknowledged, 0);
    assert_eq!(world.arrived(), ["ROGUE_WIFI opened"]);
}

/// Stops the agent while a part of the platform hangs, then lets that go on.
fn stop_while_it_hangs(agent: AgentHandle, hanging: &Barrier) {
    let end = Instant::now() + phone::SOON;
    while hanging.calls.load(Ordering::SeqCst) == 0 && Instant::now() < end {
        thread::sleep(Duration::from_millis(5));
    }
    let begun = Instant::now();
    drop(agent);
    assert!(begun.elapsed() < Duration::from_millis(1_100), "stopped after {:?}", begun.elapsed());
    hanging.open();
}

/// Waits until no thread holds `part` any more.
fn ends<T>(part: &Arc<T>) {
    let end = Instant::now() + phone::SOON;
    while Arc::strong_count(part) > 1 && Instant::now() < end {
        thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(Arc::strong_count(part), 1, "a thread lives on");
}

#[test]
fn a_flood_is_told_to_wait_and_loses_nothing_that_was_taken() {
    let world = World::open(107);
    let agent = world.phone.start();
    world.phone.launch(&agent, world.code());
    agent.send(Event::Network(offline())).unwrap();
    rest(&agent);
    let (mut taken, mut busy) = (0, 0);
    for nth in 0..900 {
        let app = format!("com.example.flood{nth}").parse().unwrap();
        let found = Detection { classification: Classification::Adware, app: Some(app) };
        match agent.send(Event::Detected(found)) {
            Ok(()) => taken += 1,
            Err(InputError::Busy) => busy += 1,
            Err(InputError::Ended) => panic!("it ended"),
        }
    }
    assert!(busy > 0 && taken > 0, "{taken} taken, {busy} told to wait");
    // The end comes before they are looked at.
    drop(agent);
    let agent = world.phone.start();
    let status = check_in(&agent);
    assert_eq!((status.open.len(), status.unacknowledged), (taken, 0));
    assert_eq!(world.arrived().len(), taken);
}

#[test]
fn a_host_that_never_pauses_is_heard_to_the_end() {
    let world = World::open(108);
    let agent = world.phone.start();
    world.phone.launch(&agent, world.code());
    agent.send(Event::Network(offline())).unwrap();
    for _ in 0..12_000 {
        while agent.send(Event::Network(offline())) == Err(InputError::Busy) {
            thread::yield_now();
        }
    }
    while agent.send(detected("ROGUE_WIFI")) == Err(InputError::Busy) {
        thread::yield_now();
    }
    until(&agent, |status| status.unacknowledged == 1);
}

#[test]
fn an_altered_journal_is_refused_and_left_as_it_is() {
    let world = World::open(109);
    let agent = world.phone.start();
    world.phone.launch(&agent, world.code());
    drop(agent);
    let file = world.phone.dir.join("state/journal");
    let good = std::fs::read(&file).unwrap();
    let mut bad = good.clone();
    *bad.get_mut(good.len() / 3).unwrap() ^= 1;
    std::fs::write(&file, &bad).unwrap();
    let refused = || AgentHandle::start(world.phone.platform(), world.phone.trust(), None).err();
    for _ in 0..2 {
        assert_eq!(refused(), Some(StartError::Storage(StorageFailure::Unreadable)));
        assert_eq!(std::fs::read(&file).unwrap(), bad);
    }
    std::fs::write(&file, good).unwrap();
    let agent = world.phone.start();
    assert_eq!(check_in(&agent).activation, Activation::Activated);
}

/// The status, which never waits for the agent's work.
fn quick(agent: &AgentHandle) -> Status {
    let begun = Instant::now();
    let status = agent.status().unwrap();
    assert!(begun.elapsed() < AT_ONCE, "the status came after {:?}", begun.elapsed());
    assert!(!matches!(status.need, Some(Need::Storage(_))));
    status
}

fn software_keys(world: &World) -> SoftwareKeys {
    SoftwareKeys::open(world.phone.dir.join("keys")).unwrap()
}

fn offline() -> Network {
    Network { reach: Reach::Offline, id: None, metered: false }
}
