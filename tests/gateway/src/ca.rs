//! The certificate authority: issues client certificates.

use std::time::Duration;

use agent_logic::model::DeviceId;
use agent_logic::time::Wall;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose, Issuer, KeyPair,
    KeyUsagePurpose, SanType, SerialNumber, SubjectPublicKeyInfo, date_time_ymd,
};
use rustls::pki_types::CertificateDer;

use crate::admin::make_random;
use crate::clock::days;
use crate::csr::Request;
use crate::failure::SetupError;
use crate::home::{self, Home};
use crate::peer::PeerCertificate;

/// Issues client certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    life: Duration,
}

/// A certificate just issued.
#[derive(Debug)]
pub struct Issued {
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// Its serial number, lower-case hexadecimal.
    pub serial: String,
    /// When it ends.
    pub not_after: Wall,
}

impl Authority {
    /// Opens the CA of `home`; its certificates live for `life`.
    pub fn open(home: &Home, life: Duration) -> Result<Self, SetupError> {
        let certificate = CertificateDer::from(home::read(&home.ca_certificate())?);
        let key =
            KeyPair::try_from(home::read(&home.ca_key())?).map_err(|_| SetupError::Crypto("the CA's key"))?;
        let issuer = Issuer::from_ca_cert_der(&certificate, key)
            .map_err(|_| SetupError::Crypto("the CA's certificate"))?;
        Ok(Self { issuer, certificate, life })
    }

    /// The CA's own certificate.
    #[must_use]
    pub const fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// Issues a certificate for the device and key of `request`.
    pub fn issue(&self, request: &Request, now: Wall) -> Result<Issued, SetupError> {
        let failed = |_| SetupError::Crypto("the CA");
        let key = SubjectPublicKeyInfo::from_der(&request.spki).map_err(failed)?;
        let not_after = Wall(now.plus(self.life).0 / 1000 * 1000);
        let mut params = CertificateParams::default();
        params.distinguished_name = subject(&request.device, request.printable)?;
        params.subject_alt_names =
            vec![SanType::URI(format!("urn:uuid:{}", request.device.reveal()).try_into().map_err(failed)?)];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        set_life(&mut params, backdated(now), not_after);
        params.serial_number = Some(make_serial()?);
        let der = params.signed_by(&key, &self.issuer).map_err(failed)?.der().to_vec();
        let serial = PeerCertificate::parse(&der).ok_or(SetupError::Crypto("the CA"))?.serial;
        Ok(Issued { der, serial, not_after })
    }
}

/// A random serial number of 127 bits.
pub fn make_serial() -> Result<SerialNumber, SetupError> {
    let mut bytes: [u8; 16] = make_random()?;
    let [first, ..] = &mut bytes;
    // Positive, and not shortened by DER: the same digits wherever it is printed.
    *first = *first & 0x7f | 0x40;
    Ok(SerialNumber::from_slice(&bytes))
}

/// Sets the life of a certificate.
pub fn set_life(params: &mut CertificateParams, from: Wall, to: Wall) {
    let epoch = date_time_ymd(1970, 1, 1);
    params.not_before = epoch + Duration::from_secs(from.0 / 1000);
    params.not_after = epoch + Duration::from_secs(to.0 / 1000);
}

/// A day before `now`: phones' clocks are late at times.
#[must_use]
pub fn backdated(now: Wall) -> Wall {
    Wall(now.0.saturating_sub(millis(days(1))))
}

fn subject(device: &DeviceId, printable: bool) -> Result<DistinguishedName, SetupError> {
    let text = device.reveal();
    let value = if printable {
        DnValue::PrintableString(text.try_into().map_err(|_| SetupError::Crypto("the subject"))?)
    } else {
        DnValue::Utf8String(text)
    };
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, value);
    Ok(name)
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
