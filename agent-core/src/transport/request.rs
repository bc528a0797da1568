//! PKCS#10 requests, signed by the key store.

use agent_logic::command::RequestSpec;
use agent_logic::failure::KeyFailure;
use agent_logic::model::DeviceId;
use agent_logic::redact::Bytes;
use der::asn1::{Any, BitString, Ia5String, OctetString, SetOfVec};
use der::oid::ObjectIdentifier;
use der::{Decode, Encode, Tag};
use x509_cert::Certificate;
use x509_cert::attr::{Attribute, AttributeTypeAndValue};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::request::{CertReq, CertReqInfo, ExtensionReq, Version};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use crate::ports::{KeyStore, SigningKey};

/// Makes and signs the request.
pub(super) fn make(keys: &dyn KeyStore, spec: &RequestSpec) -> Result<Bytes, KeyFailure> {
    let key = keys.find(spec.slot)?.ok_or(KeyFailure::Gone)?;
    // DER of what is well-formed cannot fail; what is not is a store of another kind.
    let info = info(key.as_ref(), spec).map_err(|_| KeyFailure::Unsupported)?;
    let message = info.to_der().map_err(|_| KeyFailure::Unsupported)?;
    let signature = key.sign(&message)?;
    let request = seal(info, &signature).map_err(|_| KeyFailure::Unsupported)?;
    Ok(Bytes::new(request))
}

/// The name in a device's certificate, byte for byte.
pub(super) fn device_urn(device: &DeviceId) -> String {
    format!("urn:uuid:{}", device.reveal())
}

fn info(key: &dyn SigningKey, spec: &RequestSpec) -> der::Result<CertReqInfo> {
    let (subject, alternative) = match &spec.like {
        Some(certificate) => like(certificate.as_slice())?,
        None => fresh(&spec.device)?,
    };
    Ok(CertReqInfo {
        version: Version::V1,
        subject,
        public_key: SubjectPublicKeyInfoOwned::from_der(&key.public_key())?,
        attributes: SetOfVec::try_from(vec![Attribute::try_from(ExtensionReq(vec![alternative]))?])?,
    })
}

fn fresh(device: &DeviceId) -> der::Result<(Name, Extension)> {
    let subject = common_name(&device.reveal())?;
    let urn = GeneralName::UniformResourceIdentifier(Ia5String::new(&device_urn(device))?);
    let alternative = Extension {
        extn_id: SUBJECT_ALT_NAME,
        critical: false,
        extn_value: OctetString::new(SubjectAltName(vec![urn]).to_der()?)?,
    };
    Ok((subject, alternative))
}

/// Built, not read from a text: a reader of RFC 4514 names and its table would be in the library for this one.
fn common_name(value: &str) -> der::Result<Name> {
    let value = Any::new(Tag::Utf8String, value.as_bytes())?;
    let name = RelativeDistinguishedName::try_from(vec![AttributeTypeAndValue { oid: COMMON_NAME, value }])?;
    let mut names = RdnSequence::default();
    names.push(name);
    Name::from_der(&names.to_der()?)
}

fn like(certificate: &[u8]) -> der::Result<(Name, Extension)> {
    let certificate = Certificate::from_der(certificate)?;
    let certificate = certificate.tbs_certificate();
    let alternative = certificate
        .extensions()
        .and_then(|all| all.iter().find(|one| one.extn_id == SUBJECT_ALT_NAME))
        .ok_or_else(|| der::Error::from(der::ErrorKind::Failed))?;
    Ok((certificate.subject().clone(), alternative.clone()))
}

fn seal(info: CertReqInfo, signature: &[u8]) -> der::Result<Vec<u8>> {
    let algorithm = AlgorithmIdentifierOwned { oid: ECDSA_WITH_SHA256, parameters: None };
    CertReq { info, algorithm, signature: BitString::from_bytes(signature)? }.to_der()
}

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

pub(super) const SUBJECT_ALT_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");

const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
