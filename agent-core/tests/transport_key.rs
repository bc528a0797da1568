//! The key store in the handshake, the server's view of our certificate, and what sessions save.
#![expect(clippy::unwrap_used, unreachable_pub, reason = "a test may panic")]

#[path = "support/cloud.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod cloud;
#[path = "support/device.rs"]
mod device;
#[path = "support/keys.rs"]
mod keys;
#[path = "support/pki.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod pki;

use agent_core::ports::KeyStore;
use agent_logic::command::Slot;
use agent_logic::failure::{DistrustReason, KeyFailure, Remedy, SendFailure};
use rcgen::date_time_ymd;
use rustls::SupportedProtocolVersion;

use cloud::{ANSWER, Cloud, Tls, each_version, json};
use device::{DEADLINE, Device, device_id};
use pki::Ca;

/// The body of an idle check-in: sequence, previous, axes, level, digests, versions.
const IDLE: &str = concat!(
    r#"{"protocol":1,"chain":"0123456789abcdef0123456789abcdef","sequence":42,"#,
    r#""previous":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","#,
    r#""made":{"boot":1234567890,"mono":86400000,"wall":1900000000000},"activation":"activated","#,
    r#""protection":"protected","level":"secured","#,
    r#""facts":{"digest":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},"#,
    r#""inventory":{"form":"digest","digest":"60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"},"#,
    r#""policy":7,"indicators":3}"#
);

fn cloud_with(ca: &Ca, clients: &Ca, versions: &'static [&'static SupportedProtocolVersion]) -> Cloud {
    let tls = Tls { versions, ..Tls::with_clients(ca.server(), clients.der()) };
    Cloud::saying(tls, json(ANSWER))
}

#[test]
fn a_failure_of_the_key_store_in_the_handshake_comes_out_as_such() {
    let ca = Ca::new("Partner");
    for versions in each_version() {
        let cloud = cloud_with(&ca, &ca, versions);
        for (failure, remedy) in [
            (KeyFailure::Locked, Remedy::WaitForUnlock),
            (KeyFailure::Busy, Remedy::Retry(None)),
            (KeyFailure::Gone, Remedy::Reactivate),
        ] {
            let device = Device::of(&ca);
            device.keys.fail_to_sign(Some(failure));
            let exchange = device.exchange(&cloud.origin, "{}");
            let got = device.transport.send(&exchange, DEADLINE).unwrap_err();
            assert_eq!(got, SendFailure::Key(failure));
            assert_eq!(got.remedy(), remedy);

            // And it passes with the failure.
            device.keys.fail_to_sign(None);
            device.transport.send(&exchange, DEADLINE).unwrap();
        }
        assert_eq!(cloud.seen().asked.len(), 3);
    }
}

#[test]
fn a_key_that_cannot_be_found_opens_no_connection() {
    let ca = Ca::new("Partner");
    let cloud = cloud_with(&ca, &ca, rustls::ALL_VERSIONS);
    let device = Device::of(&ca);
    let exchange = device.exchange(&cloud.origin, "{}");
    device.keys.fail_to_find(Some(KeyFailure::Locked));
    let got = device.transport.send(&exchange, DEADLINE).unwrap_err();
    assert_eq!(got, SendFailure::Key(KeyFailure::Locked));

    // No key, or another than the certificate's.
    device.keys.fail_to_find(None);
    device.keys.destroy(Slot::A).unwrap();
    let got = device.transport.send(&exchange, DEADLINE).unwrap_err();
    assert_eq!(got, SendFailure::Key(KeyFailure::Gone));
    device.keys.make(Slot::A).unwrap();
    let got = device.transport.send(&exchange, DEADLINE).unwrap_err();
    assert_eq!(got, SendFailure::Key(KeyFailure::Gone));
    assert_eq!(cloud.seen().connections, 0);
}

#[test]
fn a_server_that_refuses_our_certificate_is_understood() {
    let ca = Ca::new("Partner");
    let other = Ca::new("Another");
    for versions in each_version() {
        let cloud = cloud_with(&ca, &other, versions);
        let device = Device::of(&ca);
        // The larger the report, the more of it is under way when the refusal comes.
        for body in ["{}".to_owned(), format!("{{\"x\":\"{:?}\"}}", (0..300_000).collect::<Vec<_>>())] {
            let got = device.transport.send(&device.exchange(&cloud.origin, &body), DEADLINE).unwrap_err();
            assert_eq!(got, SendFailure::CertificateRefused);
            assert_eq!(got.remedy(), Remedy::Reactivate);
        }
        assert_eq!(cloud.seen().plain_bytes, 0);
    }
}

#[test]
fn a_server_whose_ca_was_made_anew_is_understood() {
    let ca = Ca::new("Partner");
    for versions in each_version() {
        let cloud = cloud_with(&ca, &Ca::new("Partner"), versions);
        let device = Device::of(&ca);
        let got = device.transport.send(&device.exchange(&cloud.origin, "{}"), DEADLINE);
        assert_eq!(got.unwrap_err(), SendFailure::CertificateRefused);
    }
}

#[test]
fn a_server_that_finds_our_certificate_expired_is_understood() {
    let ca = Ca::new("Partner");
    for versions in each_version() {
        let cloud = cloud_with(&ca, &ca, versions);
        let mut device = Device::of(&ca);
        let expired = ca.device_with(&device.keys.spki(Slot::A), &device_id(), |params| {
            params.not_after = date_time_ymd(2021, 1, 1);
        });
        device.identity.certificate = expired.into();
        let got = device.transport.send(&device.exchange(&cloud.origin, "{}"), DEADLINE);
        assert_eq!(got.unwrap_err(), SendFailure::CertificateRefused);
    }
}

#[test]
fn an_alert_from_somebody_who_has_proven_nothing_costs_no_identity() {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut tcp, _) = listener.accept().unwrap();
        let mut greeting = [0; 512];
        let _ = tcp.read(&mut greeting).unwrap();
        // alert, TLS 1.2, fatal, certificate_expired
        tcp.write_all(&[0x15, 3, 3, 0, 2, 2, 45]).unwrap();
    });
    let device = Device::of(&Ca::new("Partner"));
    let origin = agent_logic::command::Origin { host: "localhost".into(), port };
    let got = device.transport.send(&device.exchange(&origin, "{}"), DEADLINE).unwrap_err();
    assert_eq!(got.remedy(), Remedy::Retry(None), "{got:?}");
}

#[test]
fn a_second_check_in_costs_no_signature_and_fewer_bytes() {
    let ca = Ca::new("Partner");
    for versions in each_version() {
        let cloud = cloud_with(&ca, &ca, versions);
        let device = Device::of(&ca);
        let exchange = device.exchange(&cloud.origin, IDLE);
        let cold = device.transport.send(&exchange, DEADLINE).unwrap().traffic;
        assert_eq!(device.keys.signatures(), 1);
        let warm = device.transport.send(&exchange, DEADLINE).unwrap().traffic;
        assert_eq!(device.keys.signatures(), 1);
        let third = device.transport.send(&exchange, DEADLINE).unwrap().traffic;
        assert_eq!(device.keys.signatures(), 1);
        assert_eq!(cloud.seen().resumed, 2);
        println!(
            "{:?}, report of {} bytes: cold {} up {} down, warm {} up {} down",
            versions.first().unwrap().version,
            IDLE.len(),
            cold.up,
            cold.down,
            warm.up,
            warm.down
        );
        assert!(cold.up + cold.down <= 2_700, "{cold:?}");
        assert!(warm.up + warm.down <= 1_750, "{warm:?}");
        assert!(third.up.abs_diff(warm.up) < 32);
    }
}

#[test]
fn a_new_identity_does_not_ride_on_the_old_ones_session() {
    let ca = Ca::new("Partner");
    let cloud = cloud_with(&ca, &ca, rustls::ALL_VERSIONS);
    let mut device = Device::of(&ca);
    device.transport.send(&device.exchange(&cloud.origin, IDLE), DEADLINE).unwrap();
    device.keys.make(Slot::B).unwrap();
    let next = ca.device(&device.keys.spki(Slot::B), &device_id());
    device.identity.slot = Slot::B;
    device.identity.certificate = next.into();
    device.transport.send(&device.exchange(&cloud.origin, IDLE), DEADLINE).unwrap();
    assert_eq!(device.keys.signatures(), 2);
    assert_eq!(cloud.seen().resumed, 0);
}

#[test]
fn what_is_forgotten_is_not_resumed_and_its_key_asked_for_again() {
    let ca = Ca::new("Partner");
    let cloud = cloud_with(&ca, &ca, rustls::ALL_VERSIONS);
    let device = Device::of(&ca);
    let exchange = device.exchange(&cloud.origin, IDLE);
    device.transport.send(&exchange, DEADLINE).unwrap();
    device.keys.destroy(Slot::A).unwrap();
    device.transport.forget();
    let got = device.transport.send(&exchange, DEADLINE).unwrap_err();
    assert_eq!(got, SendFailure::Key(KeyFailure::Gone));
    assert_eq!(cloud.seen().connections, 1);
}

#[test]
fn a_stolen_name_after_a_session_is_still_refused() {
    let ca = Ca::new("Partner");
    let proxy = Ca::new("Interceptor");
    let device = Device::of(&ca);
    let cloud = cloud_with(&ca, &ca, rustls::ALL_VERSIONS);
    device.transport.send(&device.exchange(&cloud.origin, IDLE), DEADLINE).unwrap();
    // Sessions are kept by name: the interceptor is offered the ticket and cannot use it.
    let intercepted = cloud_with(&proxy, &ca, rustls::ALL_VERSIONS);
    let got = device.transport.send(&device.exchange(&intercepted.origin, IDLE), DEADLINE).unwrap_err();
    assert!(
        matches!(got, SendFailure::NotTrusted(distrust) if distrust.reason == DistrustReason::UnknownIssuer)
    );
    assert_eq!(intercepted.seen().plain_bytes, 0);
}
