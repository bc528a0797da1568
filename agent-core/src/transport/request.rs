//! PKCS#10 requests, signed by the key store.

use agent_logic::command::RequestSpec;
use agent_logic::failure::KeyFailure;
use agent_logic::model::DeviceId;
use agent_logic::redact::Bytes;
use der::asn1::BitStringRef;
use der::oid::ObjectIdentifier;
use der::{Encode, Tag};

use crate::asn1::{around, close, instead};
use crate::ports::{KeyStore, SigningKey};
use crate::x509::Certificate;

/// Makes and signs the request.
pub(super) fn make(keys: &dyn KeyStore, spec: &RequestSpec) -> Result<Bytes, KeyFailure> {
    let key = keys.find(spec.slot)?.ok_or(KeyFailure::Gone)?;
    // DER of what is well-formed cannot fail; what is not is a store of another kind.
    let info = info(key.as_ref(), spec).map_err(|_| KeyFailure::Unsupported)?;
    let signature = key.sign(&info)?;
    let request = seal(&info, &signature).map_err(|_| KeyFailure::Unsupported)?;
    Ok(Bytes::new(request))
}

/// The name in a device's certificate, byte for byte.
pub(super) fn device_urn(device: &DeviceId) -> String {
    format!("urn:uuid:{}", device.reveal())
}

fn info(key: &dyn SigningKey, spec: &RequestSpec) -> der::Result<Vec<u8>> {
    let (subject, alternative) = match &spec.like {
        Some(certificate) => like(certificate.as_slice())?,
        None => (common_name(&spec.device)?, alternative_name(&spec.device)?),
    };
    let extensions = close(Tag::Set, &[&close(Tag::Sequence, &[&alternative])?])?;
    let asked = close(Tag::Sequence, &[&EXTENSION_REQUEST.to_der()?, &extensions])?;
    let version = 0u8.to_der()?;
    close(Tag::Sequence, &[&version, &subject, &key.public_key(), &close(around(0), &[&asked])?])
}

fn common_name(device: &DeviceId) -> der::Result<Vec<u8>> {
    let name = close(Tag::Utf8String, &[device.reveal().as_bytes()])?;
    let name = close(Tag::Sequence, &[&COMMON_NAME.to_der()?, &name])?;
    close(Tag::Sequence, &[&close(Tag::Set, &[&name])?])
}

fn alternative_name(device: &DeviceId) -> der::Result<Vec<u8>> {
    let names = close(Tag::Sequence, &[&close(URI, &[device_urn(device).as_bytes()])?])?;
    close(Tag::Sequence, &[&SUBJECT_ALT_NAME.to_der()?, &close(Tag::OctetString, &[&names])?])
}

/// The names of the present certificate: a renewal asks for the same (RFC 7030 §4.2.2).
fn like(certificate: &[u8]) -> der::Result<(Vec<u8>, Vec<u8>)> {
    let certificate = Certificate::parse(certificate)?;
    let alternative = certificate.extension(SUBJECT_ALT_NAME)?;
    let alternative = alternative.ok_or_else(|| der::Error::from(der::ErrorKind::Failed))?;
    Ok((certificate.subject.to_vec(), alternative.whole.to_vec()))
}

fn seal(info: &[u8], signature: &[u8]) -> der::Result<Vec<u8>> {
    let algorithm = close(Tag::Sequence, &[&ECDSA_WITH_SHA256.to_der()?])?;
    close(Tag::Sequence, &[info, &algorithm, &BitStringRef::from_bytes(signature)?.to_der()?])
}

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

pub(super) const SUBJECT_ALT_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");

/// `uniformResourceIdentifier` among the general names.
pub(super) const URI: Tag = instead(6);

/// RFC 2985 §5.4.2.
const EXTENSION_REQUEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.14");

const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
