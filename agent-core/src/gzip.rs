//! Gzip (RFC 1952) of bodies that are in memory.
//!
//! Rules: R18.

use agent_logic::failure::Unreadable;
use crc::{CRC_32_ISO_HDLC, Crc, Table};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

/// `plain` as one member.
pub(crate) fn pack(plain: &[u8]) -> Vec<u8> {
    let deflated = compress_to_vec(plain, BEST);
    [HEADER.as_slice(), deflated.as_slice(), &trailer(plain)].concat()
}

/// What the members in `packed` hold together, at most `limit` bytes.
///
/// # Errors
/// [`Unreadable::TooLarge`] above the limit, of which not more than one byte is unpacked; [`Unreadable::Truncated`]
/// where a member ends early; [`Unreadable::Malformed`] for all else, bytes behind the last member too.
pub(crate) fn unpack(packed: &[u8], limit: usize) -> Result<Vec<u8>, Unreadable> {
    let mut plain = Plain::new(limit, packed.len());
    let mut rest = packed;
    loop {
        let (deflated, from) = (after_header(rest)?, plain.length);
        let (sums, next) = plain.inflate(deflated)?.split_first_chunk().ok_or(Unreadable::Truncated)?;
        if *sums != trailer(plain.since(from)) {
            return Err(Unreadable::Malformed);
        }
        if next.is_empty() {
            return Ok(plain.into_vec());
        }
        rest = next;
    }
}

/// What follows the header that `member` begins with.
fn after_header(member: &[u8]) -> Result<&[u8], Unreadable> {
    let (fixed, mut rest) = member.split_first_chunk::<10>().ok_or(Unreadable::Truncated)?;
    let [0x1f, 0x8b, DEFLATE, flags, ..] = *fixed else {
        return Err(Unreadable::Malformed);
    };
    if flags & FRESERVED != 0 {
        return Err(Unreadable::Malformed);
    }
    if flags & FEXTRA != 0 {
        let (length, extra) = rest.split_first_chunk().ok_or(Unreadable::Truncated)?;
        rest = extra.get(usize::from(u16::from_le_bytes(*length))..).ok_or(Unreadable::Truncated)?;
    }
    for text in [FNAME, FCOMMENT] {
        if flags & text != 0 {
            rest = rest.splitn(2, |byte| *byte == 0).nth(1).ok_or(Unreadable::Truncated)?;
        }
    }
    if flags & FHCRC != 0 {
        let header = member.strip_suffix(rest).unwrap_or_default();
        let (sum, after) = rest.split_first_chunk::<2>().ok_or(Unreadable::Truncated)?;
        let [low, high, ..] = CRC.checksum(header).to_le_bytes();
        if *sum != [low, high] {
            return Err(Unreadable::Malformed);
        }
        rest = after;
    }
    Ok(rest)
}

/// CRC-32 and length modulo 2³² of what a member holds.
fn trailer(plain: &[u8]) -> [u8; 8] {
    let [a, b, c, d] = CRC.checksum(plain).to_le_bytes();
    let [e, f, g, h, ..] = plain.len().to_le_bytes();
    [a, b, c, d, e, f, g, h]
}

/// What was unpacked, in a buffer that grows to one byte more than the limit.
struct Plain {
    buffer: Vec<u8>,
    length: usize,
    limit: usize,
    decoder: Box<DecompressorOxide>,
}

impl Plain {
    fn new(limit: usize, packed: usize) -> Self {
        let mut plain = Self { buffer: Vec::new(), length: 0, limit, decoder: Box::default() };
        plain.grow(packed.saturating_mul(USUAL_RATIO));
        plain
    }

    /// Unpacks `deflated` behind what is there. What follows it.
    fn inflate<'a>(&mut self, deflated: &'a [u8]) -> Result<&'a [u8], Unreadable> {
        let from = self.length;
        let mut rest = deflated;
        self.decoder.init();
        loop {
            // No member sees what another has unpacked.
            let window = self.buffer.get_mut(from..).unwrap_or_default();
            let at = self.length.saturating_sub(from);
            let (status, read, written) =
                decompress(&mut self.decoder, rest, window, at, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF);
            self.length = self.length.saturating_add(written);
            if self.length > self.limit {
                return Err(Unreadable::TooLarge);
            }
            rest = rest.get(read..).unwrap_or_default();
            match status {
                TINFLStatus::Done => return Ok(rest),
                TINFLStatus::HasMoreOutput => self.grow(self.buffer.len().saturating_mul(2)),
                TINFLStatus::FailedCannotMakeProgress | TINFLStatus::NeedsMoreInput => {
                    return Err(Unreadable::Truncated);
                }
                TINFLStatus::Failed | TINFLStatus::Adler32Mismatch | TINFLStatus::BadParam | _ => {
                    return Err(Unreadable::Malformed);
                }
            }
        }
    }

    fn grow(&mut self, wanted: usize) {
        let size = wanted.min(self.limit.saturating_add(1));
        self.buffer.reserve_exact(size.saturating_sub(self.buffer.len()));
        self.buffer.resize(size, 0);
    }

    fn since(&self, from: usize) -> &[u8] {
        self.buffer.get(from..self.length).unwrap_or_default()
    }

    fn into_vec(mut self) -> Vec<u8> {
        self.buffer.truncate(self.length);
        self.buffer
    }
}

static CRC: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISO_HDLC);

/// No optional fields, no time, the smallest output, no system named.
const HEADER: [u8; 10] = [0x1f, 0x8b, DEFLATE, 0, 0, 0, 0, 0, 2, 255];
const DEFLATE: u8 = 8;

const FHCRC: u8 = 1 << 1;
const FEXTRA: u8 = 1 << 2;
const FNAME: u8 = 1 << 3;
const FCOMMENT: u8 = 1 << 4;
const FRESERVED: u8 = 0b1110_0000;

/// The level of compression.
const BEST: u8 = 9;

/// JSON is unpacked in one step, mostly.
const USUAL_RATIO: usize = 4;

#[cfg(test)]
mod tests;
