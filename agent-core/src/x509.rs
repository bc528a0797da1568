//! A certificate (RFC 5280 §4.1) and a public key, as far as this device looks at them. The signature of the first is
//! WebPKI's to check.

use agent_logic::time::Wall;
use der::asn1::{AnyRef, BitStringRef, GeneralizedTime, OctetStringRef, UtcTime};
use der::oid::ObjectIdentifier;
use der::{Decode, ErrorKind, Reader, SliceReader, Tag};

use crate::asn1::{around, inside, open};

/// A certificate's parts, DER.
pub(crate) struct Certificate<'a> {
    pub(crate) not_before: Wall,
    pub(crate) not_after: Wall,
    /// Name.
    pub(crate) subject: &'a [u8],
    /// SubjectPublicKeyInfo.
    pub(crate) key: &'a [u8],
    extensions: Option<SliceReader<'a>>,
}

/// A SubjectPublicKeyInfo's parts.
pub(crate) struct PublicKey<'a> {
    pub(crate) kind: ObjectIdentifier,
    pub(crate) parameters: Option<AnyRef<'a>>,
    pub(crate) bits: BitStringRef<'a>,
}

impl<'a> PublicKey<'a> {
    pub(crate) fn parse(der: &'a [u8]) -> der::Result<Self> {
        let mut parts = inside(AnyRef::from_der(der)?, Tag::Sequence)?;
        let mut algorithm = open(&mut parts, Tag::Sequence)?;
        let kind = ObjectIdentifier::decode(&mut algorithm)?;
        let parameters = Option::<AnyRef<'_>>::decode(&mut algorithm)?;
        let bits = BitStringRef::decode(&mut parts)?;
        algorithm.finish()?;
        parts.finish()?;
        Ok(Self { kind, parameters, bits })
    }
}

/// One extension.
pub(crate) struct Extension<'a> {
    /// All of it, DER.
    pub(crate) whole: &'a [u8],
    /// What its octet string holds.
    pub(crate) value: &'a [u8],
}

impl<'a> Certificate<'a> {
    pub(crate) fn parse(der: &'a [u8]) -> der::Result<Self> {
        let mut certificate = inside(AnyRef::from_der(der)?, Tag::Sequence)?;
        let mut rest = open(&mut certificate, Tag::Sequence)?;
        if Tag::peek(&rest)? == VERSION {
            rest.tlv_bytes()?;
        }
        let (_serial, _algorithm, _issuer) = (rest.tlv_bytes()?, rest.tlv_bytes()?, rest.tlv_bytes()?);
        let mut validity = open(&mut rest, Tag::Sequence)?;
        let (not_before, not_after) = (time(&mut validity)?, time(&mut validity)?);
        let (subject, key) = (rest.tlv_bytes()?, rest.tlv_bytes()?);
        let mut extensions = None;
        while !rest.is_finished() {
            let part = AnyRef::decode(&mut rest)?;
            if part.header().tag() == EXTENSIONS {
                extensions = Some(open(&mut SliceReader::new(part.value())?, Tag::Sequence)?);
            }
        }
        Ok(Self { not_before, not_after, subject, key, extensions })
    }

    /// The one extension of that name.
    pub(crate) fn extension(&self, name: ObjectIdentifier) -> der::Result<Option<Extension<'a>>> {
        let mut found = None;
        let Some(mut rest) = self.extensions.clone() else { return Ok(None) };
        while !rest.is_finished() {
            let whole = rest.tlv_bytes()?;
            let mut parts = inside(AnyRef::from_der(whole)?, Tag::Sequence)?;
            if ObjectIdentifier::decode(&mut parts)? != name {
                continue;
            }
            if Tag::peek(&parts)? == Tag::Boolean {
                parts.tlv_bytes()?;
            }
            let value = <&OctetStringRef>::decode(&mut parts)?.as_bytes();
            parts.finish()?;
            if found.replace(Extension { whole, value }).is_some() {
                return Err(ErrorKind::Failed.into());
            }
        }
        Ok(found)
    }
}

fn time(from: &mut SliceReader<'_>) -> der::Result<Wall> {
    let since = if Tag::peek(from)? == Tag::UtcTime {
        UtcTime::decode(from)?.to_unix_duration()
    } else {
        GeneralizedTime::decode(from)?.to_unix_duration()
    };
    Ok(Wall::default().plus(since))
}

const VERSION: Tag = around(0);
const EXTENSIONS: Tag = around(3);

#[cfg(test)]
mod tests {
    use der::Encode;
    use rcgen::{CertificateParams, CustomExtension, KeyPair, date_time_ymd};
    use x509_cert::ext::ToExtension;
    use x509_cert::ext::pkix::SubjectAltName;

    use super::*;

    fn made(change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
        change(&mut params);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn a_certificate_is_read_as_a_whole_reader_reads_it() {
        for year in [2049, 2050] {
            let der = made(|params| params.not_after = date_time_ymd(year, 2, 3));
            let whole = x509_cert::Certificate::from_der(&der).unwrap();
            let whole = whole.tbs_certificate();
            let parts = Certificate::parse(&der).unwrap();
            let since = |time: x509_cert::time::Time| Wall::default().plus(time.to_unix_duration());
            assert_eq!(parts.not_before, since(whole.validity().not_before));
            assert_eq!(parts.not_after, since(whole.validity().not_after));
            assert_eq!(parts.subject, whole.subject().to_der().unwrap());
            assert_eq!(parts.key, whole.subject_public_key_info().to_der().unwrap());
            let (_, names) = whole.get_extension::<SubjectAltName>().unwrap().unwrap();
            let found = parts.extension(SUBJECT_ALT_NAME).unwrap().unwrap();
            assert_eq!(found.value, names.to_der().unwrap());
            let extension = names.to_extension(whole.subject(), &[]).unwrap();
            assert_eq!(found.whole, extension.to_der().unwrap());
            assert!(parts.extension(KEY_USAGE).unwrap().is_none());
        }
    }

    #[test]
    fn an_extension_that_comes_twice_is_none_to_choose_from() {
        let one = |value: u8| CustomExtension::from_oid_content(&[1, 2, 3], vec![4, 1, value]);
        let name = ObjectIdentifier::new_unwrap("1.2.3");
        let once = made(|params| params.custom_extensions = vec![one(1)]);
        assert!(Certificate::parse(&once).unwrap().extension(name).unwrap().is_some());
        let twice = made(|params| params.custom_extensions = vec![one(1), one(2)]);
        assert!(Certificate::parse(&twice).unwrap().extension(name).is_err());
    }

    #[test]
    fn a_certificate_that_ends_early_is_refused() {
        let der = made(|_| ());
        for end in 0..der.len() {
            assert!(Certificate::parse(der.get(..end).unwrap()).is_err());
        }
    }

    const SUBJECT_ALT_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");
    const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
}
