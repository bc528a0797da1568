//! Certs-only PKCS#7 (RFC 5652, degenerate SignedData). DER alone: RFC 8951 demands it.

use agent_logic::failure::EnrolFailure;
use der::asn1::AnyRef;
use der::oid::ObjectIdentifier;
use der::{Decode, Reader, Tag};

use super::MALFORMED;
use crate::asn1::{around, inside, open};

/// The certificates (DER) in the message, in its order.
pub(in crate::transport) fn certificates(message: &[u8]) -> Result<Vec<Vec<u8>>, EnrolFailure> {
    parse(message).map_err(|_| MALFORMED)
}

fn parse(message: &[u8]) -> der::Result<Vec<Vec<u8>>> {
    let mut content = inside(AnyRef::from_der(message)?, Tag::Sequence)?;
    if ObjectIdentifier::decode(&mut content)? != SIGNED_DATA {
        return Err(der::ErrorKind::Failed.into());
    }
    let mut explicit = open(&mut content, around(0))?;
    content.finish()?;
    let mut signed = open(&mut explicit, Tag::Sequence)?;
    explicit.finish()?;

    // Version and digest algorithms say nothing where nothing is signed; nor do content and signers.
    u8::decode(&mut signed)?;
    open(&mut signed, Tag::Set)?;
    open(&mut signed, Tag::Sequence)?;
    let mut set = open(&mut signed, around(0))?;
    let mut found = Vec::new();
    while !set.is_finished() {
        if Tag::peek(&set)? != Tag::Sequence || found.len() >= MAX_CHAIN {
            return Err(der::ErrorKind::Failed.into());
        }
        found.push(set.tlv_bytes()?.to_vec());
    }
    while !signed.is_finished() {
        AnyRef::decode(&mut signed)?;
    }
    Ok(found)
}

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");

/// Our certificate and what leads to the root.
const MAX_CHAIN: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
        [&[tag, u8::try_from(value.len()).unwrap()], value].concat()
    }

    /// With two empty SEQUENCEs where certificates stand.
    fn message() -> Vec<u8> {
        let data = tlv(0x30, &tlv(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1]));
        let set = tlv(0xa0, &[0x30, 0, 0x30, 0]);
        let signed = [tlv(2, &[1]), tlv(0x31, &[]), data, set, tlv(0x31, &[])].concat();
        let content = tlv(0xa0, &tlv(0x30, &signed));
        tlv(0x30, &[tlv(6, SIGNED_DATA.as_bytes()), content].concat())
    }

    #[test]
    fn the_certificates_come_out_in_order() {
        assert_eq!(certificates(&message()).unwrap(), [[0x30, 0], [0x30, 0]]);
    }

    #[test]
    fn nothing_that_is_broken_anywhere_panics_or_passes_for_longer_than_it_is() {
        let good = message();
        for end in 0..good.len() {
            assert!(certificates(&good[..end]).is_err());
        }
        for at in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                let found = certificates(&bad).unwrap_or_default();
                assert!(found.concat().len() <= bad.len());
            }
        }
    }
}
