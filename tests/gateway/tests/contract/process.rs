//! The gateway as a process: how it starts and how it ends.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use agent_gateway::home::Home;
use agent_logic::wire::CHECK_IN_PATH;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::NamedTempFile;
use tokio::io::{AsyncWriteExt as _, ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::device::Chain;
use crate::flood::{closes, shake};
use crate::world::{A, B, World};

/// Longer than a start or an end takes on a busy machine.
const LONG: Duration = Duration::from_secs(20);

/// `mtd-gateway`.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_mtd-gateway");

/// `mtd-gateway serve` as a child; it ends with the test.
pub(crate) struct Served {
    child: Child,
    pub(crate) ready: serde_json::Value,
    log: NamedTempFile,
}

impl Served {
    pub(crate) fn start(home: &Home, more: &[&str]) -> Self {
        Self::start_by(Command::new(PROGRAM), home, more)
    }

    /// By a command that runs [`PROGRAM`].
    pub(crate) fn start_by(mut command: Command, home: &Home, more: &[&str]) -> Self {
        let log = NamedTempFile::new().unwrap();
        let mut child = command
            .args(["serve", "--dir"])
            .arg(home.dir())
            .args(more)
            .stdout(Stdio::piped())
            .stderr(File::create(log.path()).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, ready: serde_json::from_str(&line).unwrap(), log }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.ready["gateway"].as_str().unwrap().parse().unwrap()
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// What it logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log.path()).unwrap()
    }

    fn terminate(&self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
    }

    async fn ended(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < LONG, "it does not end");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn serve_says_in_one_line_where_it_listens_and_is_quick() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(folder.path().join("g"));
    agent_gateway::init::init(&home, "localhost", None).unwrap();
    let started = Instant::now();
    let served = Served::start(&home, &[]);
    assert!(started.elapsed() < Duration::from_secs(10));
    assert!(served.address().ip().is_loopback());
    assert!(served.ready["console"].as_str().unwrap().starts_with("http://127.0.0.1:"));
}

/// A check-in of which only half the body was sent.
async fn half_a_report(
    world: &World,
    served: &Served,
    device: &str,
    chain: u8,
) -> (ReadHalf<TlsStream<TcpStream>>, WriteHalf<TlsStream<TcpStream>>, Vec<u8>) {
    let identity = world.activate(device).await;
    let tcp = TcpStream::connect(served.address()).await.unwrap();
    let (reads, mut writes) = tokio::io::split(shake(world, tcp, Some(&identity)).await);
    let report = serde_json::to_vec(&Chain::new(chain).report()).unwrap();
    let head = format!(
        "POST {CHECK_IN_PATH} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n",
        report.len()
    );
    writes.write_all(head.as_bytes()).await.unwrap();
    let (first, rest) = report.split_at(report.len() / 2);
    writes.write_all(first).await.unwrap();
    (reads, writes, rest.to_vec())
}

#[tokio::test]
async fn a_gateway_that_is_told_to_end_answers_what_has_begun_and_takes_nothing_new() {
    let world = World::new().await;
    let mut served = Served::start(&world.home, &[]);
    let (mut reads, mut writes, rest) = half_a_report(&world, &served, A, 1).await;
    let (mut other_reads, mut other_writes, other_rest) = half_a_report(&world, &served, B, 2).await;
    // So that both requests have been read before it ends.
    tokio::time::sleep(Duration::from_millis(300)).await;
    served.terminate();
    let begun = Instant::now();
    while TcpStream::connect(served.address()).await.is_ok() {
        assert!(begun.elapsed() < LONG, "it still listens");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(served.child.try_wait().unwrap().is_none(), "two have not been answered");
    writes.write_all(&rest).await.unwrap();
    other_writes.write_all(&other_rest).await.unwrap();
    for reads in [&mut reads, &mut other_reads] {
        let said = String::from_utf8_lossy(&closes(reads).await).into_owned();
        assert!(said.starts_with("HTTP/1.1 200 OK\r\n"), "{said}");
        assert!(said.contains("\"acknowledged\":1"), "{said}");
    }
    assert!(served.ended().await.success(), "{}", served.log());
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM history WHERE event = 'check-in'"), 2);
}

#[tokio::test]
async fn who_keeps_a_connection_and_asks_for_nothing_does_not_keep_the_gateway_from_ending() {
    let world = World::new().await;
    let mut served = Served::start(&world.home, &[]);
    let (mut reads, mut writes, rest) = half_a_report(&world, &served, A, 1).await;
    writes.write_all(&rest).await.unwrap();
    // Answered, and kept open.
    let mut first = [0; 15];
    tokio::io::AsyncReadExt::read_exact(&mut reads, &mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    let _half_open = TcpStream::connect(served.address()).await.unwrap();
    let begun = Instant::now();
    served.terminate();
    closes(&mut reads).await;
    assert!(served.ended().await.success());
    assert!(begun.elapsed() < Duration::from_secs(8), "sooner than any deadline of a connection");
}
