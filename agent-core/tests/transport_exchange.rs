//! Check-ins against servers that are honest, broken or hostile: what comes back is typed and has its remedy.
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

use std::io::{ErrorKind, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use agent_logic::command::Origin;
use agent_logic::event::Answer as CheckedIn;
use agent_logic::failure::{Remedy, SendFailure, Unreadable};
use agent_logic::model::Level;
use agent_logic::time::Wall;
use agent_logic::wire::ProblemKind;
use flate2::Compression;
use flate2::write::GzEncoder;
use rustls::{ServerConnection, StreamOwned};

use cloud::{ANSWER, Answer, Cloud, Tls, http, json};
use device::{DEADLINE, Device};
use pki::Ca;

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

/// One check-in with a server that answers `bytes`.
fn answered(bytes: impl Into<Vec<u8>>) -> Result<Box<CheckedIn>, SendFailure> {
    let ca = Ca::new("Partner");
    let cloud = Cloud::saying(Tls::new(ca.server()), bytes);
    let device = Device::of(&ca);
    device.transport.send(&device.exchange(&cloud.origin, "{}"), DEADLINE)
}

fn assert_failure(got: Result<Box<CheckedIn>, SendFailure>, failure: SendFailure, remedy: Remedy) {
    let got = got.unwrap_err();
    assert_eq!(got, failure);
    assert_eq!(got.remedy(), remedy);
}

#[test]
fn a_report_is_sent_as_it_is_and_the_answer_read() {
    let ca = Ca::new("Partner");
    let cloud = Cloud::saying(Tls::with_clients(ca.server(), ca.der()), json(ANSWER));
    let device = Device::of(&ca);
    let body = r#"{"protocol":1}"#;
    let answer = device.transport.send(&device.exchange(&cloud.origin, body), DEADLINE).unwrap();
    assert_eq!(answer.reply.level, Level::Secured);
    assert_eq!(answer.reply.acknowledged, 1);
    assert_eq!(answer.forged, 0);
    // 2040-01-01
    assert_eq!(answer.server_valid_until, Wall(2_208_988_800_000));
    assert!(answer.traffic.up > 500 && answer.traffic.down > 500);

    let seen = cloud.seen();
    assert_eq!(seen.client_certificates, 1);
    assert_eq!(seen.asked.len(), 1);
    assert_eq!(seen.asked[0].line, "POST /v1/check-in HTTP/1.1");
    assert_eq!(seen.asked[0].body, body.as_bytes());
    let names: Vec<&str> = seen.asked[0].headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["host", "content-type", "accept-encoding", "content-length"]);
}

#[test]
fn a_long_report_travels_compressed_and_a_compressed_answer_is_read() {
    let ca = Ca::new("Partner");
    let packed = http(
        "200 OK",
        "content-type: application/json; charset=utf-8\r\ncontent-encoding: gzip\r\n",
        gzip(ANSWER.as_bytes()),
    );
    let cloud = Cloud::saying(Tls::new(ca.server()), packed);
    let device = Device::of(&ca);
    let body = format!("{{\"long\":\"{}\"}}", "x".repeat(2000));
    let answer = device.transport.send(&device.exchange(&cloud.origin, &body), DEADLINE).unwrap();
    assert_eq!(answer.reply.level, Level::Secured);
    let asked = &cloud.seen().asked[0];
    assert_eq!(asked.header("content-encoding"), Some("gzip"));
    let mut plain = String::new();
    flate2::read::GzDecoder::new(asked.body.as_slice()).read_to_string(&mut plain).unwrap();
    assert_eq!(plain, body);
}

#[test]
fn statuses_mean_what_the_contract_says() {
    let retry = |seconds| Some(Duration::from_secs(seconds));
    for (status, headers, failure, remedy) in [
        ("500 Oops", "", SendFailure::Unavailable(None), Remedy::Retry(None)),
        ("503 Busy", "retry-after: 120\r\n", SendFailure::Unavailable(retry(120)), Remedy::Retry(retry(120))),
        ("429 Slow", "retry-after: 60\r\n", SendFailure::Throttled(retry(60)), Remedy::Retry(retry(60))),
        (
            "503 Busy",
            // Before the time the device trusts.
            "retry-after: Sun, 17 Mar 2030 17:40:00 GMT\r\n",
            SendFailure::Unavailable(retry(5)),
            Remedy::Retry(retry(5)),
        ),
        ("404 Nothing", "", SendFailure::Problem(ProblemKind::NotFound), Remedy::Retry(None)),
        (
            "302 Elsewhere",
            "location: https://evil.example/\r\n",
            SendFailure::Redirected,
            Remedy::Retry(None),
        ),
        ("204 Nothing", "", SendFailure::Unreadable(Unreadable::Malformed), Remedy::Retry(None)),
    ] {
        assert_failure(answered(http(status, headers, "")), failure, remedy);
    }
}

#[test]
fn a_problem_document_says_more_than_the_status() {
    for (kind, remedy) in [
        (ProblemKind::ChainBroken, Remedy::NewChain),
        (ProblemKind::Revoked, Remedy::Stop),
        (ProblemKind::CertificateRequired, Remedy::Reactivate),
    ] {
        let problem = kind.problem();
        let status = format!("{} No", problem.status);
        let body = serde_json::to_vec(&problem).unwrap();
        let bytes = http(&status, "content-type: application/problem+json\r\n", body);
        assert_failure(answered(bytes), SendFailure::Problem(kind), remedy);
    }
    // The same body under another media type is somebody else's.
    let body = serde_json::to_vec(&ProblemKind::Revoked.problem()).unwrap();
    let bytes = http("403 No", "content-type: text/html\r\n", body);
    assert_failure(answered(bytes), SendFailure::Problem(ProblemKind::Other), Remedy::Retry(None));
}

// R2
#[test]
fn a_redirect_elsewhere_gets_nothing() {
    let ca = Ca::new("Partner");
    let elsewhere = Cloud::saying(Tls::new(ca.server()), json(ANSWER));
    let location = format!("location: https://localhost:{}/\r\n", elsewhere.origin.port);
    let cloud = Cloud::saying(Tls::new(ca.server()), http("307 There", &location, ""));
    let device = Device::of(&ca);
    let got = device.transport.send(&device.exchange(&cloud.origin, "{}"), DEADLINE);
    assert_failure(got, SendFailure::Redirected, Remedy::Retry(None));
    assert_eq!(elsewhere.seen().connections, 0);
}

#[test]
fn a_truncated_answer_is_not_believed() {
    let whole = json(ANSWER);
    let chunked =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"ser";
    let packed = gzip(ANSWER.as_bytes());
    let half = http(
        "200 OK",
        "content-type: application/json\r\ncontent-encoding: gzip\r\n",
        &packed[..packed.len() - 9],
    );
    for bytes in [&whole[..whole.len() - 1], &whole[..20], &[], chunked.as_slice(), half.as_slice()] {
        assert_failure(answered(bytes), SendFailure::Unreadable(Unreadable::Truncated), Remedy::Retry(None));
    }
}

#[test]
fn an_answer_beyond_the_bound_is_dropped_at_the_bound() {
    let too_large = SendFailure::Unreadable(Unreadable::TooLarge);
    let forty = 40 * 1024 * 1024;
    // Announced and never sent.
    let head =
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {forty}\r\n\r\n");
    assert_failure(answered(head), too_large.clone(), Remedy::Retry(None));

    // Sent without being announced.
    let ca = Ca::new("Partner");
    let mut endless = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n".to_vec();
    endless.resize(forty, b' ');
    let cloud = Cloud::saying(Tls::new(ca.server()), endless);
    let device = Device::of(&ca);
    let got = device.transport.send(&device.exchange(&cloud.origin, "{}"), DEADLINE);
    assert_failure(got, too_large.clone(), Remedy::Retry(None));

    // 40 MB in 40 kB of gzip.
    let bomb = http(
        "200 OK",
        "content-type: application/json\r\ncontent-encoding: gzip\r\n",
        gzip(&vec![b' '; forty]),
    );
    assert_failure(answered(bomb), too_large, Remedy::Retry(None));
}

#[test]
fn garbage_is_malformed_whatever_its_form() {
    let deep = "[".repeat(200_000);
    for bytes in [
        json("not json"),
        json("{}"),
        json(&deep),
        json("\u{0}\u{1}"),
        http("200 OK", "content-type: text/html\r\n", ANSWER),
        http("200 OK", "", ANSWER),
        http("200 OK", "content-type: application/json\r\ncontent-encoding: br\r\n", ANSWER),
        http("200 OK", "content-type: application/json\r\ncontent-encoding: gzip\r\n", ANSWER),
        b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"
            .to_vec(),
        [b"HTTP/1.1 200 OK\r\nx: ".as_slice(), &vec![b'x'; 200_000]].concat(),
    ] {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
        let got = answered(bytes).unwrap_err();
        assert_eq!(got, SendFailure::Unreadable(Unreadable::Malformed), "{shown}");
        assert_eq!(got.remedy(), Remedy::Retry(None));
    }
}

#[test]
fn a_slow_server_ends_at_the_deadline() {
    let ca = Ca::new("Partner");
    let cloud = Cloud::start(Tls::new(ca.server()), |_| {
        thread::sleep(Duration::from_secs(8));
        Answer { bytes: json(ANSWER), keep: false }
    });
    let device = Device::of(&ca);
    let began = Instant::now();
    let got = device.transport.send(&device.exchange(&cloud.origin, "{}"), Duration::from_millis(1500));
    let took = began.elapsed();
    assert_failure(got, SendFailure::TimedOut, Remedy::Retry(None));
    assert!(took >= Duration::from_millis(1400) && took < Duration::from_secs(4), "{took:?}");
}

#[test]
fn a_server_that_never_greets_ends_at_the_deadline_and_gets_its_socket_closed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = Origin { host: "localhost".into(), port: listener.local_addr().unwrap().port() };
    let device = Device::of(&Ca::new("Partner"));
    let got = device.transport.send(&device.exchange(&origin, "{}"), Duration::from_secs(1));
    assert_failure(got, SendFailure::TimedOut, Remedy::Retry(None));
    let (mut tcp, _) = listener.accept().unwrap();
    tcp.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    // Only the greeting came, and then the end.
    let mut greeting = Vec::new();
    tcp.read_to_end(&mut greeting).unwrap();
    assert_eq!(greeting[0], 0x16);
}

#[test]
fn a_call_that_ends_without_an_answer_closes_its_connection() {
    let ca = Ca::new("Partner");
    let config = Arc::new(Tls::new(ca.server()).config());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = Origin { host: "localhost".into(), port: listener.local_addr().unwrap().port() };
    let server = thread::spawn(move || {
        let (tcp, _) = listener.accept().unwrap();
        tcp.set_read_timeout(Some(Duration::from_secs(8))).unwrap();
        let mut tls = StreamOwned::new(ServerConnection::new(config).unwrap(), tcp);
        let mut request = Vec::new();
        let ended = tls.read_to_end(&mut request).map_err(|error| error.kind());
        (request, ended)
    });
    let device = Device::of(&ca);
    let got = device.transport.send(&device.exchange(&origin, "{}"), Duration::from_secs(1));
    assert_failure(got, SendFailure::TimedOut, Remedy::Retry(None));
    // The transport is idle from here on, and lives.
    let (request, ended) = server.join().unwrap();
    assert!(request.starts_with(b"POST "));
    assert_ne!(ended, Err(ErrorKind::WouldBlock));
    drop(device);
}

#[test]
fn nobody_listening_and_no_such_name_are_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let device = Device::of(&Ca::new("Partner"));
    let mut origin = Origin { host: "localhost".into(), port };
    let got = device.transport.send(&device.exchange(&origin, "{}"), DEADLINE);
    assert_failure(got, SendFailure::ConnectionRefused, Remedy::Retry(None));

    origin.host = "no such name.localhost".into();
    let got = device.transport.send(&device.exchange(&origin, "{}"), DEADLINE);
    assert_failure(got, SendFailure::Offline, Remedy::WaitForNetwork);
}

// R2
#[test]
fn plain_http_where_tls_should_be_is_malformed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = Origin { host: "localhost".into(), port: listener.local_addr().unwrap().port() };
    thread::spawn(move || {
        let (mut tcp, _) = listener.accept().unwrap();
        tcp.write_all(&http("302 Portal", "location: http://portal/\r\n", "")).unwrap();
        tcp.read_to_end(&mut Vec::new()).ok();
    });
    let device = Device::of(&Ca::new("Partner"));
    let got = device.transport.send(&device.exchange(&origin, "{}"), DEADLINE);
    assert_failure(got, SendFailure::Unreadable(Unreadable::Malformed), Remedy::Retry(None));
}
