//! Compact JWS (ES256) under the policy keys.

use agent_logic::event::Verified;
use agent_logic::json;
use data_encoding::BASE64URL_NOPAD;
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
    BASE64URL_NOPAD.decode(text.as_bytes()).ok()
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
