//! What the cloud has not acknowledged: transitions in order, and the one report that is on its way.
//!
//! Rules: W1, W2, W3, R10.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::model::{ChainId, Digest, Level};
use crate::redact::Bytes;
use crate::wire::{Report, Transition};

/// Most transitions kept. At ten a day this is more than a year without contact.
pub(crate) const MAX_WAITING: usize = 5_000;

/// Most transitions in one report.
pub(crate) const MAX_IN_REPORT: usize = 1_000;

/// Durable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outbox {
    chain: Option<ChainId>,
    /// Of the last acknowledged report in the chain; 0 at its start.
    sequence: u64,
    previous: Option<Digest>,
    facts: Option<Digest>,
    level: Option<Level>,
    waiting: VecDeque<Transition>,
    sealed: Option<Bytes>,
    /// Transitions that the bound took away.
    overflowed: u64,
    /// The bound took some since the cloud was last told everything that is open.
    gap: bool,
}

/// Where a new report stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) chain: ChainId,
    pub(crate) sequence: u64,
    pub(crate) previous: Option<Digest>,
}

/// What changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Change {
    /// A report is made. From here on it is sent byte for byte until acknowledged.
    Sealed(Bytes),
    /// The cloud has the sealed report.
    Acknowledged,
    /// The next report begins a new chain.
    Restarted,
}

impl Outbox {
    /// The report on its way.
    pub(crate) const fn sealed(&self) -> Option<&Bytes> {
        self.sealed.as_ref()
    }

    /// Whether `sequence` is that of the report on its way.
    pub(crate) const fn is_acknowledged_by(&self, sequence: u64) -> bool {
        sequence == self.sequence.saturating_add(1)
    }

    /// Whether the next report begins a chain.
    pub(crate) const fn at_start(&self) -> bool {
        self.sequence == 0
    }

    /// How many transitions wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Transitions that the bound took away.
    pub(crate) const fn overflowed(&self) -> u64 {
        self.overflowed
    }

    /// Whether the cloud may lack a threat that the transitions kept do not tell.
    pub(crate) const fn has_gap(&self) -> bool {
        self.gap
    }

    /// Where the next report stands; `fresh` names its chain if it begins one.
    pub(crate) fn place(&self, fresh: ChainId) -> Place {
        Place {
            chain: self.chain.unwrap_or(fresh),
            sequence: self.sequence.saturating_add(1),
            previous: self.previous,
        }
    }

    /// The transitions for the next report.
    pub(crate) fn batch(&self) -> Vec<Transition> {
        self.waiting.iter().take(MAX_IN_REPORT).cloned().collect()
    }

    /// Whether the cloud holds facts with this digest.
    pub(crate) fn holds_facts(&self, digest: Digest) -> bool {
        self.facts == Some(digest)
    }

    /// The level in the last acknowledged report.
    pub(crate) const fn level(&self) -> Option<Level> {
        self.level
    }

    /// The transitions alone: the next report begins a chain.
    pub(crate) fn untold(self) -> Self {
        Self { waiting: self.waiting, overflowed: self.overflowed, ..Self::default() }
    }

    /// Policy keeps threats on the device.
    pub(crate) fn withdraw(&mut self) {
        self.waiting.clear();
    }

    /// A transition to report.
    pub(crate) fn push(&mut self, transition: Transition) {
        if self.waiting.len() >= MAX_WAITING {
            self.waiting.pop_front();
            self.overflowed = self.overflowed.saturating_add(1);
            self.gap = true;
        }
        self.waiting.push_back(transition);
    }

    /// Takes in a change; the report that it acknowledged.
    pub(crate) fn apply(&mut self, change: Change) -> Option<Report> {
        match change {
            Change::Sealed(body) => {
                self.sealed = Some(body);
                None
            }
            Change::Acknowledged => {
                let body = self.sealed.take()?;
                let report: Report = crate::json::read(body.as_slice()).ok()?;
                self.chain = Some(report.chain);
                self.sequence = report.sequence;
                self.previous = Some(Digest::of(body.as_slice()));
                self.facts = Some(report.facts.digest);
                self.level = report.level;
                if let Some(last) = report.transitions.last() {
                    self.waiting.retain(|waiting| waiting.ordinal > last.ordinal);
                }
                Some(report)
            }
            Change::Restarted => {
                *self = std::mem::take(self).untold();
                None
            }
        }
    }
}
