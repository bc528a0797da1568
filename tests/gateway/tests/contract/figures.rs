//! What Prometheus reads, and what the log says: both of a live gateway, neither of any one device.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use agent_logic::model::Classification;
use agent_logic::redact::Redacted;
use agent_logic::wire::{CHECK_IN_PATH, Report};
use axum::body::Body;
use hyper::{Method, StatusCode};
use rcgen::KeyPair;
use serde_json::Value;
use tokio::net::TcpSocket;

use crate::device::{Chain, app, full, open};
use crate::flood::shake;
use crate::process::Served;
use crate::world::{A, B, World, csr, plain_send, request};

pub(crate) async fn scrape(url: &str) -> (String, String) {
    let (address, path) = url.trim_start_matches("http://").split_once('/').unwrap();
    let answer = plain_send(address, request(Method::GET, &format!("/{path}"), Body::empty())).await;
    assert_eq!(answer.status, StatusCode::OK);
    (answer.headers["content-type"].to_str().unwrap().to_owned(), answer.text())
}

/// The value of a line that begins with `name`.
pub(crate) fn value(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.expect(name).parse().unwrap()
}

#[tokio::test]
async fn prometheus_reads_counts_of_what_happened_and_no_word_of_a_device() {
    let world = World::new().await;
    world.command(&["policy", "--app-sync", "on", "--ownership", "company"]);
    world.command(&["group", "--name", "Marker Sales", "--add", B]);
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let mut named = app("com.example.marker");
    named.name = Some(Redacted::new("Marker of an app".into()));
    let mut report = Report {
        inventory: Some(full(&[named])),
        open: Some(vec![open(1, Classification::Trojan)]),
        ..chain.report()
    };
    report.facts.value.as_mut().unwrap().model = Some("Marker of a model".into());
    world.check_in(&identity, &mut chain, &report).await;
    world.send(None, request(Method::POST, CHECK_IN_PATH, "{}")).await;
    world.send(None, request(Method::GET, "/marker-of-a-path", Body::empty())).await;

    let (kind, text) = scrape(&world.running.ready.metrics).await;
    assert!(kind.starts_with("application/openmetrics-text; version=1.0.0"), "{kind}");
    assert!(text.ends_with("# EOF\n"), "{text}");
    for (name, expected) in [
        (r#"mtd_gateway_requests_total{route="/v1/check-in",status="200"}"#, 1.0),
        (r#"mtd_gateway_requests_total{route="/v1/check-in",status="401"}"#, 1.0),
        (r#"mtd_gateway_requests_total{route="other",status="404"}"#, 1.0),
        (r#"mtd_gateway_request_seconds_count{of="/v1/check-in"}"#, 2.0),
        (r#"mtd_gateway_handshakes_total{of="full"}"#, 4.0),
        (r#"mtd_gateway_devices{of="activated"}"#, 1.0),
        (r#"mtd_gateway_devices{of="pending"}"#, 1.0),
        (r#"mtd_gateway_devices_at_level{of="high"}"#, 1.0),
        (r#"mtd_gateway_connections_pushed_out_total{of="strangers"}"#, 0.0),
        ("mtd_gateway_connections_total", 4.0),
        ("mtd_gateway_connector_failures", 0.0),
    ] {
        assert!((value(&text, name) - expected).abs() < 0.5, "{name} is not {expected} in\n{text}");
    }
    assert!(
        value(&text, "mtd_gateway_database_works_total")
            >= value(&text, "mtd_gateway_database_commits_total")
    );
    for marker in [A, B, "arker", "com.example", &world.made.tenant.reveal()] {
        assert!(!text.contains(marker), "{marker} in\n{text}");
    }
    let labels: BTreeSet<&str> =
        text.split(['{', ',']).skip(1).filter_map(|rest| Some(rest.split_once("=\"")?.0)).collect();
    assert_eq!(labels, ["le", "of", "route", "status"].into_iter().collect());

    // They are on a listener of their own.
    let device = world.send(Some(&identity), request(Method::GET, "/metrics", Body::empty())).await;
    assert_eq!(device.status, StatusCode::NOT_FOUND);
    let console = world.running.ready.console.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let console = plain_send(&console, request(Method::GET, "/metrics", Body::empty())).await;
    assert_eq!(console.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn each_line_of_the_log_is_an_object_that_names_nobody() {
    let world = World::new().await;
    let served = Served::start(&world.home, &["--log"]);
    let code = world.code(A);
    let key = KeyPair::generate().unwrap();
    let answer = world.enrol_with(A, &code, &key).await;
    let identity = crate::world::Identity { key, certificate: answer.certificate() };
    let mut report = Chain::new(1).report();
    report.facts.value.as_mut().unwrap().model = Some("Marker of a model".into());
    report.open = Some(vec![open(1, Classification::Trojan)]);
    let good = serde_json::to_vec(&report).unwrap();
    for (path, identity, body) in [
        (CHECK_IN_PATH, Some(&identity), good),
        (CHECK_IN_PATH, Some(&identity), b"marker of a body".to_vec()),
        (CHECK_IN_PATH, None, b"marker of a body".to_vec()),
        ("/marker-of-a-path?marker=of-a-query", Some(&identity), Vec::new()),
        ("/.well-known/est/simpleenroll", None, csr(&KeyPair::generate().unwrap(), B)),
    ] {
        // An address that would be seen.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.77:0".parse().unwrap()).unwrap();
        let tcp = socket.connect(served.address()).await.unwrap();
        let stream = shake(&world, tcp, identity).await;
        let io = hyper_util::rt::TokioIo::new(stream);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
        tokio::spawn(connection);
        let mut request = request(Method::POST, path, body);
        request.headers_mut().insert("user-agent", "marker-of-a-client".parse().unwrap());
        request
            .headers_mut()
            .insert("authorization", crate::world::basic(B, "marker-of-a-code").parse().unwrap());
        sender.send_request(request).await.unwrap();
    }
    let begun = Instant::now();
    while served.log().matches("\"answered\"").count() < 5 {
        assert!(begun.elapsed() < Duration::from_secs(20), "{}", served.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let log = served.log();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    for line in &lines {
        for key in ["time", "level", "target", "message"] {
            assert!(line[key].is_string(), "{line}");
        }
    }
    let answered = |status: u16| {
        lines.iter().any(|line| {
            line["message"] == "answered" && line["route"] == CHECK_IN_PATH && line["status"] == status
        })
    };
    assert!(answered(200) && answered(400) && answered(401), "{log}");
    let serial: String = world.ask("SELECT serial FROM certificate");
    let password = world.made.admin_password.reveal();
    for marker in [A, B, &code, "arker", "127.0.0.77", "com.example", &serial, password] {
        assert!(!log.contains(marker), "{marker} in\n{log}");
    }
}
