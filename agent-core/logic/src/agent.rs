//! Everything the agent decides: the composition of its sub-machines.
//!
//! | file | decides |
//! |---|---|
//! | `registration` | who the device is to the cloud, and the next step towards a certificate |
//! | `contact` | when to be in contact, what time it is, the cloud's last word |
//! | `threats`, `path` | what is open; when a refused certificate is an interception |
//! | `bulk` | when a whole inventory or an indicator set may go, and what it cost |
//! | `inventory`, `reading` | what may be shared and how little must travel; which reading is believed |
//! | `seen`, `web` | what sensors and look-ups say; the web verdict hook |
//! | `configured`, `leave` | what a configuration and the wish to leave mean |
//! | `ledger`, `diagnostics` | what the owner and the administrator can read of it |
//! | `outbox` | what is unacknowledged, and the one report on its way |
//! | `policies` | which signed documents are believed |
//! | `start` | what to drop when starts never come to rest |
//! | `journal`, `state` | what must be durable before anything is spoken |
//! | `access` | what blocks at which level of policy |
//! | `decide`, `plan` | the next command; the next moment |
//! | `seal`, `settle` | the report; what the end of a command means |

mod access;
mod answered;
mod bulk;
mod configured;
mod contact;
mod decide;
mod diagnostics;
mod inventory;
mod journal;
mod leave;
mod ledger;
mod live;
mod outbox;
mod path;
mod plan;
mod policies;
mod reading;
mod registration;
mod seal;
mod seen;
mod settle;
mod start;
mod state;
mod status;
mod target;
mod threats;
mod web;

use std::collections::VecDeque;

pub use access::{Access, Blocker, Counted};
pub use contact::{Lateness, Verdict};
pub use ledger::{Entry, InventorySent, MAX_ENTRIES, Sent, Why};
pub use state::RestoreError;
pub use status::{Need, Notice, OpenSummary, Status};
pub use target::ConfigurationFault;
pub use web::{MAX_QUESTIONS, WebAnswer, WebVerdict};

use crate::chance::{Chance, Seed};
use crate::code;
use crate::command::{Command, CommandId, Effect};
use crate::event::Event;
use crate::redact::Bytes;
use crate::time::{Now, Wake, Wall};
use journal::{Journal, Write};
use live::{Job, Live};
use state::{Record, State};

/// What the app's code fixes. No configuration changes it (D3).
#[derive(Clone, Debug)]
pub struct Settings {
    /// Version of the library, for the facts.
    pub agent_version: String,
    /// The gateway's host is this or ends with a dot and this.
    pub host_suffix: String,
    /// The library was built then: time is not before it (D12).
    pub built: Wall,
}

/// Decides. Does nothing.
#[derive(Debug)]
pub struct Agent {
    settings: Settings,
    chance: Chance,
    state: State,
    journal: Journal,
    live: Live,
    job: Option<(CommandId, Job)>,
    commands: VecDeque<Command>,
    last_id: u64,
    now: Now,
}

impl Agent {
    /// An agent that continues from `records`, oldest first; none for a first start.
    ///
    /// # Errors
    /// [`RestoreError`] when the records are of a later version or are no records. They are to be left as
    /// they are in the first case.
    pub fn restore(
        settings: Settings,
        seed: Seed,
        records: &[Bytes],
        now: Now,
    ) -> Result<Self, RestoreError> {
        let (state, journal) = State::restore(records)?;
        let mut agent = Self::of(settings, seed, state, now);
        agent.journal = journal;
        agent.begin();
        Ok(agent)
    }

    /// An agent that starts from nothing because what was stored can never be read again. Its first report says so.
    #[must_use]
    pub fn start_over(settings: Settings, seed: Seed, now: Now) -> Self {
        let mut agent = Self::of(settings, seed, State::default(), now);
        agent.record(Record::Start(start::Change::StartedOver { at: now }));
        agent.begin();
        agent
    }

    fn of(settings: Settings, seed: Seed, state: State, now: Now) -> Self {
        Self {
            settings,
            chance: Chance::new(seed),
            state,
            journal: Journal::default(),
            live: Live::default(),
            job: None,
            commands: VecDeque::new(),
            last_id: 0,
            now,
        }
    }

    /// Takes in one event. Drain [`Agent::poll`] before the next one. Cannot fail: bad input becomes a state.
    pub fn handle(&mut self, event: Event, now: Now) {
        self.now = now;
        if self.live.left {
            return;
        }
        match event {
            Event::Configured(configuration) => self.configured(&configuration),
            Event::Consent(given) => self.consent(given),
            Event::CheckIn => {
                self.journal.try_now();
                self.live.ask();
            }
            Event::Detected(detection) => self.detect(&detection),
            Event::Cleared(detection) => self.clear(&detection),
            Event::Ignore(id) => {
                let ignored = self.state.threats.ignore(id, self.now, self.state.policy());
                self.record_all(ignored);
            }
            Event::Visit(domain) => self.visit(domain),
            Event::Left(domain) => self.left(&domain),
            Event::Power(power) => self.live.power = power,
            Event::Deactivate => self.wish_to_leave(),
            Event::Network(network) => {
                self.live.asked |= self.state.contact.bulk().is_some() && !network.metered;
                self.live.network_changed(network);
            }
            Event::Changed => self.live.collect = true,
            Event::Unlocked => self.live.unlocked(),
            Event::Woke => {}
            Event::Done(id, outcome) => self.settle(id, outcome),
        }
        self.advance();
    }

    /// Gives out the next thing to do, if any.
    pub fn poll(&mut self) -> Option<Command> {
        let id = CommandId(self.last_id.saturating_add(1));
        // From the wipe on nothing is written, no snapshot either: it would stand under a key that goes.
        let wiping = self.live.erase && self.journal.is_settled();
        if !wiping && let Some(write) = self.journal.next(id, &self.now) {
            self.last_id = id.0;
            let effect = match write {
                Write::Save(records) => Effect::Save(records),
                Write::Compact => Effect::Compact(Record::snapshot(&self.state).to_bytes()),
            };
            return Some(Command { id, deadline: self.now.mono.plus(decide::WRITE_PATIENCE), effect });
        }
        self.commands.pop_front()
    }

    /// Tells when to call back with [`Event::Woke`] at the latest.
    #[must_use]
    pub fn next_wake(&self) -> Option<Wake> {
        self.next_timer().map(|(timer, why)| Wake { at: self.now.mono.plus(timer.left(&self.now)), why })
    }

    /// Nothing is being done and nothing is due now.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        let idle = self.job.is_none() && self.commands.is_empty() && self.live.questions.is_empty();
        idle && self.journal.is_settled()
    }

    fn record(&mut self, record: impl Into<Record>) -> Option<crate::wire::Report> {
        let record = record.into();
        // What happens during a wipe is not written: it would stand where everything is gone already.
        if !self.live.erase {
            self.journal.push(&record);
        }
        if record.drops() {
            self.journal.compact();
        }
        self.live.changed = true;
        let before = self.state.outbox.overflowed();
        let report = self.state.apply(record);
        let lost = self.state.outbox.overflowed().saturating_sub(before);
        self.live.count(code::TRANSITIONS_OVERFLOWED, u32::try_from(lost).unwrap_or(u32::MAX), self.now);
        report
    }

    fn register(&mut self, changes: Vec<registration::Change>) {
        for change in changes {
            if matches!(change, registration::Change::Moved(_)) {
                self.live.forget();
            }
            self.record(change);
        }
    }

    fn consent(&mut self, given: bool) {
        if self.state.registration.consent == given {
            return;
        }
        self.record(registration::Change::Consent(given));
        if !given {
            // A report on its way holds what may no longer be sent, and may have arrived: a new chain tells all (R17).
            if self.state.outbox.sealed().is_some() {
                self.restart_chain();
            }
            self.live.apps = None;
            // Their hashes are wiped too: who agrees again has the files hashed again.
            self.live.unhashable.clear();
            self.record(Record::Inventory(inventory::Change::Wiped));
        }
    }

    fn record_all(&mut self, changes: impl IntoIterator<Item = threats::Change>) {
        for change in changes {
            self.record(change);
        }
    }

    fn start(&mut self, job: Job, effect: Effect) {
        self.live.begun(&job);
        let id = self.command(decide::patience(&job), effect);
        self.job = Some((id, job));
    }

    fn command(&mut self, patience: std::time::Duration, effect: Effect) -> CommandId {
        let id = CommandId(self.last_id.saturating_add(1));
        self.last_id = id.0;
        self.commands.push_back(Command { id, deadline: self.now.mono.plus(patience), effect });
        id
    }
}

#[cfg(test)]
mod tests;
