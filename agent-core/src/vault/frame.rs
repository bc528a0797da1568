//! The written form of the journal.
//!
//! ```text
//! file  = header frame…           at least one frame
//! header = magic(4) version(4) file id(16)
//! frame  = mark(8) index(4) length(4) nonce(12) sealed(length)
//! sealed = ChaCha20-Poly1305 of (record length(4) record)…, tag(16) at its end
//! ```
//!
//! Numbers are big-endian. The mark is the first half of the file id: it finds the next frame behind a damaged
//! one. A frame is sealed together with the header, its index and its length, so that a frame of another file
//! or another place does not open. Random nonces are safe far beyond the 2³² frames an index can count.

use agent_logic::failure::StorageFailure;
use agent_logic::redact::{Bytes, Secret};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

/// Bytes of the header.
pub(super) const HEADER: usize = 24;

/// One journal file's seal: the key, and the header that every frame is bound to.
pub(super) struct Seal {
    key: LessSafeKey,
    header: [u8; HEADER],
}

/// What stands at some place of a file.
pub(super) enum Read {
    /// A frame that opens.
    Frame {
        /// Its records.
        records: Vec<Bytes>,
        /// Its bytes in the file.
        size: usize,
    },
    /// No frame, part of one, or one that does not open.
    Damaged,
}

impl Seal {
    /// A seal for a new file.
    pub(super) fn make(key: &Secret<[u8; 32]>) -> Result<Self, StorageFailure> {
        let id: [u8; 16] = random()?;
        Ok(Self { key: bind(key)?, header: concat(&[&MAGIC, &VERSION.to_be_bytes(), &id]) })
    }

    /// The seal of the file that begins with `bytes`.
    pub(super) fn of_file(bytes: &[u8], key: &Secret<[u8; 32]>) -> Result<Self, StorageFailure> {
        let (header, _) = bytes.split_first_chunk::<HEADER>().ok_or(StorageFailure::Unreadable)?;
        if is_newer(header) {
            return Err(StorageFailure::Newer);
        }
        if !header.starts_with(&MAGIC) || version(header) != VERSION {
            return Err(StorageFailure::Unreadable);
        }
        Ok(Self { key: bind(key)?, header: *header })
    }

    /// The bytes that the file begins with.
    pub(super) const fn header(&self) -> &[u8; HEADER] {
        &self.header
    }

    /// The bytes that every frame begins with.
    pub(super) fn mark(&self) -> [u8; MARK] {
        concat(&[self.header.get(HEADER - 16..).unwrap_or_default()])
    }

    /// One frame of `records`, which the caller has bounded.
    pub(super) fn close(&self, index: u32, records: &[Bytes]) -> Result<Vec<u8>, StorageFailure> {
        let mut plain = Vec::with_capacity(sealed_size(records));
        for record in records {
            plain.extend(length(record.as_slice().len())?.to_be_bytes());
            plain.extend(record.as_slice());
        }
        let sealed_length = length(plain.len().saturating_add(TAG))?;
        let nonce: [u8; NONCE_LEN] = random()?;
        // Sealed in place: no copy of the records is left behind.
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(self.bound_to(index, sealed_length)),
                &mut plain,
            )
            .map_err(|_| StorageFailure::Io)?;
        let mut frame = Vec::with_capacity(FRAME_HEAD.saturating_add(plain.len()));
        frame.extend(self.mark());
        frame.extend(index.to_be_bytes());
        frame.extend(sealed_length.to_be_bytes());
        frame.extend(nonce);
        frame.extend(plain);
        Ok(frame)
    }

    /// What stands at the beginning of `bytes`, and the index it claims to have.
    pub(super) fn open(&self, bytes: &[u8]) -> (Option<u32>, Read) {
        let Some((head, rest)) = bytes.split_first_chunk::<FRAME_HEAD>() else {
            return (None, Read::Damaged);
        };
        let Some(head) = Head::parse(head, &self.mark()) else {
            return (None, Read::Damaged);
        };
        let read = self.unseal(&head, rest).unwrap_or(Read::Damaged);
        (Some(head.index), read)
    }

    fn unseal(&self, head: &Head, rest: &[u8]) -> Option<Read> {
        let length = usize::try_from(head.length).ok()?;
        let mut sealed = Zeroizing::new(rest.get(..length)?.to_vec());
        let plain = self
            .key
            .open_in_place(
                Nonce::assume_unique_for_key(head.nonce),
                Aad::from(self.bound_to(head.index, head.length)),
                &mut sealed,
            )
            .ok()?;
        Some(Read::Frame { records: split(plain)?, size: FRAME_HEAD.saturating_add(length) })
    }

    fn bound_to(&self, index: u32, length: u32) -> [u8; HEADER + 8] {
        concat(&[&self.header, &index.to_be_bytes(), &length.to_be_bytes()])
    }
}

/// Whether a file that begins with `header` was written by a later version of this library.
pub(super) fn is_newer(header: &[u8]) -> bool {
    header
        .first_chunk::<HEADER>()
        .is_some_and(|header| header.starts_with(&MAGIC) && version(header) > VERSION)
}

/// Bytes of the frame that holds `records`.
pub(super) fn frame_size(records: &[Bytes]) -> usize {
    FRAME_HEAD.saturating_add(sealed_size(records))
}

struct Head {
    index: u32,
    length: u32,
    nonce: [u8; NONCE_LEN],
}

impl Head {
    fn parse(bytes: &[u8; FRAME_HEAD], mark: &[u8; MARK]) -> Option<Self> {
        let bytes = bytes.strip_prefix(mark.as_slice())?;
        let (index, bytes) = bytes.split_first_chunk()?;
        let (length, bytes) = bytes.split_first_chunk()?;
        Some(Self {
            index: u32::from_be_bytes(*index),
            length: u32::from_be_bytes(*length),
            nonce: *bytes.first_chunk()?,
        })
    }
}

pub(super) fn split(mut plain: &[u8]) -> Option<Vec<Bytes>> {
    let mut records = Vec::new();
    while !plain.is_empty() {
        let (length, rest) = plain.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (record, rest) = rest.split_at_checked(length)?;
        records.push(Bytes::new(record.to_vec()));
        plain = rest;
    }
    Some(records)
}

fn sealed_size(records: &[Bytes]) -> usize {
    records
        .iter()
        .fold(TAG, |sum, record| sum.saturating_add(RECORD_HEAD).saturating_add(record.as_slice().len()))
}

fn version(header: &[u8; HEADER]) -> u32 {
    let version = header.get(MAGIC.len()..).and_then(<[u8]>::first_chunk);
    version.map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

fn bind(key: &Secret<[u8; 32]>) -> Result<LessSafeKey, StorageFailure> {
    let key = UnboundKey::new(&CHACHA20_POLY1305, key.reveal()).map_err(|_| StorageFailure::Io)?;
    Ok(LessSafeKey::new(key))
}

fn random<const N: usize>() -> Result<[u8; N], StorageFailure> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| StorageFailure::Io)?;
    Ok(bytes)
}

fn length(bytes: usize) -> Result<u32, StorageFailure> {
    u32::try_from(bytes).map_err(|_| StorageFailure::Full)
}

fn concat<const N: usize>(parts: &[&[u8]]) -> [u8; N] {
    let mut out = [0; N];
    for (to, from) in out.iter_mut().zip(parts.iter().copied().flatten()) {
        *to = *from;
    }
    out
}

const MAGIC: [u8; 4] = *b"MTDV";
/// Version of the written form.
const VERSION: u32 = 1;
const MARK: usize = 8;
const FRAME_HEAD: usize = MARK + 4 + 4 + NONCE_LEN;
const TAG: usize = 16;
/// The length of a record.
const RECORD_HEAD: usize = 4;
