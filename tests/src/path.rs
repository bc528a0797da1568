//! The network between a device and its cloud, as a process: passes, intercepts, withholds, or is down.
//!
//! It reads one mode per line from standard input (`pass`, `intercept`, `withhold`, `down`, `count`) and
//! answers each with one line of JSON: what it saw since it was asked last.

mod intercept;
mod relay;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use clap::{Parser, ValueEnum};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use intercept::Interceptor;

/// A path that can be broken on purpose.
#[derive(Debug, Parser)]
#[command(name = "path")]
struct Cli {
    /// Where the cloud listens.
    #[arg(long)]
    to: SocketAddr,
    /// The name for which the interceptor makes its certificate.
    #[arg(long, default_value = "localhost")]
    name: String,
}

/// What the path does with connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// Forwards bytes as they are.
    Pass,
    /// Ends TLS with a certificate of its own CA and speaks to the cloud itself.
    Intercept,
    /// Forwards what the device sends and keeps back what the cloud answers after its handshake.
    Withhold,
    /// Closes every connection at once.
    Down,
}

/// What was seen since the last count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Seen {
    /// Connections.
    pub connections: u64,
    /// Bytes from devices.
    pub up: u64,
    /// Bytes to devices.
    pub down: u64,
    /// Bytes of the device that the interceptor could read.
    pub read: u64,
    /// Client certificates that the interceptor was shown.
    pub certificates: u64,
    /// Bytes of the cloud's answers that were kept back.
    pub withheld: u64,
}

/// Where the path listens, printed once.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Ready {
    /// The address.
    pub path: SocketAddr,
}

#[derive(Debug, Default)]
struct Counters {
    connections: AtomicU64,
    up: AtomicU64,
    down: AtomicU64,
    read: AtomicU64,
    certificates: AtomicU64,
    withheld: AtomicU64,
}

/// Runs the program with `args`, the first of which is its name.
pub fn main_with(args: impl Iterator<Item = std::ffi::OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            let _closed = error.print();
            return ExitCode::from(2);
        }
    };
    let served = tokio::runtime::Runtime::new().and_then(|runtime| runtime.block_on(serve(&cli)));
    if served.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn serve(cli: &Cli) -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    say(&Ready { path: listener.local_addr()? })?;
    let interceptor = Arc::new(Interceptor::make(&cli.name).map_err(std::io::Error::other)?);
    let mode = Arc::new(Mutex::new(Mode::Pass));
    let counters = Arc::new(Counters::default());
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    loop {
        tokio::select! {
            line = lines.next_line() => match line? {
                Some(line) => {
                    if let Ok(asked) = Mode::from_str(line.trim(), true) {
                        *mode.lock().unwrap_or_else(PoisonError::into_inner) = asked;
                    }
                    say(&counters.take())?;
                }
                None => return Ok(()),
            },
            accepted = listener.accept() => {
                let (device, _) = accepted?;
                // What one side writes at once goes on at once: else the kernel waits 40 ms for an acknowledgement.
                device.set_nodelay(true)?;
                counters.connections.fetch_add(1, Ordering::Relaxed);
                let mode = *mode.lock().unwrap_or_else(PoisonError::into_inner);
                let work = connect(mode, device, cli.to, Arc::clone(&interceptor), Arc::clone(&counters));
                tokio::spawn(work);
            }
        }
    }
}

/// One connection. An error ends it, which is all that a path does about one.
async fn connect(
    mode: Mode,
    device: TcpStream,
    to: SocketAddr,
    interceptor: Arc<Interceptor>,
    counters: Arc<Counters>,
) {
    let _ended = match mode {
        Mode::Down => Ok(()),
        Mode::Pass => relay::pass(device, to, &counters).await,
        Mode::Withhold => relay::withhold(device, to, &counters).await,
        Mode::Intercept => interceptor.run(device, to, &counters).await,
    };
}

impl Counters {
    fn take(&self) -> Seen {
        let take = |counter: &AtomicU64| counter.swap(0, Ordering::Relaxed);
        Seen {
            connections: take(&self.connections),
            up: take(&self.up),
            down: take(&self.down),
            read: take(&self.read),
            certificates: take(&self.certificates),
            withheld: take(&self.withheld),
        }
    }

    fn add(counter: &AtomicU64, bytes: usize) {
        counter.fetch_add(u64::try_from(bytes).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

fn say(value: &impl Serialize) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(value)?)?;
    out.flush()
}
