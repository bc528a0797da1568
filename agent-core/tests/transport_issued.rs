//! Which issued certificates become an identity.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, unreachable_pub, reason = "a test may panic")]

#[path = "support/cloud.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod cloud;
#[path = "support/device.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod device;
#[path = "support/est.rs"]
mod est;
#[path = "support/keys.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod keys;
#[path = "support/pkcs7.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod pkcs7;
#[path = "support/pki.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod pki;

use agent_logic::command::Slot;
use agent_logic::event::Enrolled;
use agent_logic::failure::{EnrolFailure, Remedy};
use agent_logic::model::DeviceId;
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, SanType, date_time_ymd};

use device::{DEADLINE, Device, device_id};
use est::{certificates, code, csr_attributes, enrolment, server};
use pkcs7::certs_only;
use pki::Ca;

/// What becomes of an enrolment that the server answers with these certificates.
fn issued(make: impl FnOnce(&Ca, &Device) -> Vec<Vec<u8>>) -> Result<Enrolled, EnrolFailure> {
    let ca = Ca::new("Partner");
    let device = Device::of(&ca);
    let chain = make(&ca, &device);
    let cloud = server(&ca, csr_attributes(), certificates(&certs_only(&chain)));
    device.transport.enrol(&enrolment(&device, &cloud, code()), DEADLINE)
}

#[test]
fn a_certificate_that_is_not_ours_is_refused() {
    let with = |change: fn(&mut CertificateParams)| {
        issued(|ca, device| vec![ca.device_with(&device.keys.spki(Slot::A), &device_id(), change)])
    };
    let uri = |text: &str| SanType::URI(text.to_owned().try_into().unwrap());
    let other: DeviceId = "00000000-0000-0000-0000-000000000001".parse().unwrap();
    let stranger = keys::MemoryKeys::with_key();
    for (what, got) in [
        ("another key", issued(|ca, _| vec![ca.device(&stranger.spki(Slot::A), &device_id())])),
        ("another device", issued(|ca, device| vec![ca.device(&device.keys.spki(Slot::A), &other)])),
        (
            "another CA",
            issued(|_, device| vec![Ca::new("Partner").device(&device.keys.spki(Slot::A), &device_id())]),
        ),
        (
            "two",
            issued(|ca, device| {
                let one = || ca.device(&device.keys.spki(Slot::A), &device_id());
                vec![one(), one()]
            }),
        ),
        ("none", issued(|_, _| Vec::new())),
        (
            "for servers",
            with(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]),
        ),
        ("for anything", with(|params| params.extended_key_usages.clear())),
        ("without a name", with(|params| params.subject_alt_names.clear())),
        ("expired", with(|params| params.not_after = date_time_ymd(2030, 1, 1))),
        ("of next week", with(|params| params.not_before = date_time_ymd(2030, 3, 24))),
    ] {
        let got = got.unwrap_err();
        assert_eq!(got, EnrolFailure::CertificateInvalid, "{what}");
        assert_eq!(got.remedy(), Remedy::Retry(None));
    }
    let two_names = issued(|ca, device| {
        vec![ca.device_with(&device.keys.spki(Slot::A), &device_id(), |params| {
            params.subject_alt_names.push(uri("urn:uuid:00000000-0000-0000-0000-000000000001"));
        })]
    });
    assert_eq!(two_names.unwrap_err(), EnrolFailure::CertificateInvalid);
}

#[test]
fn a_certificate_beside_its_ca_or_from_a_clock_ahead_is_ours_still() {
    let beside = issued(|ca, device| vec![ca.der(), ca.device(&device.keys.spki(Slot::A), &device_id())]);
    assert!(matches!(beside, Ok(Enrolled::Issued(_))));
    let ahead = issued(|ca, device| {
        vec![ca.device_with(&device.keys.spki(Slot::A), &device_id(), |params| {
            // Seven hours after the time the device trusts.
            params.not_before = date_time_ymd(2030, 3, 18);
        })]
    });
    assert!(matches!(ahead, Ok(Enrolled::Issued(_))));
}
