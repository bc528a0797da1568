//! The same bytes and the same judgements as flate2, by which this framing was replaced.

use std::io::{ErrorKind, Read, Write};

use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use ring::digest::{SHA256, digest};

use super::*;

const LIMIT: usize = 1024 * 1024;

/// Bytes without any order, the same in each run.
fn noise(seed: u64) -> impl Iterator<Item = u8> {
    (0_u64..).flat_map(move |block| {
        digest(&SHA256, &[seed.to_le_bytes(), block.to_le_bytes()].concat()).as_ref().to_vec()
    })
}

/// A report, about.
fn json(length: usize) -> Vec<u8> {
    let apps = noise(7).map(|byte| format!("{{\"app\":\"com.example.app{byte}\",\"version\":{byte}}},"));
    apps.flat_map(String::into_bytes).take(length).collect()
}

fn by_flate2(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

/// How replies were read before.
fn unpack_by_flate2(packed: &[u8], limit: usize) -> Result<Vec<u8>, Unreadable> {
    let mut plain = Vec::new();
    let one_more = u64::try_from(limit).unwrap() + 1;
    MultiGzDecoder::new(packed).take(one_more).read_to_end(&mut plain).map_err(|error| {
        if error.kind() == ErrorKind::UnexpectedEof { Unreadable::Truncated } else { Unreadable::Malformed }
    })?;
    if plain.len() > limit { Err(Unreadable::TooLarge) } else { Ok(plain) }
}

/// As flate2 judges it, too.
fn judged(packed: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let got = unpack(packed, LIMIT);
    assert_eq!(got, unpack_by_flate2(packed, LIMIT), "{packed:02x?}");
    got
}

/// A member with each of the optional fields, as `flags` say.
fn member(flags: u8, plain: &[u8]) -> Vec<u8> {
    let mut builder = GzBuilder::new().mtime(1_700_000_000).operating_system(3);
    if flags & FEXTRA != 0 {
        builder = builder.extra(vec![b'A', b'p', 4, 0, 1, 0, 2, 3]);
    }
    if flags & FNAME != 0 {
        builder = builder.filename("answer.json");
    }
    if flags & FCOMMENT != 0 {
        builder = builder.comment("no comment");
    }
    let packed = builder.write(Vec::new(), Compression::fast()).finish().unwrap();
    // Without its content: the end of an empty stream, and the sums.
    let mut header = packed[..packed.len() - 10].to_vec();
    if flags & FHCRC != 0 {
        header[3] |= FHCRC;
        let sum = CRC.checksum(&header).to_le_bytes();
        header.extend_from_slice(&sum[..2]);
    }
    [header.as_slice(), &pack(plain)[HEADER.len()..]].concat()
}

#[test]
fn the_bytes_are_those_of_flate2() {
    let random: Vec<u8> = noise(1).take(150_000).collect();
    let text = json(150_000);
    let edges =
        [0, 1, 2, 3, 257, 258, 259, 4095, 4096, 32_767, 32_768, 32_769, 65_535, 65_536, 65_537, 150_000];
    for length in (0..80).chain(edges) {
        for plain in [&random[..length], &text[..length], &vec![b' '; length]] {
            let packed = pack(plain);
            assert_eq!(packed, by_flate2(plain), "{length}");
            assert_eq!(judged(&packed).as_deref(), Ok(plain), "{length}");
        }
    }
}

#[test]
fn members_follow_one_another() {
    let (first, second) = (json(40_000), json(3));
    let both = [pack(&first), pack(&[]), pack(&second)].concat();
    assert_eq!(judged(&both), Ok([first.as_slice(), &second].concat()));
}

#[test]
fn every_optional_field_is_skipped_and_every_reserved_one_refused() {
    for flags in 0..32 {
        let packed = member(flags, b"content");
        assert_eq!(packed[3] & !1, flags & !1);
        assert_eq!(judged(&packed).as_deref(), Ok(b"content".as_slice()), "{flags:05b}");
        for end in 0..packed.len() {
            assert_eq!(judged(&packed[..end]), Err(Unreadable::Truncated), "{flags:05b} at {end}");
        }
    }
    for reserved in [1 << 5, 1 << 6, 1 << 7] {
        let mut packed = pack(b"content");
        packed[3] |= reserved;
        assert_eq!(judged(&packed), Err(Unreadable::Malformed), "{reserved:08b}");
    }
    let mut packed = member(FHCRC, b"content");
    packed[4] ^= 1;
    assert_eq!(judged(&packed), Err(Unreadable::Malformed));
}

#[test]
fn what_is_cut_off_is_truncated_wherever_that_is() {
    for plain in [json(3_000), noise(2).take(300).collect()] {
        let packed = [pack(&plain), pack(&plain)].concat();
        for end in 0..packed.len() {
            if end == packed.len() / 2 {
                assert_eq!(judged(&packed[..end]), Ok(plain.clone()));
            } else {
                assert_eq!(judged(&packed[..end]), Err(Unreadable::Truncated), "{end}");
            }
        }
    }
}

#[test]
fn a_sum_or_length_that_differs_by_a_bit_is_malformed() {
    let packed = pack(&json(500));
    for bit in 0..64 {
        let mut wrong = packed.clone();
        let at = wrong.len() - 8 + bit / 8;
        wrong[at] ^= 1 << (bit % 8);
        assert_eq!(judged(&wrong), Err(Unreadable::Malformed), "{bit}");
    }
}

#[test]
fn bytes_behind_the_last_member_are_no_member() {
    let packed = pack(b"content");
    for (behind, why) in [
        (b"\0".as_slice(), Unreadable::Truncated),
        (b"\x1f\x8b\x08", Unreadable::Truncated),
        (b"0123456789", Unreadable::Malformed),
        (&[0; 512], Unreadable::Malformed),
    ] {
        assert_eq!(judged(&[&packed, behind].concat()), Err(why), "{behind:02x?}");
    }
}

#[test]
fn a_byte_changed_anywhere_is_judged_as_by_flate2() {
    let (first, second) = (json(400), noise(3).take(90).collect::<Vec<_>>());
    let packed = [member(FNAME | FEXTRA | FHCRC, &first), by_flate2(&second)].concat();
    let plain = [first, second].concat();
    for at in 0..packed.len() {
        for change in 1..=u8::MAX {
            let mut wrong = packed.clone();
            wrong[at] ^= change;
            // Time and system of the second header are under no sum.
            assert!(judged(&wrong).map_or(true, |read| read == plain), "{at}");
        }
    }
}

#[test]
fn a_distance_to_before_the_beginning_is_malformed() {
    // One fixed block: a match of three bytes at distance one, then the end.
    let deflated = [0x03, 0x02, 0x00];
    let plain = [0; 3];
    let packed = [HEADER.as_slice(), &deflated, &trailer(&plain)].concat();
    assert_eq!(unpack(&packed, LIMIT), Err(Unreadable::Malformed));
    // The one judgement that differs: its ring of 32 KB begins as zeros.
    assert_eq!(unpack_by_flate2(&packed, LIMIT).as_deref(), Ok(plain.as_slice()));
    // Nor does a member see what the one before it holds.
    assert_eq!(unpack(&[pack(&plain), packed].concat(), LIMIT), Err(Unreadable::Malformed));
}

// R18
#[test]
fn no_more_is_held_than_the_limit() {
    let plain = json(100_000);
    let packed = pack(&plain);
    assert_eq!(unpack(&packed, plain.len()), Ok(plain.clone()));
    for limit in [0, 1, 1_000, 65_536, plain.len() - 1] {
        assert_eq!(unpack(&packed, limit), Err(Unreadable::TooLarge), "{limit}");
        assert_eq!(unpack_by_flate2(&packed, limit), Err(Unreadable::TooLarge), "{limit}");
    }
    let two = [packed.as_slice(), &packed].concat();
    assert_eq!(unpack(&two, 2 * plain.len()), Ok(plain.repeat(2)));
    assert_eq!(unpack(&two, 2 * plain.len() - 1), Err(Unreadable::TooLarge));

    let bomb = pack(&vec![0; 40 * LIMIT]);
    assert_eq!(unpack(&bomb, LIMIT), Err(Unreadable::TooLarge));
    let mut held = Plain::new(LIMIT, bomb.len());
    assert_eq!(held.inflate(after_header(&bomb).unwrap()), Err(Unreadable::TooLarge));
    assert_eq!((held.length, held.buffer.capacity()), (LIMIT + 1, LIMIT + 1));
}

#[test]
fn many_empty_members_cost_no_buffer_each() {
    let packed = pack(&[]).repeat(13_000);
    assert_eq!(judged(&packed), Ok(Vec::new()));
}
