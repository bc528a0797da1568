//! TLS and HTTP as devices, and clients nobody here wrote, use them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use agent_logic::wire::CHECK_IN_PATH;
use hyper::{Method, StatusCode};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::device::{Chain, open};
use crate::world::{A, World, basic, client, request};

#[tokio::test]
async fn a_resumed_session_still_has_its_device() {
    let world = World::new().await;
    let identity = world.activate(A).await;
    let config = Arc::new(client(&world, Some(&identity)));
    let mut chain = Chain::new(1);
    for _ in 0..2 {
        let report = chain.report();
        let body = serde_json::to_vec(&report).unwrap();
        let request = request(Method::POST, CHECK_IN_PATH, body);
        let answer = world.send_over(Arc::clone(&config), request).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        chain.acknowledged(&report);
    }
    assert_eq!(
        world.ask::<String>("SELECT group_concat(resumed) FROM history WHERE event = 'check-in'"),
        "0,1"
    );

    world.command(&["revoke", "--device", A]);
    let request = request(Method::POST, CHECK_IN_PATH, "{}");
    let answer = world.send_over(config, request).await.unwrap();
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "a session does not outlive the standing it began with");
}

#[tokio::test]
async fn an_expired_certificate_opens_nothing() {
    let world = World::with(|options| options.certificate_life = Duration::from_secs(2)).await;
    let identity = world.activate(A).await;
    tokio::time::sleep(Duration::from_millis(3_100)).await;
    let request = request(Method::POST, CHECK_IN_PATH, serde_json::to_vec(&Chain::new(1).report()).unwrap());
    assert!(world.try_send(Some(&identity), request).await.is_none());
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM device WHERE chain IS NOT NULL"), 0);
}

#[tokio::test]
async fn http_1_0_without_a_user_agent_is_answered() {
    let world = World::new().await;
    let tcp = TcpStream::connect(world.running.ready.gateway).await.unwrap();
    let connector = TlsConnector::from(Arc::new(client(&world, None)));
    let mut tls = connector.connect(ServerName::try_from("localhost").unwrap(), tcp).await.unwrap();
    tls.write_all(b"GET /.well-known/est/csrattrs HTTP/1.0\r\n\r\n").await.unwrap();
    let mut text = String::new();
    tls.read_to_string(&mut text).await.unwrap();
    assert!(text.starts_with("HTTP/1.0 200 OK\r\n"), "{text}");
    assert!(text.ends_with("\r\n\r\nMBcwFQYHKoZIzj0CATEKBggqhkjOPQMBBw=="), "{text}");
}

#[tokio::test]
async fn a_long_answer_is_compressed_for_who_takes_it() {
    let world = World::new().await;
    let identity = world.activate(A).await;
    let all = agent_logic::model::Classification::ALL;
    let threats: Vec<_> = (0_u8..).zip(all).map(|(at, class)| open(at, *class)).collect();
    let mut report = Chain::new(1).report();
    report.open = Some(threats);
    let body = serde_json::to_vec(&report).unwrap();
    let send = |takes: Option<&str>| {
        let mut request = request(Method::POST, CHECK_IN_PATH, body.clone());
        if let Some(takes) = takes {
            request.headers_mut().insert("accept-encoding", takes.parse().unwrap());
        }
        world.send(Some(&identity), request)
    };
    let (plain, small) = (send(None).await, send(Some("gzip")).await);
    assert!(plain.headers.get("content-encoding").is_none());
    assert_eq!(small.headers["content-encoding"], "gzip");
    assert!(small.body.len() * 2 < plain.body.len());
}

/// Keeps every line that is logged.
struct Kept(Mutex<String>);

impl log::Log for Kept {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{} {} {}\n", record.level(), record.target(), record.args());
        self.0.lock().unwrap().push_str(&line);
    }

    fn flush(&self) {}
}

static KEPT: Kept = Kept(Mutex::new(String::new()));

#[tokio::test]
async fn no_line_of_the_log_names_a_device_a_code_or_an_app() {
    // Other tests may run in this process; their devices and apps must not be named either.
    log::set_logger(&KEPT).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let world = World::new().await;
    let code = world.code(A);
    let csr = crate::world::csr(&rcgen::KeyPair::generate().unwrap(), A);
    world.enrol(Some(&basic(A, &code)), &csr).await;
    world.enrol(Some(&basic(A, "marker-of-a-code")), b"junk").await;
    let identity = world.activate(A).await;
    let mut report = Chain::new(1).report();
    report.transitions = vec![crate::device::transition(1, agent_logic::wire::TransitionKind::Opened, 1)];
    world.report(&identity, &report).await;
    // A database that fails is logged.
    rusqlite::Connection::open(world.home.database())
        .unwrap()
        .execute_batch("DROP TABLE transition")
        .unwrap();
    report.transitions.clear();
    let mut next = Chain::new(2).report();
    next.transitions = vec![crate::device::transition(2, agent_logic::wire::TransitionKind::Opened, 1)];
    let answer = world.report(&identity, &next).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers.contains_key("retry-after"));

    let lines = KEPT.0.lock().unwrap().clone();
    assert!(lines.contains("the database failed"), "{lines}");
    let password = world.made.admin_password.reveal();
    for marker in [A, code.as_str(), "marker-of-a-code", "com.example.bad", password] {
        assert!(!lines.contains(marker), "{marker} in {lines}");
    }
}
