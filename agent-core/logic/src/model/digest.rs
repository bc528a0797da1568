//! SHA-256 and SHA-1 digests, written as lower-case hexadecimal digits.

use std::fmt;

use base16ct::lower;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

/// Not 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigestError;

impl Digest {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of the concatenation of `parts`.
    #[must_use]
    pub fn of_parts<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// From the 32 bytes themselves.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&lower::encode_string(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = lower::encode_string(&self.0);
        write!(f, "Digest({}…)", hex.get(..8).unwrap_or_default())
    }
}

impl fmt::Display for DigestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a SHA-256 digest in lower-case hexadecimal")
    }
}

impl std::error::Error for DigestError {}

impl TryFrom<String> for Digest {
    type Error = DigestError;

    fn try_from(text: String) -> Result<Self, DigestError> {
        let bytes = lower::decode_vec(&text).map_err(|_| DigestError)?;
        Ok(Self(bytes.try_into().map_err(|_| DigestError)?))
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

/// A SHA-1, by which public indicators name signers: it identifies, and proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha1([u8; 20]);

/// Not 40 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sha1Error;

impl Sha1 {
    /// From the 20 bytes themselves.
    #[must_use]
    pub const fn new(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Sha1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&lower::encode_string(&self.0))
    }
}

impl fmt::Debug for Sha1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = lower::encode_string(&self.0);
        write!(f, "Sha1({}…)", hex.get(..8).unwrap_or_default())
    }
}

impl fmt::Display for Sha1Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a SHA-1 digest in lower-case hexadecimal")
    }
}

impl std::error::Error for Sha1Error {}

impl TryFrom<String> for Sha1 {
    type Error = Sha1Error;

    fn try_from(text: String) -> Result<Self, Sha1Error> {
        let bytes = lower::decode_vec(&text).map_err(|_| Sha1Error)?;
        Ok(Self(bytes.try_into().map_err(|_| Sha1Error)?))
    }
}

impl From<Sha1> for String {
    fn from(digest: Sha1) -> Self {
        digest.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    #[test]
    fn a_sha1_is_read_as_it_is_written_and_nothing_else_is() {
        let written = format!("\"{}0f\"", "a5".repeat(19));
        let read: Sha1 = serde_json::from_str(&written).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), written);
        for text in ["", "a5", &"A5".repeat(20), &"x5".repeat(20), &"a5".repeat(21)] {
            assert_eq!(Sha1::try_from(text.to_owned()), Err(Sha1Error), "{text}");
        }
    }

    #[test]
    fn a_digest_is_read_as_by_another_decoder_whatever_one_character_is() {
        let digest = Digest::of(b"abc");
        let text = digest.to_string();
        assert_eq!(text, HEXLOWER.encode(digest.as_bytes()));
        let read = |text: &str| HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok().map(Digest::new);
        for at in 0..text.len() {
            assert_eq!(Digest::try_from(text.split_at(at).0.to_owned()), Err(DigestError));
            for other in 0..=127_u8 {
                let mut damaged = text.clone();
                damaged.replace_range(at..=at, &char::from(other).to_string());
                assert_eq!(Digest::try_from(damaged.clone()).ok(), read(&damaged), "{damaged:?}");
            }
        }
        assert_eq!(Digest::try_from(format!("{text}00")), Err(DigestError));
        assert_eq!(Digest::try_from("é".repeat(32)), Err(DigestError));
    }

    #[test]
    fn is_sha256() {
        assert_eq!(
            Digest::of(b"abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(Digest::of(b"abc"), Digest::of_parts([&b"a"[..], b"bc"]));
    }
}
