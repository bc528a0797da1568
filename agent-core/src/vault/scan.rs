//! Reads a journal file from its first byte to its last believable one.

use agent_logic::failure::StorageFailure;
use agent_logic::redact::{Bytes, Secret};

use super::frame::{HEADER, Read, Seal};

/// What a file holds.
pub(super) struct Scan {
    pub(super) seal: Seal,
    /// In the order they were appended.
    pub(super) records: Vec<Bytes>,
    /// Length of the part that is believed.
    pub(super) end: usize,
    /// Index of the next frame.
    pub(super) next: u32,
    /// Something that is no frame stands behind `end`.
    pub(super) torn: bool,
}

/// Reads `bytes`, the whole file.
///
/// A power cut damages what was appended last, and only that: the first frame was durable before the file got
/// its name, and each frame before the next was written. So damage is a torn tail if it is not in the first
/// frame and no later frame opens behind it; everything else is [`StorageFailure::Unreadable`].
pub(super) fn scan(bytes: &[u8], key: &Secret<[u8; 32]>) -> Result<Scan, StorageFailure> {
    let seal = Seal::of_file(bytes, key)?;
    let mut scan = Scan { seal, records: Vec::new(), end: HEADER, next: 0, torn: false };
    loop {
        let rest = bytes.get(scan.end..).unwrap_or_default();
        if rest.is_empty() && scan.next > 0 {
            return Ok(scan);
        }
        match scan.seal.open(rest) {
            (Some(index), Read::Frame { records, size }) if index == scan.next => {
                scan.records.extend(records);
                scan.end = scan.end.saturating_add(size);
                scan.next = scan.next.saturating_add(1);
            }
            // Opens, but belongs elsewhere: moved, repeated, or the one before it is missing.
            (_, Read::Frame { .. }) => return Err(StorageFailure::Unreadable),
            (_, Read::Damaged) if scan.next == 0 || has_frame(&scan.seal, rest) => {
                return Err(StorageFailure::Unreadable);
            }
            (_, Read::Damaged) => {
                scan.torn = true;
                return Ok(scan);
            }
        }
    }
}

/// Whether a frame of this file opens anywhere in `bytes`. More marks than a torn tail can have count as one.
fn has_frame(seal: &Seal, bytes: &[u8]) -> bool {
    let mark = seal.mark();
    let windows = bytes.windows(mark.len()).enumerate();
    let mut marks = windows.filter(|(_, window)| *window == mark).map(|(at, _)| at);
    let opens = |at: usize| matches!(seal.open(bytes.get(at..).unwrap_or_default()), (_, Read::Frame { .. }));
    marks.by_ref().take(MAX_MARKS).any(opens) || marks.next().is_some()
}

/// Marks that are tried. A torn frame has its own; each try may cost a reading of the rest.
const MAX_MARKS: usize = 16;
