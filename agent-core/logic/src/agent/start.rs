//! Starts that never come to rest (D7, R11).
//!
//! A start is recorded before anything is done, and again when the agent first has nothing to do. After three starts
//! in a row that never came to rest, what can be derived again is dropped: the chain, the report on its way, what the
//! cloud is known to hold, timers. After three more, open threats and untold transitions go too. The registration, the
//! versions of signed documents and the count of transitions stay in any case: identity is kept, nothing rolls back.

use serde::{Deserialize, Serialize};

use super::Agent;
use super::state::{Record, State};
use crate::code;

/// Starts in a row that never came to rest, after which state is repaired.
const PATIENCE: u32 = 3;

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
    /// It has nothing to do.
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
            more if more > PATIENCE && more.is_multiple_of(PATIENCE) => Some(Depth::AllButIdentity),
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
                let (threats, outbox) = match depth {
                    Depth::Derived => (held.threats, held.outbox.untold()),
                    Depth::AllButIdentity => (held.threats.emptied(), super::outbox::Outbox::default()),
                };
                let Self { registration, policies, starts, .. } = held;
                *self = Self { registration, policies, starts, threats, outbox, ..Self::default() };
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
