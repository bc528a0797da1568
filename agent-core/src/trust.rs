//! Whom this device trusts. Comes from the app's code alone: configuration cannot move it (D3).

use std::fmt;
use std::net::IpAddr;

use agent_logic::command::Origin;
use agent_logic::model::Digest;
use agent_logic::redact::Bytes;
use der::oid::ObjectIdentifier;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use serde::Deserialize;

use crate::x509::PublicKey;

/// The partner's CA certificates, the server keys pinned on top, the keys that sign policy, and the name
/// that every configured host must lie under.
#[derive(Clone)]
pub struct Trust {
    pub(crate) roots: RootCertStore,
    pub(crate) pins: Vec<Digest>,
    pub(crate) policy_keys: Vec<PolicyKey>,
    host_suffix: String,
}

/// A key that signs policy.
#[derive(Clone)]
pub(crate) struct PolicyKey {
    /// SHA-256 of the SubjectPublicKeyInfo, lower-case hexadecimal.
    pub(crate) kid: String,
    /// The uncompressed point.
    pub(crate) point: Vec<u8>,
}

/// Why something cannot be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrustError {
    /// Not the JSON described at [`Trust::from_json`].
    Malformed,
    /// No CA certificate, more than [`MAX_ENTRIES`], or one that cannot anchor a chain.
    Ca,
    /// More than [`MAX_ENTRIES`] pins.
    Pins,
    /// More than [`MAX_ENTRIES`] policy keys, or one that is not a P-256 SubjectPublicKeyInfo.
    PolicyKey,
    /// Empty, or not a plain name.
    HostSuffix,
}

impl Trust {
    /// Trusts `ca` (DER) alone and, if `pins` (SHA-256 of SubjectPublicKeyInfo) are there, only servers with
    /// one of these keys; `policy_keys` are SubjectPublicKeyInfo (DER); hosts are `host_suffix` or end in
    /// a dot and it.
    ///
    /// # Errors
    /// [`TrustError`] says which part cannot be used.
    pub fn new(
        ca: Vec<Vec<u8>>,
        pins: Vec<Digest>,
        policy_keys: Vec<Vec<u8>>,
        host_suffix: String,
    ) -> Result<Self, TrustError> {
        if ca.is_empty() || ca.len() > MAX_ENTRIES {
            return Err(TrustError::Ca);
        }
        if pins.len() > MAX_ENTRIES {
            return Err(TrustError::Pins);
        }
        if policy_keys.len() > MAX_ENTRIES {
            return Err(TrustError::PolicyKey);
        }
        let mut roots = RootCertStore::empty();
        for certificate in ca {
            roots.add(CertificateDer::from(certificate)).map_err(|_| TrustError::Ca)?;
        }
        let policy_keys = policy_keys.iter().map(|spki| PolicyKey::parse(spki)).collect::<Result<_, _>>()?;
        let host_suffix = host_suffix.trim_matches('.').to_ascii_lowercase();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':');
        if host_suffix.is_empty() || !host_suffix.chars().all(plain) {
            return Err(TrustError::HostSuffix);
        }
        Ok(Self { roots, pins, policy_keys, host_suffix })
    }

    /// From `{"ca":[base64 DER],"pins":[hex],"policyKeys":[base64 SPKI DER],"hostSuffix":"example.com"}`.
    ///
    /// # Errors
    /// As [`Trust::new`].
    pub fn from_json(text: &str) -> Result<Self, TrustError> {
        let written: Written = agent_logic::json::read(text.as_bytes()).map_err(|_| TrustError::Malformed)?;
        let der = |list: Vec<Bytes>| list.into_iter().map(Bytes::into_vec).collect();
        Self::new(der(written.ca), written.pins, der(written.policy_keys), written.host_suffix)
    }

    /// The name that every configured host must lie under.
    #[must_use]
    pub fn host_suffix(&self) -> &str {
        &self.host_suffix
    }

    /// Whether configuration may choose this host.
    #[must_use]
    pub fn allows(&self, origin: &Origin) -> bool {
        let host = origin.host.to_ascii_lowercase();
        if host == self.host_suffix {
            return true;
        }
        host.parse::<IpAddr>().is_err()
            && host
                .strip_suffix(self.host_suffix.as_str())
                .is_some_and(|front| front.len() > 1 && front.ends_with('.'))
    }
}

impl PolicyKey {
    fn parse(spki: &[u8]) -> Result<Self, TrustError> {
        let key = PublicKey::parse(spki).map_err(|_| TrustError::PolicyKey)?;
        let curve = key.parameters.and_then(|parameters| parameters.decode_as::<ObjectIdentifier>().ok());
        let point = key.bits.as_bytes().unwrap_or_default();
        if key.kind != EC_PUBLIC_KEY || curve != Some(PRIME256V1) || point.len() != POINT {
            return Err(TrustError::PolicyKey);
        }
        Ok(Self { kid: Digest::of(spki).to_string(), point: point.to_vec() })
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trust")
            .field("ca", &self.roots.len())
            .field("pins", &self.pins.len())
            .field("policy_keys", &self.policy_keys.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for TrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "not the JSON that describes trust",
            Self::Ca => "no usable CA certificate",
            Self::Pins => "too many pins",
            Self::PolicyKey => "a policy key is not a P-256 SubjectPublicKeyInfo",
            Self::HostSuffix => "the host suffix is not a name",
        })
    }
}

impl std::error::Error for TrustError {}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written {
    ca: Vec<Bytes>,
    #[serde(default)]
    pins: Vec<Digest>,
    #[serde(default)]
    policy_keys: Vec<Bytes>,
    host_suffix: String,
}

/// Most CA certificates, pins or policy keys: each present, next and backup several times over.
pub const MAX_ENTRIES: usize = 16;

/// Bytes of an uncompressed P-256 point.
const POINT: usize = 65;

pub(crate) const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
pub(crate) const PRIME256V1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");

#[cfg(test)]
mod tests {
    use rcgen::PublicKeyData;

    use super::*;

    fn trust(suffix: &str) -> Result<Trust, TrustError> {
        let key = rcgen::KeyPair::generate().unwrap();
        let ca = rcgen::CertificateParams::default().self_signed(&key).unwrap();
        Trust::new(vec![ca.der().to_vec()], Vec::new(), vec![key.subject_public_key_info()], suffix.into())
    }

    fn allows(trust: &Trust, host: &str) -> bool {
        trust.allows(&Origin { host: host.into(), port: 443 })
    }

    #[test]
    fn configuration_chooses_only_among_hosts_under_the_suffix() {
        let trust = trust("Cloud.example").unwrap();
        assert!(allows(&trust, "cloud.example"));
        assert!(allows(&trust, "eu.CLOUD.example"));
        for host in ["evilcloud.example", "cloud.example.evil", ".cloud.example", "example", "127.0.0.1", ""]
        {
            assert!(!allows(&trust, host), "{host}");
        }
    }

    #[test]
    fn what_cannot_be_trusted_is_refused_at_the_start() {
        assert_eq!(trust("").unwrap_err(), TrustError::HostSuffix);
        assert_eq!(trust("a/b").unwrap_err(), TrustError::HostSuffix);
        let none = Trust::new(Vec::new(), Vec::new(), Vec::new(), "a".into());
        assert_eq!(none.unwrap_err(), TrustError::Ca);
        let garbage = Trust::new(vec![vec![0x30]], Vec::new(), Vec::new(), "a".into());
        assert_eq!(garbage.unwrap_err(), TrustError::Ca);
        assert_eq!(Trust::from_json("{}").unwrap_err(), TrustError::Malformed);
    }
}
