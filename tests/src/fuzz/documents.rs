//! JSON, and JSON under a signature.

use std::fmt::Debug;
use std::sync::LazyLock;

use agent_core::fuzzing::{self, Document};
use agent_core::trust::Trust;
use agent_gateway::signer::p256_spki;
use agent_logic::model::Digest;
use agent_logic::wire::{CheckInAnswer, CommandDocument, Manifest, Policy, Problem, policy_kind};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::life::Life;
use super::world::WORLD_TRUST;

/// A `CheckInAnswer`; what is one is also given to an activated device, whose records must stay readable.
pub fn answer(data: &[u8]) -> bool {
    let Some(answer) = read::<CheckInAnswer>(data) else {
        return false;
    };
    round_trip(&answer);
    let mut life = Life::activated();
    life.check_in(answer);
    life.judge();
    true
}

/// A problem document.
pub fn problem(data: &[u8]) -> bool {
    let Some(problem) = read::<Problem>(data) else {
        return false;
    };
    round_trip(&problem);
    true
}

/// A compact JWS, opened as each kind of document.
pub fn jws(data: &[u8]) -> bool {
    let (Ok(text), Some(trust)) = (std::str::from_utf8(data), WORLD_TRUST.as_ref()) else {
        return false;
    };
    let taken = [
        opened::<Policy>(text, policy_kind::POLICY, trust),
        opened::<Manifest>(text, policy_kind::INDICATORS, trust),
        opened::<CommandDocument>(text, policy_kind::COMMAND, trust),
    ];
    assert!(taken.iter().filter(|taken| **taken).count() <= 1, "one document of two kinds");
    taken.contains(&true)
}

/// The payload of a JWS whose signature holds: a fuzzer cannot sign.
pub fn document(data: &[u8]) -> bool {
    let Some(signer) = SIGNER.as_ref() else { return false };
    let Some(text) = signer.sign(data) else { return false };
    let taken = [
        opened::<Policy>(&text, policy_kind::POLICY, &signer.trust),
        opened::<Manifest>(&text, policy_kind::INDICATORS, &signer.trust),
        opened::<CommandDocument>(&text, policy_kind::COMMAND, &signer.trust),
    ];
    assert!(taken.iter().filter(|taken| **taken).count() <= 1, "one document of two kinds");
    let stranger = text.replacen('.', ".e", 1);
    assert!(!opened::<Policy>(&stranger, policy_kind::POLICY, &signer.trust), "a payload under no signature");
    taken.contains(&true)
}

/// What is emitted can be read again, and is the same.
/// Read as the phone reads it: as the library does by itself, but for an object whose values come as a list, and for
/// text under an unknown key that is no Unicode, which the library does not look at.
fn read<T: DeserializeOwned + PartialEq + Debug>(data: &[u8]) -> Option<T> {
    let ours = agent_logic::json::read::<T>(data).ok();
    let library = serde_json::from_slice::<T>(data).ok();
    let unicode = std::str::from_utf8(data).is_ok_and(|text| !text.contains("\\u"));
    let refused_alone = ours.is_none() && (data.contains(&b'[') || !unicode);
    assert!(ours == library || refused_alone, "{ours:?} is read, and by the library {library:?}");
    ours
}

pub(super) fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let written = serde_json::to_vec(value);
    let again = written.as_deref().ok().and_then(read::<T>);
    assert!(again.as_ref() == Some(value), "emitted and not read again: {value:?}");
}

fn opened<T>(text: &str, kind: &str, trust: &Trust) -> bool
where
    T: Serialize + DeserializeOwned + PartialEq + Debug + Clone,
{
    match fuzzing::document::<T>(text, kind, trust) {
        Document::Genuine(document) => {
            let document = document.into_inner();
            round_trip(&document);
            let named = serde_json::to_value(&document).unwrap_or_default();
            assert_eq!(named.get("kind"), Some(&Value::from(kind)), "a document of another kind");
            true
        }
        Document::Unknown | Document::Forged => false,
    }
}

/// A policy key of this run.
struct Signer {
    key: EcdsaKeyPair,
    kid: String,
    trust: Trust,
}

static SIGNER: LazyLock<Option<Signer>> = LazyLock::new(Signer::make);

impl Signer {
    fn make() -> Option<Self> {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).ok()?;
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).ok()?;
        let spki = p256_spki(key.public_key().as_ref());
        let mut trust: Value = serde_json::from_str(include_str!("../../fuzz/world/trust.json")).ok()?;
        *trust.get_mut("policyKeys")? = json!([BASE64.encode(&spki)]);
        let trust = Trust::from_json(&trust.to_string()).ok()?;
        Some(Self { key, kid: Digest::of(&spki).to_string(), trust })
    }

    fn sign(&self, payload: &[u8]) -> Option<String> {
        let header = json!({"alg": "ES256", "kid": self.kid}).to_string();
        let signed =
            format!("{}.{}", BASE64URL_NOPAD.encode(header.as_bytes()), BASE64URL_NOPAD.encode(payload));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).ok()?;
        Some(format!("{signed}.{}", BASE64URL_NOPAD.encode(signature.as_ref())))
    }
}
