//! One file: what the system shows, what the platter holds, and the changes between them in order.

use super::chance::Chance;

#[derive(Clone, Debug, Default)]
pub(super) struct Inode {
    shown: Vec<u8>,
    platter: Vec<u8>,
    between: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Cut(usize),
}

impl Inode {
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

    /// Bytes that this frees.
    pub(super) fn cut(&mut self, length: usize) -> usize {
        let freed = self.shown.len().saturating_sub(length);
        self.shown.truncate(length);
        self.between.push(Change::Cut(length));
        freed
    }

    pub(super) fn sync(&mut self) {
        for change in self.between.drain(..) {
            change.apply(&mut self.platter);
        }
    }

    /// A sync failed: some of it was written, the rest never will be.
    pub(super) fn forget(&mut self, chance: &mut Chance) {
        let arrive = chance.index(self.between.len().saturating_add(1));
        for change in self.between.drain(..).take(arrive) {
            change.apply(&mut self.platter);
        }
    }

    /// Power went: some changes had arrived, and the next one may be torn. None had, without `chance`.
    pub(super) fn lose_power(&mut self, chance: Option<&mut Chance>) {
        let mut between = self.between.drain(..);
        if let Some(chance) = chance {
            let arrived = chance.index(between.len().saturating_add(1));
            for change in between.by_ref().take(arrived) {
                change.apply(&mut self.platter);
            }
            if let Some(Change::Write { at, bytes }) = between.next() {
                Change::Write { at, bytes: tear(bytes, chance) }.apply(&mut self.platter);
            }
        }
        drop(between);
        self.shown.clone_from(&self.platter);
    }

    /// Alters the file behind everybody's back, durably.
    pub(super) fn tamper(&mut self, change: impl FnOnce(&mut Vec<u8>)) {
        change(&mut self.shown);
        self.platter.clone_from(&self.shown);
        self.between.clear();
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
    match chance.below(4) {
        // Only the first bytes arrived.
        0 => bytes.truncate(at),
        // The length arrived, the last bytes did not.
        1 => bytes.iter_mut().skip(at).for_each(|byte| *byte = 0),
        2 => bytes.iter_mut().skip(at).for_each(|byte| *byte = chance.byte()),
        // A later page arrived, an earlier one did not.
        _ => bytes.iter_mut().take(at).for_each(|byte| *byte = 0),
    }
    bytes
}
