//! What stands in front of a gateway: hands connections on, or answers them itself and badly.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

/// Writes an answer; how many bytes of it went out.
type Script = Arc<dyn Fn(&mut dyn Write) -> u64 + Send + Sync>;

/// What the front does with a connection.
#[derive(Clone)]
pub(crate) enum Fault {
    /// Hands it on.
    None,
    /// Accepts it and says nothing.
    Silence,
    /// Ends TLS with this certificate.
    Certificate(Arc<ServerConfig>),
    /// Ends TLS with the gateway's own certificate and answers each request with this.
    Answer(Script),
}

/// What the front saw since it was asked last, besides what it handed on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) connections: usize,
    pub(crate) client_certificates: usize,
    /// Requests as they came, decrypted.
    pub(crate) requests: Vec<String>,
    /// Bytes of answers that went out.
    pub(crate) sent: u64,
}

pub(crate) struct Front {
    address: SocketAddr,
    fault: Arc<Mutex<Fault>>,
    seen: Arc<Mutex<Seen>>,
    cloud: PathBuf,
}

impl Front {
    /// A front of the gateway at `to` whose folder is `cloud`.
    pub(crate) fn start(to: SocketAddr, cloud: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let front = Self {
            address: listener.local_addr().unwrap(),
            fault: Arc::new(Mutex::new(Fault::None)),
            seen: Arc::default(),
            cloud: cloud.to_owned(),
        };
        let (fault, seen) = (Arc::clone(&front.fault), Arc::clone(&front.seen));
        let own = front.config(fs(&front.cloud, "server.der"), fs(&front.cloud, "server.key"));
        thread::spawn(move || {
            for device in listener.incoming().map_while(Result::ok) {
                let (fault, seen, own) = (fault.lock().unwrap().clone(), Arc::clone(&seen), Arc::clone(&own));
                seen.lock().unwrap().connections += 1;
                thread::spawn(move || connection(device, to, &fault, &own, &seen));
            }
        });
        front
    }

    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }

    /// From now on; what was seen before.
    pub(crate) fn set(&self, fault: Fault) -> Seen {
        *self.fault.lock().unwrap() = fault;
        std::mem::take(&mut *self.seen.lock().unwrap())
    }

    /// What was seen; forgets it.
    pub(crate) fn seen(&self) -> Seen {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }

    /// Answers everything with these bytes, and ends the connection. Who is asked twice on one says `Connection: close`: a
    /// device may write its second request before it sees the end.
    pub(crate) fn says(bytes: impl Into<Vec<u8>>) -> Fault {
        let bytes = bytes.into();
        Fault::Answer(Arc::new(move |out| {
            out.write_all(&bytes).map_or(0, |()| u64::try_from(bytes.len()).unwrap())
        }))
    }

    /// A CA with the name of the gateway's and another key certifies `localhost`.
    pub(crate) fn of_another_ca(&self) -> Fault {
        let mut ca = CertificateParams::default();
        ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        ca.distinguished_name = rcgen::DistinguishedName::new();
        ca.distinguished_name.push(DnType::CommonName, "mtd-gateway CA");
        let issuer = Issuer::new(ca, KeyPair::generate().unwrap());
        self.certified(&issuer, &KeyPair::generate().unwrap(), "localhost", 2040)
    }

    /// The gateway's CA certifies another key for `localhost`.
    pub(crate) fn of_another_key(&self) -> Fault {
        self.certified(&self.issuer(), &KeyPair::generate().unwrap(), "localhost", 2040)
    }

    /// The gateway's CA certified the gateway's key until 2020.
    pub(crate) fn expired(&self) -> Fault {
        self.certified(&self.issuer(), &self.key("server.key"), "localhost", 2020)
    }

    /// The gateway's CA certifies the gateway's key for another host.
    pub(crate) fn of_another_host(&self) -> Fault {
        self.certified(&self.issuer(), &self.key("server.key"), "other.localhost", 2040)
    }

    fn certified(&self, issuer: &Issuer<'_, KeyPair>, key: &KeyPair, host: &str, until: i32) -> Fault {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.signed_by(key, issuer).unwrap();
        Fault::Certificate(self.config(certificate.der().to_vec(), key.serialize_der()))
    }

    fn issuer(&self) -> Issuer<'static, KeyPair> {
        let ca = CertificateDer::from(fs(&self.cloud, "ca.der"));
        Issuer::from_ca_cert_der(&ca, self.key("ca.key")).unwrap()
    }

    fn key(&self, name: &str) -> KeyPair {
        KeyPair::try_from(fs(&self.cloud, name)).unwrap()
    }

    /// Asks for a client certificate, which may be absent.
    fn config(&self, certificate: Vec<u8>, key: Vec<u8>) -> Arc<ServerConfig> {
        let provider = Arc::new(ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(fs(&self.cloud, "ca.der"))).unwrap();
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(clients.allow_unauthenticated().build().unwrap())
            .with_single_cert(vec![CertificateDer::from(certificate)], PrivateKeyDer::try_from(key).unwrap());
        Arc::new(config.unwrap())
    }
}

fn connection(device: TcpStream, to: SocketAddr, fault: &Fault, own: &Arc<ServerConfig>, seen: &Mutex<Seen>) {
    device.set_read_timeout(Some(LONGEST)).unwrap();
    // A device that goes away in the middle is no fault of the front.
    let _ended = match fault {
        Fault::None => hand_on(device, to),
        Fault::Silence => {
            thread::sleep(LONGEST);
            Ok(())
        }
        Fault::Certificate(config) => answer(device, config, seen, None),
        Fault::Answer(script) => answer(device, own, seen, Some(script)),
    };
}

fn hand_on(mut device: TcpStream, to: SocketAddr) -> io::Result<()> {
    let mut cloud = TcpStream::connect(to)?;
    let (mut up, mut back) = (device.try_clone()?, cloud.try_clone()?);
    let upward = thread::spawn(move || {
        let _ended = io::copy(&mut up, &mut cloud);
        let _closed = cloud.shutdown(std::net::Shutdown::Write);
    });
    let _ended = io::copy(&mut back, &mut device);
    let _closed = device.shutdown(std::net::Shutdown::Both);
    let _ended = upward.join();
    Ok(())
}

fn answer(
    device: TcpStream,
    config: &Arc<ServerConfig>,
    seen: &Mutex<Seen>,
    script: Option<&Script>,
) -> io::Result<()> {
    let connection = ServerConnection::new(Arc::clone(config)).unwrap();
    let mut stream = StreamOwned::new(connection, device);
    let shaken = stream.conn.complete_io(&mut stream.sock);
    if stream.conn.peer_certificates().is_some() {
        seen.lock().unwrap().client_certificates += 1;
    }
    shaken?;
    let request = read_request(&mut stream)?;
    seen.lock().unwrap().requests.push(request);
    if let Some(script) = script {
        let sent = script(&mut stream);
        seen.lock().unwrap().sent += sent;
        stream.flush()?;
    }
    // The device reads what was sent before it sees the end.
    stream.sock.shutdown(std::net::Shutdown::Write)?;
    let _end = stream.sock.read(&mut [0; 1024])?;
    Ok(())
}

/// Head and body.
fn read_request(stream: &mut impl Read) -> io::Result<String> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        request.extend(byte);
    }
    let head = String::from_utf8_lossy(&request).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body)?;
    request.extend(body);
    Ok(String::from_utf8_lossy(&request).into_owned())
}

fn fs(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).unwrap()
}

/// Longer than any exchange of a test.
const LONGEST: Duration = Duration::from_secs(20);
