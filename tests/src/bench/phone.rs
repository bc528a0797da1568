//! A device in this process, with apps of the bench's making.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use agent_core::agent::{AgentHandle, Platform};
use agent_core::clock::SystemClock;
use agent_core::folder::Folder;
use agent_core::ports::{Host, Sensors};
use agent_core::trust::Trust;
use agent_logic::agent::Status;
use agent_logic::command::Credential;
use agent_logic::event::{Configuration, Event, Network, Posture, Reach};
use agent_logic::failure::CollectFailure;
use agent_logic::model::{Activation, App, Digest};
use agent_logic::redact::{Redacted, Secret};

use super::keys::CountingKeys;
use crate::device::posture::LinuxPosture;
use crate::stage::{Mishap, Stage};

/// Longest wait for the agent.
const SOON: Duration = Duration::from_secs(20);

/// The device.
pub(super) struct Phone {
    pub(super) keys: CountingKeys,
    apps: Arc<Mutex<Vec<App>>>,
    folder: PathBuf,
    trust: PathBuf,
}

impl Phone {
    /// The stage's main device, activated, with these apps.
    pub(super) fn activated(stage: &Stage, apps: Vec<App>) -> Result<Self, Mishap> {
        let phone = Self {
            keys: CountingKeys::default(),
            apps: Arc::new(Mutex::new(apps)),
            folder: stage.folder().join("bench-phone"),
            trust: stage.cloud().join("trust.json"),
        };
        let agent = phone.start()?;
        agent.send(Event::Consent(true)).map_err(refused)?;
        let configured = Configuration {
            gateway: Some(Redacted::new(stage.gateway_url())),
            device: Some(stage.main.id.parse()?),
            tenant: Some(Stage::tenant().parse()?),
            credential: Some(Credential::Code(Secret::new(stage.code(&stage.main)?))),
            findings: Vec::new(),
        };
        agent.send(Event::Configured(configured)).map_err(refused)?;
        let status = rest(&agent)?;
        if status.activation == Activation::Activated {
            Ok(phone)
        } else {
            Err("the phone was not activated".into())
        }
    }

    /// A process of the app, as it were: nothing is in memory, no session is known.
    pub(super) fn start(&self) -> Result<AgentHandle, Mishap> {
        let agent = self.start_offline()?;
        agent.send(Event::Network(online())).map_err(refused)?;
        Ok(agent)
    }

    /// The same without a network.
    pub(super) fn start_offline(&self) -> Result<AgentHandle, Mishap> {
        let storage = Folder::open(&self.folder).map_err(|failure| format!("{failure:?}"))?;
        let sensors =
            Listed { posture: LinuxPosture::new(empty(&self.folder)), apps: Arc::clone(&self.apps) };
        let platform = Platform {
            clock: Arc::new(SystemClock::new()),
            keys: Arc::new(self.keys.clone()),
            storage: Arc::new(storage),
            sensors: Arc::new(sensors),
            host: Arc::new(Quiet),
        };
        let trust =
            Trust::from_json(&std::fs::read_to_string(&self.trust)?).map_err(|error| format!("{error:?}"))?;
        AgentHandle::start(platform, trust, None).map_err(|error| format!("{error:?}").into())
    }

    /// Puts other apps on the phone.
    pub(super) fn install(&self, apps: Vec<App>) {
        *self.apps.lock().unwrap_or_else(PoisonError::into_inner) = apps;
    }
}

/// One wake, until the agent rests.
pub(super) fn check_in(agent: &AgentHandle) -> Result<Status, Mishap> {
    agent.send(Event::CheckIn).map_err(refused)?;
    let status = rest(agent)?;
    match status.last_failure {
        None => Ok(status),
        Some(code) => Err(format!("the check-in failed with {}", code.0).into()),
    }
}

/// Waits until nothing is being done.
pub(super) fn rest(agent: &AgentHandle) -> Result<Status, Mishap> {
    if agent.settle(Duration::ZERO, SOON) {
        agent.status().map_err(refused)
    } else {
        Err("the agent does not come to rest".into())
    }
}

/// The network that is there.
pub(super) fn online() -> Network {
    Network { reach: Reach::Online, id: Some(Digest::of(b"home")), metered: false }
}

/// Why the agent takes no input.
pub(super) fn refused(error: agent_core::agent::InputError) -> Mishap {
    format!("the agent takes no input: {error:?}").into()
}

/// A root under which there is nothing, so that posture says the same everywhere.
fn empty(folder: &Path) -> PathBuf {
    folder.join("root")
}

struct Listed {
    posture: LinuxPosture,
    apps: Arc<Mutex<Vec<App>>>,
}

impl Sensors for Listed {
    fn posture(&self) -> Result<Posture, CollectFailure> {
        Ok(self.posture.read())
    }

    fn apps(&self) -> Result<Vec<App>, CollectFailure> {
        Ok(self.apps.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

struct Quiet;

impl Host for Quiet {
    fn status_changed(&self, _: &Status) {}

    fn inert(&self) {}
}
