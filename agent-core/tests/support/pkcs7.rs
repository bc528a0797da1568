//! Certs-only PKCS#7 as a CA writes it.

/// `certificates` in a degenerate SignedData, DER.
pub fn certs_only(certificates: &[Vec<u8>]) -> Vec<u8> {
    let signed = [
        tlv(0x02, &[1]),
        tlv(0x31, &[]),
        tlv(0x30, &tlv(0x06, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1])),
        tlv(0xa0, &certificates.concat()),
        tlv(0x31, &[]),
    ]
    .concat();
    let content = tlv(0xa0, &tlv(0x30, &signed));
    tlv(0x30, &[tlv(0x06, SIGNED_DATA), content].concat())
}

/// The same message with an outer SEQUENCE of indefinite length, as BER allows.
pub fn indefinite(message: &[u8]) -> Vec<u8> {
    let inner = &message[1 + length_of_length(message[1])..];
    [&[0x30, 0x80], inner, &[0, 0]].concat()
}

fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = u32::try_from(value.len()).unwrap().to_be_bytes();
    let mut out = vec![tag];
    match value.len() {
        0..=0x7f => out.push(length[3]),
        0x80..=0xff => out.extend([0x81, length[3]]),
        _ => out.extend([0x82, length[2], length[3]]),
    }
    out.extend(value);
    out
}

fn length_of_length(first: u8) -> usize {
    if first < 0x80 { 1 } else { 1 + usize::from(first & 0x7f) }
}

const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
