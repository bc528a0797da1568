//! The façade from outside, without a network: a host whose parts fail.
//! Long: every test is about one host, whose parts fail in each way.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use agent_bindings::facade::{
    MtdActivation, MtdAgent, MtdConfig, MtdConfiguration, MtdDetection, MtdError, MtdKeyFault, MtdKeyStore,
    MtdListener, MtdNeedKind, MtdNetwork, MtdPosture, MtdProvenance, MtdPublicKey, MtdReach, MtdRemedy,
    MtdSensorFault, MtdSensors, MtdSlot, MtdStatus, MtdValue, MtdWebAnswer, MtdWebVerdict,
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

    fn hash(&self, _: String) -> Result<Vec<u8>, MtdSensorFault> {
        Err(MtdSensorFault::Denied)
    }
}

enum Told {
    Status(Option<String>),
    Inert(MtdError),
    Web(MtdWebAnswer),
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

    fn web_verdict(&self, answer: MtdWebAnswer) {
        let _ended = self.told.lock().unwrap().send(Told::Web(answer));
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
        partners: vec!["Zimperium".into()],
        configurations: Vec::new(),
    }
}

fn rcgen_base64(der: &[u8]) -> String {
    String::from(agent_logic::redact::Bytes::new(der.to_vec()))
}

fn start(folder: &TempDir, data_key: Result<Vec<u8>, MtdKeyFault>) -> (Result<MtdAgent, MtdError>, Loudness) {
    begin(config(folder), data_key)
}

fn begin(
    config: MtdConfig,
    data_key: Result<Vec<u8>, MtdKeyFault>,
) -> (Result<MtdAgent, MtdError>, Loudness) {
    let (told, hear) = channel();
    let agent = Arc::new(OnceLock::new());
    let loud = Loud { told: Mutex::new(told), agent: Arc::clone(&agent) };
    let started = MtdAgent::start(config, Arc::new(Keys(data_key)), Arc::new(Blind), Arc::new(loud));
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

fn said(provenance: MtdProvenance, values: &[(&str, &str)]) -> Vec<MtdConfiguration> {
    let value = |text: &str| MtdValue::Text { text: text.to_owned() };
    let values = values.iter().map(|(key, text)| ((*key).to_owned(), value(text))).collect();
    vec![MtdConfiguration { provenance, values }]
}

const GATEWAY: (&str, &str) = ("mtdGateway", "https://localhost:1");
const DEVICE: (&str, &str) = ("mtdDeviceId", " 5AF29F40-5f8a-4b3c-9a1c-7d3f3c1f2b11 ");
const TENANT: (&str, &str) = ("mtdTenantId", "6babcaad-604b-40ac-a9d7-9fd97c0b779f");
const CODE: (&str, &str) = ("mtdActivationCode", "one-time");

fn configuration() -> Vec<MtdConfiguration> {
    said(MtdProvenance::App, &[GATEWAY, DEVICE, TENANT, CODE])
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
    let unresolved = ("mtdDeviceId", "{{aaddeviceid}}");
    agent.configure(said(MtdProvenance::App, &[GATEWAY, unresolved, TENANT, CODE])).unwrap();
    assert_eq!(need().unwrap().error.unwrap().code, 101);
    let elsewhere = ("mtdGateway", "https://example.com");
    agent.configure(said(MtdProvenance::App, &[elsewhere, DEVICE, TENANT, CODE])).unwrap();
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
    // The sensors' failure may be told first.
    let last = || agent.status().unwrap().last_failure.map(|failure| failure.code);
    while last() != Some(202) && std::time::Instant::now() < end {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(last(), Some(202), "a key store that panics is busy");
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
            Told::Web(answer) => panic!("{answer:?}"),
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

// R12
#[test]
fn what_can_be_read_is_never_given_up_and_what_is_lost_only_by_start_over() {
    let folder = TempDir::new().unwrap();
    let first = start(&folder, Ok(vec![7; 32])).0.unwrap();
    first.configure(configuration()).unwrap();
    assert!(first.settle(10_000).unwrap());
    let needs = |agent: &MtdAgent| agent.status().unwrap().need.map(|need| need.kind);
    assert_eq!(needs(&first), Some(MtdNeedKind::Consent));
    assert_eq!(start_over(&folder, Ok(vec![8; 32])).unwrap_err().code, 505, "another agent holds it");
    first.stop().unwrap();
    for (fault, code) in [(MtdKeyFault::Locked, 201), (MtdKeyFault::Busy, 202)] {
        assert_eq!(start_over(&folder, Err(fault)).unwrap_err().code, code);
    }
    let again = start_over(&folder, Ok(vec![7; 32])).unwrap();
    assert_eq!(needs(&again), Some(MtdNeedKind::Consent), "the right key opens what was there");
    again.stop().unwrap();

    let refused = start(&folder, Ok(vec![8; 32])).0.unwrap_err();
    assert_eq!((refused.code, refused.remedy), (504, MtdRemedy::StartOver));
    let gone = start(&folder, Err(MtdKeyFault::Gone)).0.unwrap_err();
    assert_eq!((gone.code, gone.remedy), (203, MtdRemedy::StartOver));
    let anew = start_over(&folder, Ok(vec![8; 32])).unwrap();
    assert!(anew.settle(10_000).unwrap());
    assert_eq!(needs(&anew), Some(MtdNeedKind::Configuration), "nothing of before is left");
    anew.stop().unwrap();
    assert!(start(&folder, Ok(vec![8; 32])).0.is_ok());
}

fn start_over(folder: &TempDir, data_key: Result<Vec<u8>, MtdKeyFault>) -> Result<MtdAgent, MtdError> {
    let loud = Loud { told: Mutex::new(channel().0), agent: Arc::default() };
    MtdAgent::start_over(config(folder), Arc::new(Keys(data_key)), Arc::new(Blind), Arc::new(loud))
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

#[test]
fn sources_are_read_as_one_and_each_replaces_only_what_it_said() {
    let bench = Bench::open();
    let agent = bench.agent();
    let rested = || {
        assert!(agent.settle(5_000).unwrap());
        agent.status().unwrap()
    };
    agent.configure(said(MtdProvenance::App, &[GATEWAY, TENANT])).unwrap();
    assert_eq!(rested().need.unwrap().error.unwrap().code, 101);
    let number = ("mtdTenantId".to_owned(), MtdValue::Integer);
    let managed = MtdConfiguration {
        provenance: MtdProvenance::ManagedAndroid,
        values: [number, ("MDMDeviceID".to_owned(), MtdValue::Text { text: DEVICE.1.to_owned() })].into(),
    };
    agent.configure(vec![managed]).unwrap();
    let status = rested();
    assert_eq!(status.need.unwrap().kind, MtdNeedKind::Consent, "the device's ID stands at a partner's key");
    let [finding] = status.findings.as_slice() else { panic!("{:?}", status.findings) };
    let told = (finding.provenance, finding.key.as_deref(), finding.error.code);
    assert_eq!(told, (MtdProvenance::ManagedAndroid, Some("mtdTenantId"), 110));
    agent.configure(said(MtdProvenance::ManagedAndroid, &[])).unwrap();
    assert_eq!(rested().findings, []);
    let folder = TempDir::new().unwrap();
    let nobody = MtdConfig { partners: vec!["nobody".into()], ..config(&folder) };
    assert_eq!(begin(nobody, Ok(vec![7; 32])).0.unwrap_err().code, 134);
}

#[test]
fn what_blocks_is_told_at_each_level_in_the_language_of_the_caller() {
    let bench = Bench::open();
    let agent = bench.agent();
    assert!(agent.settle(5_000).unwrap());
    let english = agent.status().unwrap();
    agent.set_language("fr-BE".into()).unwrap();
    let french = agent.status().unwrap();
    agent.set_language("tlh".into()).unwrap();
    assert_eq!(agent.status().unwrap(), english, "English for a language that is not there");
    assert_ne!(french.need.unwrap().text, english.need.unwrap().text);
    assert_eq!(english.access.len(), 4);
    for (english, french) in english.access.iter().zip(&french.access) {
        assert!(!english.passes && english.required == french.required);
        let ([said], [dit]) = (english.blockers.as_slice(), french.blockers.as_slice()) else { panic!() };
        assert_eq!((&said.threat_id, said.level), (&None, None), "its own state stands in the way");
        assert!(said.remedy != dit.remedy && said.remedy.ends_with('.'));
    }
    assert_eq!(agent.ledger(), Ok(Vec::new()), "nothing was sent");
}

#[test]
fn a_question_about_a_domain_is_answered_on_the_agents_thread() {
    let bench = Bench::open();
    let agent = bench.agent();
    assert_eq!(agent.visit("192.0.2.1".into()).unwrap_err().code, 134);
    agent.visit("WWW.Example.COM.".into()).unwrap();
    agent.left("www.example.com".into()).unwrap();
    let answer = loop {
        match bench.told.recv_timeout(WAIT).unwrap() {
            Told::Web(answer) => break answer,
            Told::Status(_) | Told::Within(..) => {}
            Told::Inert(error) => panic!("{error:?}"),
        }
    };
    assert_eq!((answer.domain.as_str(), answer.verdict), ("www.example.com", MtdWebVerdict::Unknown));
    assert_eq!(answer.classification, None, "no set of indicators yet");
    assert_eq!(agent.ignore("no threat".into()).unwrap_err().code, 134);
    assert_eq!(agent.ignore("00".repeat(16)), Ok(()));
    assert_eq!(agent.power_changed(true), Ok(()));
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
                        Err(error) if error.code == 133 => {}
                        Err(error) => break error.code,
                    }
                }
            });
            agent.stop().unwrap();
            assert_eq!(calling.join().unwrap(), 132);
        });
    }
}
