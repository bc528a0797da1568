//! The errand threads: slow work, one errand at a time, each bounded by its patience.
//!
//! Look-ups in the indicator set have a thread of their own: they need neither network nor key store, and a page waits
//! for their answers (P7).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use agent_logic::agent::MAX_QUESTIONS;
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

/// Look-ups that wait: every question of the web hook, and the match of the apps.
const LOOKUPS_WAITING: usize = MAX_QUESTIONS + 1;

/// What errands are done with.
pub(crate) struct Tools {
    pub(crate) transport: Transport,
    pub(crate) keys: Arc<dyn KeyStore>,
    pub(crate) sensors: Arc<dyn Sensors>,
    pub(crate) indicators: IndicatorStore,
}

/// The way to the errand threads. Each ends when this is dropped and its last errand is done.
pub(crate) struct Errands {
    errands: Way,
    lookups: Way,
}

/// To one thread.
type Way = SyncSender<(Command, Duration)>;

/// The errand threads themselves.
pub(crate) type Helpers = [JoinHandle<()>; 2];

impl Errands {
    /// Starts the threads. Their answers go to `inputs`.
    pub(crate) fn start(tools: Tools, inputs: SyncSender<Input>) -> std::io::Result<(Self, Helpers)> {
        let tools = Arc::new(tools);
        let (errands, slow) = tread("mtd-errands", WAITING, &tools, inputs.clone())?;
        let (lookups, quick) = tread("mtd-lookups", LOOKUPS_WAITING, &tools, inputs)?;
        Ok((Self { errands, lookups }, [slow, quick]))
    }

    /// Hands over a command; false if its thread is occupied or gone.
    pub(crate) fn send(&self, command: Command, patience: Duration) -> bool {
        let way = if let Effect::Match { .. } = command.effect { &self.lookups } else { &self.errands };
        match way.try_send((command, patience)) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
        }
    }
}

/// One thread that runs what it is sent, in order.
fn tread(
    name: &str,
    waiting: usize,
    tools: &Arc<Tools>,
    inputs: SyncSender<Input>,
) -> std::io::Result<(Way, JoinHandle<()>)> {
    let (errands, taken) = sync_channel::<(Command, Duration)>(waiting);
    let tools = Arc::clone(tools);
    let thread = thread::Builder::new().name(name.into()).spawn(move || {
        for (command, patience) in taken {
            let id = command.id;
            let run = AssertUnwindSafe(|| tools.run(command.effect, patience));
            let outcome = catch_unwind(run).unwrap_or(Outcome::Lost);
            if inputs.send(Input::Event(Event::Done(id, outcome))).is_err() {
                return;
            }
        }
    })?;
    Ok((errands, thread))
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
