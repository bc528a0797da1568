//! CPU of the gateway's process per full mutual handshake and check-in, beside servers that end the same TLS with
//! the same certificates and answer without doing anything.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener as Reserved;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use agent_gateway::home::Home;
use agent_gateway::server;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::golden::{self, Client};
use super::peers::pem;
use super::row::{Peer, Row, Target, Unit, median};
use crate::peers::on_path;
use crate::stage::{Mishap, Stage, UNPACED};

/// The argument that makes this program the server that only ends TLS.
pub(super) const TLS_ONLY: &str = "tls-only";
/// Each server has its turn this often.
const ROUNDS: usize = 3;
/// Check-ins in a turn.
const CHECK_INS: u64 = 200;
/// What a thread's time is counted in: nanoseconds to microseconds.
const NANOS: u64 = 1_000;
/// No request is longer.
const MAX_REQUEST: usize = 64 * 1024;

pub(super) fn measure() -> Result<Vec<Row>, Mishap> {
    let mut stage = Stage::set(&std::env::current_exe()?, 1)?;
    stage.restart_gateway(&UNPACED)?;
    let mut client = Client::enrolled(&stage)?;
    let apps = golden::apps(120)?;
    client.report(&apps)?;
    // As its peers are reached: not through the story's network, a process between that cuts the stream anew.
    let port = stage.gateway_port();
    let gateway = stage.gateway_process().ok_or("no gateway")?;
    let plain = Server::tls_only(&stage.cloud())?;
    let nginx = Server::nginx(&stage);
    let mut taken: [Vec<u64>; 3] = Default::default();
    for _ in 0..ROUNDS {
        let [ours, theirs, nginxs] = &mut taken;
        client.move_to(port);
        ours.push(per_check_in(gateway, &mut client, |client| client.report(&apps).map(drop))?);
        let same = client.prepare(&apps)?;
        // The chain goes on where the gateway heard it end.
        client.send(&same)?;
        client.move_to(plain.port);
        theirs.push(per_check_in(plain.child.id(), &mut client, |client| client.send(&same))?);
        if let Ok(nginx) = &nginx {
            client.move_to(nginx.port);
            nginxs.push(per_check_in(nginx.child.id(), &mut client, |client| client.send(&same))?);
        }
    }
    let [ours, theirs, nginxs] = taken.map(median);
    Ok(vec![
        Row {
            name: "gateway-cpu",
            what: "gateway's CPU per full handshake and check-in",
            unit: Unit::Micros,
            ours,
            target: Target::None,
            peers: vec![
                Peer { name: "the same TLS, nothing behind it", value: Ok(theirs) },
                Peer { name: "nginx, ssl_verify_client on", value: nginx.map(|_| nginxs) },
            ],
        },
        Row {
            name: "gateway-ratio",
            what: "the same as a multiple of the TLS-only server",
            unit: Unit::Permille,
            ours: ours.saturating_mul(1_000) / theirs.max(1),
            target: Target::AtMost(1_250),
            peers: Vec::new(),
        },
    ])
}

/// CPU of `process` for one `exchange` on a connection of its own with a whole handshake.
fn per_check_in(
    process: u32,
    client: &mut Client,
    exchange: impl Fn(&mut Client) -> Result<(), Mishap>,
) -> Result<u64, Mishap> {
    let before = cpu(process)?;
    client.keys.signatures();
    for _ in 0..CHECK_INS {
        client.transport.forget();
        exchange(client)?;
    }
    if client.keys.signatures() != CHECK_INS {
        return Err("a handshake was not whole".into());
    }
    Ok(cpu(process)?.saturating_sub(before) / NANOS / CHECK_INS)
}

/// Nanoseconds of CPU that the threads of `process` have had.
fn cpu(process: u32) -> Result<u64, Mishap> {
    let mut sum = 0_u64;
    for thread in std::fs::read_dir(format!("/proc/{process}/task"))? {
        let text = std::fs::read_to_string(thread?.path().join("schedstat"))?;
        let had: u64 = text.split_whitespace().next().ok_or("no schedstat")?.parse()?;
        sum = sum.saturating_add(had);
    }
    Ok(sum)
}

/// A server of the bench; ends when dropped.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// The gateway's TLS and nothing else.
    fn tls_only(cloud: &Path) -> Result<Self, Mishap> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(TLS_ONLY).arg(cloud).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no standard output")?).read_line(&mut line)?;
        Ok(Self { port: line.trim().parse()?, child })
    }

    /// nginx in one process, with the gateway's certificate and CA.
    fn nginx(stage: &Stage) -> Result<Self, String> {
        let program = on_path("nginx").ok_or("apt-get install nginx-light")?;
        Self::nginx_at(&program, stage).map_err(|error| error.to_string())
    }

    fn nginx_at(program: &Path, stage: &Stage) -> Result<Self, Mishap> {
        let folder = stage.folder().join("nginx");
        std::fs::create_dir_all(&folder)?;
        let home = Home::new(stage.cloud());
        let write = |name: &str, text: String| -> Result<PathBuf, Mishap> {
            let file = folder.join(name);
            std::fs::write(&file, text)?;
            Ok(file)
        };
        let ca = write("ca.pem", pem(&std::fs::read(home.ca_certificate())?))?;
        let certificate = write("server.pem", pem(&std::fs::read(home.server_certificate())?))?;
        let key = rcgen::KeyPair::try_from(std::fs::read(home.server_key())?)?;
        let key = write("server.key", key.serialize_pem())?;
        // Free a moment ago; nginx cannot choose one and say which.
        let port = Reserved::bind("127.0.0.1:0")?.local_addr()?.port();
        let config = format!(
            "daemon off; master_process off; pid {folder}/pid; error_log stderr crit;
             events {{ worker_connections 64; }}
             http {{
               access_log off; default_type application/json;
               client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
               uwsgi_temp_path {folder}; scgi_temp_path {folder};
               server {{
                 listen 127.0.0.1:{port} ssl;
                 ssl_certificate {certificate}; ssl_certificate_key {key};
                 ssl_client_certificate {ca}; ssl_verify_client on;
                 ssl_session_tickets off;
                 location / {{ return 200 '{answer}'; }}
               }}
             }}",
            folder = folder.display(),
            certificate = certificate.display(),
            key = key.display(),
            ca = ca.display(),
            answer = answer(),
        );
        let config = write("nginx.conf", config)?;
        let mut command = Command::new(program);
        command.arg("-p").arg(&folder).arg("-c").arg(&config).stdin(Stdio::null());
        let server = Self { child: command.spawn()?, port };
        for _ in 0..100 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(server);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err("nginx does not listen".into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// What a gateway with nothing to say would answer.
fn answer() -> String {
    json!({ "serverTime": 0, "acknowledged": 1, "level": "secured", "health": "secured" }).to_string()
}

/// Ends TLS as the gateway does, reads a request and answers it; prints its port.
pub(super) fn tls_only_main(words: &[OsString]) -> ExitCode {
    let served = words.first().ok_or_else(|| "no folder".into()).and_then(|cloud| {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(serve(Home::new(cloud)))
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            super::row::mishap(TLS_ONLY, &error);
            ExitCode::FAILURE
        }
    }
}

async fn serve(home: Home) -> Result<(), Mishap> {
    use std::io::Write as _;
    let tls = server::tls(&home).map_err(|error| error.to_string())?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), "{}", listener.local_addr()?.port())?;
    loop {
        let (stream, _) = listener.accept().await?;
        let tls = tls.clone();
        tokio::spawn(async move {
            let _ended = exchange(stream, tls).await;
        });
    }
}

async fn exchange(stream: TcpStream, tls: TlsAcceptor) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = tls.accept(stream).await?;
    let mut request = vec![0; MAX_REQUEST];
    let mut filled = 0;
    while !whole(request.get(..filled).unwrap_or_default()) {
        match stream.read(request.get_mut(filled..).unwrap_or_default()).await? {
            0 => return Ok(()),
            count => filled = filled.saturating_add(count),
        }
    }
    let body = answer();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await?;
    // The device says goodbye.
    while stream.read(&mut request).await? > 0 {}
    stream.shutdown().await
}

/// Whether head and announced body are there.
fn whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, _)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let announced = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let body =
        request.windows(4).position(|window| window == b"\r\n\r\n").map_or(0, |at| request.len() - at - 4);
    body >= announced.unwrap_or(0)
}
