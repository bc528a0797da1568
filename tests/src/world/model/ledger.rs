//! Transitions that the cloud applied: each once, in order, none invented.

use std::collections::{BTreeMap, BTreeSet};

use agent_logic::model::{Classification, ThreatId};
use agent_logic::wire::{Transition, TransitionKind};

use super::{Checked, hold};
use crate::world::phone::Kind;

#[derive(Debug, Default)]
pub(in crate::world) struct Ledger {
    /// Of this registration.
    applied: BTreeMap<u64, Applied>,
    last: u64,
    /// The device dropped what it had not told: the next ordinal may be any later one.
    gap: bool,
    /// Not every transition was kept: what is open is told once more afterwards.
    silent: bool,
    open: BTreeSet<ThreatId>,
    /// Of every registration.
    seen: BTreeSet<ThreatId>,
    opened: BTreeMap<Kind, u64>,
    /// How often each threat may have been seen to begin.
    onsets: BTreeMap<Kind, u64>,
    refusals: u64,
}

#[derive(Debug)]
struct Applied {
    id: ThreatId,
    kind: TransitionKind,
    /// The cloud's memory it went into: another one knows nothing of it.
    memory: u64,
}

impl Ledger {
    pub(in crate::world) fn begin(&mut self, there: &[Kind]) {
        self.applied.clear();
        self.open.clear();
        self.last = 0;
        self.gap = false;
        self.silent = false;
        there.iter().for_each(|kind| self.begins(kind.clone()));
    }

    /// The device dropped what it had not told, and forgot what is open.
    pub(in crate::world) fn skip(&mut self, there: &[Kind]) {
        self.gap = true;
        there.iter().for_each(|kind| self.begins(kind.clone()));
    }

    /// Policy keeps threats on the device from here on, or more happened than the device can keep: transitions are
    /// missing, what is open is told once more.
    pub(in crate::world) const fn silence(&mut self) {
        self.gap = true;
        self.silent = true;
    }

    /// A threat begins to be there.
    pub(in crate::world) fn begins(&mut self, kind: Kind) {
        *self.onsets.entry(kind).or_default() += 1;
    }

    /// A certificate was refused in a way that may be an interception.
    pub(in crate::world) const fn refused(&mut self) {
        self.refusals += 1;
    }

    pub(in crate::world) fn count(&self) -> usize {
        self.applied.len()
    }

    /// The cloud applied `transition`.
    pub(in crate::world) fn apply(&mut self, transition: &Transition, memory: u64) -> Checked {
        let next = self.last.saturating_add(1);
        if let Some(before) = self.applied.get_mut(&transition.ordinal) {
            let same = before.id == transition.id && before.kind == transition.kind;
            hold(same, "an ordinal names one transition", || describe(transition))?;
            hold(before.memory != memory, "a transition takes effect once", || describe(transition))?;
            before.memory = memory;
            return Ok(());
        }
        let follows = transition.ordinal == next || (self.gap && transition.ordinal > next);
        self.gap &= transition.ordinal == next;
        self.last = transition.ordinal;
        hold(follows, "transitions arrive in order, none is missing", || {
            format!("{} instead of {next}", describe(transition))
        })?;
        match transition.kind {
            TransitionKind::Opened => self.opens(transition)?,
            TransitionKind::Resolved => {
                let was_open = self.open.remove(&transition.id) || self.silent;
                hold(was_open, "only an open threat is resolved", || describe(transition))?;
            }
            TransitionKind::Ignored if self.silent => drop(self.open.insert(transition.id)),
            TransitionKind::Ignored => {}
        }
        let applied = Applied { id: transition.id, kind: transition.kind, memory };
        self.applied.insert(transition.ordinal, applied);
        Ok(())
    }

    fn opens(&mut self, transition: &Transition) -> Checked {
        let new = self.seen.insert(transition.id);
        hold(new || self.silent, "a threat's identifier is never used again", || describe(transition))?;
        self.open.insert(transition.id);
        if !new {
            return Ok(());
        }
        let kind = (transition.classification, transition.subject.clone());
        let most = if transition.classification == Classification::ActiveMitm {
            self.refusals / 2
        } else {
            self.onsets.get(&kind).copied().unwrap_or_default()
        };
        let opened = self.opened.entry(kind).or_default();
        *opened += 1;
        let opened = *opened;
        hold(opened <= most, "no threat is invented", || {
            format!("{}: opened {opened} times, was there {most} times", describe(transition))
        })
    }
}

fn describe(transition: &Transition) -> String {
    let (ordinal, kind, id) = (transition.ordinal, transition.kind, transition.id);
    format!("{ordinal} {kind:?} {} {id}", transition.classification.name())
}
