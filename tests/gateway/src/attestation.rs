//! Proof of where a device's key lives: a chain of certificates from the key's maker, such as Android's key
//! attestation. Its leaf must be for the key of the device's own certificate, and its path must end at a root that the
//! administrator named.
//!
//! Rules: D4.

use std::sync::Arc;

use agent_logic::model::Digest;
use agent_logic::time::Wall;
use agent_logic::wire::ProblemKind;
use axum::extract::State;
use axum::response::Response;
use data_encoding::BASE64;
use der::{Decode as _, Encode as _};
use rustls::pki_types::{CertificateDer, UnixTime};
use serde::{Deserialize, Serialize};
use webpki::{EndEntityCert, Error, KeyUsage};
use x509_cert::Certificate;

use crate::api::{Gateway, authenticate};
use crate::clock::now;
use crate::failure::SetupError;
use crate::intake::{self, Sent};
use crate::refusal::Refusal;
use crate::store::{AttestationRoot, StoreError};

/// Most certificates in a chain, the leaf among them.
pub const MAX_CHAIN: usize = 6;

/// Largest body.
pub const MAX_BODY: usize = 64 * 1024;

/// What a device sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttestationChain {
    /// Certificates, base64 of DER, the leaf first; at most [`MAX_CHAIN`].
    pub chain: Vec<String>,
}

/// What the cloud answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttestationAnswer {
    /// What the chain proves.
    pub verdict: AttestationVerdict,
}

/// What a chain proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AttestationVerdict {
    /// A configured root vouches for the key of the device's certificate.
    Attested,
    /// The leaf is for another key.
    OtherKey,
    /// A certificate has expired or is not valid yet.
    NotValidNow,
    /// No configured root vouches for it.
    Untrusted,
}

/// Takes a chain and keeps what it proves. A chain that proves nothing is no error: the device cannot mend it.
pub(crate) async fn attest(
    State(gateway): State<Arc<Gateway>>,
    Sent { certificate, headers, body, resumed: _ }: Sent<MAX_BODY>,
) -> Result<Response, Refusal> {
    let chain = read(&body).ok_or(Refusal::of(ProblemKind::ReportInvalid))?;
    let verdict = gateway
        .blocking(move |gateway| {
            gateway.store.transact(|tx| {
                let now = now();
                let device = match authenticate(tx, &certificate, now)? {
                    Ok(device) => device,
                    Err(refusal) => return Ok::<_, StoreError>(Err(refusal)),
                };
                let own = tx.certificate(&certificate.serial)?.ok_or(StoreError::Corrupt)?.spki;
                let roots = tx.attestation_roots()?;
                let (verdict, root) = judge(&chain, own, &roots, now);
                tx.save_attestation(&device, own, verdict, root, now)?;
                Ok(Ok(verdict))
            })?
        })
        .await?;
    Ok(intake::answer(&headers, &AttestationAnswer { verdict }))
}

/// A root from a file, DER.
pub fn root(der: &[u8]) -> Result<AttestationRoot, SetupError> {
    let wrong = || SetupError::Form("the root certificate (DER)");
    let certificate = Certificate::from_der(der).map_err(|_| wrong())?;
    webpki::anchor_from_trusted_cert(&CertificateDer::from(der)).map_err(|_| wrong())?;
    Ok(AttestationRoot { name: certificate.tbs_certificate().subject().to_string(), der: der.to_vec() })
}

fn read(body: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let sent: AttestationChain = serde_json::from_slice(body).ok()?;
    if !(1..=MAX_CHAIN).contains(&sent.chain.len()) {
        return None;
    }
    sent.chain.iter().map(|text| BASE64.decode(text.as_bytes()).ok().map(CertificateDer::from)).collect()
}

/// What `chain` proves of the key whose SubjectPublicKeyInfo has the digest `own`, and the root that vouches for it.
fn judge<'a>(
    chain: &[CertificateDer<'_>],
    own: Digest,
    roots: &'a [AttestationRoot],
    now: Wall,
) -> (AttestationVerdict, Option<&'a str>) {
    let Some((leaf, above)) = chain.split_first() else {
        return (AttestationVerdict::Untrusted, None);
    };
    if key_of(leaf) != Some(own) {
        return (AttestationVerdict::OtherKey, None);
    }
    let mut verdict = AttestationVerdict::Untrusted;
    for root in roots {
        match verify(leaf, above, &root.der, now) {
            Ok(()) => return (AttestationVerdict::Attested, Some(&root.name)),
            Err(Error::CertExpired { .. } | Error::CertNotValidYet { .. }) => {
                verdict = AttestationVerdict::NotValidNow;
            }
            Err(_) => {}
        }
    }
    (verdict, None)
}

fn key_of(leaf: &CertificateDer<'_>) -> Option<Digest> {
    let leaf = Certificate::from_der(leaf).ok()?;
    Some(Digest::of(&leaf.tbs_certificate().subject_public_key_info().to_der().ok()?))
}

fn verify(
    leaf: &CertificateDer<'_>,
    above: &[CertificateDer<'_>],
    root: &[u8],
    now: Wall,
) -> Result<(), Error> {
    let root = CertificateDer::from(root);
    let anchors = [webpki::anchor_from_trusted_cert(&root)?];
    let time = UnixTime::since_unix_epoch(std::time::Duration::from_millis(now.0));
    // Client authentication fits: extended key usage may be absent, and is in the chains of phones.
    EndEntityCert::try_from(leaf)?
        .verify_for_usage(
            webpki::ALL_VERIFICATION_ALGS,
            &anchors,
            above,
            time,
            KeyUsage::client_auth(),
            None,
            None,
        )
        .map(|_| ())
}
