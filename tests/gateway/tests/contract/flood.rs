//! Clients that hold connections and send nothing, or too little: they lose them, and nobody else does.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use agent_gateway::limits::Limits;
use agent_gateway::pace::Share;
use agent_logic::wire::{CHECK_IN_PATH, INDICATORS_PATH, MAX_REPORT, ProblemKind};
use axum::body::Body;
use hyper::client::conn::http1::SendRequest;
use hyper::header::RETRY_AFTER;
use hyper::{Method, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::device::Chain;
use crate::world::{A, B, Identity, World, client, request};

/// Longer than any answer takes on a busy machine.
const LONG: Duration = Duration::from_secs(20);

/// A device that checks in again and again, each time on a connection of its own, while something else happens.
pub(crate) struct Other {
    stop: oneshot::Sender<()>,
    task: JoinHandle<u32>,
}

impl Other {
    pub(crate) async fn begin(world: &Arc<World>) -> Self {
        let identity = world.activate(B).await;
        let (stop, mut stopped) = oneshot::channel();
        let world = Arc::clone(world);
        let task = tokio::spawn(async move {
            let (mut chain, mut count) = (Chain::new(9), 0);
            while count == 0 || stopped.try_recv().is_err() {
                let report = chain.report();
                let checked_in = world.check_in(&identity, &mut chain, &report);
                tokio::time::timeout(LONG, checked_in).await.expect("the other device waits");
                count += 1;
                // Within its own share.
                tokio::time::sleep(Duration::from_millis(250)).await;
            }
            count
        });
        Self { stop, task }
    }

    /// It was never refused.
    pub(crate) async fn unharmed(self) {
        self.stop.send(()).unwrap();
        assert!(self.task.await.unwrap() > 0);
    }
}

async fn connect(world: &World, from: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(from.parse().unwrap(), 0)).unwrap();
    socket.connect(world.running.ready.gateway).await.unwrap()
}

pub(crate) async fn shake(
    world: &World,
    tcp: TcpStream,
    identity: Option<&Identity>,
) -> TlsStream<TcpStream> {
    try_to_shake(world, tcp, identity).await.unwrap()
}

async fn try_to_shake(
    world: &World,
    tcp: TcpStream,
    identity: Option<&Identity>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let connector = TlsConnector::from(Arc::new(client(world, identity)));
    connector.connect(ServerName::try_from("localhost").unwrap(), tcp).await
}

async fn speak(stream: TlsStream<TcpStream>) -> SendRequest<Body> {
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

/// Waits until the gateway has closed the connection; whatever it says before.
pub(crate) async fn closes(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Vec<u8> {
    let mut said = Vec::new();
    let _reset = tokio::time::timeout(LONG, stream.read_to_end(&mut said)).await.expect("it is closed");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_half_open_connections_of_one_address_push_out_one_another_only() {
    let world = Arc::new(World::with(|options| options.limits.hello = LONG).await);
    let patient = connect(&world, "127.0.0.2").await;
    let other = Other::begin(&world).await;
    let mut flood = Vec::new();
    for nth in 0..1_000 {
        let mut tcp = connect(&world, "127.0.0.1").await;
        if nth % 2 == 0 {
            // The first bytes of a hello that never ends.
            tcp.write_all(&[22, 3, 1, 2, 0, 1]).await.unwrap();
        }
        flood.push(tcp);
    }
    let strangers = &world.running.gateway.crowds.strangers;
    let limits = Limits::default();
    let begun = Instant::now();
    while strangers.pushed_out() < 1_000 - u64::try_from(limits.strangers).unwrap() {
        assert!(begun.elapsed() < LONG, "only {} lost their place", strangers.pushed_out());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(strangers.count() <= limits.strangers);
    // Of the same address as the flood, and of another that has waited since before it.
    world.activate(A).await;
    shake(&world, patient, None).await;
    other.unharmed().await;
    // Those that were there first went first.
    for tcp in flood.iter_mut().take(100) {
        closes(tcp).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_floods_with_handshakes_gets_its_share_of_them_and_another_loses_none() {
    const FLOOD: usize = 300;
    let share = Share { burst: 20, every: Duration::from_millis(200) };
    let patience = Duration::from_secs(3);
    let world = World::with(|options| {
        (options.limits.handshakes, options.limits.hello) = (share, patience);
    });
    let world = Arc::new(world.await);
    let other = Other::begin(&world).await;
    let begun = Instant::now();
    let mut flood = JoinSet::new();
    for _ in 0..FLOOD {
        let world = Arc::clone(&world);
        flood.spawn(async move {
            let tcp = connect(&world, "127.0.0.3").await;
            try_to_shake(&world, tcp, None).await.is_ok()
        });
    }
    let ended = flood.join_all().await;
    let turns = begun.elapsed().as_millis() / share.every.as_millis();
    let shaken = ended.iter().filter(|shaken| **shaken).count();
    assert!(shaken >= 20, "its share: {shaken}");
    assert!(shaken <= 20 + usize::try_from(turns).unwrap(), "{shaken} in {:?}", begun.elapsed());
    other.unharmed().await;
    // One of the same address, for whom it is soon enough again.
    tokio::time::sleep(patience).await;
    let tcp = connect(&world, "127.0.0.3").await;
    shake(&world, tcp, None).await;
    let figures = crate::figures::scrape(&world.running.ready.metrics).await.1;
    let refused = crate::figures::value(&figures, r#"mtd_gateway_handshakes_total{of="refused"}"#);
    assert!(refused >= 1.0, "{refused} refused, {shaken} not");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_too_little_for_too_long_is_cut_off_at_each_step() {
    let short = Duration::from_millis(500);
    let world = World::with(|options| {
        let limits = &mut options.limits;
        (limits.hello, limits.handshake, limits.head, limits.body) = (short, short, short, short);
    });
    let world = Arc::new(world.await);
    let identity = world.activate(A).await;
    let other = Other::begin(&world).await;
    let begun = Instant::now();

    let mut silent = connect(&world, "127.0.0.1").await;
    assert!(closes(&mut silent).await.is_empty());

    // A whole hello, and then nothing of what must follow.
    let mut greeted = connect(&world, "127.0.0.1").await;
    let name = ServerName::try_from("localhost").unwrap();
    let mut hello = rustls::ClientConnection::new(Arc::new(client(&world, None)), name).unwrap();
    let mut bytes = Vec::new();
    hello.write_tls(&mut bytes).unwrap();
    greeted.write_all(&bytes).await.unwrap();
    assert!(!closes(&mut greeted).await.is_empty(), "it was answered");

    // A head of one byte at a time.
    let tcp = connect(&world, "127.0.0.1").await;
    let (mut reads, mut writes) = tokio::io::split(shake(&world, tcp, None).await);
    let drip = tokio::spawn(async move {
        for byte in b"GET /.well-known/est/cacerts HTTP/1.1\r\nx: ".iter().chain(&[b'x'; 1_000]) {
            if writes.write_all(&[*byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let said = closes(&mut reads).await;
    assert!(said.is_empty() || said.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&said));
    drip.await.unwrap();

    // A body of one byte at a time.
    let tcp = connect(&world, "127.0.0.1").await;
    let (mut reads, mut writes) = tokio::io::split(shake(&world, tcp, Some(&identity)).await);
    let head = format!("POST {CHECK_IN_PATH} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n");
    writes.write_all(head.as_bytes()).await.unwrap();
    let drip = tokio::spawn(async move {
        while writes.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(closes(&mut reads).await.starts_with(b"HTTP/1.1 400"));
    drip.await.unwrap();

    assert!(begun.elapsed() >= short * 4, "each had its time");
    other.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_holds_many_connections_takes_none_from_another() {
    let world = World::with(|options| (options.limits.devices, options.limits.strangers) = (8, 8)).await;
    let world = Arc::new(world);
    let (greedy, modest) = (world.activate(A).await, world.activate(B).await);
    let tcp = connect(&world, "127.0.0.1").await;
    let mut kept = speak(shake(&world, tcp, Some(&modest)).await).await;
    let mut held = Vec::new();
    for _ in 0..40 {
        let tcp = connect(&world, "127.0.0.1").await;
        held.push(shake(&world, tcp, Some(&greedy)).await);
    }
    closes(&mut held[0]).await;
    let report = serde_json::to_vec(&Chain::new(1).report()).unwrap();
    let answer = kept.send_request(request(Method::POST, CHECK_IN_PATH, report)).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "on the connection that it has had since before");
    assert!(world.running.gateway.crowds.devices.count() <= 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_asks_without_end_is_told_when_to_come_again_and_another_is_not() {
    let share = Share { burst: 10, every: Duration::from_secs(3) };
    let world = Arc::new(World::with(|options| options.limits.requests = share).await);
    let (greedy, modest) = (world.activate(A).await, world.activate(B).await);
    let path = format!("{INDICATORS_PATH}7");
    let ask = || world.send(Some(&greedy), request(Method::GET, &path, ""));
    let (begun, mut chain) = (Instant::now(), Chain::new(1));
    for _ in 0..share.burst {
        assert_eq!(ask().await.status, StatusCode::NOT_FOUND);
    }
    assert!(begun.elapsed() < share.every, "too slow a machine to ask for more than its share");
    // Whatever it asks for, and however large: the answer is not lost behind what nobody reads.
    let large = request(Method::POST, CHECK_IN_PATH, vec![b' '; MAX_REPORT / 2]);
    for answer in [ask().await, world.send(Some(&greedy), large).await] {
        assert_eq!(
            (answer.status, answer.problem()),
            (StatusCode::TOO_MANY_REQUESTS, ProblemKind::Throttled)
        );
        let pause: u64 = answer.headers[RETRY_AFTER].to_str().unwrap().parse().unwrap();
        assert!((1..=share.every.as_secs()).contains(&pause), "{pause}");
    }
    let report = chain.report();
    world.check_in(&modest, &mut chain, &report).await;
    tokio::time::sleep(share.every.saturating_sub(begun.elapsed()) + Duration::from_millis(10)).await;
    assert_eq!(ask().await.status, StatusCode::NOT_FOUND, "it comes again when it was told to");
}

#[tokio::test]
async fn a_revoked_device_is_out_at_the_next_request_of_a_connection_that_it_kept() {
    let world = World::new().await;
    let identity = world.activate(A).await;
    let tcp = connect(&world, "127.0.0.1").await;
    let mut kept = speak(shake(&world, tcp, Some(&identity)).await).await;
    let mut chain = Chain::new(1);
    for expected in [StatusCode::OK, StatusCode::OK, StatusCode::FORBIDDEN] {
        if expected == StatusCode::FORBIDDEN {
            world.command(&["revoke", "--device", A]);
        }
        let report = chain.report();
        let body = serde_json::to_vec(&report).unwrap();
        kept.ready().await.unwrap();
        let answer = kept.send_request(request(Method::POST, CHECK_IN_PATH, body)).await.unwrap();
        assert_eq!(answer.status(), expected);
        let body = http_body_util::BodyExt::collect(answer.into_body()).await.unwrap().to_bytes();
        if expected == StatusCode::FORBIDDEN {
            let problem: agent_logic::wire::Problem = serde_json::from_slice(&body).unwrap();
            assert_eq!(problem.kind, ProblemKind::Revoked);
        }
        chain.acknowledged(&report);
    }
}
