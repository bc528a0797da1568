//! The contract's cases against our own gateway, against one that breaks a rule, and with a credential that is none.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[expect(dead_code, reason = "other tests use the rest")]
#[path = "support/gateway.rs"]
mod gateway;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use agent_gateway::home::Home;
use agent_gateway::serve::{self, Options};
use agent_gateway::stop::Stop;
use agent_gateway::{api, server};
use agent_tests::device::conform::{Outcome, Row, conform};
use axum::Router;
use axum::extract::Request;
use axum::http::header::{
    ALLOW, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RANGE, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;
use gateway::Gateway;
use tokio::net::TcpListener;

const DEVICE: &str = "b9841cd9-9843-405f-be28-b2265c59ef97";

#[test]
fn our_gateway_passes_every_case() {
    let gateway = Gateway::start();
    for row in rows(&gateway.file("gateway"), gateway.address()) {
        assert_eq!(row.outcome, Outcome::Pass, "{}", row.case);
    }
}

/// Every case at the server of `home` that listens on `address`, with apps shared and indicators to fetch.
fn rows(home: &Path, address: SocketAddr) -> Vec<Row> {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/data/stalkerware-indicators");
    let (ioc, samples) = (format!("{data}/ioc.yaml"), format!("{data}/samples.csv"));
    administer(home, &["policy", "--app-sync", "on", "--ownership", "company"]);
    administer(home, &["indicators", "--ioc", &ioc, "--samples", &samples]);
    let code = administer(home, &["code", "--device", DEVICE]);
    let key = administer(home, &["enrolment-key", "--group", "conform"]);
    let gateway = format!("localhost:{}", address.port());
    let rows =
        conform(&home.join("trust.json"), &gateway, DEVICE.parse().unwrap(), &code, Some(&key)).unwrap();
    assert!(rows.len() >= 45, "{} cases", rows.len());
    rows
}

fn administer(home: &Path, args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_interop-gateway"))
        .args(args)
        .arg("--dir")
        .arg(home)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// One rule broken between a client and the reference gateway, and a case that must notice.
struct Fault {
    case: &'static str,
    ask: fn(&mut Request),
    answer: fn(&mut Response),
    /// What becomes of an answer in JSON.
    said: fn(&str) -> String,
}

const UNCHANGED: Fault = Fault { case: "", ask: |_| {}, answer: |_| {}, said: str::to_owned };

const FAULTS: [Fault; 16] = [
    Fault {
        case: "a method that an address does not have is answered 405",
        answer: |answer| {
            answer.headers_mut().remove(ALLOW);
        },
        ..UNCHANGED
    },
    Fault {
        case: "the policy is signed as the contract says, by a key that the app has",
        // Of what is signed, the header says another thing.
        said: |text| text.replace("\"policy\":\"eyJhbGciOiJF", "\"policy\":\"eyJhbGciOiJG"),
        ..UNCHANGED
    },
    Fault {
        case: "the manifest of the indicators is signed so too",
        said: |text| {
            let (before, jws) = text.split_once("\"indicators\":\"").unwrap_or((text, ""));
            let (jws, after) = jws.split_once('"').unwrap_or((jws, ""));
            let shorter = jws.get(..jws.len().saturating_sub(4)).unwrap_or_default();
            if jws.is_empty() { text.into() } else { format!("{before}\"indicators\":\"{shorter}\"{after}") }
        },
        ..UNCHANGED
    },
    Fault {
        case: "facts that the cloud does not hold are asked for",
        said: |text| text.replace("\"resync\"", "\"rescan\""),
        ..UNCHANGED
    },
    Fault {
        case: "a threat that opens makes the level in force and is named",
        said: |text| text.replace("\"level\":\"high\",\"health\"", "\"level\":\"medium\",\"health\""),
        ..UNCHANGED
    },
    Fault {
        case: "of two open threats the worse is named first and makes the level",
        said: |text| {
            let mut answer: serde_json::Value = serde_json::from_str(text).unwrap();
            if let Some(why) = answer.get_mut("why").and_then(serde_json::Value::as_array_mut) {
                why.reverse();
            }
            answer.to_string()
        },
        ..UNCHANGED
    },
    Fault {
        case: "a new chain without open threats ends those that the cloud held",
        said: |text| text.replace("\"level\":\"secured\",\"health\"", "\"level\":\"high\",\"health\""),
        ..UNCHANGED
    },
    Fault {
        case: "an unknown address is the problem not-found",
        answer: |answer| {
            answer.headers_mut().remove(CONTENT_TYPE);
        },
        ..UNCHANGED
    },
    Fault {
        case: "enrolment without a credential is refused with a challenge",
        answer: |answer| {
            answer.headers_mut().remove(WWW_AUTHENTICATE);
        },
        ..UNCHANGED
    },
    Fault {
        case: "a clone's report in place of the last one is the problem chain-broken",
        answer: |answer| becomes(answer, StatusCode::CONFLICT, StatusCode::OK),
        ..UNCHANGED
    },
    Fault {
        case: "a compressed body that grows above the bound is the problem too-large",
        answer: |answer| becomes(answer, StatusCode::PAYLOAD_TOO_LARGE, StatusCode::BAD_REQUEST),
        ..UNCHANGED
    },
    Fault {
        case: "a compressed report is read",
        ask: |request| {
            request.headers_mut().remove(CONTENT_ENCODING);
        },
        ..UNCHANGED
    },
    Fault {
        case: "a range of the indicators is the bytes that the manifest describes",
        ask: |request| {
            request.headers_mut().remove(RANGE);
        },
        ..UNCHANGED
    },
    Fault {
        case: "headers that name a device are no certificate",
        ask: |request| {
            if request.headers().contains_key("x-ssl-client-verify") {
                *request.uri_mut() = "/.well-known/est/cacerts".parse().unwrap();
                *request.method_mut() = Method::GET;
            }
        },
        ..UNCHANGED
    },
    Fault {
        case: "renewal in another device's name is the problem request-invalid",
        answer: |answer| becomes(answer, StatusCode::BAD_REQUEST, StatusCode::OK),
        ..UNCHANGED
    },
    Fault {
        case: "who asks too often is told when to come again",
        answer: |answer| {
            answer.headers_mut().remove(RETRY_AFTER);
        },
        ..UNCHANGED
    },
];

fn becomes(answer: &mut Response, from: StatusCode, to: StatusCode) {
    if answer.status() == from {
        *answer.status_mut() = to;
    }
}

#[test]
fn each_broken_rule_fails_its_case() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for fault in FAULTS {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(folder.path().join("gateway"));
        administer(home.dir(), &["init"]);
        let case = fault.case;
        let address = runtime.block_on(serve(&home, fault));
        let failed = rows(home.dir(), address);
        let failed: Vec<&str> =
            failed.iter().filter(|row| matches!(row.outcome, Outcome::Fail(_))).map(|row| row.case).collect();
        assert!(failed.contains(&case), "{case} did not fail; these did: {failed:?}");
    }
}

/// The reference gateway of `home` behind `fault`.
async fn serve(home: &Home, fault: Fault) -> SocketAddr {
    let running = serve::start(&Options::on_loopback(home)).await.unwrap();
    let (ask, answer, said) = (fault.ask, fault.answer, fault.said);
    let broken = middleware::from_fn(move |mut request: Request, next: Next| async move {
        ask(&mut request);
        let mut response = next.run(request).await;
        answer(&mut response);
        if response.headers().get(CONTENT_TYPE).is_none_or(|kind| kind != "application/json") {
            return response;
        }
        let (mut head, body) = response.into_parts();
        head.headers.remove(CONTENT_LENGTH);
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Response::from_parts(head, said(std::str::from_utf8(&body).unwrap()).into())
    });
    // Around the router, not in it: an address may change.
    let router = Router::new().fallback_service(api::routes(Arc::clone(&running.gateway))).layer(broken);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let tls = server::tls(home).unwrap();
    tokio::spawn(async move {
        let (_stop, stopping) = Stop::new();
        server::serve_devices(Arc::clone(&running.gateway), listener, tls, router, stopping).await;
    });
    address
}

#[test]
fn what_a_server_does_wrong_fails_and_what_depends_on_it_is_skipped() {
    let gateway = Gateway::start();
    let trust = gateway.file("gateway").join("trust.json");
    let output = Command::new(env!("CARGO_BIN_EXE_mtd-device"))
        .arg("--trust")
        .arg(&trust)
        .args(["conform", "--device", DEVICE, "--code", "no-such-code", "--gateway"])
        .arg(format!("localhost:{}", gateway.address().port()))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success());
    assert!(text.contains("pass  cacerts answers"), "{text}");
    assert!(text.contains("FAIL  enrolment with the code"), "{text}");
    assert!(text.contains("skip  the first report of a chain"), "{text}");
}
