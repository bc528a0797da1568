//! Who is refused, why, and that nothing of the device's reached them.
#![expect(clippy::unwrap_used, clippy::panic, unreachable_pub, reason = "a test may panic")]

#[path = "support/cloud.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod cloud;
#[path = "support/device.rs"]
mod device;
#[path = "support/keys.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod keys;
#[path = "support/pki.rs"]
mod pki;

use agent_logic::command::{Authority, Credential, Enrol, Slot};
use agent_logic::failure::{DistrustReason, EnrolFailure, Remedy, SendFailure};
use agent_logic::model::Digest;
use agent_logic::redact::{Bytes, Secret};
use agent_logic::time::Wall;

use cloud::{ANSWER, Cloud, Tls, each_version, json};
use device::{DEADLINE, Device, device_id};
use pki::{Ca, NOW, ServerId};

/// A check-in with a server that shows `id` and asks for a client certificate, with every version of TLS.
fn refused(device: &Device, ca: &Ca, id: impl Fn() -> ServerId, reason: DistrustReason) {
    for versions in each_version() {
        let id = id();
        let pin = id.pin;
        let tls = Tls { versions, ..Tls::with_clients(id, ca.der()) };
        let cloud = Cloud::saying(tls, json(ANSWER));
        let got = device.transport.send(&device.exchange(&cloud.origin, "{}"), DEADLINE).unwrap_err();
        let SendFailure::NotTrusted(distrust) = &got else { panic!("{got:?}") };
        assert_eq!(distrust.reason, reason);
        assert_eq!(distrust.presented, [pin]);
        assert_eq!(got.remedy(), Remedy::Retry(None));
        assert_nothing_left(device, &cloud);
    }
}

fn assert_nothing_left(device: &Device, cloud: &Cloud) {
    let seen = cloud.seen();
    assert_eq!(seen.connections, 1);
    assert_eq!(seen.handshakes, 0);
    assert_eq!(seen.client_certificates, 0);
    assert_eq!(seen.plain_bytes, 0);
    assert_eq!(device.keys.signatures(), 0);
}

#[test]
fn a_server_of_another_ca_is_refused() {
    let ca = Ca::new("Partner");
    let proxy = Ca::new("Interceptor");
    refused(&Device::of(&ca), &ca, || proxy.server(), DistrustReason::UnknownIssuer);
}

#[test]
fn a_ca_that_bears_the_partners_name_is_another_ca() {
    let ca = Ca::new("Partner");
    let proxy = Ca::new("Partner");
    refused(&Device::of(&ca), &ca, || proxy.server(), DistrustReason::UnknownIssuer);
}

// R3
#[test]
fn a_server_whose_key_is_not_pinned_is_refused() {
    let ca = Ca::new("Partner");
    let device = Device::trusting(&ca, vec![Digest::of(b"another key")], Vec::new());
    refused(&device, &ca, || ca.server(), DistrustReason::WrongPin);
}

#[test]
fn a_pinned_certificate_beside_the_chain_does_not_help() {
    let ca = Ca::new("Partner");
    let pinned = ca.server();
    let device = Device::trusting(&ca, vec![pinned.pin], Vec::new());
    let mut other = ca.server();
    other.chain.extend(pinned.chain.clone());
    let cloud = Cloud::saying(Tls::with_clients(other, ca.der()), json(ANSWER));
    let got = device.transport.send(&device.exchange(&cloud.origin, "{}"), DEADLINE);
    assert!(
        matches!(got, Err(SendFailure::NotTrusted(distrust)) if distrust.reason == DistrustReason::WrongPin
            && distrust.presented.len() == 2)
    );
    assert_nothing_left(&device, &cloud);
}

#[test]
fn the_pinned_server_is_trusted() {
    let ca = Ca::new("Partner");
    let id = ca.server();
    let device = Device::trusting(&ca, vec![Digest::of(b"backup"), id.pin], Vec::new());
    let cloud = Cloud::saying(Tls::with_clients(id, ca.der()), json(ANSWER));
    device.transport.send(&device.exchange(&cloud.origin, "{}"), DEADLINE).unwrap();
}

#[test]
fn an_expired_server_certificate_is_refused_by_the_time_the_device_trusts() {
    let ca = Ca::new("Partner");
    // Still valid by the clock of the machine this test runs on.
    refused(&Device::of(&ca), &ca, || ca.server_with(&["localhost"], 2030), DistrustReason::Validity);
}

#[test]
fn a_server_certificate_is_not_valid_before_its_time() {
    let ca = Ca::new("Partner");
    let device = Device::of(&ca);
    let cloud = Cloud::saying(Tls::with_clients(ca.server(), ca.der()), json(ANSWER));
    let mut exchange = device.exchange(&cloud.origin, "{}");
    // 2001-09-09
    exchange.contact.trusted = Wall(1_000_000_000_000);
    let got = device.transport.send(&exchange, DEADLINE);
    assert!(
        matches!(got, Err(SendFailure::NotTrusted(distrust)) if distrust.reason == DistrustReason::Validity)
    );
    assert_nothing_left(&device, &cloud);
}

#[test]
fn a_resumed_session_ends_with_the_certificate_it_began_under() {
    let ca = Ca::new("Partner");
    let device = Device::of(&ca);
    let cloud =
        Cloud::saying(Tls::with_clients(ca.server_with(&["localhost"], 2031), ca.der()), json(ANSWER));
    let mut exchange = device.exchange(&cloud.origin, "{}");
    // An hour before the end: the ticket outlives the certificate.
    exchange.contact.trusted = Wall(1_924_988_400_000);
    device.transport.send(&exchange, DEADLINE).unwrap();
    exchange.contact.trusted = Wall(1_924_992_001_000);
    let got = device.transport.send(&exchange, DEADLINE);
    assert!(
        matches!(got, Err(SendFailure::NotTrusted(distrust)) if distrust.reason == DistrustReason::Validity)
    );
    assert_eq!(cloud.seen().asked.len(), 1);
}

#[test]
fn a_server_with_another_name_is_refused() {
    let ca = Ca::new("Partner");
    refused(&Device::of(&ca), &ca, || ca.server_with(&["evil.example"], 2040), DistrustReason::WrongName);
}

#[test]
fn a_host_outside_the_suffix_is_not_even_called() {
    let ca = Ca::new("Partner");
    let cloud = Cloud::saying(Tls::new(ca.server_with(&["127.0.0.1"], 2040)), json(ANSWER));
    let device = Device::of(&ca);
    let mut origin = cloud.origin.clone();
    origin.host = "127.0.0.1".into();
    let got = device.transport.send(&device.exchange(&origin, "{}"), DEADLINE);
    assert!(
        matches!(got, Err(SendFailure::NotTrusted(distrust)) if distrust.reason == DistrustReason::WrongName)
    );
    assert_eq!(cloud.seen().connections, 0);
}

// R5
#[test]
fn no_credential_reaches_a_server_that_is_not_trusted() {
    let ca = Ca::new("Partner");
    let proxy = Ca::new("Interceptor");
    let device = Device::of(&ca);
    let cloud = Cloud::saying(Tls::new(proxy.server()), json(ANSWER));
    let enrol = Enrol {
        origin: cloud.origin.clone(),
        authority: Authority::Credential(Credential::Code(Secret::new("hunter2".into()))),
        slot: Slot::A,
        device: device_id(),
        request: Bytes::new(vec![0x30, 0x00]),
        trusted: NOW,
    };
    let got = device.transport.enrol(&enrol, DEADLINE);
    assert!(matches!(got, Err(EnrolFailure::Send(SendFailure::NotTrusted(distrust)))
            if distrust.reason == DistrustReason::UnknownIssuer));
    assert_nothing_left(&device, &cloud);
}
