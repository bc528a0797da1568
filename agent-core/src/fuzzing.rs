//! The parsers of foreign bytes, one by one, for tests and fuzz targets.

pub use crate::transport::fuzzing::{
    Document, Heard, LARGEST, Reading, attributes, base64, document, hear, pkcs7,
};

use agent_logic::redact::Bytes;

/// The records in the unsealed content of a journal frame.
#[must_use]
pub fn frame_records(content: &[u8]) -> Option<Vec<Bytes>> {
    crate::vault::records_in(content)
}
