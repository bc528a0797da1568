//! What happened, as text when somebody reads it, as one number always.

/// The fingerprint of all commands, and the steps in words if they are wanted.
#[derive(Debug, Default)]
pub(super) struct Trace {
    pub(super) lines: Option<Vec<String>>,
    print: u64,
}

impl Trace {
    pub(super) fn new(told: bool) -> Self {
        Self { lines: told.then(Vec::new), print: 0 }
    }

    pub(super) fn tell(&mut self, line: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.lines {
            lines.push(line());
        }
    }

    pub(super) fn mix(&mut self, bytes: &[u8]) {
        self.print = step(self.print, mark(bytes));
    }

    pub(super) fn mix_number(&mut self, number: u64) {
        self.print = step(self.print, number);
    }

    pub(super) const fn print(&self) -> u64 {
        self.print
    }
}

/// A number for these bytes. Not for adversaries.
pub(super) fn mark(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let mut sum = words.iter().fold(length, |sum, word| step(sum, u64::from_le_bytes(*word)));
    for byte in rest {
        sum = step(sum, u64::from(*byte));
    }
    sum
}

const fn step(sum: u64, word: u64) -> u64 {
    (sum.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}
