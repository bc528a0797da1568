//! Decides whether a server is the partner's: WebPKI under the partner's CA, then the pins.
//!
//! Rules: R3.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use agent_logic::failure::{Distrust, DistrustReason};
use agent_logic::model::Digest;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};

/// One for the life of the transport: sessions resume only under the verifier they were made with.
#[derive(Debug)]
pub(super) struct PinnedVerifier {
    inner: Arc<WebPkiServerVerifier>,
    pins: Vec<Digest>,
    proven: AtomicBool,
}

/// Travels through the TLS stack and is taken out on the far side.
#[derive(Debug)]
pub(super) struct Refused(pub(super) Distrust);

impl PinnedVerifier {
    pub(super) fn new(inner: Arc<WebPkiServerVerifier>, pins: Vec<Digest>) -> Self {
        Self { inner, pins, proven: AtomicBool::new(false) }
    }

    /// A handshake begins.
    pub(super) fn reset(&self) {
        self.proven.store(false, Ordering::Relaxed);
    }

    /// The server of this handshake has proven its key.
    pub(super) fn proven(&self) -> bool {
        self.proven.load(Ordering::Relaxed)
    }

    fn prove(
        &self,
        checked: Result<HandshakeSignatureValid, Error>,
        certificate: &CertificateDer<'_>,
    ) -> Result<HandshakeSignatureValid, Error> {
        let valid = checked.map_err(|_| refuse(DistrustReason::Malformed, certificate, &[]))?;
        self.proven.store(true, Ordering::Relaxed);
        Ok(valid)
    }
}

impl ServerCertVerifier for PinnedVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self
            .inner
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            .map_err(|error| refuse(reason(&error), end_entity, intermediates))?;
        // The leaf alone: anyone can add a pinned certificate to a chain that does not use it.
        if !self.pins.is_empty() && !key_digest(end_entity).is_some_and(|key| self.pins.contains(&key)) {
            return Err(refuse(DistrustReason::WrongPin, end_entity, intermediates));
        }
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.prove(self.inner.verify_tls12_signature(message, cert, dss), cert)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.prove(self.inner.verify_tls13_signature(message, cert, dss), cert)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// Why rustls did not take the certificate.
pub(super) fn reason(error: &Error) -> DistrustReason {
    use CertificateError as E;
    let Error::InvalidCertificate(error) = error else {
        return DistrustReason::Malformed;
    };
    // A CA with the partner's name and another key shows as a bad signature.
    if matches!(error, E::UnknownIssuer | E::BadSignature) {
        DistrustReason::UnknownIssuer
    } else if matches!(error, E::NotValidForName | E::NotValidForNameContext { .. }) {
        DistrustReason::WrongName
    } else if matches!(
        error,
        E::Expired | E::ExpiredContext { .. } | E::NotValidYet | E::NotValidYetContext { .. }
    ) {
        DistrustReason::Validity
    } else {
        DistrustReason::Malformed
    }
}

fn refuse(reason: DistrustReason, leaf: &CertificateDer<'_>, rest: &[CertificateDer<'_>]) -> Error {
    let presented = std::iter::once(leaf).chain(rest).take(PRESENTED).filter_map(key_digest).collect();
    let refused = Refused(Distrust { reason, presented });
    Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(refused))))
}

fn key_digest(certificate: &CertificateDer<'_>) -> Option<Digest> {
    let parsed = ParsedCertificate::try_from(certificate).ok()?;
    Some(Digest::of(&parsed.subject_public_key_info()))
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the server's certificate is refused")
    }
}

impl std::error::Error for Refused {}

/// Keys told in a [`Distrust`]: leaf, two intermediates and a root.
const PRESENTED: usize = 4;
