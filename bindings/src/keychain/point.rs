//! A public key: the Keychain gives the point of ANSI X9.63, certificates have SubjectPublicKeyInfo around it.

/// SubjectPublicKeyInfo of P-256 up to the point: `id-ecPublicKey`, `prime256v1`, a bit string of 66 bytes.
const BEFORE: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// The form byte and two coordinates of 32 bytes.
const POINT: usize = 65;
const UNCOMPRESSED: u8 = 4;

/// SubjectPublicKeyInfo, DER; `None` for what is no uncompressed point of P-256.
pub(super) fn spki(point: &[u8]) -> Option<Vec<u8>> {
    let is_point = point.len() == POINT && point.first() == Some(&UNCOMPRESSED);
    is_point.then(|| [&BEFORE[..], point].concat())
}

#[cfg(test)]
mod tests {
    use rcgen::{KeyPair, PublicKeyData as _};

    use super::*;

    #[test]
    fn a_point_becomes_what_others_write() {
        let key = KeyPair::generate().unwrap();
        assert_eq!(spki(key.public_key_raw()), Some(key.subject_public_key_info()));
        assert_eq!(key.public_key_raw().len(), POINT);
        assert_eq!(spki(&[4; 64]), None);
        assert_eq!(spki(&[2; 65]), None);
    }
}
