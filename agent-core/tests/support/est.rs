//! A small EST server, and what it is asked.

use agent_logic::command::{Authority, Credential, Enrol, RequestSpec, Slot};
use agent_logic::redact::Secret;
use data_encoding::BASE64;

use super::cloud::{Answer, Cloud, Tls, http};
use super::device::{Device, device_id};
use super::pki::{Ca, NOW};

/// ecPublicKey { secp256r1 }
const P256: &str = "MBcwFQYHKoZIzj0CATEKBggqhkjOPQMBBw==";

pub fn certificates(der: &[u8]) -> Vec<u8> {
    http("200 OK", "Content-Type: application/pkcs7-mime; smime-type=certs-only\r\n", BASE64.encode(der))
}

pub fn csr_attributes() -> Vec<u8> {
    http("200 OK", "content-type: application/csrattrs\r\n", P256)
}

/// An EST server that answers `csrattrs` and enrolments with these bytes.
pub fn server(ca: &Ca, attributes: Vec<u8>, enrolment: Vec<u8>) -> Cloud {
    Cloud::start(Tls::new(ca.server()), move |asked| Answer {
        bytes: if asked.line.contains("/csrattrs ") { attributes.clone() } else { enrolment.clone() },
        keep: true,
    })
}

pub fn enrolment(device: &Device, cloud: &Cloud, authority: Authority) -> Enrol {
    let spec = RequestSpec { slot: Slot::A, device: device_id(), like: None };
    Enrol {
        origin: cloud.origin.clone(),
        authority,
        slot: Slot::A,
        device: device_id(),
        request: device.transport.make_request(&spec).unwrap(),
        trusted: NOW,
    }
}

pub fn code() -> Authority {
    Authority::Credential(Credential::Code(Secret::new("one-time".into())))
}
