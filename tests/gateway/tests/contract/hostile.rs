//! Bodies and texts of a device that means harm.

use std::io::Write as _;
use std::sync::Arc;

use agent_logic::model::Signer;
use agent_logic::redact::Redacted;
use agent_logic::wire::{CHECK_IN_PATH, MAX_REPORT, ProblemKind, Report};
use axum::body::Body;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use hyper::{Method, Request, StatusCode};
use rcgen::{CertificateParams, DnType, KeyPair, SanType};

use crate::console::Person;
use crate::device::{Chain, app, full, open};
use crate::flood::Other;
use crate::world::{A, B, Identity, World, request};

fn compressed(bytes: &[u8]) -> Request<Body> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    let mut request = request(Method::POST, CHECK_IN_PATH, encoder.finish().unwrap());
    request.headers_mut().insert(CONTENT_ENCODING, "gzip".parse().unwrap());
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gzip_bomb_and_an_oversized_body_are_too_large_and_nobody_else_waits() {
    let world = Arc::new(World::new().await);
    let identity = world.activate(A).await;
    let other = Other::begin(&world).await;
    let bomb = compressed(&vec![b' '; 200 * 1024 * 1024]);
    assert_eq!(world.send(Some(&identity), bomb).await.problem(), ProblemKind::TooLarge);

    let mut announced = request(Method::POST, CHECK_IN_PATH, Body::empty());
    announced.headers_mut().insert(CONTENT_LENGTH, "41943040".parse().unwrap());
    assert_eq!(world.send(Some(&identity), announced).await.problem(), ProblemKind::TooLarge);

    let good = compressed(&serde_json::to_vec(&Chain::new(1).report()).unwrap());
    assert_eq!(world.send(Some(&identity), good).await.status, StatusCode::OK, "and the gateway lives");
    other.unharmed().await;
}

/// The device `A` as the certificate of another authority names it.
fn forged() -> Identity {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, A);
    params.subject_alt_names = vec![SanType::URI(format!("urn:uuid:{A}").try_into().unwrap())];
    let certificate = params.self_signed(&key).unwrap().der().to_vec();
    Identity { key, certificate }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_who_it_says_is_refused_and_nobody_else_is() {
    let world = Arc::new(World::new().await);
    let identity = world.activate(A).await;
    // The device B.
    let other = Other::begin(&world).await;
    let report = serde_json::to_value(Chain::new(1).report()).unwrap();
    let check_in = |body: &serde_json::Value| request(Method::POST, CHECK_IN_PATH, body.to_string());
    assert_eq!(world.send(None, check_in(&report)).await.problem(), ProblemKind::CertificateRequired);
    assert!(world.try_send(Some(&forged()), check_in(&report)).await.is_none(), "no answer at all");
    let renewal = world.renew(&identity, &KeyPair::generate().unwrap(), B).await;
    assert_eq!(renewal.problem(), ProblemKind::RequestInvalid, "A does not become B");
    let code = world.command(&["code", "--device", A, "--valid-minutes", "0"]);
    let late = world.enrol_with(A, &code, &KeyPair::generate().unwrap()).await;
    assert_eq!(late.problem(), ProblemKind::CredentialExpired);
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM device WHERE chain IS NOT NULL AND id LIKE 'b9%'"), 0);

    // A body has no place for a name; what it says there is passed over.
    let mut claims = report;
    for (key, value) in [("deviceId", B), ("device", B), ("id", B), ("tenant", B)] {
        claims[key] = value.into();
    }
    assert_eq!(world.send(Some(&identity), check_in(&claims)).await.status, StatusCode::OK);
    let chain = Chain::new(1).report().chain.to_string();
    let whose: String = world.ask(&format!("SELECT id FROM device WHERE chain = '{chain}'"));
    assert_eq!(whose, A);
    other.unharmed().await;
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM certificate"), 2);
}

#[tokio::test]
async fn what_is_no_report_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let identity = world.activate(A).await;
    let report = Chain::new(1).report();
    let without_open = Report { open: None, ..report.clone() };
    let other_protocol = Report { protocol: 2, ..report.clone() };
    let whole = serde_json::to_vec(&report).unwrap();
    let mut with_previous = report.clone();
    with_previous.previous = Some(agent_logic::model::Digest::of(b"nothing came before"));
    for body in [
        Vec::new(),
        b"{}".to_vec(),
        vec![b'['; 100_000],
        vec![0xff; 100],
        whole[..whole.len() - 1].to_vec(),
        serde_json::to_vec(&without_open).unwrap(),
        serde_json::to_vec(&with_previous).unwrap(),
        serde_json::to_vec(&other_protocol).unwrap(),
    ] {
        assert!(body.len() < MAX_REPORT);
        let answer = world.send(Some(&identity), request(Method::POST, CHECK_IN_PATH, body)).await;
        assert_eq!((answer.problem(), answer.status), (ProblemKind::ReportInvalid, StatusCode::BAD_REQUEST));
    }
    let mut garbled = compressed(&whole);
    *garbled.body_mut() = Body::from(vec![0x1f, 0x8b, 8, 0, 1, 2, 3]);
    assert_eq!(world.send(Some(&identity), garbled).await.problem(), ProblemKind::ReportInvalid);
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM device WHERE chain IS NOT NULL"), 0);
}

#[tokio::test]
async fn an_app_beyond_its_bounds_makes_a_report_invalid() {
    let world = World::new().await;
    let identity = world.activate(A).await;
    let mut many = app("com.example");
    many.signers = vec![Signer { sha1: None, sha256: None }; 9];
    let mut long = app("com.example");
    long.name = Some(Redacted::new("x".repeat(256)));
    let listed = Report { inventory: Some(full(&[app("com.example")])), ..Chain::new(1).report() };
    let mut listed = serde_json::to_value(&listed).unwrap();
    listed["facts"] = serde_json::json!([listed["facts"]["digest"], listed["facts"]["value"]]);
    let listed = request(Method::POST, CHECK_IN_PATH, listed.to_string());
    assert_eq!(world.send(Some(&identity), listed).await.problem(), ProblemKind::ReportInvalid);
    let uncounted = crate::device::transition(0, agent_logic::wire::TransitionKind::Opened, 1);
    let uncounted = Report { transitions: vec![uncounted], ..Chain::new(1).report() };
    assert_eq!(world.report(&identity, &uncounted).await.problem(), ProblemKind::ReportInvalid);
    for beyond in [many, long] {
        let report = Report { inventory: Some(full(&[beyond])), ..Chain::new(1).report() };
        assert_eq!(world.report(&identity, &report).await.problem(), ProblemKind::ReportInvalid);
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_document() {
    let world = World::new().await;
    for (method, path, status) in
        [(Method::GET, "/", 404), (Method::POST, "/v1/other", 404), (Method::GET, CHECK_IN_PATH, 405)]
    {
        let answer = world.send(None, request(method, path, Body::empty())).await;
        assert_eq!((answer.problem(), answer.status.as_u16()), (ProblemKind::NotFound, status));
        assert_eq!(answer.headers.contains_key("allow"), status == 405, "{path}");
    }
}

#[tokio::test]
async fn the_console_shows_hostile_texts_as_texts() {
    let world = World::new().await;
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let mut threat = open(1, agent_logic::model::Classification::Trojan);
    threat.subject = agent_logic::model::Subject::App { id: "<script>alert('a')</script>".parse().unwrap() };
    let mut report = Report { open: Some(vec![threat]), ..chain.report() };
    let facts = report.facts.value.as_mut().unwrap();
    facts.model = Some("\"><img src=x onerror=alert(1)>".into());
    facts.os_version = "</dd><h1>14".into();
    world.check_in(&identity, &mut chain, &report).await;

    let mut person = Person::new(&world);
    assert_eq!(person.get("/").await.status, StatusCode::SEE_OTHER, "to the login");
    assert_eq!(person.get("/devices.json").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(person.get("/healthz").await.status, StatusCode::OK);
    let password = world.made.admin_password.reveal().clone();
    person.log_in(&password).await;
    for path in ["/", &format!("/devices/{A}")] {
        let answer = person.get(path).await;
        assert_eq!(answer.status, StatusCode::OK);
        let page = answer.text();
        assert!(page.contains("&quot;&gt;&lt;img src=x"), "{path}");
        assert!(
            page.contains("Blocked where Secured, Low or Medium is required") && page.contains("TROJAN"),
            "{path}"
        );
        for raw in ["<script", "<img", "</dd><h1>14", "onerror=alert(1)>"] {
            assert!(!page.contains(raw), "{path}: {raw}");
        }
    }
    assert!(person.get(&format!("/devices/{A}")).await.text().contains("&lt;script&gt;alert(&#39;a&#39;)"));
    let json: serde_json::Value = serde_json::from_str(&person.get("/devices.json").await.text()).unwrap();
    assert_eq!(json["devices"][0]["level"], "high");
}
