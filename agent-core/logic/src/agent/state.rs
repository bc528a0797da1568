//! Everything that must survive: the fold of the records.
//!
//! Rules: L2, R11, R12.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::contact::{self, Contact};
use super::inventory::{self, Inventory};
use super::journal::Journal;
use super::ledger::{self, Ledger};
use super::outbox::{self, Outbox};
use super::path::Path;
use super::policies::{self, Policies};
use super::registration::{self, Registration};
use super::start::{self, Starts};
use super::threats::{self, Source, Threats};
use crate::redact::Bytes;
use crate::wire::{Policy, Report};

/// Version of the records, the first thing in each: `[version,record]`. It grows when a library that knows the last
/// version could not read a record rightly: a new kind, a field that must not be ignored. A field that may be missing
/// has a default and needs no new version. A later version is left untouched by this library (D7).
const VERSION: u32 = 1;

/// Durable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct State {
    pub(crate) registration: Registration,
    pub(crate) threats: Threats,
    pub(crate) path: Path,
    pub(crate) outbox: Outbox,
    pub(crate) inventory: Inventory,
    pub(crate) policies: Policies,
    pub(crate) contact: Contact,
    pub(crate) ledger: Ledger,
    pub(crate) starts: Starts,
}

/// One change of the state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Record {
    Snapshot(Box<State>),
    Registration(registration::Change),
    Threat(threats::Change),
    Path(Path),
    Outbox(outbox::Change),
    Inventory(inventory::Change),
    Policies(policies::Change),
    Contact(contact::Change),
    Ledger(ledger::Change),
    Start(start::Change),
}

/// Why stored records cannot be taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestoreError {
    /// They were written by a later version.
    Newer,
    /// They are not records.
    Unreadable,
}

impl State {
    /// The fold of `records`, and the journal that holds them.
    pub(crate) fn restore(records: &[Bytes]) -> Result<(Self, Journal), RestoreError> {
        let (mut state, mut journal) = (Self::default(), Journal::default());
        for bytes in records {
            let record = Record::from_bytes(bytes)?;
            journal.hold(&record, bytes);
            state.apply(record);
        }
        Ok((state, journal))
    }

    pub(crate) const fn policy(&self) -> Option<&Policy> {
        self.policies.policy()
    }

    /// Whether threats travel one by one, or the level alone (P6).
    pub(crate) fn tells_threats(&self) -> bool {
        self.policy().is_none_or(|policy| policy.threat_state_sync)
    }

    /// Takes in one change; the report that it acknowledged.
    pub(crate) fn apply(&mut self, record: Record) -> Option<Report> {
        match record {
            Record::Snapshot(state) => *self = *state,
            Record::Registration(change) => self.register(change),
            Record::Threat(change) => {
                let transition = self.threats.apply(&change, self.policies.policy());
                if let Some(transition) = transition.filter(|_| self.tells_threats()) {
                    self.outbox.push(transition);
                }
            }
            Record::Path(path) => self.path = path,
            Record::Outbox(change) => {
                let restarted = matches!(change, outbox::Change::Restarted);
                let report = self.outbox.apply(change);
                if restarted {
                    self.inventory.apply(&inventory::Change::Forgotten);
                }
                if let Some(report) = &report {
                    self.inventory.acknowledged(report.inventory.as_ref());
                    self.starts.acknowledged(&report.diagnostics);
                }
                return report;
            }
            Record::Inventory(change) => self.inventory.apply(&change),
            Record::Policies(change) => {
                self.policies.apply(change);
                if !self.tells_threats() {
                    self.outbox.withdraw();
                }
            }
            Record::Contact(change) => self.contact.apply(change),
            Record::Ledger(change) => self.ledger.apply(change),
            Record::Start(change) => self.start(change),
        }
        None
    }

    /// A new registration drops everything that belonged to the old one (rule 2 of domain.md §10). Before the first there
    /// is none: what the host told until then is of this phone.
    fn register(&mut self, change: registration::Change) {
        let moved = matches!(change, registration::Change::Moved(_));
        let first = self.registration.target.is_none();
        self.registration.apply(change);
        if moved {
            let held = std::mem::take(self);
            self.registration = held.registration;
            if first {
                self.starts = held.starts.of_this_phone();
                self.threats = held.threats;
                self.outbox = held.outbox;
            }
        }
    }
}

impl Record {
    pub(crate) fn snapshot(state: &State) -> Self {
        Self::Snapshot(Box::new(state.clone()))
    }

    /// What it drops is secret or personal and is not to stay in earlier records either: a credential that worked or
    /// was refused (R6), the inventory without consent (R17), another registration (L2).
    pub(crate) const fn drops(&self) -> bool {
        match self {
            Self::Registration(change) => change.drops(),
            Self::Inventory(change) => matches!(change, inventory::Change::Wiped),
            Self::Snapshot(_)
            | Self::Threat(_)
            | Self::Path(_)
            | Self::Outbox(_)
            | Self::Policies(_)
            | Self::Contact(_)
            | Self::Ledger(_)
            | Self::Start(_) => false,
        }
    }

    pub(crate) fn to_bytes(&self) -> Bytes {
        // Cannot fail: every map has text keys.
        Bytes::new(serde_json::to_vec(&(VERSION, self)).unwrap_or_default())
    }

    pub(super) fn from_bytes(bytes: &Bytes) -> Result<Self, RestoreError> {
        let read: Result<(u32, Self), _> = crate::json::read(bytes.as_slice());
        if let Ok((version, record)) = read
            && version <= VERSION
        {
            return Ok(record);
        }
        match crate::json::read::<(u32, IgnoredAny)>(bytes.as_slice()) {
            Ok((version, _)) if version > VERSION => Err(RestoreError::Newer),
            Ok(_) | Err(_) => Err(RestoreError::Unreadable),
        }
    }
}

impl From<registration::Change> for Record {
    fn from(change: registration::Change) -> Self {
        Self::Registration(change)
    }
}

impl From<threats::Change> for Record {
    fn from(change: threats::Change) -> Self {
        Self::Threat(change)
    }
}

impl From<outbox::Change> for Record {
    fn from(change: outbox::Change) -> Self {
        Self::Outbox(change)
    }
}

impl From<policies::Change> for Record {
    fn from(change: policies::Change) -> Self {
        Self::Policies(change)
    }
}

impl From<contact::Change> for Record {
    fn from(change: contact::Change) -> Self {
        Self::Contact(change)
    }
}

/// The subject of the one threat that [`Source::Path`] opens.
pub(crate) const PATH: (Source, crate::model::Classification, crate::model::Subject) =
    (Source::Path, crate::model::Classification::ActiveMitm, crate::model::Subject::Network);
