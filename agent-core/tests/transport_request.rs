//! Certificate requests, read by parsers that are not the writer.
#![expect(clippy::unwrap_used, unreachable_pub, reason = "a test may panic")]

#[path = "support/device.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod device;
#[path = "support/keys.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod keys;
#[path = "support/pki.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod pki;

use agent_core::ports::KeyStore;
use agent_logic::command::{RequestSpec, Slot};
use agent_logic::failure::KeyFailure;
use agent_logic::redact::Bytes;
use der::{Decode, Encode};
use rcgen::{CertificateSigningRequestParams, CustomExtension, DnType, PublicKeyData, SanType};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use x509_cert::Certificate;
use x509_cert::request::CertReq;

use device::{Device, device_id};
use pki::Ca;

fn spec(like: Option<Vec<u8>>) -> RequestSpec {
    RequestSpec { slot: Slot::A, device: device_id(), like: like.map(Bytes::new) }
}

#[test]
fn a_request_says_who_asks_and_is_signed_by_the_key() {
    let device = Device::of(&Ca::new("Partner"));
    let request = device.transport.make_request(&spec(None)).unwrap();

    // rcgen checks the signature.
    let read = CertificateSigningRequestParams::from_der(&request.as_slice().into()).unwrap();
    assert_eq!(read.public_key.subject_public_key_info(), device.keys.spki(Slot::A));
    let id = device_id().reveal();
    assert_eq!(
        read.params.distinguished_name.get(&DnType::CommonName),
        Some(&rcgen::DnValue::Utf8String(id.clone()))
    );
    let urn = format!("urn:uuid:{id}");
    assert_eq!(read.params.subject_alt_names, [SanType::URI(urn.try_into().unwrap())]);

    let read = CertReq::from_der(request.as_slice()).unwrap();
    let spki = device.keys.spki(Slot::A);
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &spki[spki.len() - 65..])
        .verify(&read.info.to_der().unwrap(), read.signature.as_bytes().unwrap())
        .unwrap();
    assert_eq!(read.info.attributes.len(), 1);
}

#[test]
fn a_renewal_repeats_subject_and_san_byte_for_byte() {
    let ca = Ca::new("Partner");
    let device = Device::of(&ca);
    // Written by somebody else: another string type, more names, a critical SAN.
    let present = ca.device_with(&device.keys.spki(Slot::A), &device_id(), |params| {
        params
            .distinguished_name
            .push(DnType::OrganizationName, rcgen::DnValue::PrintableString("Partner".try_into().unwrap()));
        params.subject_alt_names.clear();
        let uri = format!("urn:uuid:{}", device_id().reveal());
        let names = [&[0x30, 47, 0x82, 0, 0x86, 45][..], uri.as_bytes()].concat();
        let mut san = CustomExtension::from_oid_content(&[2, 5, 29, 17], names);
        san.set_criticality(true);
        params.custom_extensions.push(san);
    });
    let request = device.transport.make_request(&spec(Some(present.clone()))).unwrap();
    let present = Certificate::from_der(&present).unwrap();
    let present = present.tbs_certificate();
    let subject = present.subject().to_der().unwrap();
    let san = present
        .extensions()
        .unwrap()
        .iter()
        .find(|one| one.extn_id.to_string() == "2.5.29.17")
        .unwrap()
        .to_der()
        .unwrap();
    let contains = |part: &[u8]| request.as_slice().windows(part.len()).any(|window| window == part);
    assert!(contains(&subject));
    assert!(contains(&san));
    CertReq::from_der(request.as_slice()).unwrap();
}

#[test]
fn a_key_that_cannot_sign_makes_no_request() {
    let device = Device::of(&Ca::new("Partner"));
    device.keys.fail_to_sign(Some(KeyFailure::Busy));
    assert_eq!(device.transport.make_request(&spec(None)).unwrap_err(), KeyFailure::Busy);
    device.keys.fail_to_sign(None);
    assert_eq!(
        device.transport.make_request(&spec(Some(vec![0x30, 0]))).unwrap_err(),
        KeyFailure::Unsupported
    );
    device.keys.destroy(Slot::A).unwrap();
    assert_eq!(device.transport.make_request(&spec(None)).unwrap_err(), KeyFailure::Gone);
    device.keys.fail_to_find(Some(KeyFailure::Locked));
    assert_eq!(device.transport.make_request(&spec(None)).unwrap_err(), KeyFailure::Locked);
}
