//! `openssl s_client`, a TLS client that nobody here wrote, at our gateway.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::fs;

use agent_logic::wire::{CheckInAnswer, Problem, ProblemKind};
use agent_tests::peers::{self, Authority, Exchange, Exchanged, Identity, OpenSsl};
use data_encoding::BASE64;
use serde_json::json;

#[path = "support/gateway.rs"]
mod gateway;

use gateway::Gateway;

const DEVICE: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

struct Desk {
    gateway: Gateway,
    openssl: OpenSsl,
}

impl Desk {
    fn open() -> Option<Self> {
        let openssl = peers::present(OpenSsl::find()).unwrap()?;
        Some(Self { gateway: Gateway::start(), openssl })
    }

    /// Posts `body` to `path`, with the certificate and key of that file name, if any.
    fn post(&self, path: &str, kind: &str, extra: &str, body: &str, identity: Option<&str>) -> Exchanged {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: {kind}\r\n\
             {extra}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let files = identity.map(|name| {
            (self.gateway.file(&format!("{name}.pem")), self.gateway.file(&format!("{name}.key")))
        });
        let identity = files.as_ref().map(|(certificate, key)| Identity { certificate, key });
        self.openssl
            .exchange(Exchange {
                address: self.gateway.address(),
                host: "localhost",
                ca: &self.gateway.file("ca.pem"),
                identity,
                request: request.as_bytes(),
            })
            .unwrap()
    }

    fn check_in(&self, identity: Option<&str>) -> Exchanged {
        let now = std::time::UNIX_EPOCH.elapsed().unwrap();
        let facts = json!({"agentVersion": "0.1.0", "osVersion": "3.0", "platform": "linux"});
        let report = json!({
            "protocol": 1,
            "chain": "0123456789abcdef0123456789abcdef",
            "sequence": 1,
            "made": {"wall": u64::try_from(now.as_millis()).unwrap(), "mono": 1, "boot": 1},
            "activation": "activated",
            "protection": "protected",
            "level": "secured",
            "facts": {"digest": agent_logic::model::Digest::of(facts.to_string().as_bytes()), "value": facts},
            "open": [],
            "policy": 0,
            "indicators": 0,
        });
        self.post("/v1/check-in", "application/json", "", &report.to_string(), identity)
    }

    /// Enrols [`DEVICE`] by hand: a request of openssl, sent by openssl, read by openssl.
    fn enrol(&self) {
        let file = |name: &str| self.gateway.file(name);
        fs::write(file("device.key"), Authority::new("unused").unwrap().key_pem()).unwrap();
        self.openssl.request(DEVICE, &file("device.key"), &file("device.der")).unwrap();
        let credential = BASE64.encode(format!("{DEVICE}:{}", self.gateway.code(DEVICE)).as_bytes());
        let body = BASE64.encode(&fs::read(file("device.der")).unwrap());
        let basic = format!("Authorization: Basic {credential}\r\n");
        let enrolled = self.post("/.well-known/est/simpleenroll", "application/pkcs10", &basic, &body, None);
        assert_eq!(enrolled.status(), Some(200), "{:?}", enrolled.body());
        let pkcs7 = BASE64.decode(enrolled.body().unwrap().as_bytes()).unwrap();
        fs::write(file("device.pem"), self.openssl.certificates(&pkcs7).unwrap()).unwrap();
    }
}

#[test]
fn an_enrolled_device_checks_in_over_tls_1_3() {
    let Some(desk) = Desk::open() else { return };
    desk.enrol();
    let answered = desk.check_in(Some("device"));
    assert_eq!(
        (answered.status(), answered.version()),
        (Some(200), Some("TLSv1.3")),
        "{:?}",
        answered.body()
    );
    let answer: CheckInAnswer = serde_json::from_str(&answered.body().unwrap()).unwrap();
    assert_eq!(answer.acknowledged, 1);
}

#[test]
fn without_a_certificate_there_is_no_check_in() {
    let Some(desk) = Desk::open() else { return };
    let refused = desk.check_in(None);
    assert_eq!(refused.status(), Some(401), "{}", refused.account);
    let problem: Problem = serde_json::from_str(&refused.body().unwrap()).unwrap();
    assert_eq!(problem.kind, ProblemKind::CertificateRequired);
}

#[test]
fn a_certificate_of_another_authority_ends_the_connection() {
    let Some(desk) = Desk::open() else { return };
    let foreign = Authority::new("foreign").unwrap().device(DEVICE).unwrap();
    fs::write(desk.gateway.file("foreign.pem"), foreign.certificate).unwrap();
    fs::write(desk.gateway.file("foreign.key"), foreign.key).unwrap();
    let refused = desk.check_in(Some("foreign"));
    assert!(!refused.clean && refused.answer.is_empty(), "{:?}", refused.body());
    assert!(refused.account.contains("alert"), "{}", refused.account);
}
