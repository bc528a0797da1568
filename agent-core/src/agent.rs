//! What a host holds: one running agent.

use std::sync::mpsc::{RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use agent_logic::agent::{Agent, Entry, Settings, Status};
use agent_logic::chance::Seed;
use agent_logic::event::Event;
use agent_logic::failure::{KeyFailure, StorageFailure};
use agent_logic::time::Wall;
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::driver::{Driver, Errands, Helpers, Input, Published, Shown, Tools, Waiter};
use crate::gate::{Gate, Gated};
use crate::indicators::IndicatorStore;
use crate::opening;
use crate::ports::{Clock, Host, KeyStore, Sensors, Storage};
use crate::transport::Transport;
use crate::trust::Trust;
use crate::vault::Vault;

/// Inputs that wait for the agent. A host that sends more in one go is told that the agent is busy.
const INPUTS: usize = 256;

/// Ending the agent waits this long for its thread.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// Of that, this long for the threads of the errands, which end at once unless one of them hangs.
const LAST_ERRAND: Duration = Duration::from_millis(250);

/// The platform layer.
#[derive(Clone)]
pub struct Platform {
    /// Reads the clocks.
    pub clock: Arc<dyn Clock>,
    /// Keeps the keys.
    pub keys: Arc<dyn KeyStore>,
    /// Keeps the files.
    pub storage: Arc<dyn Storage>,
    /// Reads posture and apps.
    pub sensors: Arc<dyn Sensors>,
    /// Is told of changes.
    pub host: Arc<dyn Host>,
}

/// A running agent. Dropping it ends it within a second; what was recorded is on disk.
pub struct AgentHandle {
    inputs: SyncSender<Input>,
    published: Published,
    gate: Gate,
    threads: Mutex<Option<Threads>>,
}

struct Threads {
    agent: JoinHandle<()>,
    /// They end when the agent's own does, each after its last errand.
    helpers: Helpers,
}

/// Why an agent does not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartError {
    /// The trust that the app was built with cannot be used.
    Trust,
    /// The folder is taken, cannot be read or cannot be written. Nothing in it was changed.
    Storage(StorageFailure),
    /// The key that seals the files is not to be had.
    Key(KeyFailure),
    /// The system gives no randomness or no thread.
    System,
}

/// What the host does about a start that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartRemedy {
    /// The same again later.
    Retry,
    /// The same again once the device is unlocked for the first time since boot.
    WaitForUnlock,
    /// What is stored can never be read again. If the same is seen once more after the first unlock:
    /// [`AgentHandle::start_over`].
    StartOver,
    /// A person has to act. What is stored stays as it is.
    Stop,
}

impl StartError {
    /// What the host does about it.
    #[must_use]
    pub const fn remedy(self) -> StartRemedy {
        match self {
            Self::Storage(StorageFailure::Unreadable) | Self::Key(KeyFailure::Gone) => StartRemedy::StartOver,
            Self::Key(KeyFailure::Locked) => StartRemedy::WaitForUnlock,
            Self::Storage(StorageFailure::Full | StorageFailure::Io)
            | Self::Key(KeyFailure::Busy)
            | Self::System => StartRemedy::Retry,
            Self::Storage(StorageFailure::Busy | StorageFailure::Newer)
            | Self::Key(KeyFailure::Unsupported)
            | Self::Trust => StartRemedy::Stop,
        }
    }
}

/// Why an input is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputError {
    /// Too many inputs wait. Try again.
    Busy,
    /// The agent ended, or is inert after an internal fault.
    Ended,
}

impl AgentHandle {
    /// Starts an agent on its own thread, continuing from what the folder holds. `seed` replaces the
    /// system's randomness in the agent's choices; keys never come from it.
    ///
    /// # Errors
    /// [`StartError`]. Nothing was sent.
    pub fn start(platform: Platform, trust: Trust, seed: Option<Seed>) -> Result<Self, StartError> {
        Self::begin(platform, trust, seed, opening::open)
    }

    /// Starts an agent as [`AgentHandle::start`] does. Only where that fails by [`StartRemedy::StartOver`] is what the
    /// folder holds given up, and every key destroyed: the device activates anew, and its first report tells the
    /// administrator. Call it when `start` failed so twice after the first unlock: before, a key store may say that a
    /// key is gone that is not (D4).
    ///
    /// # Errors
    /// [`StartError`]. Nothing was sent. With [`StartRemedy::StartOver`] the same again is safe.
    pub fn start_over(platform: Platform, trust: Trust, seed: Option<Seed>) -> Result<Self, StartError> {
        Self::begin(platform, trust, seed, opening::open_or_give_up)
    }

    fn begin(
        platform: Platform,
        trust: Trust,
        seed: Option<Seed>,
        open: impl FnOnce(&Platform, Settings, Seed) -> Result<(Agent, Vault), StartError>,
    ) -> Result<Self, StartError> {
        let settings = Settings {
            agent_version: env!("CARGO_PKG_VERSION").into(),
            host_suffix: trust.host_suffix().into(),
            built: BUILT,
        };
        let seed = seed.map_or_else(random_seed, Ok)?;
        let (agent, vault) = open(&platform, settings, seed)?;
        let gate = Gate::default();
        let keys: Arc<dyn KeyStore> = Arc::new(Gated { part: platform.keys, gate: gate.clone() });
        let sensors = Arc::new(Gated { part: platform.sensors, gate: gate.clone() });
        let storage = Arc::new(Gated { part: platform.storage, gate: gate.clone() });
        let transport = Transport::new(trust, Arc::clone(&keys)).map_err(|_| StartError::Trust)?;
        let published: Published = Arc::new(Mutex::new(Some(Shown::of(&agent))));
        let (inputs, taken) = sync_channel(INPUTS);
        let tools = Tools { transport, keys, sensors, indicators: IndicatorStore::new(storage) };
        let (errands, helpers) = Errands::start(tools, inputs.clone()).map_err(|_| StartError::System)?;
        let driver = Driver {
            agent,
            vault,
            clock: platform.clock,
            host: platform.host,
            errands,
            published: Arc::clone(&published),
            inputs: taken,
            gate: gate.clone(),
        };
        let thread = thread::Builder::new()
            .name("mtd-agent".into())
            .spawn(move || driver.run())
            .map_err(|_| StartError::System)?;
        let threads = Mutex::new(Some(Threads { agent: thread, helpers }));
        Ok(Self { inputs, published, gate, threads })
    }

    /// Hands in an event. Returns at once.
    ///
    /// # Errors
    /// [`InputError`]. The event was not taken.
    pub fn send(&self, event: Event) -> Result<(), InputError> {
        self.inputs.try_send(Input::Event(event)).map_err(|error| match error {
            TrySendError::Full(_) => InputError::Busy,
            TrySendError::Disconnected(_) => InputError::Ended,
        })
    }

    /// A copy of the status. Never blocks on the agent's work.
    ///
    /// # Errors
    /// [`InputError::Ended`] when the agent is inert after an internal fault.
    pub fn status(&self) -> Result<Status, InputError> {
        self.shown(|shown| shown.status.clone())
    }

    /// A copy of the privacy ledger: what was sent, when and why, newest first, at most
    /// [`agent_logic::agent::MAX_ENTRIES`]. In words: [`agent_logic::text::of_entry`]. Never blocks on the
    /// agent's work.
    ///
    /// # Errors
    /// [`InputError::Ended`] when the agent is inert after an internal fault.
    pub fn ledger(&self) -> Result<Vec<Entry>, InputError> {
        self.shown(|shown| shown.ledger.clone())
    }

    fn shown<T>(&self, read: impl FnOnce(&Shown) -> T) -> Result<T, InputError> {
        let published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        published.as_ref().map(read).ok_or(InputError::Ended)
    }

    /// Blocks until nothing is being done and nothing is due within `patience`, at most for `most`: what a
    /// background wake of the OS waits for. True if it came to rest.
    pub fn settle(&self, patience: Duration, most: Duration) -> bool {
        let (reply, rest) = sync_channel(1);
        let (waiter, _stay) = Waiter::new(patience, reply);
        if self.inputs.try_send(Input::Settle(waiter)).is_err() {
            return false;
        }
        match rest.recv_timeout(most) {
            Ok(()) => true,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => false,
        }
    }

    /// Ends the agent, as dropping it does, while others still hold it: what they wait for ends too. Comes back within
    /// about a second, as soon as no thread holds a part of the platform any more. A call into the platform that hangs
    /// at that moment goes on, and so does an exchange that waits for the network, up to its deadline; what they bring
    /// counts for nothing, and no other call is begun.
    pub fn stop(&self) {
        self.gate.shut();
        // Wakes the thread; a full queue needs no waking.
        drop(self.inputs.try_send(Input::Stop));
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Threads { agent, helpers }) = threads else { return };
        let (ended, wait) = sync_channel::<()>(2);
        let join = thread::Builder::new().name("mtd-last".into()).spawn(move || {
            drop(agent.join());
            let _nobody_waits = ended.send(());
            for helper in helpers {
                drop(helper.join());
            }
            let _nobody_waits = ended.send(());
        });
        let begun = Instant::now();
        if join.is_ok() && wait.recv_timeout(LAST_WAIT).is_ok() {
            // An app whose process ends next must not be called back from a thread that still lets go of its parts.
            let left = LAST_WAIT.saturating_sub(begun.elapsed());
            let _gave_up = wait.recv_timeout(left.min(LAST_ERRAND));
        }
    }
}

impl Drop for AgentHandle {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Time is not before this (D12). Moved with each release.
const BUILT: Wall = Wall(1_793_577_600_000);

fn random_seed() -> Result<Seed, StartError> {
    let mut seed = [0; 32];
    SystemRandom::new().fill(&mut seed).map_err(|_| StartError::System)?;
    Ok(Seed(seed))
}
