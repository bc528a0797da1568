//! Who is at the other end of a connection: what its client certificate says, after TLS verified it.

use agent_logic::model::DeviceId;
use agent_logic::wire::ProblemKind;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use data_encoding::HEXLOWER;
use der::{Decode as _, Encode as _};
use x509_cert::Certificate;

use crate::csr::{SUBJECT_ALT_NAME, san_device};
use crate::refusal::Refusal;

/// A connection's circumstances, in every request of it.
#[derive(Clone, Debug)]
pub struct Peer {
    /// What the client certificate says; absent without one.
    pub certificate: Option<PeerCertificate>,
    /// The TLS session was resumed.
    pub resumed: bool,
}

/// What a client certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerCertificate {
    /// Its serial number, lower-case hexadecimal.
    pub serial: String,
    /// The device in its SAN.
    pub device: DeviceId,
    /// Its subject, DER.
    pub subject: Vec<u8>,
    /// The value of its SAN extension, DER.
    pub san: Vec<u8>,
}

/// The certificate of the client, as far as TLS verified it; whether it may still be used, the database says.
impl<S: Sync> FromRequestParts<S> for PeerCertificate {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let peer = parts.extensions.get::<Peer>();
        peer.and_then(|peer| peer.certificate.clone()).ok_or(Refusal::of(ProblemKind::CertificateRequired))
    }
}

impl PeerCertificate {
    /// Reads a certificate; absent if it names no device.
    #[must_use]
    pub fn parse(der: &[u8]) -> Option<Self> {
        let certificate = Certificate::from_der(der).ok()?;
        let body = certificate.tbs_certificate();
        let san = body.extensions()?.iter().find(|extension| extension.extn_id == SUBJECT_ALT_NAME)?;
        Some(Self {
            serial: HEXLOWER.encode(body.serial_number().as_bytes()),
            device: san_device(san).ok()?,
            subject: body.subject().to_der().ok()?,
            san: san.extn_value.as_bytes().to_vec(),
        })
    }
}
