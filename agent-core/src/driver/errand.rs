//! The errand thread: slow work, one errand at a time, each bounded by its patience.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use agent_logic::command::{Command, Effect, Slot};
use agent_logic::event::{Collected, Event, FetchFailure, KeyMade, Outcome};
use agent_logic::failure::{KeyFailure, StorageFailure};
use agent_logic::model::AppId;

use super::Input;
use crate::indicators::IndicatorStore;
use crate::ports::{KeyStore, Sensors};
use crate::transport::Transport;

/// Errands that wait while one runs. The agent does one thing at a time; a second waits only behind one that
/// outlived its deadline.
const WAITING: usize = 4;

/// What errands are done with.
pub(crate) struct Tools {
    pub(crate) transport: Transport,
    pub(crate) keys: Arc<dyn KeyStore>,
    pub(crate) sensors: Arc<dyn Sensors>,
    pub(crate) indicators: IndicatorStore,
}

/// The way to the errand thread. The thread ends when this is dropped and its last errand is done.
pub(crate) struct Errands {
    errands: SyncSender<(Command, Duration)>,
}

impl Errands {
    /// Starts the thread. Its answers go to `inputs`.
    pub(crate) fn start(tools: Tools, inputs: SyncSender<Input>) -> std::io::Result<Self> {
        let (errands, taken) = sync_channel::<(Command, Duration)>(WAITING);
        thread::Builder::new().name("mtd-errands".into()).spawn(move || {
            for (command, patience) in taken {
                let id = command.id;
                let run = AssertUnwindSafe(|| tools.run(command.effect, patience));
                let outcome = catch_unwind(run).unwrap_or(Outcome::Lost);
                if inputs.send(Input::Event(Event::Done(id, outcome))).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { errands })
    }

    /// Hands over a command; false if the thread is occupied or gone.
    pub(crate) fn send(&self, command: Command, patience: Duration) -> bool {
        match self.errands.try_send((command, patience)) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
        }
    }
}

impl Tools {
    fn run(&self, effect: Effect, patience: Duration) -> Outcome {
        match effect {
            Effect::MakeKey(slot) => Outcome::KeyMade(self.make_key(slot)),
            Effect::MakeRequest(spec) => Outcome::RequestMade(self.transport.make_request(&spec)),
            Effect::DropKey(slot) => {
                self.transport.forget();
                Outcome::KeyDropped(self.keys.destroy(slot))
            }
            Effect::Enrol(enrol) => Outcome::Enrolled(self.transport.enrol(&enrol, patience)),
            Effect::Send(exchange) => Outcome::Answered(self.transport.send(&exchange, patience)),
            Effect::FetchIndicators { contact, manifest } => {
                let fetched = self.transport.fetch(&contact, &manifest, patience);
                Outcome::Fetched(fetched.map_err(FetchFailure::Send).and_then(|bytes| {
                    self.indicators.replace(&manifest, &bytes).map_err(FetchFailure::Storage)
                }))
            }
            Effect::Match { manifest, queries } => {
                Outcome::Matched(self.indicators.find(&manifest, &queries))
            }
            Effect::Collect => Outcome::Collected(Box::new(Collected {
                posture: self.sensors.posture(),
                apps: self.sensors.apps(),
            })),
            Effect::HashApps(apps) => {
                let hash = |app: AppId| self.sensors.hash(&app).ok().map(|hash| (app, hash));
                Outcome::Hashed(Ok(apps.into_iter().filter_map(hash).collect()))
            }
            Effect::Erase => Outcome::Saved(self.indicators.erase().and_then(|()| self.destroy_keys())),
            // Done on the agent's own thread.
            Effect::Save(_) | Effect::Compact(_) => Outcome::Lost,
        }
    }

    /// Always a new key: one left over from a crash, or from before a wipe, has no request that names it.
    fn make_key(&self, slot: Slot) -> Result<KeyMade, KeyFailure> {
        self.transport.forget();
        Ok(KeyMade { protection: self.keys.make(slot)?.protection() })
    }

    fn destroy_keys(&self) -> Result<(), StorageFailure> {
        self.transport.forget();
        let gone = self
            .keys
            .destroy(Slot::A)
            .and_then(|()| self.keys.destroy(Slot::B))
            .and_then(|()| self.keys.destroy_data_key());
        gone.map_err(|failure| match failure {
            KeyFailure::Locked | KeyFailure::Busy | KeyFailure::Gone | KeyFailure::Unsupported => {
                StorageFailure::Io
            }
        })
    }
}
