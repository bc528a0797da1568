//! The policy key and compact JWS. Only commands of the administrator use it; the serving process never does.

use agent_logic::model::Digest;
use data_encoding::BASE64URL_NOPAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde::Serialize;

use crate::failure::SetupError;
use crate::home::{self, Home};

/// Signs documents with the policy key.
pub struct Signer {
    key: EcdsaKeyPair,
    kid: Digest,
}

impl Signer {
    /// Opens the policy key of `home`.
    pub fn open(home: &Home) -> Result<Self, SetupError> {
        let der = home::read(&home.policy_key())?;
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der, &SystemRandom::new())
            .map_err(|_| SetupError::Crypto("the policy key"))?;
        let kid = Digest::of(&p256_spki(key.public_key().as_ref()));
        Ok(Self { key, kid })
    }

    /// `document` as compact JWS (ES256, 64-byte signature).
    pub fn sign(&self, document: &impl Serialize) -> Result<String, SetupError> {
        let payload = serde_json::to_vec(document).map_err(|_| SetupError::Form("the document to sign"))?;
        let header = format!(r#"{{"alg":"ES256","kid":"{}"}}"#, self.kid);
        let mut jws = BASE64URL_NOPAD.encode(header.as_bytes());
        jws.push('.');
        BASE64URL_NOPAD.encode_append(&payload, &mut jws);
        let signature = self
            .key
            .sign(&SystemRandom::new(), jws.as_bytes())
            .map_err(|_| SetupError::Crypto("the system's randomness"))?;
        jws.push('.');
        BASE64URL_NOPAD.encode_append(signature.as_ref(), &mut jws);
        Ok(jws)
    }
}

/// The SubjectPublicKeyInfo of an uncompressed P-256 point.
#[must_use]
pub fn p256_spki(point: &[u8]) -> Vec<u8> {
    [P256_SPKI_PREFIX, point].concat()
}

/// Everything of a P-256 SubjectPublicKeyInfo before the point.
pub const P256_SPKI_PREFIX: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 0x06, 8, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 3, 1, 7, 0x03, 0x42, 0,
];
