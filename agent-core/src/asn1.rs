//! DER, opened and closed a layer at a time. Types for whole structures are three times as much code on a phone.

use der::asn1::AnyRef;
use der::{Decode, Encode, ErrorKind, SliceReader, Tag, TagNumber};

/// What stands next in `from`, which has `tag` and is made of parts.
pub(crate) fn open<'a>(from: &mut SliceReader<'a>, tag: Tag) -> der::Result<SliceReader<'a>> {
    inside(AnyRef::decode(from)?, tag)
}

/// The parts of `value`, which has `tag`.
pub(crate) fn inside(value: AnyRef<'_>, tag: Tag) -> der::Result<SliceReader<'_>> {
    if value.header().tag() == tag { SliceReader::new(value.value()) } else { Err(ErrorKind::Failed.into()) }
}

/// `parts`, each DER already, as one value with `tag`.
pub(crate) fn close(tag: Tag, parts: &[&[u8]]) -> der::Result<Vec<u8>> {
    AnyRef::new(tag, &parts.concat())?.to_der()
}

/// `[number]` around other values.
pub(crate) const fn around(number: u32) -> Tag {
    Tag::ContextSpecific { constructed: true, number: TagNumber(number) }
}

/// `[number]` in place of a simple value's own tag.
pub(crate) const fn instead(number: u32) -> Tag {
    Tag::ContextSpecific { constructed: false, number: TagNumber(number) }
}
