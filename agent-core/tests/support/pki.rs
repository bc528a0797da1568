//! A partner's CA, and what it issues.

use agent_logic::model::{DeviceId, Digest};
use agent_logic::time::Wall;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    SanType, SubjectPublicKeyInfo, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The time every test's device trusts: 2030-03-17. The machine's own clock plays no part.
pub const NOW: Wall = Wall(1_900_000_000_000);

pub struct Ca(CertifiedIssuer<'static, KeyPair>);

/// A server's certificate and key.
pub struct ServerId {
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
    pub pin: Digest,
}

impl Ca {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2050, 1, 1);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn der(&self) -> Vec<u8> {
        self.0.der().to_vec()
    }

    /// For `localhost`.
    pub fn server(&self) -> ServerId {
        self.server_with(&["localhost"], 2040)
    }

    pub fn server_with(&self, names: &[&str], until: i32) -> ServerId {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        ServerId {
            chain: vec![certificate.der().clone()],
            pin: Digest::of(&rcgen::PublicKeyData::subject_public_key_info(&key)),
            key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        }
    }

    /// As the contract says.
    pub fn device(&self, spki: &[u8], device: &DeviceId) -> Vec<u8> {
        self.device_with(spki, device, |_| {})
    }

    /// As the contract says, but for what `change` does.
    pub fn device_with(
        &self,
        spki: &[u8],
        device: &DeviceId,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, device.reveal());
        let urn = format!("urn:uuid:{}", device.reveal());
        params.subject_alt_names = vec![SanType::URI(urn.try_into().unwrap())];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2035, 1, 1);
        change(&mut params);
        let key = SubjectPublicKeyInfo::from_der(spki).unwrap();
        params.signed_by(&key, &self.0).unwrap().der().to_vec()
    }
}
