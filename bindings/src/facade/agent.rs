//! The one object that a host holds.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use agent_core::agent::{AgentHandle, Platform};
use agent_core::clock::SystemClock;
use agent_core::folder::Folder;
use agent_core::ports::Host;
use agent_core::trust::Trust;
use agent_logic::code;
use agent_logic::event::Event;

use super::adapt::{HostKeys, HostSensors, Listener};
use super::config::{MtdConfig, MtdConfiguration, MtdDetection, MtdNetwork};
use super::error::MtdError;
use super::host::{MtdKeyStore, MtdListener, MtdSensors};
use super::status::MtdStatus;
use crate::guard;

/// What is due within this time is waited for by [`MtdAgent::settle`].
const PATIENCE: Duration = Duration::from_secs(5);

/// A running agent. Dropping it ends it within a second; what was recorded is on disk.
pub struct MtdAgent {
    life: Mutex<Life>,
    listener: Arc<Listener>,
}

#[derive(Clone)]
enum Life {
    Running(Arc<AgentHandle>),
    Stopped,
    Inert,
}

impl MtdAgent {
    /// Starts an agent, continuing from what the folder holds. May take as long as the key store.
    ///
    /// # Errors
    /// 131 for trust that cannot be used, 505 where another agent holds the folder, else what key store and
    /// folder report. Nothing was sent.
    pub fn start(
        config: MtdConfig,
        keys: Arc<dyn MtdKeyStore>,
        sensors: Arc<dyn MtdSensors>,
        listener: Arc<dyn MtdListener>,
    ) -> Result<Self, MtdError> {
        let started = guard::contain("start", || {
            let listener = Arc::new(Listener::new(listener));
            let trust =
                Trust::from_json(&config.trust_json).map_err(|_| MtdError::from(code::TRUST_UNUSABLE))?;
            let folder = Folder::open(config.folder).map_err(|failure| MtdError::from(failure.code()))?;
            let host: Arc<dyn Host> = listener.clone();
            let platform = Platform {
                clock: Arc::new(SystemClock::new()),
                keys: Arc::new(HostKeys(keys)),
                storage: Arc::new(folder),
                sensors: Arc::new(HostSensors(sensors)),
                host,
            };
            let handle = AgentHandle::start(platform, trust, None)?;
            if let Some(configuration) = config.configuration {
                handle.send(Event::Configured(configuration.read()))?;
            }
            Ok(Self { life: Mutex::new(Life::Running(Arc::new(handle))), listener })
        });
        started.unwrap_or_else(|_| Err(MtdError::internal()))
    }

    /// Hands in a configuration, complete each time. Returns at once.
    ///
    /// # Errors
    /// As every call: 132 after [`Self::stop`], 133 when too many inputs wait, 902 after an internal fault.
    pub fn configure(&self, configuration: MtdConfiguration) -> Result<(), MtdError> {
        self.send("configure", || Ok(Event::Configured(configuration.read())))
    }

    /// The user or the administrator agreed that the device is protected and reports, or no longer agrees.
    ///
    /// # Errors
    /// As [`Self::configure`].
    pub fn set_consent(&self, given: bool) -> Result<(), MtdError> {
        self.send("set_consent", || Ok(Event::Consent(given)))
    }

    /// Be in contact now: the OS gave us time, a push came, or the user asked. Returns at once.
    ///
    /// # Errors
    /// As [`Self::configure`].
    pub fn check_in(&self) -> Result<(), MtdError> {
        self.send("check_in", || Ok(Event::CheckIn))
    }

    /// The partner's own engine found something.
    ///
    /// # Errors
    /// 134 for a classification or app that cannot be read, else as [`Self::configure`].
    pub fn report(&self, detection: MtdDetection) -> Result<(), MtdError> {
        self.send("report", || detection.read().map(Event::Detected))
    }

    /// The partner's own engine no longer finds it.
    ///
    /// # Errors
    /// As [`Self::report`].
    pub fn clear(&self, detection: MtdDetection) -> Result<(), MtdError> {
        self.send("clear", || detection.read().map(Event::Cleared))
    }

    /// The network changed, or is told for the first time.
    ///
    /// # Errors
    /// As [`Self::configure`].
    pub fn network_changed(&self, network: MtdNetwork) -> Result<(), MtdError> {
        self.send("network_changed", || Ok(Event::Network(network.read())))
    }

    /// Apps or settings changed.
    ///
    /// # Errors
    /// As [`Self::configure`].
    pub fn apps_changed(&self) -> Result<(), MtdError> {
        self.send("apps_changed", || Ok(Event::Changed))
    }

    /// The device was unlocked for the first time since boot.
    ///
    /// # Errors
    /// As [`Self::configure`].
    pub fn unlocked(&self) -> Result<(), MtdError> {
        self.send("unlocked", || Ok(Event::Unlocked))
    }

    /// Blocks until nothing is being done and nothing is due within five seconds, at most for the budget: what a
    /// background wake waits for. True if the agent came to rest; false also when it is stopped meanwhile.
    ///
    /// # Errors
    /// 135 from within the listener, else as [`Self::configure`].
    pub fn settle(&self, budget_ms: u64) -> Result<bool, MtdError> {
        self.enter("settle", |handle| {
            if self.listener.is_here() {
                return Err(MtdError::would_block());
            }
            Ok(handle.settle(PATIENCE, Duration::from_millis(budget_ms)))
        })
    }

    /// A copy of the status. Never blocks.
    ///
    /// # Errors
    /// As [`Self::configure`].
    pub fn status(&self) -> Result<MtdStatus, MtdError> {
        self.enter("status", |handle| Ok(MtdStatus::of(&handle.status()?)))
    }

    /// Tells the cloud that the device leaves, then forgets everything. Returns at once.
    ///
    /// # Errors
    /// As [`Self::configure`].
    pub fn deactivate(&self) -> Result<(), MtdError> {
        self.send("deactivate", || Ok(Event::Deactivate))
    }

    /// Ends the agent within a second. Stopping twice is no error.
    ///
    /// # Errors
    /// 135 from within the listener.
    pub fn stop(&self) -> Result<(), MtdError> {
        let stopped = guard::contain("stop", || {
            if self.listener.is_here() {
                return Err(MtdError::would_block());
            }
            self.end(Life::Stopped);
            Ok(())
        });
        stopped.unwrap_or_else(|_| Err(self.fault()))
    }

    /// An internal fault was met outside of the agent: it is inert from now on.
    pub(crate) fn fault(&self) -> MtdError {
        // The end waits for a thread; on that thread itself it would wait in vain.
        if self.listener.is_here() {
            *self.life() = Life::Inert;
        } else {
            self.end(Life::Inert);
        }
        self.listener.fault();
        MtdError::internal()
    }

    fn send(
        &self,
        entry: &'static str,
        event: impl FnOnce() -> Result<Event, MtdError>,
    ) -> Result<(), MtdError> {
        self.enter(entry, |handle| Ok(handle.send(event()?)?))
    }

    fn enter<T>(
        &self,
        entry: &'static str,
        run: impl FnOnce(&AgentHandle) -> Result<T, MtdError>,
    ) -> Result<T, MtdError> {
        let handle = match &*self.life() {
            Life::Running(handle) => Arc::clone(handle),
            Life::Stopped => return Err(MtdError::stopped()),
            Life::Inert => return Err(MtdError::internal()),
        };
        let done = guard::contain(entry, || run(&handle));
        done.unwrap_or_else(|_| Err(self.fault()))
    }

    fn end(&self, next: Life) {
        let before = std::mem::replace(&mut *self.life(), next);
        match before {
            Life::Running(handle) => handle.stop(),
            Life::Stopped | Life::Inert => {}
        }
    }

    fn life(&self) -> MutexGuard<'_, Life> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MtdAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MtdAgent(…)")
    }
}
