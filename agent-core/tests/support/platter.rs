//! One file: what the system shows, what the platter holds, and what lies between; and chance.

#[derive(Default)]
pub(super) struct Inode {
    pub(super) shown: Vec<u8>,
    pub(super) platter: Vec<u8>,
    pub(super) between: Vec<Change>,
}

pub(super) enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Cut(usize),
}

impl Inode {
    pub(super) fn write(&mut self, bytes: &[u8]) {
        let at = self.shown.len();
        self.shown.extend(bytes);
        self.between.push(Change::Write { at, bytes: bytes.to_vec() });
    }

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

    pub(super) fn forget(&mut self, chance: &mut Chance) {
        let carried = chance.below(self.between.len() + 1);
        for change in self.between.drain(..).take(carried) {
            change.apply(&mut self.platter);
        }
    }

    pub(super) fn lose_power(&mut self, chance: &mut Chance) {
        let carried = chance.below(self.between.len() + 1);
        let mut between = self.between.drain(..);
        for change in between.by_ref().take(carried) {
            change.apply(&mut self.platter);
        }
        if let Some(Change::Write { at, bytes }) = between.next() {
            Change::Write { at, bytes: chance.tear(bytes) }.apply(&mut self.platter);
        }
        drop(between);
        self.shown = self.platter.clone();
    }
}

impl Change {
    fn apply(self, platter: &mut Vec<u8>) {
        match self {
            Self::Cut(length) => platter.truncate(length),
            Self::Write { at, bytes } => {
                let end = at + bytes.len();
                if platter.len() < end {
                    platter.resize(end, 0);
                }
                platter[at..end].copy_from_slice(&bytes);
            }
        }
    }
}

/// The same seed, the same chances.
#[derive(Clone)]
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }

    /// What a write becomes that power did not outlast.
    fn tear(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        let at = self.below(bytes.len() + 1);
        match self.below(4) {
            // Only the first bytes arrived.
            0 => bytes.truncate(at),
            // The length arrived, the last bytes did not.
            1 => bytes[at..].fill(0),
            2 => bytes[at..].iter_mut().for_each(|byte| *byte = self.below(256) as u8),
            // A later page arrived, an earlier one did not.
            _ => bytes[..at].fill(0),
        }
        bytes
    }
}
