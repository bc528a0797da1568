//! Every text that a device can send, as SQL and as HTML. The texts are found in a report that has every field: one that
//! is new is tried without anybody remembering it, and must be put into one of the lists below.

use std::collections::BTreeSet;

use agent_gateway::console::Route;
use agent_logic::model::{
    Activation, App, ChainId, Classification, Digest, Level, Protection, Severity, Signer, Subject, ThreatId,
};
use agent_logic::redact::Redacted;
use agent_logic::time::Wall;
use agent_logic::wire::{
    CHECK_IN_PATH, Diagnostic, Facts, FactsPart, InventoryPart, KeyProtection, OpenThreat, PROTOCOL, Report,
    Transition, TransitionKind, set_digest,
};
use hyper::{Method, StatusCode};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SanType};
use serde_json::Value;

use crate::console::Person;
use crate::device::stamp;
use crate::world::{A, World, basic, request};

/// Texts that are taken as they are, and shown.
const SHOWN: [&str; 13] = [
    "/facts/value/agentVersion",
    "/facts/value/model",
    "/facts/value/osVersion",
    "/facts/value/patchLevel",
    "/facts/value/platform",
    "/inventory/apps/0/id",
    "/inventory/apps/0/name",
    "/inventory/apps/0/shortVersion",
    "/inventory/apps/1/id",
    "/inventory/apps/1/name",
    "/inventory/apps/1/version",
    "/open/0/subject/id",
    "/open/1/subject/name",
];

/// Texts that are taken as they are, and shown nowhere. Of an app with a short version, that one is shown.
const HELD: [&str; 4] = [
    "/inventory/apps/0/installer",
    "/inventory/apps/0/version",
    "/inventory/apps/1/installer",
    "/transitions/0/subject/id",
];

/// A report with every field; none is left to a default.
fn everything() -> Report {
    let facts = Facts {
        agent_version: "0.1.0".into(),
        key_protection: Some(KeyProtection::System),
        model: Some("Pixel 8".into()),
        os_version: "14".into(),
        patch_level: Some("2026-11-01".into()),
        platform: "android".into(),
    };
    let signer =
        Signer { sha1: Some("07".repeat(20).try_into().unwrap()), sha256: Some(Digest::of(b"signer")) };
    let app = |id: &str, short: Option<&str>| App {
        ad_hoc_signed: Some(false),
        app_store_vendable: Some(true),
        beta: Some(false),
        bundle_size: Some(1),
        device_vpp: Some(false),
        dynamic_size: Some(2),
        file_sha256: Some(Digest::of(b"file")),
        id: id.parse().unwrap(),
        installer: Some("com.android.vending".parse().unwrap()),
        managed: Some(true),
        name: Some(Redacted::new("App".into())),
        short_version: short.map(|text| Redacted::new(text.into())),
        signers: vec![signer.clone()],
        updated: Some(Wall(3)),
        validated: Some(true),
        version: Some(Redacted::new("10".into())),
    };
    let apps = vec![app("com.example.a", Some("1.0")), app("com.example.b", None)];
    let threat = |id: u8, subject: Subject| OpenThreat {
        id: ThreatId::new([id; 16]),
        classification: Classification::Trojan,
        severity: Severity::High,
        subject,
        detected: stamp(1),
        ignored: false,
    };
    let in_app = || Subject::App { id: "com.example.a".parse().unwrap() };
    Report {
        protocol: PROTOCOL,
        chain: ChainId::new([0; 16]),
        sequence: 1,
        previous: None,
        made: stamp(1),
        activation: Activation::Activated,
        protection: Protection::Protected,
        level: Some(Level::High),
        facts: FactsPart { digest: Digest::of(b"facts"), value: Some(facts) },
        open: Some(vec![
            threat(1, in_app()),
            threat(2, Subject::Domain { name: Redacted::new("bad.example".into()) }),
        ]),
        transitions: vec![Transition {
            ordinal: 1,
            kind: TransitionKind::Opened,
            id: ThreatId::new([1; 16]),
            classification: Classification::Trojan,
            severity: Severity::High,
            subject: in_app(),
            detected: stamp(1),
            at: stamp(1),
        }],
        inventory: Some(InventoryPart::Full { digest: set_digest(&apps), apps }),
        diagnostics: vec![Diagnostic { code: 302, count: 1, last: stamp(1) }],
        policy: 1,
        indicators: 0,
    }
}

/// Where texts stand in `value`, as JSON pointers.
fn texts(value: &Value, at: &str, out: &mut Vec<String>) {
    match value {
        Value::String(_) => out.push(at.to_owned()),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(nth, item)| texts(item, &format!("{at}/{nth}"), out));
        }
        Value::Object(map) => map.iter().for_each(|(key, item)| texts(item, &format!("{at}/{key}"), out)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The report with `text` at `at`, digests made to fit where it can be read at all.
fn with(report: &Value, at: &str, text: &str) -> Vec<u8> {
    let mut report = report.clone();
    *report.pointer_mut(at).unwrap() = text.into();
    let Ok(mut read) = serde_json::from_value::<Report>(report.clone()) else {
        return report.to_string().into_bytes();
    };
    if let Some(InventoryPart::Full { digest, apps }) = &mut read.inventory
        && at != "/inventory/full/digest"
    {
        *digest = set_digest(apps.iter());
    }
    serde_json::to_vec(&read).unwrap()
}

#[tokio::test]
async fn a_text_that_is_sql_and_html_is_a_text_on_every_page_or_is_refused() {
    let world = World::new().await;
    world.command(&["policy", "--app-sync", "on", "--ownership", "company"]);
    let identity = world.activate(A).await;
    let mut person = Person::new(&world);
    person.log_in(&world.made.admin_password.reveal().clone()).await;
    let report = serde_json::to_value(everything()).unwrap();
    let mut all = Vec::new();
    texts(&report, "", &mut all);
    assert!(all.len() > 30, "{all:?}");
    let (mut shown, mut held) = (BTreeSet::new(), BTreeSet::new());
    for (nth, at) in all.iter().enumerate() {
        let text = format!("\"><script>n{nth}</script>'); DROP TABLE device; --");
        let mut report = report.clone();
        report["chain"] = format!("{nth:032x}").into();
        let sent = request(Method::POST, CHECK_IN_PATH, with(&report, at, &text));
        let answer = world.send(Some(&identity), sent).await;
        if answer.status == StatusCode::BAD_REQUEST {
            continue;
        }
        assert_eq!(answer.status, StatusCode::OK, "{at}");
        let mut is_shown = false;
        for route in Route::ALL.into_iter().filter(|route| route.method() == "get") {
            let page = person.get(&route.path().replace("{id}", A)).await;
            let body = page.text();
            let kind = page.headers.get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
            if kind.is_some_and(|kind| kind.starts_with("text/html")) {
                assert!(!body.contains("<script"), "{at} on {}", route.path());
                is_shown |=
                    body.contains(&format!("&quot;&gt;&lt;script&gt;n{nth}&lt;/script&gt;&#39;); DROP"));
            } else {
                assert_eq!(page.headers["x-content-type-options"], "nosniff", "{}", route.path());
            }
        }
        if is_shown { &mut shown } else { &mut held }.insert(at.as_str());
        assert_eq!(world.ask::<i64>("SELECT count(*) FROM device"), 1, "{at}");
    }
    assert_eq!(shown, BTreeSet::from(SHOWN));
    assert_eq!(held, BTreeSet::from(HELD));
}

#[tokio::test]
async fn a_certificate_request_may_name_nothing_but_the_device() {
    let world = World::new().await;
    let key = KeyPair::generate().unwrap();
    let request = |names: &[(DnType, &str)], more: Option<&str>| {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        for (kind, text) in names {
            params.distinguished_name.push(kind.clone(), *text);
        }
        let own = format!("urn:uuid:{A}");
        let sans = [own.as_str()].into_iter().chain(more);
        params.subject_alt_names = sans.map(|san| SanType::URI(san.try_into().unwrap())).collect();
        params.serialize_request(&key).unwrap().der().to_vec()
    };
    let hostile = "<script>'); DROP TABLE device; --";
    for (csr, taken) in [
        (request(&[(DnType::CommonName, hostile)], None), false),
        (request(&[(DnType::CommonName, A), (DnType::OrganizationName, hostile)], None), false),
        (request(&[(DnType::CommonName, A)], Some("urn:uuid:ab0dc123-9843-405f-be28-b2265c59ef97")), false),
        (request(&[(DnType::CommonName, A)], None), true),
    ] {
        let code = world.code(A);
        let answer = world.enrol(Some(&basic(A, &code)), &csr).await;
        assert_eq!(answer.status.is_success(), taken, "{}", answer.text());
    }
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM certificate"), 1);
}
