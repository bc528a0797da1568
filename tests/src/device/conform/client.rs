//! One request on a connection of its own, over TLS that trusts the partner's CA alone.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use agent_gateway::init::Trust;
use agent_logic::wire::{MAX_ANSWER, Problem};
use data_encoding::BASE64;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// The server under test.
pub(super) struct Client {
    address: String,
    name: ServerName<'static>,
    roots: RootCertStore,
}

/// A client certificate and its key, PKCS#8.
#[derive(Clone)]
pub struct Identity {
    /// DER.
    pub certificate: Vec<u8>,
    /// PKCS#8, DER.
    pub key: Vec<u8>,
}

/// An answer, read whole.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    head: String,
    pub(super) body: Vec<u8>,
}

impl Client {
    pub(super) fn new(trust: &Trust, gateway: &str) -> Option<Self> {
        let mut roots = RootCertStore::empty();
        for ca in &trust.ca {
            roots.add(CertificateDer::from(BASE64.decode(ca.as_bytes()).ok()?)).ok()?;
        }
        let (host, _) = gateway.rsplit_once(':')?;
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).ok()?;
        Some(Self { address: gateway.into(), name, roots })
    }

    /// Sends one request; absent without an answer that can be read.
    pub(super) fn send(
        &self,
        identity: Option<&Identity>,
        line: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Option<Answer> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .ok()?
            .with_root_certificates(self.roots.clone());
        let config = match identity {
            Some(Identity { certificate, key }) => {
                let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.clone()));
                config.with_client_auth_cert(vec![certificate.clone().into()], key).ok()?
            }
            None => config.with_no_client_auth(),
        };
        let tcp = TcpStream::connect(&self.address).ok()?;
        tcp.set_read_timeout(Some(DEADLINE)).ok()?;
        tcp.set_write_timeout(Some(DEADLINE)).ok()?;
        let connection = ClientConnection::new(Arc::new(config), self.name.clone()).ok()?;
        let mut stream = StreamOwned::new(connection, tcp);
        let mut head = format!(
            "{line} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n",
            self.address,
            body.len()
        );
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes()).ok()?;
        // A server may refuse before it has read all of a body that is too large.
        let _refused = stream.write_all(body);
        let mut all = Vec::new();
        let _cut = stream.take(MOST).read_to_end(&mut all);
        Answer::parse(&all)
    }
}

impl Answer {
    fn parse(all: &[u8]) -> Option<Self> {
        let at = all.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8(all.get(..at)?.to_vec()).ok()?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let answer = Self { status, head, body: Vec::new() };
        let body = all.get(at.checked_add(4)?..)?;
        let chunked = answer.header("transfer-encoding").is_some_and(|value| value.contains("chunked"));
        let body = if chunked { unchunk(body)? } else { body.to_vec() };
        Some(Self { body, ..answer })
    }

    /// The value of a header, lower case.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_ascii_lowercase())
        })
    }

    /// The problem document, if the answer is one of the status that it names.
    pub(super) fn problem(&self) -> Option<Problem> {
        let problem: Problem = serde_json::from_slice(&self.body).ok()?;
        let typed = self.header("content-type")?.starts_with("application/problem+json");
        (typed && problem.status == self.status).then_some(problem)
    }
}

fn unchunk(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    loop {
        let at = body.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(body.get(..at)?).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        let from = at.checked_add(2)?;
        if size == 0 {
            return Some(out);
        }
        let to = from.checked_add(size)?;
        out.extend_from_slice(body.get(from..to)?);
        body = body.get(to.checked_add(2)?..)?;
    }
}

/// How long the server may take for each reading and writing.
const DEADLINE: Duration = Duration::from_secs(30);

/// Most bytes that are read of an answer; the contract's largest, and its head.
#[expect(clippy::as_conversions, reason = "a constant that fits; `try_from` is not const")]
const MOST: u64 = MAX_ANSWER as u64 + 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_in_either_framing() {
        let plain = Answer::parse(b"HTTP/1.1 200 OK\r\nContent-Type: A/b\r\n\r\nabc").unwrap();
        assert_eq!((plain.status, plain.body.as_slice()), (200, &b"abc"[..]));
        assert_eq!(plain.header("content-type").as_deref(), Some("a/b"));
        let chunked =
            b"HTTP/1.1 409 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x\r\nc\r\n0\r\n\r\n";
        assert_eq!(Answer::parse(chunked).unwrap().body, b"abc");
        assert!(Answer::parse(b"HTTP/1.1 200 OK").is_none());
        assert!(Answer::parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nab").is_none());
    }
}
