//! One file: what the system shows, what the platter holds, and what lies between.

use std::collections::BTreeMap;

use agent_core::ports::FileName;

use super::super::chance::Chance;

#[derive(Clone, Copy, Debug)]
pub(super) enum Naming {
    Make(FileName, u64),
    Rename(FileName, FileName),
    Remove(FileName),
}

impl Naming {
    pub(super) fn apply(self, names: &mut BTreeMap<FileName, u64>) {
        match self {
            Self::Make(name, id) => {
                names.insert(name, id);
            }
            Self::Rename(from, to) => {
                if let Some(id) = names.remove(from) {
                    names.insert(to, id);
                }
            }
            Self::Remove(name) => {
                names.remove(name);
            }
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct File {
    shown: Vec<u8>,
    platter: Vec<u8>,
    between: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Cut(usize),
}

impl File {
    pub(super) fn shown(&self) -> &[u8] {
        &self.shown
    }

    pub(super) const fn is_durable(&self) -> bool {
        self.between.is_empty()
    }

    pub(super) fn write(&mut self, bytes: &[u8]) {
        self.between.push(Change::Write { at: self.shown.len(), bytes: bytes.to_vec() });
        self.shown.extend(bytes);
    }

    pub(super) fn cut(&mut self, length: usize) {
        self.shown.truncate(length);
        self.between.push(Change::Cut(length));
    }

    pub(super) fn sync(&mut self) {
        for change in self.between.drain(..) {
            change.apply(&mut self.platter);
        }
    }

    /// A sync failed: some of it was written, the rest never will be.
    pub(super) fn forget(&mut self, chance: &mut Chance) {
        let arrives = chance.index(self.between.len().saturating_add(1));
        for change in self.between.drain(..).take(arrives) {
            change.apply(&mut self.platter);
        }
    }

    pub(super) fn lose_power(&mut self, arrives: Option<usize>, chance: &mut Chance) {
        let count = arrives.unwrap_or_else(|| chance.index(self.between.len().saturating_add(1)));
        let mut between = self.between.drain(..);
        for change in between.by_ref().take(count) {
            change.apply(&mut self.platter);
        }
        if let (None, Some(Change::Write { at, bytes })) = (arrives, between.next()) {
            Change::Write { at, bytes: tear(bytes, chance) }.apply(&mut self.platter);
        }
        drop(between);
        self.shown.clone_from(&self.platter);
    }
}

impl Change {
    fn apply(self, platter: &mut Vec<u8>) {
        match self {
            Self::Cut(length) => platter.truncate(length),
            Self::Write { at, bytes } => {
                let end = at.saturating_add(bytes.len());
                if platter.len() < end {
                    platter.resize(end, 0);
                }
                if let Some(place) = platter.get_mut(at..end) {
                    place.copy_from_slice(&bytes);
                }
            }
        }
    }
}

/// What a write becomes that power did not outlast.
fn tear(mut bytes: Vec<u8>, chance: &mut Chance) -> Vec<u8> {
    let at = chance.index(bytes.len().saturating_add(1));
    match chance.below(3) {
        // Only the first bytes arrived.
        0 => bytes.truncate(at),
        // The length arrived, the last bytes did not.
        1 => bytes.iter_mut().skip(at).for_each(|byte| *byte = 0),
        // A later page arrived, an earlier one did not.
        _ => bytes.iter_mut().take(at).for_each(|byte| *byte = 0),
    }
    bytes
}
