//! A device in this process: the agent on the stand-in's real parts, each of which a test may replace.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use agent_core::agent::{AgentHandle, Platform};
use agent_core::clock::SystemClock;
use agent_core::folder::Folder;
use agent_core::ports::Host;
use agent_core::trust::Trust;
use agent_logic::agent::Status;
use agent_logic::chance::Seed;
use agent_logic::command::Credential;
use agent_logic::event::{Configuration, Detection, Event, Network, Reach};
use agent_logic::model::Digest;
use agent_logic::redact::{Redacted, Secret};
use agent_tests::device::keys::SoftwareKeys;
use agent_tests::device::sensors::LinuxSensors;
use agent_tests::stage::Stage;

/// Longest wait for anything that should happen at once.
pub(crate) const SOON: Duration = Duration::from_secs(15);

pub(crate) struct Phone {
    pub(crate) id: String,
    pub(crate) dir: PathBuf,
    /// What it is told the gateway is.
    pub(crate) url: String,
    trust: PathBuf,
}

impl Phone {
    /// A phone in `name` under the stage's folder, with the stage's trust.
    pub(crate) fn new(stage: &Stage, name: &str, id: &str, url: &str) -> Self {
        let dir = stage.folder().join(name);
        let apps = dir.join("root/lib/apk/db");
        std::fs::create_dir_all(&apps).unwrap();
        std::fs::write(apps.join("installed"), "P:musl\nV:1\n").unwrap();
        Self { id: id.into(), dir, url: url.into(), trust: stage.cloud().join("trust.json") }
    }

    pub(crate) fn platform(&self) -> Platform {
        Platform {
            clock: Arc::new(SystemClock::new()),
            keys: Arc::new(SoftwareKeys::open(self.dir.join("keys")).unwrap()),
            storage: Arc::new(Folder::open(self.dir.join("state")).unwrap()),
            sensors: Arc::new(LinuxSensors::of_root(self.dir.join("root"))),
            host: Arc::new(Quiet),
        }
    }

    pub(crate) fn trust(&self) -> Trust {
        Trust::from_json(&std::fs::read_to_string(&self.trust).unwrap()).unwrap()
    }

    /// A new process of the app, as it were.
    pub(crate) fn start(&self) -> AgentHandle {
        self.start_on(self.platform())
    }

    pub(crate) fn start_on(&self, platform: Platform) -> AgentHandle {
        let seed = Seed(*Digest::of(self.id.as_bytes()).as_bytes());
        let agent = AgentHandle::start(platform, self.trust(), Some(seed)).unwrap();
        agent.send(Event::Network(online())).unwrap();
        agent
    }

    pub(crate) fn configuration(&self, credential: Credential) -> Configuration {
        Configuration {
            gateway: Some(Redacted::new(self.url.clone())),
            device: Some(self.id.parse().unwrap()),
            tenant: Some(Stage::tenant().parse().unwrap()),
            credential: Some(credential),
            findings: Vec::new(),
        }
    }

    /// Consent and configuration; comes back when the agent rests.
    pub(crate) fn launch(&self, agent: &AgentHandle, credential: Credential) -> Status {
        agent.send(Event::Consent(true)).unwrap();
        agent.send(Event::Configured(self.configuration(credential))).unwrap();
        rest(agent)
    }
}

/// One wake.
pub(crate) fn check_in(agent: &AgentHandle) -> Status {
    agent.send(Event::CheckIn).unwrap();
    rest(agent)
}

/// Waits until nothing is being done.
pub(crate) fn rest(agent: &AgentHandle) -> Status {
    assert!(agent.settle(Duration::ZERO, SOON), "the agent does not come to rest");
    agent.status().unwrap()
}

/// Waits until the status is as wanted.
pub(crate) fn until(agent: &AgentHandle, wanted: impl Fn(&Status) -> bool) -> Status {
    let end = Instant::now() + SOON;
    loop {
        let status = agent.status().unwrap();
        if wanted(&status) {
            return status;
        }
        assert!(Instant::now() < end, "it never came: {status:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The partner's engine found something.
pub(crate) fn detected(classification: &str) -> Event {
    Event::Detected(Detection { classification: classification.parse().unwrap(), app: None })
}

pub(crate) fn code(text: &str) -> Credential {
    Credential::Code(Secret::new(text.into()))
}

pub(crate) fn online() -> Network {
    Network { reach: Reach::Online, id: Some(Digest::of(b"home")), metered: false }
}

/// Looks at the status when it wants to.
struct Quiet;

impl Host for Quiet {
    fn status_changed(&self, _: &Status) {}

    fn inert(&self) {}
}
