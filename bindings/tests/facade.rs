//! The façade from outside, without a network: a host whose parts fail.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use agent_bindings::facade::{
    MtdActivation, MtdAgent, MtdConfig, MtdConfiguration, MtdCredentialKind, MtdDetection, MtdError,
    MtdKeyFault, MtdKeyStore, MtdListener, MtdNeedKind, MtdNetwork, MtdPosture, MtdPublicKey, MtdReach,
    MtdSensorFault, MtdSensors, MtdSlot, MtdStatus,
};
use tempfile::TempDir;

const WAIT: Duration = Duration::from_secs(10);

/// Has a data key and no other. Takes its time to destroy it.
struct Keys(Result<Vec<u8>, MtdKeyFault>);

const DESTRUCTION: Duration = Duration::from_millis(300);

impl MtdKeyStore for Keys {
    fn find(&self, _: MtdSlot) -> Result<Option<MtdPublicKey>, MtdKeyFault> {
        Ok(None)
    }

    fn make(&self, _: MtdSlot) -> Result<MtdPublicKey, MtdKeyFault> {
        panic!("a host's own fault")
    }

    fn sign(&self, _: MtdSlot, _: Vec<u8>) -> Result<Vec<u8>, MtdKeyFault> {
        Err(MtdKeyFault::Gone)
    }

    fn destroy(&self, _: MtdSlot) -> Result<(), MtdKeyFault> {
        Ok(())
    }

    fn data_key(&self) -> Result<Vec<u8>, MtdKeyFault> {
        self.0.clone()
    }

    fn destroy_data_key(&self) -> Result<(), MtdKeyFault> {
        std::thread::sleep(DESTRUCTION);
        Ok(())
    }
}

struct Blind;

impl MtdSensors for Blind {
    fn posture(&self) -> Result<MtdPosture, MtdSensorFault> {
        panic!("a host's own fault")
    }

    fn apps(&self) -> Result<Vec<u8>, MtdSensorFault> {
        Err(MtdSensorFault::Denied)
    }
}

enum Told {
    Status(Option<String>),
    Inert(MtdError),
    Within(Result<bool, MtdError>, Result<(), MtdError>),
}

/// Tells what it was told, tries what is forbidden, and panics.
struct Loud {
    told: Mutex<Sender<Told>>,
    agent: Arc<OnceLock<MtdAgent>>,
}

impl MtdListener for Loud {
    fn status_changed(&self, _: MtdStatus) {
        let told = self.told.lock().unwrap();
        let _ended = told.send(Told::Status(std::thread::current().name().map(ToOwned::to_owned)));
        if let Some(agent) = self.agent.get() {
            let _ended = told.send(Told::Within(agent.settle(60_000), agent.stop()));
        }
        drop(told);
        panic!("a host's own fault")
    }

    fn inert(&self, error: MtdError) {
        let _ended = self.told.lock().unwrap().send(Told::Inert(error));
    }
}

struct Bench {
    folder: TempDir,
    agent: Arc<OnceLock<MtdAgent>>,
    told: Receiver<Told>,
}

fn config(folder: &TempDir) -> MtdConfig {
    let key = rcgen::KeyPair::generate().unwrap();
    let ca = rcgen::CertificateParams::default().self_signed(&key).unwrap();
    let ca = rcgen_base64(ca.der());
    MtdConfig {
        trust_json: format!(r#"{{"ca":["{ca}"],"hostSuffix":"localhost"}}"#),
        folder: folder.path().join("state").to_str().unwrap().to_owned(),
        configuration: None,
    }
}

fn rcgen_base64(der: &[u8]) -> String {
    String::from(agent_logic::redact::Bytes::new(der.to_vec()))
}

fn start(folder: &TempDir, data_key: Result<Vec<u8>, MtdKeyFault>) -> (Result<MtdAgent, MtdError>, Loudness) {
    let (told, hear) = channel();
    let agent = Arc::new(OnceLock::new());
    let loud = Loud { told: Mutex::new(told), agent: Arc::clone(&agent) };
    let started = MtdAgent::start(config(folder), Arc::new(Keys(data_key)), Arc::new(Blind), Arc::new(loud));
    (started, (agent, hear))
}

type Loudness = (Arc<OnceLock<MtdAgent>>, Receiver<Told>);

impl Bench {
    fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let (started, (agent, told)) = start(&folder, Ok(vec![7; 32]));
        agent.set(started.unwrap()).unwrap();
        Self { folder, agent, told }
    }

    fn agent(&self) -> &MtdAgent {
        self.agent.get().unwrap()
    }
}

fn configuration() -> MtdConfiguration {
    MtdConfiguration {
        gateway: Some("https://localhost:1".into()),
        device_id: Some(" 5AF29F40-5f8a-4b3c-9a1c-7d3f3c1f2b11 ".into()),
        tenant_id: Some("6babcaad-604b-40ac-a9d7-9fd97c0b779f".into()),
        credential_kind: Some(MtdCredentialKind::Code),
        credential: Some("one-time".into()),
    }
}

#[test]
fn it_says_what_it_needs_until_it_has_it() {
    let bench = Bench::open();
    let agent = bench.agent();
    let need = || {
        assert!(agent.settle(5_000).unwrap());
        agent.status().unwrap().need
    };
    assert_eq!(need().unwrap().kind, MtdNeedKind::Configuration);
    agent
        .configure(MtdConfiguration { device_id: Some("{{aaddeviceid}}".into()), ..configuration() })
        .unwrap();
    assert_eq!(need().unwrap().error.unwrap().code, 101);
    let elsewhere = MtdConfiguration { gateway: Some("https://example.com".into()), ..configuration() };
    agent.configure(elsewhere).unwrap();
    assert_eq!(need().unwrap().error.unwrap().code, 103);
    agent.configure(configuration()).unwrap();
    assert_eq!(need().unwrap().kind, MtdNeedKind::Consent);
    assert_eq!(agent.status().unwrap().activation, MtdActivation::Pending);
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
    while agent.status().unwrap().last_failure.is_none() && std::time::Instant::now() < end {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(agent.status().unwrap().last_failure.unwrap().code, 202, "a key store that panics is busy");
    assert_eq!(agent.check_in(), Ok(()));
}

#[test]
fn the_listener_is_called_on_the_agents_thread_and_cannot_block_it() {
    let bench = Bench::open();
    bench.agent().set_consent(true).unwrap();
    let mut within = 0;
    while within == 0 {
        match bench.told.recv_timeout(WAIT).unwrap() {
            Told::Status(thread) => assert_eq!(thread.as_deref(), Some("mtd-agent")),
            Told::Within(settled, stopped) => {
                assert_eq!((settled.unwrap_err().code, stopped.unwrap_err().code), (135, 135));
                within += 1;
            }
            Told::Inert(error) => panic!("{error:?}"),
        }
    }
}

#[test]
fn after_the_end_calls_fail_and_the_folder_is_free() {
    let bench = Bench::open();
    let agent = bench.agent();
    let (second, _) = start(&bench.folder, Ok(vec![7; 32]));
    assert_eq!(second.unwrap_err().code, 505, "one agent in one folder");
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
fn what_cannot_be_read_is_the_callers_error() {
    let bench = Bench::open();
    let odd = |classification: &str, app: Option<&str>| MtdDetection {
        classification: classification.into(),
        app_id: app.map(ToOwned::to_owned),
    };
    assert_eq!(bench.agent().report(odd("NO_SUCH", None)).unwrap_err().code, 134);
    assert_eq!(bench.agent().clear(odd("SPYWARE", Some(""))).unwrap_err().code, 134);
    assert_eq!(bench.agent().report(odd("SPYWARE", Some("com.spy"))), Ok(()));
    let folder = TempDir::new().unwrap();
    for (key, code) in
        [(Err(MtdKeyFault::Locked), 201), (Err(MtdKeyFault::Gone), 203), (Ok(vec![7; 31]), 202)]
    {
        assert_eq!(start(&folder, key).0.unwrap_err().code, code);
    }
    let distrusted = MtdConfig { trust_json: "{}".into(), ..config(&folder) };
    let (told, _hear) = channel();
    let loud = Loud { told: Mutex::new(told), agent: Arc::default() };
    let started =
        MtdAgent::start(distrusted, Arc::new(Keys(Ok(vec![7; 32]))), Arc::new(Blind), Arc::new(loud));
    assert_eq!(started.unwrap_err().code, 131);
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

#[test]
fn what_comes_in_during_the_wipe_is_not_written_under_the_key_that_goes() {
    let bench = Bench::open();
    let journal = bench.folder.path().join("state/journal");
    let agent = bench.agent();
    agent.settle(5_000).unwrap();
    assert!(journal.exists(), "a start is recorded");
    agent.deactivate().unwrap();
    let end = std::time::Instant::now() + WAIT;
    while journal.exists() && std::time::Instant::now() < end {
        std::thread::sleep(Duration::from_millis(1));
    }
    agent.set_consent(true).unwrap();
    agent.settle(5_000).unwrap();
    assert_eq!(agent.status().unwrap().activation, MtdActivation::Deactivated);
    assert!(!journal.exists(), "the next start would find what it cannot read");
}
