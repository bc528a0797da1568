//! Types that are safe to print.
//!
//! Rules: R13.

use std::fmt;

use base64ct::{Base64, Encoding as _};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// A value that must never be printed and is wiped from memory when dropped: tokens, codes, keys.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Wraps `value`.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for the one place that needs it.
    pub const fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<T: Zeroize + PartialEq> PartialEq for Secret<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T: Zeroize + Eq> Eq for Secret<T> {}

/// A personal value, such as an app's name: it may travel to the partner, never into a log.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Redacted<T>(T);

impl<T> Redacted<T> {
    /// Wraps `value`.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for the wire and for the phone's owner.
    pub const fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redacted(…)")
    }
}

/// Bytes that may hold identifiers: certificates, requests, reports. Prints its length, is stored as base64.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bytes(Vec<u8>);

impl Bytes {
    /// Wraps `bytes`.
    #[must_use]
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, owned.
    #[must_use]
    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes({})", self.0.len())
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<Bytes> for String {
    fn from(bytes: Bytes) -> Self {
        Base64::encode_string(&bytes.0)
    }
}

impl TryFrom<String> for Bytes {
    type Error = base64ct::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Base64::decode_vec(&text).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::BASE64;

    #[test]
    fn none_prints_what_it_holds() {
        assert_eq!(format!("{:?}", Secret::new(String::from("hunter2"))), "Secret(…)");
        assert_eq!(format!("{:?}", Bytes::new(b"CN=device".to_vec())), "Bytes(9)");
        assert_eq!(format!("{:?}", Redacted::new("com.example.diary")), "Redacted(…)");
    }

    /// What another decoder reads, but for several padded texts in a row, which it takes as one.
    fn read(text: &str) -> Option<Vec<u8>> {
        if text.trim_end_matches('=').contains('=') {
            return None;
        }
        BASE64.decode(text.as_bytes()).ok()
    }

    #[test]
    fn bytes_are_written_and_read_as_base64_and_nothing_else_is_read() {
        for length in 0..48_u8 {
            let bytes: Vec<u8> = (0..length).map(|at| at.wrapping_mul(97) ^ length).collect();
            let text = String::from(Bytes::new(bytes.clone()));
            assert_eq!(text, BASE64.encode(&bytes));
            assert_eq!(Bytes::try_from(text.clone()), Ok(Bytes::new(bytes)));
            for at in 0..text.len() {
                let start = text.split_at(at).0;
                assert_eq!(Bytes::try_from(start.to_owned()).ok().map(Bytes::into_vec), read(start));
                for other in 0..=127_u8 {
                    let mut damaged = text.clone();
                    damaged.replace_range(at..=at, &char::from(other).to_string());
                    let got = Bytes::try_from(damaged.clone()).ok().map(Bytes::into_vec);
                    assert_eq!(got, read(&damaged), "{damaged:?}");
                }
            }
        }
        assert!(Bytes::try_from("AA==AA==".to_owned()).is_err());
    }
}
