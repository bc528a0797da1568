//! Documents under the policy key: what holds is handed on, what lies is dropped and counted.
#![expect(clippy::unwrap_used, unreachable_pub, reason = "a test may panic")]

#[path = "support/cloud.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod cloud;
#[path = "support/device.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod device;
#[path = "support/keys.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod keys;
#[path = "support/pki.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod pki;

use agent_logic::event::Answer;
use agent_logic::failure::{Remedy, SendFailure, Unreadable};
use agent_logic::model::{Digest, TenantId};
use agent_logic::wire::{Bucket, CommandDocument, Manifest, Policy, ProblemKind, SignedCommand, policy_kind};
use data_encoding::BASE64URL_NOPAD;
use rcgen::PublicKeyData;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::{Value, json};

use cloud::{Cloud, Tls, http};
use device::{DEADLINE, Device, device_id};
use pki::{Ca, NOW};

/// A policy key.
struct Signer {
    key: EcdsaKeyPair,
    spki: Vec<u8>,
}

impl Signer {
    fn new() -> Self {
        let pair = rcgen::KeyPair::generate().unwrap();
        let key = EcdsaKeyPair::from_pkcs8(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            pair.serialized_der(),
            &SystemRandom::new(),
        );
        Self { key: key.unwrap(), spki: pair.subject_public_key_info() }
    }

    fn header(&self) -> Value {
        json!({"alg": "ES256", "kid": Digest::of(&self.spki).to_string()})
    }

    fn sign(&self, payload: &Value) -> String {
        self.sign_under(&self.header(), payload)
    }

    fn sign_under(&self, header: &Value, payload: &Value) -> String {
        let part = |value: &Value| BASE64URL_NOPAD.encode(&serde_json::to_vec(value).unwrap());
        let signed = format!("{}.{}", part(header), part(payload));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
    }
}

fn tenant() -> TenantId {
    "11111111-2222-4333-8444-555555555555".parse().unwrap()
}

fn policy() -> Value {
    serde_json::to_value(Policy::new(tenant(), 7, NOW)).unwrap()
}

fn manifest() -> Manifest {
    Manifest {
        kind: policy_kind::INDICATORS.into(),
        tenant: tenant(),
        version: 3,
        expires: NOW,
        classifications: Vec::new(),
        buckets: [b"first".as_slice(), b"second"]
            .iter()
            .map(|bytes| Bucket { length: u32::try_from(bytes.len()).unwrap(), digest: Digest::of(bytes) })
            .collect(),
    }
}

fn command() -> Value {
    serde_json::to_value(CommandDocument {
        kind: policy_kind::COMMAND.into(),
        tenant: tenant(),
        device: device_id(),
        nonce: Digest::of(b"nonce"),
        expires: NOW,
        command: SignedCommand::ReEnrol,
    })
    .unwrap()
}

/// What a device that knows `signer` makes of an answer with these keys.
fn answer_with(signer: &Signer, extra: Value) -> Box<Answer> {
    let mut body: Value = serde_json::from_str(cloud::ANSWER).unwrap();
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let ca = Ca::new("Partner");
    let cloud = Cloud::saying(Tls::new(ca.server()), cloud::json(body.to_string()));
    let device = Device::trusting(&ca, Vec::new(), vec![Signer::new().spki, signer.spki.clone()]);
    device.transport.send(&device.exchange(&cloud.origin, "{}"), DEADLINE).unwrap()
}

#[test]
fn genuine_documents_are_handed_on() {
    let signer = Signer::new();
    let answer = answer_with(
        &signer,
        json!({
            "policy": signer.sign(&policy()),
            "indicators": signer.sign(&serde_json::to_value(manifest()).unwrap()),
            "orders": [
                {"order": "signed", "jws": signer.sign(&command())},
                {"order": "rescan"},
                {"order": "of a later version", "jws": 5}
            ]
        }),
    );
    assert_eq!(answer.forged, 0);
    assert_eq!(answer.policy.unwrap().into_inner(), Policy::new(tenant(), 7, NOW));
    assert_eq!(answer.manifest.unwrap().into_inner(), manifest());
    assert_eq!(answer.commands.len(), 1);
    assert_eq!(answer.commands[0].clone().into_inner().command, SignedCommand::ReEnrol);
    assert_eq!(answer.reply.orders.len(), 3);
}

#[test]
fn forged_documents_are_dropped_and_counted_and_the_answer_stands() {
    let signer = Signer::new();
    let stranger = Signer::new();
    let genuine = signer.sign(&policy());
    let (signed, signature) = genuine.rsplit_once('.').unwrap();
    let other = signer.sign(&command());
    let (other_signed, _) = other.rsplit_once('.').unwrap();
    let mut none = signer.header();
    none["alg"] = json!("none");
    let mut hs256 = signer.header();
    hs256["alg"] = json!("HS256");
    let mut critical = signer.header();
    critical["crit"] = json!(["b64"]);
    for forged in [
        // By a key nobody trusts, under its own and under the trusted key's name.
        stranger.sign(&policy()),
        stranger.sign_under(&signer.header(), &policy()),
        // A signature moved to another document, cut off, or absent.
        format!("{other_signed}.{signature}"),
        format!("{signed}.{}", signature.get(2..).unwrap()),
        format!("{signed}."),
        signed.to_owned(),
        // Another algorithm, or extensions that must be understood.
        signer.sign_under(&none, &policy()),
        signer.sign_under(&hs256, &policy()),
        signer.sign_under(&critical, &policy()),
        // A genuine document of another kind.
        signer.sign(&command()),
        // No document at all.
        String::new(),
        "..".into(),
        "a.b.c.d".into(),
    ] {
        let answer = answer_with(
            &signer,
            json!({"policy": forged, "orders": [{"order": "signed", "jws": forged.replacen('.', "!.", 1)}]}),
        );
        assert!(answer.policy.is_none(), "{forged}");
        assert!(answer.commands.is_empty());
        assert_eq!(answer.forged, 2, "{forged}");
        assert_eq!(answer.reply.acknowledged, 1);
    }
}

#[test]
fn a_genuine_document_of_a_later_form_is_dropped_and_accuses_nobody() {
    let signer = Signer::new();
    let later = signer.sign(&json!({"kind": "policy", "tenants": []}));
    let answer = answer_with(&signer, json!({"policy": later}));
    assert!(answer.policy.is_none());
    assert_eq!(answer.forged, 0);
}

fn fetch(bytes: impl Into<Vec<u8>>, manifest: &Manifest) -> Result<Vec<u8>, SendFailure> {
    let ca = Ca::new("Partner");
    let cloud = Cloud::saying(Tls::with_clients(ca.server(), ca.der()), bytes);
    let device = Device::of(&ca);
    let got = device.transport.fetch(&device.contact(&cloud.origin), manifest, DEADLINE);
    let seen = cloud.seen();
    if let Some(asked) = seen.asked.first() {
        assert_eq!(asked.line, "GET /v1/indicators/3 HTTP/1.1");
        assert_eq!(seen.client_certificates, 1);
    }
    got
}

#[test]
fn an_indicator_set_is_taken_only_as_the_manifest_signs_it() {
    let octets = |body: &str| http("200 OK", "content-type: application/octet-stream\r\n", body);
    assert_eq!(fetch(octets("firstsecond"), &manifest()).unwrap(), b"firstsecond");

    let refused = |bytes: Vec<u8>, why| {
        let got = fetch(bytes, &manifest()).unwrap_err();
        assert_eq!(got, SendFailure::Unreadable(why));
        assert_eq!(got.remedy(), Remedy::Retry(None));
    };
    refused(octets("firstseconD"), Unreadable::Malformed);
    refused(octets("firstsecon"), Unreadable::Truncated);
    refused(octets("firstsecond "), Unreadable::TooLarge);
    let whole = octets("firstsecond");
    refused(whole[..whole.len() - 1].to_vec(), Unreadable::Truncated);
    refused(http("200 OK", "content-type: text/html\r\n", "firstsecond"), Unreadable::Malformed);
    let gone = fetch(http("404 Gone", "", ""), &manifest()).unwrap_err();
    assert_eq!(gone, SendFailure::Problem(ProblemKind::NotFound));

    let mut huge = manifest();
    huge.buckets[0].length = u32::MAX;
    assert_eq!(fetch(octets("first"), &huge).unwrap_err(), SendFailure::Unreadable(Unreadable::TooLarge));
}
