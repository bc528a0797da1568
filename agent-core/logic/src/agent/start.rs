//! Starts that go nowhere (D7, R11).
//!
//! A start is recorded before anything is done, and again when its first errand ended or there was nothing to do: from
//! then on an end of the process is the system's doing, not the state's. After three starts in a row that did not get
//! there, what can be derived again is dropped: the chain, the report on its way, what the cloud is known to hold,
//! our timers. After twelve, open threats and untold transitions go too. The registration, the versions of signed
//! documents, the count of transitions, the pause that the cloud told and its clock stay in any case: identity is kept,
//! nothing rolls back. The administrator hears of each repair: it is counted in the state until a report that told it
//! is acknowledged. He hears too of a device that began anew because its host gave up what could not be read.

use serde::{Deserialize, Serialize};

use super::Agent;
use super::path::Path;
use super::state::{Record, State};
use crate::code;
use crate::redact::Bytes;
use crate::time::Stamp;
use crate::wire::{Diagnostic, Report};

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
    /// Repairs that the cloud has not acknowledged, and the last of them.
    repairs: u32,
    repaired: Stamp,
    /// What an agent before this one had stored was given up, and the cloud has not acknowledged it.
    gave_up: Option<Stamp>,
}

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Change {
    /// The agent starts.
    Began,
    /// It got somewhere.
    Rested,
    /// Too many starts never came to rest.
    Repaired { depth: Depth, at: Stamp },
    /// The host gave up what could never be read again: this is the first record of a new journal.
    StartedOver { at: Stamp },
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
    /// What a report says of repairs and of a start from nothing.
    pub(super) fn tell(&self) -> impl Iterator<Item = Diagnostic> {
        let code = code::START_REPAIRED.0;
        let repairs =
            (self.repairs > 0).then_some(Diagnostic { code, count: self.repairs, last: self.repaired });
        let code = code::STARTED_OVER.0;
        repairs.into_iter().chain(self.gave_up.map(|last| Diagnostic { code, count: 1, last }))
    }

    /// What a first registration keeps: no other device's past is in it.
    pub(super) fn of_this_phone(self) -> Self {
        Self { gave_up: self.gave_up, ..Self::default() }
    }

    /// The cloud has a report with these counts.
    pub(super) fn acknowledged(&mut self, told: &[Diagnostic]) {
        let repairs = told.iter().filter(|told| told.code == code::START_REPAIRED.0).map(|told| told.count);
        self.repairs = repairs.fold(self.repairs, u32::saturating_sub);
        self.gave_up = self.gave_up.filter(|_| told.iter().all(|told| told.code != code::STARTED_OVER.0));
    }

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
            Change::StartedOver { at } => self.starts.gave_up = Some(at),
            Change::Repaired { depth, at } => {
                let held = std::mem::take(self);
                // An open interception ends by what is known of the path: the two stay together.
                let (threats, path, outbox) = match depth {
                    Depth::Derived => (held.threats, held.path, held.outbox.untold()),
                    Depth::AllButIdentity => {
                        (held.threats.emptied(), Path::Clean, super::outbox::Outbox::default())
                    }
                };
                let contact = held.contact.times_alone();
                let Self { registration, policies, mut starts, .. } = held;
                (starts.repairs, starts.repaired) = (starts.repairs.saturating_add(1), at);
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
            self.record(Record::Start(Change::Repaired { depth, at: self.now }));
            self.journal.compact();
        }
        self.record(Record::Start(Change::Began));
        // What nobody can read cannot be acknowledged: it would stand before every later report for ever.
        let sealed = self.state.outbox.sealed().map(Bytes::as_slice);
        if sealed.is_some_and(|body| crate::json::read::<Report>(body).is_err()) {
            self.restart_chain();
        }
    }

    pub(super) fn rest(&mut self) {
        if !self.live.rested {
            self.live.rested = true;
            self.record(Record::Start(Change::Rested));
        }
    }
}
