//! Certs-only PKCS#7 (RFC 5652 SignedData without signers), as RFC 7030 answers with.

/// `ContentInfo` with `SignedData` that holds `certificates` (each DER) and nothing else.
#[must_use]
pub fn certs_only(certificates: &[&[u8]]) -> Vec<u8> {
    let all: Vec<u8> = certificates.iter().flat_map(|der| der.iter().copied()).collect();
    let signed_data = tlv(
        SEQUENCE,
        &[
            &[INTEGER, 1, 1],
            tlv(SET, &[]).as_slice(),
            &tlv(SEQUENCE, &[DATA]),
            &tlv(CONTEXT_0, &[&all]),
            &tlv(SET, &[]),
        ],
    );
    tlv(SEQUENCE, &[SIGNED_DATA, &tlv(CONTEXT_0, &[&signed_data])])
}

/// One DER element with `parts` as its content.
fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = vec![tag];
    match u8::try_from(length) {
        Ok(short @ 0..=0x7f) => out.push(short),
        _ => {
            let bytes = length.to_be_bytes();
            let significant: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
            out.push(0x80 | u8::try_from(significant.len()).unwrap_or_default());
            out.extend(significant);
        }
    }
    out.extend(parts.iter().flat_map(|part| part.iter().copied()));
    out
}

const INTEGER: u8 = 0x02;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const CONTEXT_0: u8 = 0xa0;

/// The object identifier 1.2.840.113549.1.7.1, whole.
const DATA: &[u8] = &[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
/// The object identifier 1.2.840.113549.1.7.2, whole.
const SIGNED_DATA: &[u8] = &[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_as_der_has_them() {
        assert_eq!(tlv(SET, &[]), [0x31, 0]);
        assert_eq!(tlv(SET, &[&[0; 0x7f]]).get(..2), Some([0x31, 0x7f].as_slice()));
        assert_eq!(tlv(SET, &[&[0; 0x80]]).get(..3), Some([0x31, 0x81, 0x80].as_slice()));
        assert_eq!(tlv(SET, &[&[0; 0x1234]]).get(..4), Some([0x31, 0x82, 0x12, 0x34].as_slice()));
    }
}
