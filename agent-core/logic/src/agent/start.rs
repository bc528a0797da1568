//! Starts that go nowhere (D7, R11).
//!
//! A start is recorded before anything is done, and again when its first errand ended or there was nothing to do: from
//! then on an end of the process is the system's doing, not the state's. After three starts in a row that did not get
//! there, what can be derived again is dropped: the chain, the report on its way, what the cloud is known to hold,
//! our timers. After twelve, open threats and untold transitions go too. The registration, the versions of signed
//! documents, the count of transitions and the pause that the cloud told stay in any case: identity is kept, nothing
//! rolls back.

use serde::{Deserialize, Serialize};

use super::Agent;
use super::path::Path;
use super::state::{Record, State};
use crate::code;

/// Starts in a row that went nowhere, after which state is repaired without loss.
const PATIENCE: u32 = 3;

/// Starts in a row that went nowhere, after which only identity is kept. A system that kills in haste does not get
/// here: one errand between two kills is enough.
const DESPAIR: u32 = 12;

/// Durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Starts {
    restless: u32,
}

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Change {
    /// The agent starts.
    Began,
    /// It got somewhere.
    Rested,
    /// Too many starts never came to rest.
    Repaired(Depth),
}

/// How much is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Depth {
    /// What can be derived again.
    Derived,
    /// Everything but identity.
    AllButIdentity,
}

impl Starts {
    /// What is to be dropped before this start.
    const fn repair(self) -> Option<Depth> {
        match self.restless {
            PATIENCE => Some(Depth::Derived),
            more if more >= DESPAIR && more.is_multiple_of(DESPAIR) => Some(Depth::AllButIdentity),
            _ => None,
        }
    }
}

impl State {
    pub(super) fn start(&mut self, change: Change) {
        match change {
            Change::Began => self.starts.restless = self.starts.restless.saturating_add(1),
            Change::Rested => self.starts.restless = 0,
            Change::Repaired(depth) => {
                let held = std::mem::take(self);
                // An open interception ends by what is known of the path: the two stay together.
                let (threats, path, outbox) = match depth {
                    Depth::Derived => (held.threats, held.path, held.outbox.untold()),
                    Depth::AllButIdentity => {
                        (held.threats.emptied(), Path::Clean, super::outbox::Outbox::default())
                    }
                };
                let contact = held.contact.pause_alone();
                let Self { registration, policies, starts, .. } = held;
                *self = Self {
                    registration,
                    policies,
                    starts,
                    threats,
                    path,
                    outbox,
                    contact,
                    ..Self::default()
                };
            }
        }
    }
}

impl Agent {
    pub(super) fn begin(&mut self) {
        if let Some(depth) = self.state.starts.repair() {
            self.record(Record::Start(Change::Repaired(depth)));
            self.live.count(code::START_REPAIRED, 1, self.now);
            self.journal.compact();
        }
        self.record(Record::Start(Change::Began));
    }

    pub(super) fn rest(&mut self) {
        if !self.live.rested {
            self.live.rested = true;
            self.record(Record::Start(Change::Rested));
        }
    }
}
