//! Certs-only PKCS#7 (RFC 5652, degenerate SignedData). DER alone: RFC 8951 demands it.

use agent_logic::failure::EnrolFailure;
use der::asn1::AnyRef;
use der::oid::ObjectIdentifier;
use der::{Decode, Reader, SliceReader, Tag, TagNumber};

use super::MALFORMED;

/// The certificates (DER) in the message, in its order.
pub(super) fn certificates(message: &[u8]) -> Result<Vec<Vec<u8>>, EnrolFailure> {
    parse(message).map_err(|_| MALFORMED)
}

fn parse(message: &[u8]) -> der::Result<Vec<Vec<u8>>> {
    let mut content = open(AnyRef::from_der(message)?, Tag::Sequence)?;
    if ObjectIdentifier::decode(&mut content)? != SIGNED_DATA {
        return Err(der::ErrorKind::Failed.into());
    }
    let mut explicit = open(AnyRef::decode(&mut content)?, constructed(0))?;
    content.finish()?;
    let mut signed = open(AnyRef::decode(&mut explicit)?, Tag::Sequence)?;
    explicit.finish()?;

    // Version and digest algorithms say nothing where nothing is signed; nor do content and signers.
    u8::decode(&mut signed)?;
    open(AnyRef::decode(&mut signed)?, Tag::Set)?;
    open(AnyRef::decode(&mut signed)?, Tag::Sequence)?;
    let mut set = open(AnyRef::decode(&mut signed)?, constructed(0))?;
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

fn open(value: AnyRef<'_>, tag: Tag) -> der::Result<SliceReader<'_>> {
    if value.header().tag() != tag {
        return Err(der::ErrorKind::Failed.into());
    }
    SliceReader::new(value.value())
}

const fn constructed(number: u32) -> Tag {
    Tag::ContextSpecific { constructed: true, number: TagNumber(number) }
}

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");

/// Our certificate and what leads to the root.
const MAX_CHAIN: usize = 8;
