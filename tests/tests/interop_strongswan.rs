//! strongSwan, an EST client that nobody here wrote, enrols and renews at our gateway.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

use std::fs;

use agent_tests::peers::{self, Enrolment, OpenSsl, PeerError, Renewal, StrongSwan};

#[path = "support/gateway.rs"]
mod gateway;

use gateway::Gateway;

const DEVICE: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const OTHER: &str = "16fd2706-8baf-433b-82eb-8c7fada847da";

struct Desk {
    gateway: Gateway,
    pki: StrongSwan,
    openssl: OpenSsl,
}

impl Desk {
    fn open() -> Option<Self> {
        let pki = peers::present(StrongSwan::find()).unwrap()?;
        let openssl = peers::present(OpenSsl::find()).unwrap()?;
        Some(Self { gateway: Gateway::start(), pki, openssl })
    }

    fn url(&self) -> String {
        format!("https://localhost:{}", self.gateway.address().port())
    }

    /// A new key and a request for `device` over it, under the file name `name`.
    fn request(&self, name: &str, device: &str) {
        let (key, request) =
            (self.gateway.file(&format!("{name}.key")), self.gateway.file(&format!("{name}.der")));
        self.pki.generate_key(&key).unwrap();
        self.openssl.request(device, &key, &request).unwrap();
    }

    /// Enrols with the request `name`; the certificate is kept under that name.
    fn enrol(&self, name: &str, user: &str, code: &str) -> Result<(), PeerError> {
        let certificate = self.pki.enrol(Enrolment {
            url: &self.url(),
            ca: &self.gateway.file("ca.pem"),
            request: &self.gateway.file(&format!("{name}.der")),
            user,
            code,
        })?;
        fs::write(self.gateway.file(&format!("{name}.pem")), certificate).unwrap();
        Ok(())
    }

    /// Renews the certificate `old` with the request `new`.
    fn renew(&self, old: &str, new: &str) -> Result<(), PeerError> {
        let certificate = self.pki.renew(Renewal {
            url: &self.url(),
            ca: &self.gateway.file("ca.pem"),
            request: &self.gateway.file(&format!("{new}.der")),
            certificate: &self.gateway.file(&format!("{old}.pem")),
            key: &self.gateway.file(&format!("{old}.key")),
        })?;
        fs::write(self.gateway.file(&format!("{new}.pem")), certificate).unwrap();
        Ok(())
    }

    fn print(&self, name: &str) -> String {
        self.openssl.print(&self.gateway.file(&format!("{name}.pem"))).unwrap()
    }
}

fn refused_with(outcome: Result<(), PeerError>, status: u16) {
    match outcome {
        Err(PeerError::Refused { said, .. }) => assert!(said.contains(&format!("HTTP {status}")), "{said}"),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn it_fetches_our_authority() {
    let Some(desk) = Desk::open() else { return };
    let ca = desk.gateway.file("ca.pem");
    let fetched = desk.pki.ca_certificates(&desk.url(), &ca).unwrap();
    let base64 = |pem: &str| pem.split_whitespace().collect::<String>();
    assert_eq!(base64(&fetched), base64(&fs::read_to_string(ca).unwrap()));
}

#[test]
fn it_enrols_with_a_code_and_renews() {
    let Some(desk) = Desk::open() else { return };
    desk.request("first", DEVICE);
    desk.enrol("first", DEVICE, &desk.gateway.code(DEVICE)).unwrap();
    desk.pki.verify(&desk.gateway.file("first.pem"), &desk.gateway.file("ca.pem")).unwrap();
    let first = desk.print("first");
    assert!(first.contains(&format!("Subject: CN = {DEVICE}")), "{first}");
    assert!(first.contains(&format!("URI:urn:uuid:{DEVICE}")), "{first}");
    assert!(
        first.contains("TLS Web Client Authentication") && first.contains("Digital Signature"),
        "{first}"
    );

    desk.request("second", DEVICE);
    desk.renew("first", "second").unwrap();
    desk.pki.verify(&desk.gateway.file("second.pem"), &desk.gateway.file("ca.pem")).unwrap();
    let second = desk.print("second");
    assert!(second.contains(&format!("URI:urn:uuid:{DEVICE}")), "{second}");
    let serial =
        |text: &str| text.lines().skip_while(|line| !line.contains("Serial")).nth(1).map(str::to_owned);
    assert_ne!(serial(&first), serial(&second));
}

#[test]
fn a_wrong_code_is_refused() {
    let Some(desk) = Desk::open() else { return };
    desk.gateway.code(DEVICE);
    desk.request("first", DEVICE);
    refused_with(desk.enrol("first", DEVICE, "0123456789abcdef0123456789abcdef"), 401);
}

#[test]
fn a_code_is_good_for_one_key() {
    let Some(desk) = Desk::open() else { return };
    let code = desk.gateway.code(DEVICE);
    desk.request("first", DEVICE);
    desk.enrol("first", DEVICE, &code).unwrap();
    desk.enrol("first", DEVICE, &code).unwrap();
    desk.request("second", DEVICE);
    refused_with(desk.enrol("second", DEVICE, &code), 403);
}

#[test]
fn a_code_is_good_for_its_device_alone() {
    let Some(desk) = Desk::open() else { return };
    let code = desk.gateway.code(DEVICE);
    desk.request("first", OTHER);
    assert!(desk.enrol("first", OTHER, &code).is_err());
    assert!(desk.enrol("first", DEVICE, &code).is_err());
}

#[test]
fn a_renewal_keeps_the_device() {
    let Some(desk) = Desk::open() else { return };
    desk.request("first", DEVICE);
    desk.enrol("first", DEVICE, &desk.gateway.code(DEVICE)).unwrap();
    desk.request("second", OTHER);
    refused_with(desk.renew("first", "second"), 400);
}
