//! Captures the seeds of every target from the real parts: a gateway, a device, and a client that keeps the bytes.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use agent_core::folder::Folder;
use agent_core::fuzzing;
use agent_core::ports::{KeyStore as _, Storage};
use agent_core::vault::Vault;
use agent_logic::redact::{Bytes, Secret};
use agent_logic::wire::{CHECK_IN_PATH, CheckInAnswer, Report};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use flate2::Compression;
use flate2::write::GzEncoder;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PublicKeyData as _, SanType};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};

use super::device::DATA_KEY;
use super::disk::Disk;
use super::world::DEVICE;
use crate::device::keys::SoftwareKeys;
use crate::stage::{IOC, Mishap, SAMPLES, Stage};

/// Plays with `program`, which can be each part, and writes corpora and world below `folder`.
///
/// # Errors
/// Whatever goes wrong in the machinery.
pub fn capture(program: &Path, folder: &Path) -> Result<(), Mishap> {
    let stage = Stage::set(program, 1)?;
    stage.administer(&["policy", "--app-sync", "on"])?;
    stage.import_indicators()?;
    let out = Out(folder.to_owned());
    let reports = device(&stage, &out)?;
    let report = reports.first().ok_or("the device made no report")?;
    cloud(&stage, &out, &first_of_chain(report)?)?;
    imports(&out)?;
    by_hand(&out)
}

/// The head of each public file of indicators. The token's seeds are the examples of RFC 7515.
fn imports(out: &Out) -> Result<(), Mishap> {
    let head = |text: &'static str, lines: usize| text.split_inclusive('\n').take(lines).collect::<String>();
    out.seed("ioc", "stalkerware", head(IOC, 120).as_bytes())?;
    out.seed("samples", "stalkerware", head(SAMPLES, 8).as_bytes())
}

/// What an activated device keeps, and the reports it made.
fn device(stage: &Stage, out: &Out) -> Result<Vec<Vec<u8>>, Mishap> {
    let code = stage.code(&stage.main)?;
    let url = stage.gateway_url();
    let id = &stage.main.id;
    let activate =
        ["activate", "--gateway", &url, "--tenant", Stage::tenant(), "--device", id, "--code", &code];
    stage.device(&stage.main, &activate)?;
    let first = kept(&stage.main.dir)?;
    out.world("activated.records", &lines(&first))?;
    stage.device(&stage.main, &["report", "--classification", "ROGUE_WIFI"])?;
    let second = kept(&stage.main.dir)?;
    for (name, records) in [("activated", &first), ("reported", &second)] {
        out.seed("records", name, &lines(records))?;
        out.seed("journal", name, &sealed(records)?)?;
        let framed = records.iter().flat_map(|record| {
            let length = u32::try_from(record.as_slice().len()).unwrap_or_default().to_be_bytes();
            [length.as_slice(), record.as_slice()].concat()
        });
        out.seed("frame", name, &framed.collect::<Vec<u8>>())?;
    }
    let keys = json!({ "mtdGateway": url, "mtdDeviceId": id, "mtdTenantId": Stage::tenant() });
    let both =
        json!({ "android": keys, "signIn": { "mtdDeviceId": id }, "app": { "mtdActivationCode": code } });
    out.seed("configuration", "activated", both.to_string().as_bytes())?;
    let reports: Vec<Vec<u8>> = second.iter().chain(&first).filter_map(report_in).collect();
    for (nth, report) in reports.iter().enumerate() {
        out.seed("report", &format!("made-{nth}"), report)?;
    }
    Ok(reports)
}

/// What the cloud says to a client that keeps the bytes.
fn cloud(stage: &Stage, out: &Out, report: &[u8]) -> Result<(), Mishap> {
    let trust = fs::read(stage.cloud().join("trust.json"))?;
    out.world("trust.json", &trust)?;
    let mut client = Client::of(stage, &trust)?;
    let key = KeyPair::generate()?;
    let spki = key.subject_public_key_info();
    out.world("spki.der", &spki)?;
    let request = request(&key)?;
    out.seed("csr", "ours", &request)?;

    let attributes = client.say("GET", "/.well-known/est/csrattrs", "", b"")?;
    out.seed("csr_attributes", "gateway", &fuzzing::base64(body(&attributes)).map_err(|_| "csrattrs")?)?;
    out.seed("http_answer", "attributes", &attributes)?;
    let code = stage.administer(&["code", "--device", DEVICE])?;
    let enrol = |client: &mut Client, code: &str| {
        let basic = BASE64.encode(format!("{DEVICE}:{}", code.trim()).as_bytes());
        let headers = format!("content-type: application/pkcs10\r\nauthorization: Basic {basic}\r\n");
        let body = BASE64.encode(&request);
        client.say("POST", "/.well-known/est/simpleenroll", &headers, body.as_bytes())
    };
    out.seed("http_answer", "wrong-code", &enrol(&mut client, "wrong")?)?;
    let issued = enrol(&mut client, &code)?;
    out.world("now", stage_time()?.to_string().as_bytes())?;
    out.seed("http_answer", "issued", &issued)?;
    out.seed("est_body", "issued", body(&issued))?;
    let message = fuzzing::base64(body(&issued)).map_err(|_| "the gateway issued nothing")?;
    out.seed("pkcs7", "issued", &message)?;
    let certificates = fuzzing::pkcs7(&message).map_err(|_| "the gateway issued nothing")?;
    let certificate = certificates.first().ok_or("the gateway issued nothing")?;
    out.seed("certificate", "issued", certificate)?;

    client.identity = Some((certificate.clone(), key.serialize_der()));
    let json = "content-type: application/json\r\n";
    out.seed("http_answer", "no-report", &client.say("POST", CHECK_IN_PATH, json, b"{}")?)?;
    out.seed("http_answer", "not-there", &client.say("GET", "/nowhere", "", b"")?)?;
    let answered = client.say("POST", CHECK_IN_PATH, json, report)?;
    out.seed("http_answer", "answered", &answered)?;
    let packed = client.say("POST", CHECK_IN_PATH, &format!("{json}accept-encoding: gzip\r\n"), report)?;
    out.seed("http_answer", "answered-gzip", &packed)?;
    out.seed("answer", "gateway", body(&answered))?;
    let answer: CheckInAnswer = serde_json::from_slice(body(&answered))?;
    let (policy, set) = answer.policy.zip(answer.indicators).ok_or("no policy, no indicators")?;
    let (policy, set) = (policy.reveal(), set.reveal());
    for (name, jws) in [("policy", policy), ("indicators", set)] {
        out.seed("jws", name, jws.as_bytes())?;
        out.seed("document", name, &payload(jws)?)?;
    }
    let version: Value = serde_json::from_slice(&payload(set)?)?;
    let path = format!("/v1/indicators/{}", version.get("version").and_then(Value::as_u64).unwrap_or(1));
    let set_answer = client.say("GET", &path, "", b"")?;
    out.seed("indicators", "stalkerware", &[&payload(set)?, b"\n".as_slice(), body(&set_answer)].concat())?;
    let refused = client.say("POST", CHECK_IN_PATH, json, b"[]")?;
    out.seed("problem", "report-invalid", body(&refused))
}

/// What nobody here says, and somebody may.
fn by_hand(out: &Out) -> Result<(), Mishap> {
    let hand: [(&str, &str, &[u8]); 12] = [
        ("http_answer", "wait", b"HTTP/1.1 202 Accepted\r\nretry-after: 600\r\ncontent-length: 0\r\n\r\n"),
        ("http_answer", "date", b"HTTP/1.1 429 Slow\r\nretry-after: Fri, 31 Dec 2040 23:59:59 GMT\r\ncontent-length: 0\r\n\r\n"),
        ("http_answer", "moved", b"HTTP/1.1 302 Found\r\nlocation: https://localhost/csr?x\r\ncontent-length: 0\r\n\r\n"),
        ("http_answer", "chunked", b"HTTP/1.1 503 Busy\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        ("csr_attributes", "rsa", b"\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"),
        ("csr_attributes", "none", b"\x30\x00"),
        ("est_body", "none", b"MAA="),
        ("pkcs7", "none", b"\x30\x00"),
        ("problem", "later", br#"{"type":"urn:mtd-agent:problem:new","status":418,"title":"x"}"#),
        ("answer", "orders", br#"{"serverTime":2208988800000,"acknowledged":9,"level":"high","health":"highSeverity","why":[{"id":"00112233445566778899aabbccddeeff","classification":"TROJAN","level":"high"}],"orders":[{"order":"rescan"},{"order":"resync"},{"order":"fullInventory"},{"order":"signed","jws":"a.b.c"},{"order":"later"}],"next":{"afterSeconds":4294967295}}"#),
        ("document", "command", br#"{"kind":"command","tenant":"6babcaad-604b-40ac-a9d7-9fd97c0b779f","device":"b9841cd9-9843-405f-be28-b2265c59ef97","nonce":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","expires":2208988800000,"command":"reEnrol"}"#),
        ("configuration", "tokens", br#"{"ios":{"mtdGateway":"https://localhost:8443","mtdDeviceId":"{{aaddeviceid}}","MDM":"INTUNE","deviceid":"b9841cd9-9843-405f-be28-b2265c59ef97","nested":{"a":[1,1.5,true,null]}},"android":{"mtdgateway":"https://localhost","mtdDeviceId":7}}"#),
    ];
    for (target, name, bytes) in hand {
        out.seed(target, name, bytes)?;
    }
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&fs::read(out.0.join("corpus/report/made-0"))?)?;
    out.seed("report", "made-0-gzip", &packed.finish()?)
}

/// The records in a device's folder.
fn kept(device: &Path) -> Result<Vec<Bytes>, Mishap> {
    let keys = SoftwareKeys::open(device.join("keys")).map_err(|_| "no keys")?;
    let key = keys.data_key().map_err(|_| "no data key")?;
    let folder: Arc<dyn Storage> = Arc::new(Folder::open(device.join("state")).map_err(|_| "no folder")?);
    Ok(Vault::open(folder, &key).map_err(|_| "no journal")?.records)
}

/// A journal of these records under the key that the target has.
fn sealed(records: &[Bytes]) -> Result<Vec<u8>, Mishap> {
    let disk = Arc::new(Disk::default());
    let storage: Arc<dyn Storage> = Arc::<Disk>::clone(&disk);
    let mut vault = Vault::open(storage, &Secret::new(DATA_KEY)).map_err(|_| "no vault")?.vault;
    for record in records {
        vault.append(std::slice::from_ref(record)).map_err(|_| "no append")?;
    }
    disk.show("journal").ok_or_else(|| "no journal".into())
}

fn lines(records: &[Bytes]) -> Vec<u8> {
    records.iter().flat_map(|record| [record.as_slice(), b"\n"].concat()).collect()
}

/// The report that a record seals.
fn report_in(record: &Bytes) -> Option<Vec<u8>> {
    let record: Value = serde_json::from_slice(record.as_slice()).ok()?;
    let sealed = record.get(1)?.get("Outbox")?.get("Sealed")?.as_str()?;
    BASE64.decode(sealed.as_bytes()).ok()
}

/// The report as another device begins with it: the journal keeps none from before the identity was proved.
fn first_of_chain(report: &[u8]) -> Result<Vec<u8>, Mishap> {
    let report: Report = serde_json::from_slice(report)?;
    let first = Report {
        sequence: 1,
        previous: None,
        open: Some(Vec::new()),
        inventory: None,
        policy: 0,
        indicators: 0,
        ..report
    };
    Ok(serde_json::to_vec(&first)?)
}

fn payload(jws: &str) -> Result<Vec<u8>, Mishap> {
    let part = jws.split('.').nth(1).ok_or("no JWS")?;
    Ok(BASE64URL_NOPAD.decode(part.as_bytes())?)
}

fn body(answer: &[u8]) -> &[u8] {
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n");
    answer.get(head.map_or(answer.len(), |at| at.saturating_add(4))..).unwrap_or_default()
}

fn request(key: &KeyPair) -> Result<Vec<u8>, Mishap> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, DEVICE);
    params.subject_alt_names = vec![SanType::URI(format!("urn:uuid:{DEVICE}").try_into()?)];
    Ok(params.serialize_request(key)?.der().to_vec())
}

fn stage_time() -> Result<u128, Mishap> {
    Ok(std::time::UNIX_EPOCH.elapsed()?.as_millis())
}

/// Speaks HTTP by hand and keeps what is said back.
struct Client {
    port: u16,
    roots: RootCertStore,
    identity: Option<(Vec<u8>, Vec<u8>)>,
}

impl Client {
    fn of(stage: &Stage, trust: &[u8]) -> Result<Self, Mishap> {
        let trust: Value = serde_json::from_slice(trust)?;
        let ca = trust.get("ca").and_then(|ca| ca.get(0)).and_then(Value::as_str).ok_or("no CA")?;
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(BASE64.decode(ca.as_bytes())?))?;
        let url = stage.gateway_url();
        let port = url.rsplit(':').next().and_then(|port| port.parse().ok()).ok_or("no port")?;
        Ok(Self { port, roots, identity: None })
    }

    fn say(&mut self, method: &str, path: &str, headers: &str, body: &[u8]) -> Result<Vec<u8>, Mishap> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(self.roots.clone());
        let config = match &self.identity {
            Some((certificate, key)) => builder.with_client_auth_cert(
                vec![certificate.clone().into()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.clone())),
            )?,
            None => builder.with_no_client_auth(),
        };
        let tcp = TcpStream::connect(("127.0.0.1", self.port))?;
        tcp.set_read_timeout(Some(PATIENCE))?;
        let connection = ClientConnection::new(Arc::new(config), ServerName::try_from("localhost")?)?;
        let mut tls = StreamOwned::new(connection, tcp);
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n",
            body.len()
        );
        tls.write_all(&[head.as_bytes(), body].concat())?;
        let mut said = Vec::new();
        tls.read_to_end(&mut said)?;
        Ok(said)
    }
}

/// Where seeds go.
struct Out(PathBuf);

impl Out {
    fn seed(&self, target: &str, name: &str, bytes: &[u8]) -> Result<(), Mishap> {
        let folder = self.0.join("corpus").join(target);
        fs::create_dir_all(&folder)?;
        Ok(fs::write(folder.join(name), bytes)?)
    }

    fn world(&self, name: &str, bytes: &[u8]) -> Result<(), Mishap> {
        fs::create_dir_all(self.0.join("world"))?;
        Ok(fs::write(self.0.join("world").join(name), bytes)?)
    }
}

/// No answer takes longer.
const PATIENCE: Duration = Duration::from_secs(10);
