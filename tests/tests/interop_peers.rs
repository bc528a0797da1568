//! The peers answer as `agent_tests::peers` says, so that a test of ours that fails against them is our fault.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use agent_tests::peers::{
    self, Authority, Enrolment, EstServer, Exchange, Exchanged, Identity, OpenSsl, PeerError, Served,
    StrongSwan, Trigger,
};

const DEVICE: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const BASE64: &str = "Content-Transfer-Encoding: base64\r\n";

struct Desk {
    server: EstServer,
    openssl: OpenSsl,
    folder: tempfile::TempDir,
}

impl Desk {
    fn open() -> Option<Self> {
        let server = peers::present(EstServer::start()).unwrap()?;
        let openssl = peers::present(OpenSsl::find()).unwrap()?;
        let desk = Self { server, openssl, folder: tempfile::tempdir().unwrap() };
        fs::write(desk.path("ca.pem"), desk.server.authority().pem()).unwrap();
        Some(desk)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn send(&self, request: &str, ca: &Path, identity: Option<Identity<'_>>) -> Exchanged {
        let (address, request) = (self.server.address(), request.as_bytes());
        self.openssl.exchange(Exchange { address, host: "localhost", ca, identity, request }).unwrap()
    }

    /// A request for `name`, posted to `path` under `.well-known/est/` with the header lines `extra`.
    fn post(&self, path: &str, name: &str, extra: &str) -> Exchanged {
        let key = self.server.authority().device(DEVICE).unwrap().key;
        fs::write(self.path("key.pem"), key).unwrap();
        self.openssl.request(name, &self.path("key.pem"), &self.path("request.der")).unwrap();
        let body = data_encoding::BASE64.encode(&fs::read(self.path("request.der")).unwrap());
        let request = format!(
            "POST /.well-known/est/{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Type: application/pkcs10\r\n{extra}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.send(&request, &self.path("ca.pem"), None)
    }

    /// `cacerts`, asked for with a client certificate of `authority`.
    fn ask_as_device_of(&self, authority: &Authority) -> Exchanged {
        let issued = authority.device(DEVICE).unwrap();
        let (certificate, key) = (self.path("id.pem"), self.path("id.key"));
        fs::write(&certificate, issued.certificate).unwrap();
        fs::write(&key, issued.key).unwrap();
        let get = "GET /.well-known/est/cacerts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        self.send(get, &self.path("ca.pem"), Some(Identity { certificate: &certificate, key: &key }))
    }
}

#[test]
fn the_est_server_enrols_and_notes_it() {
    let Some(desk) = Desk::open() else { return };
    let enrolled = desk.post("simpleenroll", DEVICE, BASE64);
    assert_eq!(enrolled.status(), Some(200), "{}", enrolled.account);
    let body = enrolled.body().unwrap();
    assert!(body.lines().all(|line| line.len() <= 76) && body.contains("\r\n"), "{body}");
    let served = desk.server.served();
    let noted = |served: &Served| {
        served.method == "POST" && served.uri.ends_with("/est/simpleenroll") && served.status == 200
    };
    assert!(served.iter().any(noted), "{served:?}");
}

#[test]
fn the_est_server_demands_an_abolished_header() {
    let Some(desk) = Desk::open() else { return };
    assert_eq!(desk.post("simpleenroll", DEVICE, "").status(), Some(415));
}

#[test]
fn the_est_server_refuses_on_request() {
    let Some(desk) = Desk::open() else { return };
    let path = format!("{}/simpleenroll", Trigger::LABEL);
    let deferred = desk.post(&path, Trigger::Deferred.common_name(), BASE64);
    assert_eq!(deferred.status(), Some(202));
    let pause = format!("Retry-After: {}\r\n", Trigger::PAUSE.as_secs());
    assert!(String::from_utf8_lossy(&deferred.answer).contains(&pause));
    assert_eq!(desk.post(&path, Trigger::Forbidden.common_name(), BASE64).status(), Some(403));
    assert_eq!(desk.post(&path, Trigger::Unknown.common_name(), BASE64).status(), Some(500));
}

#[test]
fn openssl_refuses_another_authority() {
    let Some(desk) = Desk::open() else { return };
    fs::write(desk.path("foreign.pem"), Authority::new("foreign").unwrap().pem()).unwrap();
    let refused = desk.send("GET / HTTP/1.1\r\n\r\n", &desk.path("foreign.pem"), None);
    assert!(!refused.clean && refused.answer.is_empty(), "{}", refused.account);
}

#[test]
fn openssl_shows_its_certificate() {
    let Some(desk) = Desk::open() else { return };
    let known = desk.ask_as_device_of(desk.server.authority());
    assert_eq!((known.status(), known.version()), (Some(200), Some("TLSv1.3")), "{}", known.account);
    let foreign = desk.ask_as_device_of(&Authority::new("foreign").unwrap());
    assert!(!foreign.clean && foreign.status().is_none(), "{}", foreign.account);
}

#[test]
fn strongswan_trusts_only_the_authority_it_is_given() {
    let Some(desk) = Desk::open() else { return };
    let Some(pki) = peers::present(StrongSwan::find()).unwrap() else {
        return;
    };
    fs::write(desk.path("foreign.pem"), Authority::new("foreign").unwrap().pem()).unwrap();
    fs::write(desk.path("id.pem"), desk.server.authority().device(DEVICE).unwrap().certificate).unwrap();
    pki.verify(&desk.path("id.pem"), &desk.path("ca.pem")).unwrap();
    assert!(pki.verify(&desk.path("id.pem"), &desk.path("foreign.pem")).is_err());
}

#[test]
fn strongswan_reads_base64_on_one_line_only() {
    let Some(desk) = Desk::open() else { return };
    let Some(pki) = peers::present(StrongSwan::find()).unwrap() else {
        return;
    };
    let url = format!("https://localhost:{}", desk.server.address().port());
    let refused = pki.ca_certificates(&url, &desk.path("ca.pem")).unwrap_err();
    assert!(matches!(refused, PeerError::Refused { said, .. } if said.contains("could not parse")));
}

#[test]
fn strongswan_sends_no_abolished_header() {
    let Some(desk) = Desk::open() else { return };
    let Some(pki) = peers::present(StrongSwan::find()).unwrap() else {
        return;
    };
    pki.generate_key(&desk.path("key.pem")).unwrap();
    desk.openssl.request(DEVICE, &desk.path("key.pem"), &desk.path("request.der")).unwrap();
    let (ca, request) = (desk.path("ca.pem"), desk.path("request.der"));
    let url = format!("https://localhost:{}", desk.server.address().port());
    let refused = pki
        .enrol(Enrolment { url: &url, ca: &ca, request: &request, user: DEVICE, code: "code" })
        .unwrap_err();
    assert!(matches!(refused, PeerError::Refused { said, .. } if said.contains("HTTP 415")));
}
