//! Whether an issued certificate may become this device's identity.

use std::sync::Arc;
use std::time::Duration;

use agent_logic::command::Enrol;
use agent_logic::event::Certificate as Issued;
use agent_logic::failure::EnrolFailure;
use agent_logic::redact::Bytes;
use agent_logic::time::Wall;
use der::oid::ObjectIdentifier;
use der::{Decode, Encode};
use rustls::RootCertStore;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::CertificateDer;
use webpki::{EndEntityCert, KeyUsage};
use x509_cert::Certificate;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{ExtendedKeyUsage, SubjectAltName};

use super::super::clock::unix;
use super::super::line::not_after;
use super::super::request::device_urn;
use super::MALFORMED;

/// Who may issue this device's certificate: the partner's CA.
pub(in crate::transport) struct Issuers {
    roots: Arc<RootCertStore>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Issuers {
    pub(in crate::transport) fn new(
        roots: Arc<RootCertStore>,
        algorithms: WebPkiSupportedAlgorithms,
    ) -> Self {
        Self { roots, algorithms }
    }

    /// Whether a path for clients leads from `leaf` by `others` to the CA at this moment.
    fn issued(&self, leaf: &CertificateDer<'_>, others: &[CertificateDer<'_>], at: Wall) -> bool {
        EndEntityCert::try_from(leaf).is_ok_and(|leaf| {
            let (algorithms, roots) = (self.algorithms.all, &self.roots.roots);
            let (usage, at) = (KeyUsage::client_auth(), unix(at));
            leaf.verify_for_usage(algorithms, roots, others, at, usage, None, None).is_ok()
        })
    }
}

/// The one certificate among `chain` that carries `key`, once it holds.
pub(in crate::transport) fn check(
    chain: Vec<Vec<u8>>,
    key: &[u8],
    enrol: &Enrol,
    issuers: &Issuers,
) -> Result<Issued, EnrolFailure> {
    let mut ours = Vec::new();
    let mut others = Vec::new();
    for der in chain {
        let parsed = Certificate::from_der(&der).map_err(|_| MALFORMED)?;
        let spki = parsed.tbs_certificate().subject_public_key_info().to_der();
        if spki.is_ok_and(|spki| spki == key) {
            ours.push((der, parsed));
        } else {
            others.push(CertificateDer::from(der));
        }
    }
    let [(der, certificate)] = <[_; 1]>::try_from(ours).map_err(|_| INVALID)?;

    let leaf = CertificateDer::from(der);
    if !issuers.issued(&leaf, &others, moment(&certificate, enrol.trusted)) {
        return Err(INVALID);
    }
    // WebPKI lets a certificate without extended key usage pass; this contract does not.
    if !is_for_clients(&certificate) || !is_for_device(&certificate, enrol) {
        return Err(INVALID);
    }
    Ok(Issued { der: Bytes::new(leaf.to_vec()), not_after: not_after(&certificate) })
}

/// A CA whose clock is ahead of ours by less than [`MAX_AHEAD`] is not at fault.
fn moment(certificate: &Certificate, trusted: Wall) -> Wall {
    let start = certificate.tbs_certificate().validity().not_before;
    let start = Wall::default().plus(start.to_unix_duration());
    trusted.max(start.min(trusted.plus(MAX_AHEAD)))
}

fn is_for_clients(certificate: &Certificate) -> bool {
    let usage = certificate.tbs_certificate().get_extension::<ExtendedKeyUsage>();
    matches!(usage, Ok(Some((_, usage))) if usage.0.contains(&CLIENT_AUTH))
}

fn is_for_device(certificate: &Certificate, enrol: &Enrol) -> bool {
    let Ok(Some((_, names))) = certificate.tbs_certificate().get_extension::<SubjectAltName>() else {
        return false;
    };
    let urn = device_urn(&enrol.device);
    let mut uris = names.0.iter().filter_map(|name| {
        if let GeneralName::UniformResourceIdentifier(uri) = name { Some(uri.as_str()) } else { None }
    });
    uris.next() == Some(urn.as_str()) && uris.next().is_none()
}

const INVALID: EnrolFailure = EnrolFailure::CertificateInvalid;

const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");

/// As far as the contract's CA dates its certificates back.
const MAX_AHEAD: Duration = Duration::from_secs(24 * 60 * 60);
