//! Numbered records, for a vault on a disk that fails: what stands there is compared with what was acknowledged.

use agent_logic::redact::Bytes;

/// Seals the journal.
pub const KEY: [u8; 32] = [7; 32];

/// Bytes of a record, about one threat.
const RECORD: usize = 300;

/// One record.
#[must_use]
pub fn item(number: u64) -> Bytes {
    let mut bytes = vec![b'i'];
    bytes.extend(number.to_be_bytes());
    bytes.resize(RECORD, b'.');
    Bytes::new(bytes)
}

/// A record that stands for all of these.
#[must_use]
pub fn snapshot(numbers: &[u64]) -> Bytes {
    let mut bytes = vec![b's'];
    bytes.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
    Bytes::new(bytes)
}

/// The numbers that records stand for, in order.
#[must_use]
pub fn fold(records: &[Bytes]) -> Vec<u64> {
    let mut numbers = Vec::new();
    for record in records {
        let Some((kind, rest)) = record.as_slice().split_first() else { continue };
        let (words, _) = rest.as_chunks::<8>();
        let mut words = words.iter().map(|word| u64::from_be_bytes(*word));
        if *kind == b's' {
            numbers = words.collect();
        } else {
            numbers.extend(words.next());
        }
    }
    numbers
}
