use super::*;
use crate::command::Authority;
use crate::redact::{Redacted, Secret};
use crate::time::{Boot, Mono, Wall};

fn configuration(gateway: &str) -> Configuration {
    Configuration {
        gateway: Some(Redacted::new(gateway.into())),
        device: Some("b9841cd9-9843-405f-be28-b2265c59ef97".parse().unwrap()),
        tenant: Some("ab0dc123-9843-405f-be28-b2265c59ef97".parse().unwrap()),
        credential: Some(Credential::Code(Secret::new("code".into()))),
        findings: Vec::new(),
    }
}

fn at(second: u64) -> Now {
    Now { boot: Boot(1), mono: Mono(second * 1_000), wall: Wall(second * 1_000) }
}

fn configured() -> Registration {
    let mut registration = Registration::default();
    for change in registration.configure(&configuration("https://mtd.example.com"), "example.com").unwrap() {
        registration.apply(change);
    }
    registration
}

fn certificate() -> Certificate {
    Certificate { der: Bytes::new(vec![1]), not_after: Wall(90_000) }
}

fn activated() -> Registration {
    let mut registration = configured();
    registration.apply(Change::Asked { slot: Slot::A, request: Bytes::new(vec![2]) });
    registration.apply(Change::Issued { certificate: certificate(), received: at(0) });
    registration.apply(Change::Proved { renewal: Timer::new(at(0), Duration::from_secs(60)) });
    registration
}

#[test]
fn the_same_configuration_again_changes_nothing() {
    let again = configured().configure(&configuration("https://mtd.example.com"), "example.com").unwrap();
    assert!(again.is_empty());
}

#[test]
fn a_refused_credential_is_not_tried_again_until_another_comes() {
    let mut registration = configured();
    registration.apply(Change::CredentialRefused(Code(211)));
    let same = registration.configure(&configuration("https://mtd.example.com"), "example.com").unwrap();
    assert!(same.is_empty());
    let mut other = configuration("https://mtd.example.com");
    other.credential = Some(Credential::Code(Secret::new("other".into())));
    assert_eq!(registration.configure(&other, "example.com").unwrap().len(), 1);
}

// L2
#[test]
fn another_device_id_starts_from_nothing() {
    let mut registration = activated();
    let mut other = configuration("https://mtd.example.com");
    other.device = Some("c9841cd9-9843-405f-be28-b2265c59ef97".parse().unwrap());
    for change in registration.configure(&other, "example.com").unwrap() {
        registration.apply(change);
    }
    assert!(registration.identity.is_none());
    assert_eq!(registration.stale, Some(Slot::A));
}

// R7
#[test]
fn an_activated_device_does_not_follow_another_gateway() {
    let other = configuration("https://other.example.com");
    assert_eq!(activated().configure(&other, "example.com").unwrap_err(), ConfigurationFault::GatewayChanged);
}

// R6
#[test]
fn the_credential_goes_once_the_certificate_is_proved() {
    let registration = activated();
    assert!(registration.credential.is_none());
    assert!(registration.identity.is_some());
}

#[test]
fn a_renewal_keeps_the_old_identity_until_the_new_one_is_proved() {
    let mut registration = activated();
    assert!(matches!(registration.step(None, false, &at(59), Wall(0)), Some(Step::Wait(_))));
    assert!(matches!(registration.step(None, false, &at(60), Wall(0)), Some(Step::MakeKey(Slot::B))));
    registration.apply(Change::Asked { slot: Slot::B, request: Bytes::new(vec![3]) });
    let Some(Step::Enrol { authority: Authority::Identity(old), .. }) =
        registration.step(None, false, &at(60), Wall(0))
    else {
        panic!("a renewal is asked for under the present identity");
    };
    assert_eq!(old.slot, Slot::A);
    registration.apply(Change::Issued { certificate: certificate(), received: at(60) });
    assert_eq!(registration.identity().unwrap().slot, Slot::B);
    assert_eq!(registration.identity.as_ref().unwrap().slot, Slot::A);
    registration.apply(Change::Proved { renewal: Timer::new(at(60), Duration::from_secs(60)) });
    assert_eq!(registration.identity.as_ref().unwrap().slot, Slot::B);
    assert_eq!(registration.stale, Some(Slot::A));
}

#[test]
fn a_wait_is_kept_and_the_same_request_is_sent_again() {
    let mut registration = configured();
    registration.apply(Change::Asked { slot: Slot::A, request: Bytes::new(vec![2]) });
    registration.apply(Change::Told { wait: Timer::new(at(0), Duration::from_secs(600)) });
    assert!(matches!(registration.step(None, false, &at(599), Wall(0)), Some(Step::Wait(_))));
    let Some(Step::Enrol { request, .. }) = registration.step(None, false, &at(600), Wall(0)) else {
        panic!()
    };
    assert_eq!(request, Bytes::new(vec![2]));
}

#[test]
fn a_certificate_is_renewed_at_two_thirds_of_its_life() {
    let pause = Registration::renewal_pause(&certificate(), [Wall(0), Wall(0)]);
    assert_eq!(pause, Duration::from_secs(60));
}
