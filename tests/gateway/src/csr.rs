//! Certificate requests: PKCS#10 whose signature proves the key and whose names are a device's.

use agent_logic::model::{DeviceId, Digest};
use der::asn1::ObjectIdentifier;
use der::{Decode as _, Encode as _, Reader as _, SliceReader, Tag, Tagged as _};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::{Extension, Extensions};
use x509_cert::name::Name;
use x509_cert::request::CertReq;

use crate::signer::P256_SPKI_PREFIX;

/// A request whose signature holds.
#[derive(Debug)]
pub struct Request {
    /// The device that CN and SAN name.
    pub device: DeviceId,
    /// The public key, a P-256 SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
    /// The subject, DER.
    pub subject: Vec<u8>,
    /// The common name is a PrintableString; else a UTF8String.
    pub printable: bool,
    /// The value of the SAN extension, DER.
    pub san: Vec<u8>,
}

/// Not a request this CA signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unacceptable;

impl Request {
    /// Reads DER and checks the signature, the key type and the names.
    pub fn parse(bytes: &[u8]) -> Result<Self, Unacceptable> {
        let request = CertReq::from_der(bytes).map_err(|_| Unacceptable)?;
        let spki = request.info.public_key.to_der().map_err(|_| Unacceptable)?;
        let point = spki.strip_prefix(P256_SPKI_PREFIX).ok_or(Unacceptable)?;
        if request.algorithm.oid != ECDSA_WITH_SHA256 {
            return Err(Unacceptable);
        }
        let signature = request.signature.as_bytes().ok_or(Unacceptable)?;
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point)
            .verify(signed_part(bytes)?, signature)
            .map_err(|_| Unacceptable)?;
        if request.info.attributes.iter().any(|attribute| attribute.oid == CHALLENGE_PASSWORD) {
            return Err(Unacceptable);
        }
        let san = request
            .info
            .attributes
            .iter()
            .filter(|attribute| attribute.oid == EXTENSION_REQUEST)
            .flat_map(|attribute| attribute.values.iter())
            .filter_map(|value| value.decode_as::<Extensions>().ok())
            .flatten()
            .find(|extension| extension.extn_id == SUBJECT_ALT_NAME)
            .ok_or(Unacceptable)?;
        let (device, printable) = common_name(&request.info.subject)?;
        if san_device(&san)? != device {
            return Err(Unacceptable);
        }
        Ok(Self {
            device,
            spki,
            subject: request.info.subject.to_der().map_err(|_| Unacceptable)?,
            printable,
            san: san.extn_value.as_bytes().to_vec(),
        })
    }

    /// SHA-256 of the public key.
    #[must_use]
    pub fn spki_digest(&self) -> Digest {
        Digest::of(&self.spki)
    }
}

/// The device that a SAN extension names: one URI, `urn:uuid:<device ID>`, and nothing else.
pub fn san_device(extension: &Extension) -> Result<DeviceId, Unacceptable> {
    let san = SubjectAltName::from_der(extension.extn_value.as_bytes()).map_err(|_| Unacceptable)?;
    let [GeneralName::UniformResourceIdentifier(uri)] = san.0.as_slice() else {
        return Err(Unacceptable);
    };
    let id = uri.as_str().strip_prefix("urn:uuid:").ok_or(Unacceptable)?;
    id.parse().map_err(|_| Unacceptable)
}

/// The SAN extension's identifier.
pub const SUBJECT_ALT_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");

const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const EXTENSION_REQUEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.14");
const CHALLENGE_PASSWORD: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.7");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

fn common_name(subject: &Name) -> Result<(DeviceId, bool), Unacceptable> {
    let mut parts = subject.iter();
    let (Some(part), None) = (parts.next(), parts.next()) else {
        return Err(Unacceptable);
    };
    if part.oid != COMMON_NAME {
        return Err(Unacceptable);
    }
    let text = std::str::from_utf8(part.value.value()).map_err(|_| Unacceptable)?;
    let device = text.parse().map_err(|_| Unacceptable)?;
    Ok((device, part.value.tag() == Tag::PrintableString))
}

/// The bytes under the signature, as they came: another encoder's order must not break them.
fn signed_part(bytes: &[u8]) -> Result<&[u8], Unacceptable> {
    let mut reader = SliceReader::new(bytes).map_err(|_| Unacceptable)?;
    reader
        .sequence(|inner| {
            let part = inner.tlv_bytes()?;
            inner.tlv_bytes()?;
            inner.tlv_bytes()?;
            Ok::<_, der::Error>(part)
        })
        .map_err(|_| Unacceptable)
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P384_SHA384, SanType};

    use super::*;

    const A: &str = "b9841cd9-9843-405f-be28-b2265c59ef97";
    const B: &str = "b9841cd9-9843-405f-be28-b2265c59ef98";

    fn request(key: &KeyPair, cn: &str, san: Option<&str>) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, cn);
        params.subject_alt_names = san.map(|san| SanType::URI(san.try_into().unwrap())).into_iter().collect();
        params.serialize_request(key).unwrap().der().to_vec()
    }

    #[test]
    fn a_request_with_both_names_is_accepted() {
        let key = KeyPair::generate().unwrap();
        let read = Request::parse(&request(&key, A, Some(&format!("urn:uuid:{A}")))).unwrap();
        assert_eq!(read.device, A.parse().unwrap());
        assert!(!read.printable);
    }

    #[test]
    fn what_names_another_device_or_none_is_refused() {
        let key = KeyPair::generate().unwrap();
        for (cn, san) in [
            (A, Some(format!("urn:uuid:{B}"))),
            (A, None),
            (A, Some(A.to_owned())),
            ("somebody", Some(format!("urn:uuid:{A}"))),
        ] {
            assert_eq!(
                Request::parse(&request(&key, cn, san.as_deref())).err(),
                Some(Unacceptable),
                "{san:?}"
            );
        }
    }

    #[test]
    fn a_broken_signature_another_curve_and_trailing_bytes_are_refused() {
        let san = format!("urn:uuid:{A}");
        let good = request(&KeyPair::generate().unwrap(), A, Some(&san));
        let mut broken = good.clone();
        *broken.last_mut().unwrap() ^= 1;
        assert!(Request::parse(&broken).is_err());
        let mut longer = good.clone();
        longer.push(0);
        assert!(Request::parse(&longer).is_err());
        let other = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
        assert!(Request::parse(&request(&other, A, Some(&san))).is_err());
        for length in 0..good.len() {
            assert!(Request::parse(good.get(..length).unwrap()).is_err());
        }
    }
}
