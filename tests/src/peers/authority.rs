//! A certificate authority of a test's own.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PublicKeyData, SanType,
};

use super::PeerError;

/// A CA with a P-256 key; every call makes another one.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate with its key.
pub struct Issued {
    /// The certificate, PEM.
    pub certificate: String,
    /// Its private key, PKCS#8 PEM.
    pub key: String,
    /// SHA-256 of the certificate's SubjectPublicKeyInfo: what a pin names.
    pub spki_sha256: [u8; 32],
}

impl Authority {
    /// A new root called `name`.
    ///
    /// # Errors
    ///
    /// [`PeerError::Certificate`].
    pub fn new(name: &str) -> Result<Self, PeerError> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Ok(Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate()?)? })
    }

    /// The root's certificate, PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// The root's certificate, DER.
    #[must_use]
    pub fn der(&self) -> Vec<u8> {
        self.issuer.der().to_vec()
    }

    /// The root's private key, PKCS#8 PEM.
    #[must_use]
    pub fn key_pem(&self) -> String {
        self.issuer.key().serialize_pem()
    }

    /// A certificate for a server reached as `localhost` or by 127.0.0.1.
    ///
    /// # Errors
    ///
    /// [`PeerError::Certificate`].
    pub fn server(&self) -> Result<Issued, PeerError> {
        let params = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()])?;
        self.issue(params, "localhost", ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// A certificate for `device`, shaped as the wire demands.
    ///
    /// # Errors
    ///
    /// [`PeerError::Certificate`].
    pub fn device(&self, device: &str) -> Result<Issued, PeerError> {
        let mut params = CertificateParams::default();
        params.subject_alt_names.push(SanType::URI(format!("urn:uuid:{device}").try_into()?));
        self.issue(params, device, ExtendedKeyUsagePurpose::ClientAuth)
    }

    fn issue(
        &self,
        mut params: CertificateParams,
        name: &str,
        usage: ExtendedKeyUsagePurpose,
    ) -> Result<Issued, PeerError> {
        params.distinguished_name.push(DnType::CommonName, name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![usage];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let mut spki_sha256 = [0; 32];
        let digest = ring::digest::digest(&ring::digest::SHA256, &key.subject_public_key_info());
        spki_sha256.copy_from_slice(digest.as_ref());
        Ok(Issued { certificate: certificate.pem(), key: key.serialize_pem(), spki_sha256 })
    }
}
