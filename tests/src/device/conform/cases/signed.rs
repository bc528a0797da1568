//! What the server signs, held to the policy keys that the app compiles in.

use agent_logic::model::Digest;
use data_encoding::BASE64URL_NOPAD;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::{Value, json};

use super::super::Outcome;
use super::super::device::Device;
use super::NOT_ENROLLED;

/// What stands before the point in the SubjectPublicKeyInfo of a P-256 key.
const BEFORE_POINT: usize = 26;

pub(super) fn policy(device: &mut Device) -> Outcome {
    device.signed_policy.as_deref().map_or(NOT_ENROLLED, |jws| judge(device, jws, "policy"))
}

pub(super) fn indicators(device: &mut Device) -> Outcome {
    device.signed_manifest.as_deref().map_or(super::indicators::NONE, |jws| judge(device, jws, "indicators"))
}

fn judge(device: &Device, jws: &str, kind: &str) -> Outcome {
    let fail = |why: &str| Outcome::Fail(why.into());
    let [header, payload, signature] = jws.split('.').collect::<Vec<_>>()[..] else {
        return fail("a compact JWS has three parts");
    };
    let decode = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).ok();
    let json = |part: &str| serde_json::from_slice::<Value>(&decode(part)?).ok();
    let spki = |kid: &str| device.policy_keys.iter().find(|spki| Digest::of(spki).to_string() == kid);
    let Some(header) = json(header) else { return fail("its header is no JSON in base64url") };
    if header.get("alg") != Some(&json!("ES256")) || header.get("crit").is_some() {
        return Outcome::Fail(format!("its header is {header}"));
    }
    let Some(point) =
        header.get("kid").and_then(Value::as_str).and_then(spki).and_then(|spki| spki.get(BEFORE_POINT..))
    else {
        return fail("its kid is the SHA-256 of no policy key that the app has");
    };
    let signed = jws.rsplit_once('.').map_or("", |(signed, _)| signed);
    let Some(signature) = decode(signature) else { return fail("its signature is no base64url") };
    if UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed.as_bytes(), &signature).is_err()
    {
        return Outcome::Fail(format!(
            "its signature of {} bytes does not hold; it is r and s of 32 bytes",
            signature.len()
        ));
    }
    match json(payload).and_then(|payload| payload.get("kind").cloned()) {
        Some(named) if named == kind => Outcome::Pass,
        other => Outcome::Fail(format!("its kind is {other:?}")),
    }
}
