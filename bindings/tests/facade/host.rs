//! A host whose parts fail, and an agent with it.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use agent_bindings::facade::{
    MtdAgent, MtdConfig, MtdConfiguration, MtdError, MtdKeyFault, MtdKeyStore, MtdListener, MtdPosture,
    MtdProvenance, MtdPublicKey, MtdSensorFault, MtdSensors, MtdSlot, MtdStatus, MtdValue, MtdWebAnswer,
};
use tempfile::TempDir;

pub(super) const WAIT: Duration = Duration::from_secs(10);

/// Has a data key and no other. Takes its time to destroy it.
pub(super) struct Keys(pub(super) Result<Vec<u8>, MtdKeyFault>);

pub(super) const DESTRUCTION: Duration = Duration::from_millis(300);

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

pub(super) struct Blind;

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

pub(super) enum Told {
    Status(Option<String>),
    Inert(MtdError),
    Web(MtdWebAnswer),
    Within(Result<bool, MtdError>, Result<(), MtdError>),
}

/// Tells what it was told, tries what is forbidden, and panics.
pub(super) struct Loud {
    pub(super) told: Mutex<Sender<Told>>,
    pub(super) agent: Arc<OnceLock<MtdAgent>>,
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

pub(super) struct Bench {
    pub(super) folder: TempDir,
    pub(super) agent: Arc<OnceLock<MtdAgent>>,
    pub(super) told: Receiver<Told>,
}

pub(super) fn config(folder: &TempDir) -> MtdConfig {
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

pub(super) fn rcgen_base64(der: &[u8]) -> String {
    String::from(agent_logic::redact::Bytes::new(der.to_vec()))
}

pub(super) fn start(
    folder: &TempDir,
    data_key: Result<Vec<u8>, MtdKeyFault>,
) -> (Result<MtdAgent, MtdError>, Loudness) {
    begin(config(folder), data_key)
}

pub(super) fn begin(
    config: MtdConfig,
    data_key: Result<Vec<u8>, MtdKeyFault>,
) -> (Result<MtdAgent, MtdError>, Loudness) {
    let (told, hear) = channel();
    let agent = Arc::new(OnceLock::new());
    let loud = Loud { told: Mutex::new(told), agent: Arc::clone(&agent) };
    let started = MtdAgent::start(config, Some(Arc::new(Keys(data_key))), Arc::new(Blind), Arc::new(loud));
    (started, (agent, hear))
}

pub(super) type Loudness = (Arc<OnceLock<MtdAgent>>, Receiver<Told>);

impl Bench {
    pub(super) fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let (started, (agent, told)) = start(&folder, Ok(vec![7; 32]));
        agent.set(started.unwrap()).unwrap();
        Self { folder, agent, told }
    }

    pub(super) fn agent(&self) -> &MtdAgent {
        self.agent.get().unwrap()
    }
}

pub(super) fn said(provenance: MtdProvenance, values: &[(&str, &str)]) -> Vec<MtdConfiguration> {
    let value = |text: &str| MtdValue::Text { text: text.to_owned() };
    let values = values.iter().map(|(key, text)| ((*key).to_owned(), value(text))).collect();
    vec![MtdConfiguration { provenance, values }]
}

pub(super) const GATEWAY: (&str, &str) = ("mtdGateway", "https://localhost:1");
pub(super) const DEVICE: (&str, &str) = ("mtdDeviceId", " 5AF29F40-5f8a-4b3c-9a1c-7d3f3c1f2b11 ");
pub(super) const TENANT: (&str, &str) = ("mtdTenantId", "6babcaad-604b-40ac-a9d7-9fd97c0b779f");
pub(super) const CODE: (&str, &str) = ("mtdActivationCode", "one-time");

pub(super) fn configuration() -> Vec<MtdConfiguration> {
    said(MtdProvenance::App, &[GATEWAY, DEVICE, TENANT, CODE])
}
