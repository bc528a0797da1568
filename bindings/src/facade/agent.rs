//! The one object that a host holds.

mod inputs;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use agent_core::agent::{AgentHandle, Platform, StartError};
use agent_core::clock::SystemClock;
use agent_core::folder::Folder;
use agent_core::ports::{Host, KeyStore};
use agent_core::trust::Trust;
use agent_logic::chance::Seed;
use agent_logic::code;
use agent_logic::event::Event;
use agent_logic::text::Language;

use super::adapt::{HostKeys, HostSensors, Listener};
use super::config::MtdConfig;
use super::configuration::Sources;
use super::error::MtdError;
use super::host::{MtdKeyStore, MtdListener, MtdSensors};
use super::ledger::MtdLedgerEntry;
use super::status::MtdStatus;
use crate::guard;

/// What is due within this time is waited for by [`MtdAgent::settle`].
const PATIENCE: Duration = Duration::from_secs(5);

/// A running agent. Dropping it ends it within a second; what was recorded is on disk.
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct MtdAgent {
    life: Mutex<Life>,
    listener: Arc<Listener>,
    sources: Sources,
}

#[derive(Clone)]
enum Life {
    Running(Arc<AgentHandle>),
    Stopped,
    Inert,
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl MtdAgent {
    /// Starts an agent, continuing from what the folder holds. May take as long as the key store: without `keys`, the
    /// system's own, which this library knows on iOS.
    ///
    /// # Errors
    /// 131 for trust that cannot be used, 134 for a partner that is not in the table, 204 without `keys` on another
    /// system, 505 where another agent holds the folder, else what key store and folder report. Nothing was sent.
    #[cfg_attr(feature = "uniffi", uniffi::constructor)]
    pub fn start(
        config: MtdConfig,
        keys: Option<Arc<dyn MtdKeyStore>>,
        sensors: Arc<dyn MtdSensors>,
        listener: Arc<dyn MtdListener>,
    ) -> Result<Self, MtdError> {
        Self::begin("start", config, keys, sensors, listener, AgentHandle::start)
    }

    /// Starts an agent as [`Self::start`] does. Only where that fails with the remedy `START_OVER` is what the folder
    /// holds given up, and every key destroyed: the device activates anew, by a credential in the configuration, and
    /// its first report tells the administrator (515). Call it when `start` failed so twice after the first unlock:
    /// before, a key store may say that a key is gone that is not.
    ///
    /// # Errors
    /// As [`Self::start`].
    #[cfg_attr(feature = "uniffi", uniffi::constructor)]
    pub fn start_over(
        config: MtdConfig,
        keys: Option<Arc<dyn MtdKeyStore>>,
        sensors: Arc<dyn MtdSensors>,
        listener: Arc<dyn MtdListener>,
    ) -> Result<Self, MtdError> {
        Self::begin("start_over", config, keys, sensors, listener, AgentHandle::start_over)
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

    /// The language of sentences for the phone's owner, in the status and for the listener from now on: a tag such
    /// as `fr-BE`. English, French and Dutch are there; every other is answered in English. English at the start.
    ///
    /// # Errors
    /// As [`Self::configure`].
    pub fn set_language(&self, tag: String) -> Result<(), MtdError> {
        self.enter("set_language", |_| {
            self.listener.speak(Language::of_tag(&tag));
            Ok(())
        })
    }

    /// A copy of the status, in the language of [`Self::set_language`]. Never blocks.
    ///
    /// # Errors
    /// As [`Self::configure`].
    pub fn status(&self) -> Result<MtdStatus, MtdError> {
        self.enter("status", |handle| Ok(MtdStatus::of(&handle.status()?, self.listener.language())))
    }

    /// What was sent, when and why, newest first, at most 200, in the language of [`Self::set_language`]. Never blocks.
    ///
    /// # Errors
    /// As [`Self::configure`].
    pub fn ledger(&self) -> Result<Vec<MtdLedgerEntry>, MtdError> {
        self.enter("ledger", |handle| {
            let language = self.listener.language();
            Ok(handle.ledger()?.iter().map(|entry| MtdLedgerEntry::of(entry, language)).collect())
        })
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
}

impl MtdAgent {
    fn begin(
        entry: &'static str,
        config: MtdConfig,
        keys: Option<Arc<dyn MtdKeyStore>>,
        sensors: Arc<dyn MtdSensors>,
        listener: Arc<dyn MtdListener>,
        begin: fn(Platform, Trust, Option<Seed>) -> Result<AgentHandle, StartError>,
    ) -> Result<Self, MtdError> {
        #[cfg(target_os = "ios")]
        crate::oslog::begin();
        let started = guard::contain(entry, || {
            let listener = Arc::new(Listener::new(listener));
            let sources = Sources::new(&config.partners)?;
            let trust =
                Trust::from_json(&config.trust_json).map_err(|_| MtdError::from(code::TRUST_UNUSABLE))?;
            let folder = Folder::open(config.folder).map_err(|failure| MtdError::from(failure.code()))?;
            let host: Arc<dyn Host> = listener.clone();
            let keys = keys.map_or_else(system_keys, |keys| Ok(Arc::new(HostKeys(keys))))?;
            let platform = Platform {
                clock: Arc::new(SystemClock::new()),
                keys,
                storage: Arc::new(folder),
                sensors: Arc::new(HostSensors(sensors)),
                host,
            };
            let handle = begin(platform, trust, None)?;
            if !config.configurations.is_empty() {
                sources.hear(config.configurations, |whole| handle.send(Event::Configured(whole)))?;
            }
            Ok(Self { life: Mutex::new(Life::Running(Arc::new(handle))), listener, sources })
        });
        started.unwrap_or_else(|_| Err(MtdError::internal()))
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
        let done = guard::contain(entry, || run(&handle)).unwrap_or_else(|_| Err(self.fault()));
        // Stopped by another thread in the middle of this call: the handle ended because the host wanted it.
        let ended = |error: MtdError| if self.is_stopped() { MtdError::stopped() } else { error };
        done.map_err(|error| if error == MtdError::internal() { ended(error) } else { error })
    }

    fn is_stopped(&self) -> bool {
        match &*self.life() {
            Life::Stopped => true,
            Life::Running(_) | Life::Inert => false,
        }
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

/// The key store of the system.
#[cfg(not(target_os = "ios"))]
fn system_keys() -> Result<Arc<dyn KeyStore>, MtdError> {
    Err(code::KEY_UNSUPPORTED.into())
}

/// The key store of the system.
#[cfg(target_os = "ios")]
fn system_keys() -> Result<Arc<dyn KeyStore>, MtdError> {
    Ok(Arc::new(crate::keychain::Keychain))
}

impl fmt::Debug for MtdAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MtdAgent(…)")
    }
}
