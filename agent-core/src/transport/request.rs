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
use crate::x509::{Certificate, PublicKey};

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
    let (version, public) = (0u8.to_der()?, key.public_key());
    PublicKey::parse(&public)?;
    close(Tag::Sequence, &[&version, &subject, &public, &close(around(0), &[&asked])?])
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

#[cfg(test)]
mod tests {
    use agent_logic::command::Slot;
    use agent_logic::wire::KeyProtection;

    use super::*;

    /// What a host's key store gives out as a public key.
    #[derive(Debug)]
    struct Given(Vec<u8>);

    impl SigningKey for Given {
        fn public_key(&self) -> Vec<u8> {
            self.0.clone()
        }

        fn protection(&self) -> KeyProtection {
            KeyProtection::Sandbox
        }

        fn sign(&self, _: &[u8]) -> Result<Vec<u8>, KeyFailure> {
            Err(KeyFailure::Unsupported)
        }
    }

    #[test]
    fn what_is_no_public_key_is_in_no_request() {
        let key = rcgen::PublicKeyData::subject_public_key_info(&rcgen::KeyPair::generate().unwrap());
        let device: DeviceId = "5c3a1e8e-9843-405f-be28-b2265c59ef97".parse().unwrap();
        let spec = RequestSpec { slot: Slot::A, device, like: None };
        assert!(info(&Given(key.clone()), &spec).is_ok());
        let point = key.get(key.len() - 65..).unwrap().to_vec();
        let with_more = [key.as_slice(), &[0]].concat();
        for given in [Vec::new(), vec![0x30, 0], point, with_more] {
            assert!(info(&Given(given.clone()), &spec).is_err(), "{given:?}");
        }
    }
}
