//! Decides whether a server is the partner's: WebPKI under the partner's CA, then the pins.
//!
//! Rules: R3.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use agent_logic::failure::{Distrust, DistrustReason};
use agent_logic::model::Digest;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme};

/// One for the life of the transport: sessions resume only under the verifier they were made with. WebPKI by its
/// parts: rustls' own verifier brings a reader of revocation lists, of which this contract has none.
#[derive(Debug)]
pub(super) struct PinnedVerifier {
    roots: Arc<RootCertStore>,
    algorithms: WebPkiSupportedAlgorithms,
    pins: Vec<Digest>,
    proven: AtomicBool,
}

/// Travels through the TLS stack and is taken out on the far side.
#[derive(Debug)]
pub(super) struct Refused(pub(super) Distrust);

impl PinnedVerifier {
    pub(super) fn new(
        roots: Arc<RootCertStore>,
        algorithms: WebPkiSupportedAlgorithms,
        pins: Vec<Digest>,
    ) -> Self {
        Self { roots, algorithms, pins, proven: AtomicBool::new(false) }
    }

    /// A handshake begins.
    pub(super) fn reset(&self) {
        self.proven.store(false, Ordering::Relaxed);
    }

    /// The server of this handshake has proven its key.
    pub(super) fn proven(&self) -> bool {
        self.proven.load(Ordering::Relaxed)
    }

    /// Path, validity, use, and name.
    fn chains(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Error> {
        let leaf = ParsedCertificate::try_from(leaf)?;
        let algorithms = self.algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&leaf, &self.roots, intermediates, now, algorithms)?;
        verify_server_name(&leaf, name)
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
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.chains(end_entity, intermediates, server_name, now)
            .map_err(|error| refuse(reason(&error), end_entity, intermediates))?;
        // The leaf alone: anyone can add a pinned certificate to a chain that does not use it.
        if !self.pins.is_empty() && !key_digest(end_entity).is_some_and(|key| self.pins.contains(&key)) {
            return Err(refuse(DistrustReason::WrongPin, end_entity, intermediates));
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.prove(verify_tls12_signature(message, cert, dss, &self.algorithms), cert)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.prove(verify_tls13_signature(message, cert, dss, &self.algorithms), cert)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
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
