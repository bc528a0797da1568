//! A TLS server on loopback that answers what the test says, and notes what it saw.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use agent_logic::command::Origin;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{
    HandshakeKind, RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion,
};

use super::pki::ServerId;

/// One HTTP request as it came.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What the server saw, all connections together.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub connections: usize,
    /// Handshakes that the server believes complete.
    pub handshakes: usize,
    pub resumed: usize,
    pub client_certificates: usize,
    pub plain_bytes: usize,
    pub asked: Vec<Asked>,
}

/// What to answer, and whether to wait for another request afterwards.
pub struct Answer {
    pub bytes: Vec<u8>,
    pub keep: bool,
}

pub struct Cloud {
    pub origin: Origin,
    seen: Arc<Mutex<Seen>>,
}

/// Each version of TLS alone.
pub fn each_version() -> [&'static [&'static SupportedProtocolVersion]; 2] {
    static ONLY_12: &[&SupportedProtocolVersion] = &[&TLS12];
    static ONLY_13: &[&SupportedProtocolVersion] = &[&TLS13];
    [ONLY_12, ONLY_13]
}

/// How the server speaks TLS.
pub struct Tls {
    pub id: ServerId,
    /// CA of the client certificates that are required; `None` asks for none.
    pub clients: Option<Vec<u8>>,
    pub versions: &'static [&'static SupportedProtocolVersion],
}

impl Tls {
    pub fn new(id: ServerId) -> Self {
        Self { id, clients: None, versions: rustls::ALL_VERSIONS }
    }

    pub fn with_clients(id: ServerId, ca: Vec<u8>) -> Self {
        Self { clients: Some(ca), ..Self::new(id) }
    }

    pub fn config(self) -> ServerConfig {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(self.versions)
            .unwrap();
        let builder = match self.clients {
            Some(ca) => {
                let mut roots = RootCertStore::empty();
                roots.add(CertificateDer::from(ca)).unwrap();
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_single_cert(self.id.chain, self.id.key).unwrap();
        config.send_tls13_tickets = 1;
        config
    }
}

impl Cloud {
    pub fn start(tls: Tls, answer: impl Fn(&Asked) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let config = Arc::new(tls.config());
        let noted = Arc::clone(&seen);
        thread::spawn(move || {
            for tcp in listener.incoming() {
                serve(tcp.unwrap(), &config, &noted, &answer);
            }
        });
        Self { origin: Origin { host: "localhost".into(), port }, seen }
    }

    /// Answers each request with the same bytes, then closes.
    pub fn saying(tls: Tls, bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(tls, move |_| Answer { bytes: bytes.clone(), keep: false })
    }

    /// Waits until the server has noted the end of what it is at.
    pub fn seen(&self) -> Seen {
        thread::sleep(Duration::from_millis(100));
        self.seen.lock().unwrap().clone()
    }
}

fn serve(tcp: TcpStream, config: &Arc<ServerConfig>, seen: &Mutex<Seen>, answer: &dyn Fn(&Asked) -> Answer) {
    seen.lock().unwrap().connections += 1;
    tcp.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    tcp.set_nodelay(true).unwrap();
    let connection = ServerConnection::new(Arc::clone(config)).unwrap();
    let mut stream = StreamOwned::new(connection, tcp);
    let done = stream.conn.complete_io(&mut stream.sock);
    {
        let mut seen = seen.lock().unwrap();
        if stream.conn.peer_certificates().is_some() {
            seen.client_certificates += 1;
        }
        if stream.conn.handshake_kind() == Some(HandshakeKind::Resumed) {
            seen.resumed += 1;
        }
        if done.is_ok() && !stream.conn.is_handshaking() {
            seen.handshakes += 1;
        }
    }
    while let Some(asked) = ask(&mut stream, seen) {
        let answer = answer(&asked);
        seen.lock().unwrap().asked.push(asked);
        if stream.write_all(&answer.bytes).is_err() {
            return;
        }
        let _ = stream.flush();
        if !answer.keep {
            break;
        }
    }
    stream.conn.send_close_notify();
    let _ = stream.flush();
    // A close with unread bytes would reset the connection under the answer.
    let _ = stream.sock.shutdown(std::net::Shutdown::Write);
    let _ = stream.read(&mut [0; 1024]);
}

fn ask(stream: &mut StreamOwned<ServerConnection, TcpStream>, seen: &Mutex<Seen>) -> Option<Asked> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        seen.lock().unwrap().plain_bytes += 1;
        head.push(byte[0]);
    }
    let text = String::from_utf8(head).unwrap();
    let mut lines = text.trim_end().split("\r\n");
    let mut asked = Asked { line: lines.next()?.into(), ..Asked::default() };
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        asked.headers.push((name.to_owned(), value.to_owned()));
    }
    let length = asked.header("content-length").map_or(0, |value| value.parse().unwrap());
    asked.body = vec![0; length];
    stream.read_exact(&mut asked.body).ok()?;
    seen.lock().unwrap().plain_bytes += length;
    Some(asked)
}

/// The body of an answer that says nothing new.
pub const ANSWER: &str =
    r#"{"serverTime":1900000000000,"acknowledged":1,"level":"secured","health":"secured"}"#;

/// An HTTP answer; each line of `headers` ends in CR LF.
pub fn http(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut out =
        format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len()).into_bytes();
    out.extend_from_slice(body);
    out
}

pub fn json(body: impl AsRef<[u8]>) -> Vec<u8> {
    http("200 OK", "content-type: application/json\r\n", body)
}
