//! Compact JWS (ES256) under the policy keys.

use agent_logic::event::Verified;
use agent_logic::json;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::trust::PolicyKey;

/// What became of a document.
#[derive(Debug)]
pub(super) enum Opened<T> {
    /// The signature holds.
    Genuine(Verified<T>),
    /// The signature holds, and the document is of a form this version does not know.
    Unknown,
    /// The signature does not hold, or is over another kind of document.
    Forged,
}

/// Checks `jws` and reads its payload, whose `kind` must be `kind`.
pub(super) fn open<T: DeserializeOwned>(jws: &str, kind: &str, keys: &[PolicyKey]) -> Opened<T> {
    let Some(payload) = payload(jws, keys) else {
        return Opened::Forged;
    };
    match json::read::<Kind>(&payload) {
        Ok(named) if named.kind == kind => {}
        Ok(_) => return Opened::Forged,
        Err(_) => return Opened::Unknown,
    }
    json::read(&payload).map_or(Opened::Unknown, |value| Opened::Genuine(Verified::assertion(value)))
}

fn payload(jws: &str, keys: &[PolicyKey]) -> Option<Vec<u8>> {
    let (signed, signature) = jws.rsplit_once('.')?;
    let (header, payload) = signed.split_once('.')?;
    let header: Header = json::read(&decode(header)?).ok()?;
    if header.alg != "ES256" || header.crit.is_some() {
        return None;
    }
    let key = keys.iter().find(|key| key.kid == header.kid)?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &key.point)
        .verify(signed.as_bytes(), &decode(signature)?)
        .ok()?;
    decode(payload)
}

fn decode(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok()
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
    /// Extensions that must be understood; none is.
    crit: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Kind {
    kind: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::BASE64URL_NOPAD;

    #[test]
    fn base64url_is_read_as_by_another_decoder_whatever_one_character_is() {
        let read = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).ok();
        for length in 0..48_u8 {
            let bytes: Vec<u8> = (0..length).map(|at| at.wrapping_mul(97) ^ length).collect();
            let text = BASE64URL_NOPAD.encode(&bytes);
            assert_eq!(decode(&text), Some(bytes));
            for at in 0..text.len() {
                let start = text.split_at(at).0;
                assert_eq!(decode(start), read(start), "{start:?}");
                for other in 0..=127_u8 {
                    let mut damaged = text.clone();
                    damaged.replace_range(at..=at, &char::from(other).to_string());
                    assert_eq!(decode(&damaged), read(&damaged), "{damaged:?}");
                }
            }
            for behind in ["=", "==", "\n", "é"] {
                assert_eq!(decode(&format!("{text}{behind}")), None);
            }
        }
    }
}
