//! Threats as the device recorded them, and transitions as the cloud applied them: each once, in order, none missing,
//! none invented, none that policy keeps on the device. Which of them wait is folded from the durable records, apart
//! from the agent's own fold.

use std::collections::{BTreeMap, BTreeSet};

use agent_logic::model::{Classification, DeviceId, ThreatId};
use agent_logic::wire::{Transition, TransitionKind};

use super::record::{Record, Threat};
use super::{Checked, Violation, hold};
use crate::world::owner::KEPT;
use crate::world::phone::Kind;

#[derive(Debug, Default)]
pub(in crate::world) struct Ledger {
    registered: bool,
    /// Transitions recorded in this registration.
    made: u64,
    /// Those that the device must keep until they are acknowledged.
    waiting: BTreeSet<u64>,
    /// Those of them that the cloud has not applied.
    owed: BTreeMap<u64, Made>,
    /// Given up when a report with them may have been under way: the cloud may apply them still.
    adrift: BTreeMap<u64, Made>,
    /// Policy keeps threats on the device.
    kept: bool,
    /// The newest that ever was in a report.
    left: u64,
    /// The newest in the report that waits for its answer.
    sealed: Option<u64>,
    applied: BTreeMap<u64, Applied>,
    last: u64,
    /// Open by the records.
    open: BTreeMap<ThreatId, Open>,
    /// Of every registration.
    seen: BTreeSet<ThreatId>,
    opened: BTreeMap<Kind, u64>,
    /// How often each threat may have been seen to begin.
    onsets: BTreeMap<Kind, u64>,
    refusals: u64,
    there: There,
}

/// What was there at the moments at which the process may have made a record that lets it open a threat again. The disk
/// may know the record much later, and another process may find it.
#[derive(Debug, Default)]
struct There {
    /// At its start: state may be dropped.
    start: Vec<Kind>,
    /// When the host first named each device: the agent moves to another.
    named: BTreeMap<DeviceId, Vec<Kind>>,
}

#[derive(Debug)]
struct Open {
    kind: Kind,
    /// By the owner.
    ignored: bool,
}

/// A transition as the device recorded it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Made {
    id: ThreatId,
    kind: TransitionKind,
}

#[derive(Debug)]
struct Applied {
    made: Made,
    /// The cloud's memory it went into: another one knows nothing of it.
    memory: u64,
}

impl Ledger {
    /// The device starts from nothing: what was open, and what is `there`, may be opened again.
    pub(in crate::world) fn begin(&mut self, there: Vec<Kind>) {
        self.reopens(there);
        let held = std::mem::take(self);
        let Self { seen, opened, onsets, refusals, there, .. } = held;
        *self = Self { seen, opened, onsets, refusals, there, ..Self::default() };
    }

    /// A process starts.
    pub(in crate::world) fn starts(&mut self, there: Vec<Kind>) {
        self.there = There { start: there, named: BTreeMap::new() };
    }

    /// The host names the device that it runs on.
    pub(in crate::world) fn names(&mut self, device: DeviceId, there: impl FnOnce() -> Vec<Kind>) {
        self.there.named.entry(device).or_insert_with(there);
    }

    /// A threat begins to be there.
    pub(in crate::world) fn begins(&mut self, kind: Kind) {
        *self.onsets.entry(kind).or_default() += 1;
    }

    fn reopens(&mut self, there: Vec<Kind>) {
        let open = std::mem::take(&mut self.open).into_values().map(|open| open.kind);
        let all: BTreeSet<Kind> = open.chain(there).collect();
        all.into_iter().for_each(|kind| self.begins(kind));
    }

    /// A certificate was refused in a way that may be an interception.
    pub(in crate::world) const fn refused(&mut self) {
        self.refusals += 1;
    }

    pub(in crate::world) fn count(&self) -> usize {
        self.applied.len()
    }

    /// How many transitions the cloud still must be told.
    pub(in crate::world) fn owed(&self) -> usize {
        self.owed.len()
    }

    /// This record is durable.
    pub(super) fn recorded(&mut self, record: &Record) -> Checked {
        match record {
            Record::Threat(threat) => self.threat(threat),
            Record::Policy { keeps_threats } => {
                self.kept = *keeps_threats;
                if self.kept {
                    self.give_up(usize::MAX);
                }
                Ok(())
            }
            Record::Sealed(newest) => {
                self.left = self.left.max(*newest);
                self.sealed = Some(*newest);
                Ok(())
            }
            Record::Acknowledged => self.acknowledged(),
            Record::Moved(device) => {
                let Some(there) = self.there.named.get(device).cloned() else {
                    let rule = "a device registers only as what the host named";
                    return Err(Violation { rule, seen: format!("{device:?}") });
                };
                // Before the first registration there is none whose past is dropped.
                if std::mem::replace(&mut self.registered, true) {
                    self.begin(there);
                    self.registered = true;
                }
                Ok(())
            }
            Record::Emptied => {
                self.give_up(usize::MAX);
                self.sealed = None;
                self.reopens(self.there.start.clone());
                Ok(())
            }
            Record::Rested | Record::Leaving(_) | Record::Told | Record::Bulk(_) | Record::Other => Ok(()),
        }
    }

    fn threat(&mut self, threat: &Threat) -> Checked {
        let (kind, id) = match threat {
            Threat::Opened { id, open } => {
                let seen = || format!("{} {id}", open.classification.name());
                hold(self.seen.insert(*id), "a threat's identifier is never used again", seen)?;
                let kind = (open.classification, open.subject.clone());
                self.opens(kind.clone())?;
                self.open.insert(*id, Open { kind, ignored: false });
                (TransitionKind::Opened, *id)
            }
            Threat::Resolved { id } => {
                let was_open = self.open.remove(id).is_some();
                hold(was_open, "only an open threat is resolved", || id.to_string())?;
                (TransitionKind::Resolved, *id)
            }
            Threat::Ignored { id } => {
                let before = self.open.get_mut(id).map(|open| std::mem::replace(&mut open.ignored, true));
                hold(before == Some(false), "only an open threat is ignored, once", || id.to_string())?;
                (TransitionKind::Ignored, *id)
            }
            Threat::Told { id } => {
                let ignored = self.open.get(id).map(|open| open.ignored);
                hold(ignored.is_some(), "only an open threat is told again", || id.to_string())?;
                let again = ignored == Some(true);
                (if again { TransitionKind::Ignored } else { TransitionKind::Opened }, *id)
            }
        };
        self.made += 1;
        if !self.kept {
            self.waiting.insert(self.made);
            self.owed.insert(self.made, Made { id, kind });
            self.give_up(self.waiting.len().saturating_sub(KEPT));
        }
        Ok(())
    }

    /// The oldest that wait are told no more.
    fn give_up(&mut self, count: usize) {
        for ordinal in std::iter::from_fn(|| self.waiting.pop_first()).take(count) {
            let made = self.owed.remove(&ordinal).filter(|_| ordinal <= self.left);
            self.adrift.extend(made.map(|made| (ordinal, made)));
        }
    }

    fn acknowledged(&mut self) -> Checked {
        let Some(last) = self.sealed.take() else { return Ok(()) };
        self.waiting.retain(|ordinal| *ordinal > last);
        let lost = self.owed.range(..=last).next();
        hold(lost.is_none(), "what is acknowledged was applied", || format!("{lost:?}"))
    }

    /// The cloud applied `transition`.
    pub(in crate::world) fn apply(&mut self, transition: &Transition, memory: u64) -> Checked {
        let ordinal = transition.ordinal;
        let made = Made { id: transition.id, kind: transition.kind };
        if let Some(before) = self.applied.get_mut(&ordinal) {
            hold(before.made == made, "an ordinal names one transition", || describe(transition))?;
            hold(before.memory != memory, "a transition takes effect once", || describe(transition))?;
            before.memory = memory;
            return Ok(());
        }
        let first = self.owed.first_key_value().map(|(first, _)| *first);
        let recorded = match self.adrift.remove(&ordinal) {
            Some(adrift) => Some(adrift),
            None => {
                let follows = first == Some(ordinal) && ordinal > self.last;
                hold(follows, "transitions arrive in order, none is missing", || {
                    format!("{} instead of {first:?}, {} were made", describe(transition), self.made)
                })?;
                self.last = ordinal;
                self.owed.remove(&ordinal)
            }
        };
        hold(recorded == Some(made), "a transition is told as it was recorded", || describe(transition))?;
        self.applied.insert(ordinal, Applied { made, memory });
        Ok(())
    }

    fn opens(&mut self, kind: Kind) -> Checked {
        let class = kind.0;
        let most = if class == Classification::ActiveMitm {
            self.refusals / 2
        } else {
            self.onsets.get(&kind).copied().unwrap_or_default()
        };
        let opened = self.opened.entry(kind).or_default();
        *opened += 1;
        let opened = *opened;
        hold(opened <= most, "no threat is invented", || {
            format!("{}: opened {opened} times, was there {most} times", class.name())
        })
    }
}

fn describe(transition: &Transition) -> String {
    let (ordinal, kind, id) = (transition.ordinal, transition.kind, transition.id);
    format!("{ordinal} {kind:?} {} {id}", transition.classification.name())
}

#[cfg(test)]
mod tests {
    use agent_logic::model::Subject;

    use super::super::record;
    use super::*;

    const TROJAN: Kind = (Classification::Trojan, Subject::Device);

    fn device(number: u8) -> DeviceId {
        format!("b9841cd9-9843-405f-be28-{number:012x}").parse().unwrap()
    }

    fn moved(ledger: &mut Ledger, to: u8) {
        ledger.recorded(&Record::Moved(device(to))).unwrap();
    }

    /// Opens it and resolves it.
    fn comes_and_goes(ledger: &mut Ledger, number: u8) -> Checked {
        let (classification, subject) = TROJAN;
        let id = ThreatId::new([number; 16]);
        let open = record::Open { classification, subject };
        ledger.recorded(&Record::Threat(Threat::Opened { id, open }))?;
        ledger.recorded(&Record::Threat(Threat::Resolved { id }))
    }

    fn registered(there: Vec<Kind>) -> Ledger {
        let mut ledger = Ledger::default();
        ledger.starts(there);
        ledger.names(device(1), Vec::new);
        moved(&mut ledger, 1);
        ledger
    }

    #[test]
    fn what_was_there_when_the_device_moved_is_opened_once_more() {
        let mut ledger = registered(Vec::new());
        ledger.begins(TROJAN);
        comes_and_goes(&mut ledger, 1).unwrap();
        ledger.names(device(2), || vec![TROJAN]);
        // Gone before the record is durable.
        ledger.names(device(2), Vec::new);
        moved(&mut ledger, 2);
        comes_and_goes(&mut ledger, 2).unwrap();
        assert_eq!(comes_and_goes(&mut ledger, 3).unwrap_err().rule, "no threat is invented");
    }

    #[test]
    fn what_came_after_the_device_moved_is_opened_once() {
        let mut ledger = registered(Vec::new());
        ledger.names(device(2), Vec::new);
        ledger.begins(TROJAN);
        moved(&mut ledger, 2);
        comes_and_goes(&mut ledger, 1).unwrap();
        assert_eq!(comes_and_goes(&mut ledger, 2).unwrap_err().rule, "no threat is invented");
    }

    #[test]
    fn what_was_there_when_the_process_started_is_opened_once_more_after_state_was_dropped() {
        let mut ledger = registered(vec![TROJAN]);
        ledger.recorded(&Record::Emptied).unwrap();
        comes_and_goes(&mut ledger, 1).unwrap();
        assert_eq!(comes_and_goes(&mut ledger, 2).unwrap_err().rule, "no threat is invented");
    }

    #[test]
    fn a_device_that_the_host_did_not_name_is_none_to_move_to() {
        let mut ledger = registered(Vec::new());
        ledger.starts(Vec::new());
        ledger.recorded(&Record::Moved(device(1))).unwrap_err();
    }
}
