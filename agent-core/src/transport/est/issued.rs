//! Whether an issued certificate may become this device's identity.

use std::sync::Arc;
use std::time::Duration;

use agent_logic::command::Enrol;
use agent_logic::event::Certificate as Issued;
use agent_logic::failure::EnrolFailure;
use agent_logic::redact::Bytes;
use agent_logic::time::Wall;
use der::asn1::AnyRef;
use der::oid::ObjectIdentifier;
use der::{Decode, Reader, Tag};
use rustls::RootCertStore;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::CertificateDer;
use webpki::{EndEntityCert, KeyUsage};

use super::super::clock::unix;
use super::super::request::{SUBJECT_ALT_NAME, URI, device_urn};
use super::MALFORMED;
use crate::asn1::inside;
use crate::x509::Certificate;

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
        let is_ours = Certificate::parse(&der).map_err(|_| MALFORMED)?.key == key;
        if is_ours { &mut ours } else { &mut others }.push(CertificateDer::from(der));
    }
    let [leaf] = <[_; 1]>::try_from(ours).map_err(|_| INVALID)?;
    let certificate = Certificate::parse(&leaf).map_err(|_| MALFORMED)?;

    if !issuers.issued(&leaf, &others, moment(&certificate, enrol.trusted)) {
        return Err(INVALID);
    }
    // WebPKI lets a certificate without extended key usage pass; this contract does not.
    if !is_for_clients(&certificate) || !is_for_device(&certificate, enrol) {
        return Err(INVALID);
    }
    Ok(Issued { der: Bytes::new(leaf.to_vec()), not_after: certificate.not_after })
}

/// A CA whose clock is ahead of ours by less than [`MAX_AHEAD`] is not at fault.
fn moment(certificate: &Certificate<'_>, trusted: Wall) -> Wall {
    trusted.max(certificate.not_before.min(trusted.plus(MAX_AHEAD)))
}

fn is_for_clients(certificate: &Certificate<'_>) -> bool {
    listed(certificate, EXTENDED_KEY_USAGE)
        .is_ok_and(|usages| usages.iter().any(|usage| usage.decode_as() == Ok(CLIENT_AUTH)))
}

/// Its only URI is this device's.
fn is_for_device(certificate: &Certificate<'_>, enrol: &Enrol) -> bool {
    listed(certificate, SUBJECT_ALT_NAME).is_ok_and(|names| {
        let mut uris = names.iter().filter(|name| name.header().tag() == URI).map(|name| name.value());
        uris.next() == Some(device_urn(&enrol.device).as_bytes()) && uris.next().is_none()
    })
}

/// The values in an extension that is a sequence; none where it is not there.
fn listed<'a>(certificate: &Certificate<'a>, name: ObjectIdentifier) -> der::Result<Vec<AnyRef<'a>>> {
    let mut values = Vec::new();
    if let Some(extension) = certificate.extension(name)? {
        let mut rest = inside(AnyRef::from_der(extension.value)?, Tag::Sequence)?;
        while !rest.is_finished() {
            values.push(AnyRef::decode(&mut rest)?);
        }
    }
    Ok(values)
}

const INVALID: EnrolFailure = EnrolFailure::CertificateInvalid;

const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");

const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");

/// As far as the contract's CA dates its certificates back.
const MAX_AHEAD: Duration = Duration::from_secs(24 * 60 * 60);
