//! `csrattrs` (RFC 7030 §4.5.2): what the server demands of a request. Key type and proof-of-possession
//! linking decide; everything else is the server's to add.

use agent_logic::failure::EnrolFailure;
use der::asn1::AnyRef;
use der::oid::ObjectIdentifier;
use der::{Decode, Reader, SliceReader, Tag};

use super::MALFORMED;
use crate::asn1::inside;
use crate::trust::{EC_PUBLIC_KEY, PRIME256V1};

/// Whether a P-256 key without a challenge password meets the demand.
pub(in crate::transport) fn check(der: &[u8]) -> Result<(), EnrolFailure> {
    let demand = Demand::parse(der).map_err(|_| MALFORMED)?;
    if demand.linking || (demand.rsa && !demand.p256) || (demand.other_curve && !demand.p256) {
        return Err(EnrolFailure::DemandUnmet);
    }
    Ok(())
}

#[derive(Default)]
struct Demand {
    linking: bool,
    rsa: bool,
    p256: bool,
    other_curve: bool,
}

impl Demand {
    fn parse(der: &[u8]) -> der::Result<Self> {
        let mut demand = Self::default();
        let mut rest = inside(AnyRef::from_der(der)?, Tag::Sequence)?;
        for _ in 0..MAX_ATTRIBUTES {
            if rest.is_finished() {
                return Ok(demand);
            }
            demand.add(AnyRef::decode(&mut rest)?)?;
        }
        Err(der::ErrorKind::Failed.into())
    }

    fn add(&mut self, one: AnyRef<'_>) -> der::Result<()> {
        if one.header().tag() == Tag::ObjectIdentifier {
            self.note(one.decode_as()?, &[]);
            return Ok(());
        }
        let mut parts = inside(one, Tag::Sequence)?;
        let name = ObjectIdentifier::decode(&mut parts)?;
        let values = AnyRef::decode(&mut parts)?;
        if values.header().tag() != Tag::Set || !parts.is_finished() {
            return Err(der::ErrorKind::Failed.into());
        }
        self.note(name, values.value());
        Ok(())
    }

    fn note(&mut self, name: ObjectIdentifier, values: &[u8]) {
        if name == CHALLENGE_PASSWORD {
            self.linking = true;
        } else if name == RSA_ENCRYPTION {
            self.rsa = true;
        } else if name == EC_PUBLIC_KEY {
            // Any curve will do where none is named.
            let curves = curves(values);
            self.p256 |= curves.is_empty() || curves.contains(&PRIME256V1);
            self.other_curve |= curves.iter().any(|curve| *curve != PRIME256V1);
        }
    }
}

fn curves(values: &[u8]) -> Vec<ObjectIdentifier> {
    let mut curves = Vec::new();
    let Ok(mut rest) = SliceReader::new(values) else {
        return curves;
    };
    while !rest.is_finished() && curves.len() < MAX_ATTRIBUTES {
        match ObjectIdentifier::decode(&mut rest) {
            Ok(curve) => curves.push(curve),
            // Of a form that names no curve we know.
            Err(_) => return vec![EC_PUBLIC_KEY],
        }
    }
    curves
}

/// Listed: the server demands the connection's `tls-unique` in the request, which TLS 1.3 does not have.
const CHALLENGE_PASSWORD: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.7");
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// More than any profile names.
const MAX_ATTRIBUTES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use agent_logic::failure::{SendFailure, Unreadable};
    use data_encoding::{BASE64, HEXLOWER};

    fn check_hex(hex: &str) -> Result<(), EnrolFailure> {
        check(&HEXLOWER.decode(hex.as_bytes()).unwrap())
    }

    #[test]
    fn no_demand_and_p256_are_met() {
        assert_eq!(check_hex("3000"), Ok(()));
        // ecPublicKey { secp256r1 }
        assert_eq!(check_hex("3017301506072a8648ce3d0201310a06082a8648ce3d030107"), Ok(()));
        // An attribute nobody here knows.
        assert_eq!(check_hex("300506032a0304"), Ok(()));
    }

    #[test]
    fn another_key_or_linking_is_unmet() {
        // ecPublicKey { secp384r1 }
        let p384 = "30143012 06072a8648ce3d0201 3107 06052b81040022".replace(' ', "");
        assert_eq!(check_hex(&p384), Err(EnrolFailure::DemandUnmet));
        // rsaEncryption
        assert_eq!(check_hex("300b06092a864886f70d010101"), Err(EnrolFailure::DemandUnmet));
        // challengePassword
        assert_eq!(check_hex("300b06092a864886f70d010907"), Err(EnrolFailure::DemandUnmet));
        // The example of RFC 7030 §4.5.2 lists challengePassword and secp384r1.
        let example =
            "MEEGCSqGSIb3DQEJBzASBgcqhkjOPQIBMQcGBSuBBAAiMBYGCSqGSIb3DQEJDjEJBgcrBgEBAQEWBggqhkjOPQQDAw==";
        let example = BASE64.decode(example.as_bytes()).unwrap();
        assert_eq!(check(&example), Err(EnrolFailure::DemandUnmet));
    }

    #[test]
    fn garbage_is_malformed() {
        let malformed = Err(EnrolFailure::Send(SendFailure::Unreadable(Unreadable::Malformed)));
        for hex in ["", "30", "3003", "0500", "30020500", "300300", "308006"] {
            assert_eq!(check_hex(hex), malformed, "{hex}");
        }
        let many = [vec![0x30, 0x82, 0x01, 0x45], [6, 3, 42, 3, 4].repeat(65)].concat();
        assert_eq!(check(&many), malformed);
    }
}
