//! What a fuzzer does, from a seed, on stable Rust.

use agent_logic::model::Digest;

/// A stream of numbers that a seed gives.
#[derive(Debug)]
pub struct Chance {
    state: u64,
}

impl Chance {
    /// The stream of `seed` for the input `name`.
    #[must_use]
    pub fn new(seed: u64, name: &str) -> Self {
        let digest = Digest::of_parts([&seed.to_be_bytes()[..], name.as_bytes()]);
        let first = digest.as_bytes().first_chunk().copied().unwrap_or_default();
        Self { state: u64::from_be_bytes(first) | 1 }
    }

    /// A number below `bound`, or 0.
    pub fn below(&mut self, bound: usize) -> usize {
        // xorshift64*
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let drawn = self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16;
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(drawn % bound).unwrap_or_default()
    }
}

/// One to four changes of `bytes`; `other` is another input of the same kind.
#[must_use]
pub fn mutated(bytes: &[u8], other: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for _ in 0..=chance.below(4) {
        change(&mut out, other, chance);
    }
    out.truncate(LONGEST);
    out
}

fn change(out: &mut Vec<u8>, other: &[u8], chance: &mut Chance) {
    let at = chance.below(out.len().saturating_add(1));
    let to = at.saturating_add(chance.below(64)).min(out.len());
    match chance.below(8) {
        0 => {
            if let Some(byte) = out.get_mut(at) {
                *byte ^= 1 << chance.below(8);
            }
        }
        1 => {
            if let Some(byte) = out.get_mut(at) {
                *byte = EDGES.get(chance.below(EDGES.len())).copied().unwrap_or_default();
            }
        }
        2 => out.truncate(at),
        3 => drop(out.drain(at..to)),
        4 => {
            let part = out.get(at..to).unwrap_or_default().to_vec();
            out.splice(at..at, part);
        }
        5 => {
            let from = chance.below(other.len().saturating_add(1));
            let until = from.saturating_add(chance.below(256)).min(other.len());
            let part = other.get(from..until).unwrap_or_default().to_vec();
            out.splice(at..to, part);
        }
        6 => {
            let word = WORDS.get(chance.below(WORDS.len())).copied().unwrap_or_default();
            out.splice(at..to.min(at.saturating_add(word.len())), word.iter().copied());
        }
        _ => swap_number(out, chance),
    }
}

/// Puts another number in the place of one written in digits: lengths, counts and times.
fn swap_number(out: &mut Vec<u8>, chance: &mut Chance) {
    let from = chance.below(out.len());
    let Some(start) = out.iter().skip(from).position(u8::is_ascii_digit).map(|n| n.saturating_add(from))
    else {
        return;
    };
    let digits = out.iter().skip(start).take_while(|byte| byte.is_ascii_digit()).count();
    let number = NUMBERS.get(chance.below(NUMBERS.len())).copied().unwrap_or_default();
    out.splice(start..start.saturating_add(digits), number.bytes());
}

/// No mutation is longer.
const LONGEST: usize = 256 * 1024;

const EDGES: [u8; 8] = [0, 1, 0x7f, 0x80, 0xff, b'"', b'\n', 0x30];

const WORDS: [&[u8]; 12] = [
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x30\x80",
    b"\x30\x84\xff\xff\xff\xff",
    b"\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Encoding: gzip\r\n",
    b"null",
    b"\"\\ud800\"",
    b"{\"a\":[[[[[[[[",
    b"\xc3\x28",
    b"1e999",
];

const NUMBERS: [&str; 8] =
    ["0", "1", "-1", "255", "4294967296", "9223372036854775808", "18446744073709551615", "1e400"];
