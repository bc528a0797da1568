//! The key store's key as the TLS stack wants it. A failure of the key store comes out as what it is.

use std::fmt;
use std::sync::Arc;

use agent_logic::command::Identity;
use agent_logic::failure::KeyFailure;
use rustls::client::ResolvesClientCert;
use rustls::pki_types::CertificateDer;
use rustls::server::ParsedCertificate;
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{Error, OtherError, SignatureAlgorithm, SignatureScheme};

use crate::ports;

/// Answers every certificate request with the one identity.
#[derive(Debug)]
pub(super) struct DeviceIdentity(Arc<CertifiedKey>);

/// Travels through the TLS stack and is taken out on the far side.
#[derive(Debug)]
pub(super) struct Unsigned(pub(super) KeyFailure);

impl DeviceIdentity {
    /// The identity, once the key of its slot is known to be the certificate's.
    pub(super) fn find(keys: &dyn ports::KeyStore, identity: &Identity) -> Result<Self, KeyFailure> {
        let key = keys.find(identity.slot)?.ok_or(KeyFailure::Gone)?;
        let certificate = CertificateDer::from(identity.certificate.as_slice().to_vec());
        let parsed = ParsedCertificate::try_from(&certificate).map_err(|_| KeyFailure::Gone)?;
        if *parsed.subject_public_key_info() != *key.public_key() {
            return Err(KeyFailure::Gone);
        }
        let key = Arc::new(DeviceKey(key));
        Ok(Self(Arc::new(CertifiedKey::new(vec![certificate], key))))
    }
}

impl ResolvesClientCert for DeviceIdentity {
    fn resolve(&self, _hints: &[&[u8]], _offered: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

#[derive(Clone, Debug)]
struct DeviceKey(Arc<dyn ports::SigningKey>);

impl SigningKey for DeviceKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered.contains(&SCHEME).then(|| -> Box<dyn Signer> { Box::new(self.clone()) })
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for DeviceKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.0.sign(message).map_err(|failure| Error::Other(OtherError(Arc::new(Unsigned(failure)))))
    }

    fn scheme(&self) -> SignatureScheme {
        SCHEME
    }
}

impl fmt::Display for Unsigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the key store did not sign")
    }
}

impl std::error::Error for Unsigned {}

/// What every key store can do.
const SCHEME: SignatureScheme = SignatureScheme::ECDSA_NISTP256_SHA256;
