//! The canonical forms by the vectors that are published with the contract: the code writes what stands there, and a
//! program in another language, which shares nothing with it, comes to the same.
//!
//! ```text
//! MTD_WRITE_VECTORS=1 cargo test -p agent-tests --test vectors     writes the vectors anew
//! ```

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use agent_core::fuzzing::{self, Document};
use agent_core::trust::Trust;
use agent_gateway::signer::p256_spki;
use agent_logic::model::{
    Activation, App, ChainId, Classification, Digest, Level, Ownership, Protection, Severity,
};
use agent_logic::time::{Boot, Mono, Stamp, Wall};
use agent_logic::wire::{
    Bucket, CommandDocument, Entry, Facts, FactsPart, IndicatorKind, InventoryPart, Manifest, PROTOCOL,
    Policy, ProblemKind, Report, SignedCommand, bucket_of, indicator_hash, policy_kind, set_digest,
};
use agent_tests::peers::{self, Python};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

const PUBLISHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../agent-core/docs/vectors.json");
const DEVICE: &str = "b9841cd9-9843-405f-be28-b2265c59ef97";
const TENANT: &str = "6babcaad-604b-40ac-a9d7-9fd97c0b779f";
const TIME: Wall = Wall(1_795_000_000_000);

#[test]
fn the_code_writes_what_is_published() {
    if std::env::var_os("MTD_WRITE_VECTORS").is_some() {
        fs::write(PUBLISHED, serde_json::to_string_pretty(&made()).unwrap() + "\n").unwrap();
    }
    let published = published();
    let mut made = made();
    // Each signature is another; those that are published are judged by the next test.
    made["signed"] = published["signed"].clone();
    assert_eq!(published, made, "drift: see the head of this file");
    for (vector, (_, payload)) in published["signed"].as_array().unwrap().iter().zip(documents()) {
        assert_eq!(vector["payload"], payload);
    }
}

#[test]
fn a_device_takes_the_signed_documents_and_no_altered_one() {
    let published = published();
    let trust = trust(published["policyKey"].as_str().unwrap());
    let mut kinds = BTreeSet::new();
    for vector in published["signed"].as_array().unwrap() {
        let (kind, jws) = (vector["kind"].as_str().unwrap(), vector["jws"].as_str().unwrap());
        assert!(opens(kind, jws, &trust), "{kind}");
        let (head, signature) = jws.rsplit_once('.').unwrap();
        let (first, rest) = signature.split_at(1);
        let altered = format!("{head}.{}{rest}", if first == "A" { "B" } else { "A" });
        assert!(!opens(kind, &altered, &trust), "{kind}");
        kinds.insert(kind);
    }
    assert_eq!(kinds, BTreeSet::from(["policy", "indicators", "command"]));
}

#[test]
fn another_language_comes_to_the_same_and_notices_every_alteration() {
    let Some(python) = peers::present(Python::find()).unwrap() else { return };
    let judgement = python.judge("vectors/check.py", &[Path::new(PUBLISHED)]).unwrap();
    assert!(judgement.clean, "{}", judgement.said);
    let folder = tempfile::tempdir().unwrap();
    let published = published();
    let mut altered = BTreeSet::new();
    for (pointer, text) in leaves(&published) {
        // What a vector is called, and the sentences for people, no rule derives.
        if ["/name", "/title", "/remedy"].iter().any(|free| pointer.ends_with(free)) {
            continue;
        }
        // Each kind of value once is enough: Python takes its time with curves.
        if !altered.insert(pointer.chars().filter(|letter| !letter.is_ascii_digit()).collect::<String>()) {
            continue;
        }
        let mut wrong = published.clone();
        *wrong.pointer_mut(&pointer).unwrap() = alter(&text);
        let path: PathBuf = folder.path().join("wrong.json");
        fs::write(&path, wrong.to_string()).unwrap();
        let judgement = python.judge("vectors/check.py", &[&path]).unwrap();
        assert!(!judgement.clean, "{pointer} was altered, and nobody noticed");
    }
    assert!(altered.len() >= 20, "{altered:?}");
}

fn published() -> Value {
    serde_json::from_str(&fs::read_to_string(PUBLISHED).unwrap()).unwrap()
}

/// Every vector, made by the code.
fn made() -> Value {
    let key = published_key();
    let random = SystemRandom::new();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key, &random).unwrap();
    let spki = p256_spki(pair.public_key().as_ref());
    let kid = Digest::of(&spki).to_string();
    let sign = |kind: &str, payload: &str| {
        let header = format!(r#"{{"alg":"ES256","kid":"{kid}"}}"#);
        let text = [header.as_bytes(), payload.as_bytes()].map(|part| BASE64URL_NOPAD.encode(part)).join(".");
        let signature = pair.sign(&random, text.as_bytes()).unwrap();
        let jws = format!("{text}.{}", BASE64URL_NOPAD.encode(signature.as_ref()));
        json!({ "kind": kind, "payload": payload, "jws": jws })
    };
    json!({
        "canonical": canonical(),
        "sets": sets(),
        "chain": chain(),
        "indicators": indicators(),
        "policyKeyPkcs8": BASE64.encode(&key),
        "policyKey": BASE64.encode(&spki),
        "kid": kid,
        "signed": documents().iter().map(|(kind, payload)| sign(kind, payload)).collect::<Vec<_>>(),
        "problems": ProblemKind::ALL.iter().map(|kind| kind.problem()).collect::<Vec<_>>(),
    })
}

/// The key of the vectors, which is for nothing else: published, so that others can sign with it too.
fn published_key() -> Vec<u8> {
    let text = fs::read_to_string(PUBLISHED).ok();
    let held = text.and_then(|text| {
        let value: Value = serde_json::from_str(&text).ok()?;
        BASE64.decode(value["policyKeyPkcs8"].as_str()?.as_bytes()).ok()
    });
    held.unwrap_or_else(|| {
        let random = SystemRandom::new();
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap().as_ref().to_vec()
    })
}

/// An app of each shape: the least there is, every field, texts that need escapes, identifiers beyond ASCII.
fn apps() -> Vec<(&'static str, App)> {
    let read = |value: Value| serde_json::from_value(value).unwrap();
    vec![
        ("an identifier alone", read(json!({ "id": "com.example.least" }))),
        (
            "every field",
            read(json!({
                "version": "70", "validated": true, "signers": [
                    { "sha1": "31a6ececd97cf39bc4126b8745cd94a7c30bf81c", "sha256": Digest::of(b"signer") },
                ],
                "shortVersion": "7.0", "name": "Example", "managed": false, "installer": "com.android.vending",
                "id": "com.example.whole", "fileSha256": Digest::of(b"file"), "dynamicSize": 9_007_199_254_740_991_u64,
                "deviceVpp": false, "bundleSize": 0, "beta": true, "appStoreVendable": true, "adHocSigned": false,
            })),
        ),
        (
            "texts that need escapes",
            read(json!({ "id": "com.example.text", "name": "\u{1}\u{8}\t\n\u{c}\r\"\\/\u{7f}é€\u{1f600}" })),
        ),
        ("an identifier beyond ASCII", read(json!({ "id": "com.éxample" }))),
        ("an identifier beyond the BMP", read(json!({ "id": "com.\u{1f600}" }))),
        ("an identifier at the end of the BMP", read(json!({ "id": "com.\u{ffee}" }))),
    ]
}

fn facts() -> Facts {
    Facts {
        agent_version: "0.1.0".into(),
        model: Some("Pixel \"7\"".into()),
        os_version: "14".into(),
        patch_level: Some("2026-10-05".into()),
        platform: "android".into(),
        ..Facts::default()
    }
}

fn canonical() -> Vec<Value> {
    let vector = |name: &str, written: String| {
        let sorted: Map<String, Value> = serde_json::from_str(&written).unwrap();
        let turned: Vec<String> =
            sorted.iter().rev().map(|(key, value)| format!("\"{key}\" : {value}")).collect();
        let given = format!("{{ {} }}", turned.join(" , "));
        json!({ "name": name, "given": given, "written": written, "sha256": Digest::of(written.as_bytes()) })
    };
    let mut out: Vec<Value> =
        apps().iter().map(|(name, app)| vector(name, serde_json::to_string(app).unwrap())).collect();
    for (_, app) in apps() {
        let written = serde_json::to_string(&app).unwrap();
        assert_eq!(app.digest(), Digest::of(written.as_bytes()));
    }
    out.push(vector("facts", serde_json::to_string(&facts()).unwrap()));
    out.push(vector("facts that stay on the device", serde_json::to_string(&Facts::default()).unwrap()));
    out
}

fn sets() -> Vec<Value> {
    let all: Vec<App> = apps().into_iter().map(|(_, app)| app).collect();
    let set = |name: &str, apps: &[&App]| json!({ "name": name, "apps": apps, "digest": set_digest(apps.iter().copied()) });
    vec![
        set("no app", &[]),
        set("one app", &[&all[0]]),
        set("every app, in no order", &[&all[4], &all[1], &all[5], &all[0], &all[3], &all[2]]),
    ]
}

/// Two reports of a chain, as they travel.
fn chain() -> Value {
    let facts_digest = Digest::of(&serde_json::to_vec(&facts()).unwrap());
    let apps: Vec<App> = apps().into_iter().map(|(_, app)| app).take(2).collect();
    let stamp = Stamp { boot: Boot(7), mono: Mono(60_000), wall: TIME };
    let first = Report {
        protocol: PROTOCOL,
        chain: ChainId::new([9; 16]),
        sequence: 1,
        previous: None,
        made: stamp,
        activation: Activation::Activated,
        protection: Protection::Protected,
        level: Some(Level::Secured),
        facts: FactsPart { digest: facts_digest, value: Some(facts()) },
        open: Some(Vec::new()),
        transitions: Vec::new(),
        inventory: Some(InventoryPart::Full { digest: set_digest(&apps), apps: apps.clone() }),
        diagnostics: Vec::new(),
        policy: 0,
        indicators: 0,
    };
    let body = serde_json::to_string(&first).unwrap();
    let second = Report {
        sequence: 2,
        previous: Some(Digest::of(body.as_bytes())),
        facts: FactsPart { digest: facts_digest, value: None },
        open: None,
        inventory: Some(InventoryPart::Digest { digest: set_digest(&apps) }),
        ..first
    };
    let next = serde_json::to_string(&second).unwrap();
    json!([
        { "body": body, "sha256": Digest::of(body.as_bytes()) },
        { "body": next, "sha256": Digest::of(next.as_bytes()) },
    ])
}

/// What the set of these vectors looks for.
fn looked_for() -> Vec<(IndicatorKind, String, u16)> {
    vec![
        (IndicatorKind::Package, "com.bad.example".into(), 0),
        (IndicatorKind::SignerSha1, "31a6ececd97cf39bc4126b8745cd94a7c30bf81c".into(), 0),
        (IndicatorKind::SignerSha256, Digest::of(b"signer").to_string(), 1),
        (IndicatorKind::FileSha256, Digest::of(b"file").to_string(), 1),
        (IndicatorKind::Domain, "c2.bad.example".into(), 0),
    ]
}

const BUCKETS: usize = 4;

fn buckets() -> Vec<Vec<u8>> {
    let mut buckets = vec![Vec::new(); BUCKETS];
    for (kind, value, index) in looked_for() {
        let entry = Entry::new(kind, &value, index);
        buckets[entry.bucket(BUCKETS)].push(entry);
    }
    for bucket in &mut buckets {
        bucket.sort_unstable();
    }
    buckets.iter().map(|bucket| bucket.iter().flat_map(|entry| entry.to_bytes()).collect()).collect()
}

fn indicators() -> Value {
    let entries: Vec<Value> = looked_for()
        .iter()
        .map(|(kind, value, index)| {
            json!({
                "kind": kind, "value": value, "classification": index, "sha256": indicator_hash(*kind, value),
                "entry": HEXLOWER.encode(&Entry::new(*kind, value, *index).to_bytes()),
                "bucket": bucket_of(*kind, value, BUCKETS),
            })
        })
        .collect();
    let buckets: Vec<Value> = buckets()
        .iter()
        .map(|bytes| json!({ "bytes": HEXLOWER.encode(bytes), "length": bytes.len(), "digest": Digest::of(bytes) }))
        .collect();
    json!({ "entries": entries, "buckets": buckets })
}

/// One document of each kind: its kind and its payload.
fn documents() -> Vec<(&'static str, String)> {
    let tenant = TENANT.parse().unwrap();
    let mut policy = Policy::new(tenant, 3, TIME);
    policy.app_sync = true;
    policy.ownership = Ownership::Company;
    policy.severities.insert(Classification::Adware, Severity::High);
    policy.ignorable.insert(Classification::DeveloperMode);
    policy.inspection_cas.push(Digest::of(b"an inspection CA"));
    let manifest = Manifest {
        kind: policy_kind::INDICATORS.into(),
        tenant,
        version: 2,
        expires: TIME,
        classifications: vec![Classification::Surveillanceware, Classification::Adware],
        buckets: buckets()
            .iter()
            .map(|bytes| Bucket { length: u32::try_from(bytes.len()).unwrap(), digest: Digest::of(bytes) })
            .collect(),
    };
    let command = CommandDocument {
        kind: policy_kind::COMMAND.into(),
        tenant,
        device: DEVICE.parse().unwrap(),
        nonce: Digest::of(b"nonce"),
        expires: TIME,
        command: SignedCommand::ReEnrol,
    };
    vec![
        (policy_kind::POLICY, text(&policy)),
        (policy_kind::INDICATORS, text(&manifest)),
        (policy_kind::COMMAND, text(&command)),
    ]
}

fn text(document: &impl Serialize) -> String {
    serde_json::to_string(document).unwrap()
}

fn trust(key: &str) -> Trust {
    let mut trust: Value = serde_json::from_str(include_str!("../fuzz/world/trust.json")).unwrap();
    trust["policyKeys"] = json!([key]);
    Trust::from_json(&trust.to_string()).unwrap()
}

fn opens(kind: &str, jws: &str, trust: &Trust) -> bool {
    fn opens<T: DeserializeOwned>(jws: &str, kind: &str, trust: &Trust) -> bool {
        match fuzzing::document::<T>(jws, kind, trust) {
            Document::Genuine(_) => true,
            Document::Unknown | Document::Forged => false,
        }
    }
    match kind {
        policy_kind::POLICY => opens::<Policy>(jws, kind, trust),
        policy_kind::INDICATORS => opens::<Manifest>(jws, kind, trust),
        policy_kind::COMMAND => opens::<CommandDocument>(jws, kind, trust),
        _ => false,
    }
}

/// The pointer of each value that has no parts, and the value.
fn leaves(value: &Value) -> Vec<(String, Value)> {
    let below = |(key, value): (String, &Value)| {
        leaves(value)
            .into_iter()
            .map(|(pointer, leaf)| (format!("/{key}{pointer}"), leaf))
            .collect::<Vec<_>>()
    };
    match value {
        Value::Object(parts) => {
            parts.iter().map(|(key, value)| (key.clone(), value)).flat_map(below).collect()
        }
        Value::Array(parts) => {
            parts.iter().enumerate().map(|(at, value)| (at.to_string(), value)).flat_map(below).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            vec![(String::new(), value.clone())]
        }
    }
}

/// Another value of the same type; of a text, the letter in the middle is another.
fn alter(value: &Value) -> Value {
    match value {
        Value::Bool(truth) => (!truth).into(),
        Value::Number(number) => (number.as_u64().unwrap() ^ 1).into(),
        Value::String(text) => {
            let mut letters: Vec<char> = text.chars().collect();
            let middle = letters.len() / 2;
            match letters.get_mut(middle) {
                Some(letter) => *letter = if *letter == 'a' { 'b' } else { 'a' },
                None => letters.push('a'),
            }
            letters.into_iter().collect::<String>().into()
        }
        Value::Null | Value::Array(_) | Value::Object(_) => Value::from("altered"),
    }
}
