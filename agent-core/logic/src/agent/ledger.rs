//! The privacy ledger: what was sent, when and why, for the phone's owner. Counts only: no name, no
//! identifier. It stays on the device and goes with the registration.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::registration::Candidate;
use super::state::Record;
use super::{Agent, outbox};
use crate::command::CredentialKind;
use crate::time::Wall;
use crate::wire::{InventoryPart, Report};

/// Entries that are kept. At six reports a day this is a month.
pub const MAX_ENTRIES: usize = 200;

/// One thing that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When its end was known, by the device's calendar.
    pub at: Wall,
    /// Why it was sent.
    pub why: Why,
    /// What it was.
    pub sent: Sent,
}

/// Why something was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Why {
    /// The device was activated.
    Activation,
    /// Its certificate was renewed.
    Renewal,
    /// The interval of the policy was over.
    Routine,
    /// The user, the app or the system asked for contact.
    Asked,
    /// A threat appeared, changed or went.
    Change,
    /// The cloud's last answer asked for more.
    CloudAsked,
    /// The device leaves.
    Leaving,
}

/// What was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Sent {
    /// The device ID and a certificate request.
    Registration {
        /// By which credential; absent under the present certificate.
        credential: Option<CredentialKind>,
        /// Whether a certificate came.
        accepted: bool,
    },
    /// A report.
    Report {
        /// When it was made, by the device's calendar.
        made: Wall,
        /// Its place in its chain.
        sequence: u64,
        /// Whether the cloud acknowledged it; if not, it may have it all the same.
        acknowledged: bool,
        /// Its size before compression.
        bytes: usize,
        /// Whether it told what the device is: model, system, patch.
        facts: bool,
        /// Changes of threats in it.
        changes: usize,
        /// Open threats in it, in the first report of a chain.
        open: Option<usize>,
        /// What of the apps was in it.
        inventory: Option<InventorySent>,
        /// Kinds of fault in it.
        diagnostics: usize,
    },
}

/// The form in which apps were sent, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "camelCase")]
pub enum InventorySent {
    /// No app: a digest of all of them.
    Digest,
    /// Those that changed.
    Delta {
        /// New or changed.
        set: usize,
        /// Gone.
        removed: usize,
    },
    /// All that may be shared.
    Full {
        /// How many.
        apps: usize,
    },
}

/// Durable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Ledger {
    /// Oldest first.
    entries: VecDeque<Entry>,
    /// Why the report on its way was made.
    prepared: Option<Why>,
}

/// What changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Change {
    /// A report is made, for this reason.
    Prepared(Why),
    /// Something was sent and its end is known.
    Sent(Entry),
}

impl Ledger {
    /// Takes in a change.
    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::Prepared(why) => self.prepared = Some(why),
            Change::Sent(entry) => {
                if self.entries.len() >= MAX_ENTRIES {
                    self.entries.pop_front();
                }
                self.entries.push_back(entry);
            }
        }
    }
}

impl Agent {
    /// What was sent, newest first.
    pub fn ledger(&self) -> impl Iterator<Item = &Entry> {
        self.state.ledger.entries.iter().rev()
    }

    /// Why a report is made now; the first reason that holds.
    pub(super) fn why(&self) -> Why {
        let registration = &self.state.registration;
        let unproven = matches!(registration.candidate, Some(Candidate::Unproven { .. }));
        if registration.leaving.is_some() {
            Why::Leaving
        } else if unproven {
            if registration.identity.is_some() { Why::Renewal } else { Why::Activation }
        } else if self.has_news() {
            Why::Change
        } else if self.live.follow_up {
            Why::CloudAsked
        } else if self.live.asked {
            Why::Asked
        } else {
            Why::Routine
        }
    }

    /// The cloud has the report on its way. The entry is saved with the acknowledgement.
    pub(super) fn acknowledge(&mut self) -> Option<Report> {
        let bytes = self.state.outbox.sealed().map_or(0, |body| body.as_slice().len());
        let report = self.record(outbox::Change::Acknowledged)?;
        self.live.diagnostics.told();
        self.enter_report(&report, bytes, true);
        Some(report)
    }

    /// The next report begins a new chain; one on its way may have arrived.
    pub(super) fn restart_chain(&mut self) {
        if let Some(body) = self.state.outbox.sealed().cloned()
            && let Ok(report) = crate::json::read(body.as_slice())
        {
            self.enter_report(&report, body.as_slice().len(), false);
        }
        self.live.told_level = self.state.outbox.level().or(self.live.told_level);
        self.record(outbox::Change::Restarted);
    }

    /// A certificate request was answered.
    pub(super) fn enter_registration(&mut self, accepted: bool) {
        let registration = &self.state.registration;
        let renewal = registration.identity.is_some() && !registration.outlived;
        let credential = registration.credential.as_ref().filter(|_| !renewal);
        let credential = credential.map(crate::command::Credential::kind);
        let why = if renewal { Why::Renewal } else { Why::Activation };
        self.enter(why, Sent::Registration { credential, accepted });
    }

    fn enter_report(&mut self, report: &Report, bytes: usize, acknowledged: bool) {
        let sent = Sent::Report {
            made: report.made.wall,
            sequence: report.sequence,
            acknowledged,
            bytes,
            facts: report.facts.value.is_some(),
            changes: report.transitions.len(),
            open: report.open.as_ref().map(Vec::len),
            inventory: report.inventory.as_ref().map(InventorySent::of),
            diagnostics: report.diagnostics.len(),
        };
        self.enter(self.state.ledger.prepared.unwrap_or(Why::Routine), sent);
    }

    fn enter(&mut self, why: Why, sent: Sent) {
        let entry = Entry { at: self.now.wall, why, sent };
        self.record(Record::Ledger(Change::Sent(entry)));
    }
}

impl InventorySent {
    fn of(part: &InventoryPart) -> Self {
        match part {
            InventoryPart::Digest { .. } => Self::Digest,
            InventoryPart::Delta { set, removed, .. } => {
                Self::Delta { set: set.len(), removed: removed.len() }
            }
            InventoryPart::Full { apps, .. } => Self::Full { apps: apps.len() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entries_make_room() {
        let mut ledger = Ledger::default();
        for sequence in 0..300 {
            let sent = Sent::Registration { credential: None, accepted: true };
            ledger.apply(Change::Sent(Entry { at: Wall(sequence), why: Why::Routine, sent }));
        }
        assert_eq!(ledger.entries.len(), MAX_ENTRIES);
        assert_eq!((ledger.entries[0].at, ledger.entries[MAX_ENTRIES - 1].at), (Wall(100), Wall(299)));
    }
}
