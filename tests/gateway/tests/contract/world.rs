//! A gateway in a temporary folder, and a client that speaks to it as a device does.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use agent_gateway::clock::now;
use agent_gateway::entra::Entra;
use agent_gateway::home::Home;
use agent_gateway::init::{Made, init};
use agent_gateway::rating::Rating;
use agent_gateway::serve::{self, Options, Running};
use agent_gateway::store::{StoreError, Tx};
use agent_logic::model::Digest;
use agent_logic::wire::{Problem, ProblemKind};
use axum::body::{Body, Bytes};
use data_encoding::BASE64;
use http_body_util::BodyExt as _;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{HeaderMap, Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use rcgen::KeyPair;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

pub(crate) const A: &str = "b9841cd9-9843-405f-be28-b2265c59ef97";
pub(crate) const B: &str = "ab0dc123-9843-405f-be28-b2265c59ef97";

/// A running gateway.
pub(crate) struct World {
    pub(crate) home: Home,
    pub(crate) made: Made,
    pub(crate) running: Running,
    _folder: TempDir,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A client certificate and its key.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) key: KeyPair,
    pub(crate) certificate: Vec<u8>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Options)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(folder.path().join("gateway"));
        let made = init(&home, "localhost", None).unwrap();
        let mut options = Options::on_loopback(&home);
        change(&mut options);
        let running = serve::start(&options).await.unwrap();
        Self { home, made, running, _folder: folder }
    }

    /// Runs a command of the administrator in a process of its own, and answers what it printed.
    pub(crate) fn command(&self, args: &[&str]) -> String {
        let (good, text) = self.try_command(args);
        assert!(good, "{args:?} failed");
        text
    }

    pub(crate) fn try_command(&self, args: &[&str]) -> (bool, String) {
        let out = std::process::Command::new(env!("CARGO_BIN_EXE_mtd-gateway"))
            .args(args)
            .arg("--dir")
            .arg(self.home.dir())
            .output()
            .unwrap();
        (out.status.success(), String::from_utf8(out.stdout).unwrap().trim().to_owned())
    }

    pub(crate) fn code(&self, device: &str) -> String {
        self.command(&["code", "--device", device])
    }

    /// One request on a connection of its own.
    pub(crate) async fn send(&self, identity: Option<&Identity>, request: Request<Body>) -> Answer {
        self.try_send(identity, request).await.expect("an answer")
    }

    pub(crate) async fn try_send(
        &self,
        identity: Option<&Identity>,
        request: Request<Body>,
    ) -> Option<Answer> {
        self.send_over(Arc::new(client(self, identity)), request).await
    }

    pub(crate) async fn send_over(
        &self,
        config: Arc<ClientConfig>,
        request: Request<Body>,
    ) -> Option<Answer> {
        send_to(self.running.ready.gateway, config, request).await
    }

    /// `simpleenroll` with this `Authorization`.
    pub(crate) async fn enrol(&self, authorization: Option<&str>, csr: &[u8]) -> Answer {
        let mut request = request(Method::POST, "/.well-known/est/simpleenroll", BASE64.encode(csr));
        request.headers_mut().insert(CONTENT_TYPE, "application/pkcs10".parse().unwrap());
        if let Some(value) = authorization {
            request.headers_mut().insert(AUTHORIZATION, value.parse().unwrap());
        }
        self.send(None, request).await
    }

    /// `simpleenroll` of `device` with `code` and `key`.
    pub(crate) async fn enrol_with(&self, device: &str, code: &str, key: &KeyPair) -> Answer {
        self.enrol(Some(&basic(device, code)), &csr(key, device)).await
    }

    /// Enrols `device` with a new code.
    pub(crate) async fn activate(&self, device: &str) -> Identity {
        let key = KeyPair::generate().unwrap();
        let answer = self.enrol(Some(&basic(device, &self.code(device))), &csr(&key, device)).await;
        assert_eq!(answer.status, StatusCode::OK);
        Identity { key, certificate: answer.certificate() }
    }

    /// `simplereenroll` under `identity` with `key`.
    pub(crate) async fn renew(&self, identity: &Identity, key: &KeyPair, device: &str) -> Answer {
        let body = BASE64.encode(&csr(key, device));
        self.send(Some(identity), request(Method::POST, "/.well-known/est/simplereenroll", body)).await
    }

    /// Asks the database, as another process would.
    pub(crate) fn ask<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        let connection = rusqlite::Connection::open(self.home.database()).unwrap();
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

/// What is noted of each device is what rating it would say: nobody who changes a device forgot to note it.
impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let differ = |tx: &Tx<'_>| {
            let mut differ = Vec::new();
            for device in tx.devices_after("", u32::MAX)? {
                let rating = Rating::read(tx, &device, now())?;
                let noted = tx.standing(&device.id)?;
                if noted != (rating.health, rating.known) {
                    differ.push((device.id.reveal(), noted, rating));
                }
            }
            Ok::<_, StoreError>(differ)
        };
        let differ = self.running.gateway.store.read(differ).unwrap();
        assert!(differ.is_empty(), "noted otherwise than rated: {differ:?}");
    }
}

impl Answer {
    /// The problem, which must be of the status that it names.
    pub(crate) fn problem(&self) -> ProblemKind {
        let problem: Problem = serde_json::from_slice(&self.body).expect("a problem document");
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json");
        assert_eq!(problem.status, self.status.as_u16());
        problem.kind
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }

    /// The one certificate in a certs-only answer.
    pub(crate) fn certificate(&self) -> Vec<u8> {
        let der = BASE64.decode(&self.body).expect("base64 on one line");
        // ContentInfo, SignedData and [0] are long-form here; the certificate begins at the only place where
        // a SEQUENCE of two length bytes follows `[0] IMPLICIT`.
        let at = der.windows(6).rposition(|w| w[0] == 0xa0 && w[1] == 0x82 && w[4] == 0x30 && w[5] == 0x82);
        let at = at.expect("certificates") + 4;
        let length = usize::from(u16::from_be_bytes([der[at + 2], der[at + 3]]));
        der[at..at + 4 + length].to_vec()
    }
}

/// TLS as a device has it: the partner's CA alone is trusted.
pub(crate) fn client(world: &World, identity: Option<&Identity>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(BASE64.decode(world.made.trust.ca[0].as_bytes()).unwrap())).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    match identity {
        Some(identity) => {
            let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key.serialize_der()));
            builder.with_client_auth_cert(vec![identity.certificate.clone().into()], key).unwrap()
        }
        None => builder.with_no_client_auth(),
    }
}

/// One request over TLS to the gateway at `address`, on a connection of its own.
pub(crate) async fn send_to(
    address: SocketAddr,
    config: Arc<ClientConfig>,
    request: Request<Body>,
) -> Option<Answer> {
    let tcp = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let tls = TlsConnector::from(config).connect(name, tcp).await.ok()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(tls)).await.ok()?;
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request).await.ok()?;
    let (head, body) = answer.into_parts();
    let body = body.collect().await.ok()?.to_bytes();
    connection.abort();
    Some(Answer { status: head.status, headers: head.headers, body })
}

/// One request over plain HTTP.
pub(crate) async fn plain_send(address: &str, request: Request<Body>) -> Answer {
    let tcp = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(tcp)).await.unwrap();
    tokio::spawn(connection);
    let (head, body) = sender.send_request(request).await.unwrap().into_parts();
    Answer { status: head.status, headers: head.headers, body: body.collect().await.unwrap().to_bytes() }
}

pub(crate) fn request(method: Method, path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::builder().method(method).uri(path).header(HOST, "localhost").body(body.into()).unwrap()
}

pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", BASE64.encode(format!("{user}:{password}").as_bytes()))
}

/// A certificate request as a device makes it.
pub(crate) fn csr(key: &KeyPair, device: &str) -> Vec<u8> {
    use rcgen::{CertificateParams, DistinguishedName, DnType, SanType};
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, device);
    params.subject_alt_names = vec![SanType::URI(format!("urn:uuid:{device}").try_into().unwrap())];
    params.serialize_request(key).unwrap().der().to_vec()
}

pub(crate) fn digest(bytes: &[u8]) -> Digest {
    Digest::of(bytes)
}

pub(crate) fn entra(jwks: PathBuf) -> Entra {
    Entra { jwks, issuer: "https://issuer.example/v2.0".into(), audience: "api://mtd".into() }
}
