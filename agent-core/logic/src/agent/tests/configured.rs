//! Configurations that come late, change, or want too much.

use super::bench::{Bench, TENANT};
use super::*;
use crate::configuration::{Fault, Keys, Partner, Provenance, Source, Value, read};
use crate::model::HealthState;
use crate::sorted::Sorted;

const DEVICE: &str = "b9841cd9-9843-405f-be28-b2265c59ef97";
const OTHER: &str = "c9841cd9-9843-405f-be28-b2265c59ef97";
const GATEWAY: &str = "https://mtd.example.com";

fn managed(values: &[(&str, &str)]) -> Source {
    let values = values.iter().map(|(key, value)| ((*key).to_owned(), Value::text(*value)));
    Source { from: Provenance::ManagedAndroid, values: values.collect() }
}

fn whole(gateway: &str, device: &str, tenant: &str) -> Event {
    let values = [
        ("mtdGateway", gateway),
        ("mtdDeviceId", device),
        ("mtdTenantId", tenant),
        ("mtdEnrolmentKey", "key"),
    ];
    Event::Configured(read(&[], &[managed(&values)]))
}

fn activated() -> Bench {
    let mut bench = Bench::new();
    bench.feed(Event::Consent(true));
    bench.feed(whole(GATEWAY, DEVICE, TENANT));
    assert_eq!(bench.agent.status().activation, Activation::Activated);
    bench
}

#[test]
fn a_configuration_that_comes_late_and_in_parts_activates() {
    let mut bench = Bench::new();
    bench.feed(Event::Consent(true));
    bench.feed(Event::Configured(read(&[], &[])));
    let unresolved = [("mtdGateway", GATEWAY), ("mtdDeviceId", "{{aaddeviceid}}"), ("mtdTenantId", TENANT)];
    bench.feed(Event::Configured(read(&[], &[managed(&unresolved)])));
    let status = bench.agent.status();
    assert_eq!(status.need, Some(Need::Configuration(Some(ConfigurationFault::Incomplete))));
    assert_eq!((status.health, status.findings[0].fault), (HealthState::Misconfigured, Fault::Unresolved));
    assert!(bench.enrolled.is_empty());
    bench.pass(Duration::from_secs(86_400));
    bench.feed(whole(GATEWAY, DEVICE, TENANT));
    let status = bench.agent.status();
    assert_eq!((status.activation, status.need), (Activation::Activated, None));
    assert!(status.findings.is_empty());
}

// L2
#[test]
fn another_device_id_or_tenant_is_a_new_registration_without_the_old_state() {
    for (device, tenant) in [(OTHER, TENANT), (DEVICE, OTHER)] {
        let mut bench = activated();
        bench.feed(Event::Detected(MITM));
        let chain = bench.reports().pop().unwrap().chain;
        bench.feed(whole(GATEWAY, device, tenant));
        assert_eq!(bench.enrolled.len(), 2);
        assert!(matches!(bench.enrolled[1].authority, Authority::Credential(_)));
        assert_eq!(bench.enrolled[1].device, device.parse().unwrap());
        let first: Report = bench.reports().pop().unwrap();
        assert_ne!(first.chain, chain);
        assert_eq!((first.sequence, first.open.unwrap().len(), first.transitions.len()), (1, 0, 0));
        assert_eq!(bench.agent.ledger().count(), 2);
        bench.restart();
        assert_eq!(bench.agent.status().open, []);
    }
}

#[test]
fn no_key_of_any_profile_moves_the_device_to_another_host() {
    let evil = "https://mtd.example.com.evil.net";
    for partner in Partner::ALL {
        let Keys::Public(keys) = partner.keys() else { continue };
        let ours = ["caCertificate", "pins", "policyKey", "hostSuffix", "mtdHostSuffix", "mtdCa"];
        let mut values: Sorted<String, Value> =
            keys.iter().map(|key| key.name).chain(ours).map(|key| (key.into(), Value::text(evil))).collect();
        let ids = [("mtdDeviceId", DEVICE), ("mtdTenantId", TENANT), ("mtdEnrolmentKey", "key")];
        values.extend(ids.map(|(key, id)| (key.to_owned(), Value::text(id))));
        values.insert("mtdGateway".into(), Value::text(evil));
        for from in [Provenance::ManagedIos, Provenance::ManagedAndroid, Provenance::App] {
            let hostile = Event::Configured(read(&[*partner], &[Source { from, values: values.clone() }]));
            let mut fresh = Bench::new();
            fresh.feed(Event::Consent(true));
            fresh.feed(hostile.clone());
            let need = Some(Need::Configuration(Some(ConfigurationFault::GatewayNotAllowed)));
            assert_eq!(fresh.agent.status().need, need, "{partner:?}");
            assert!(fresh.enrolled.is_empty() && fresh.spoken.is_empty());

            let mut bench = activated();
            let before = bench.spoken.len();
            bench.feed(hostile);
            bench.feed(Event::CheckIn);
            assert!(bench.spoken.len() > before, "the old target stands");
            assert_eq!(bench.enrolled.len(), 1);
            assert_eq!(bench.agent.status().health, HealthState::Secured);
        }
    }
}

#[test]
fn findings_and_faults_are_told_to_the_administrator_once() {
    let mut bench = activated();
    let values = [
        ("mtdGateway", "https://evil.net"),
        ("mtdDeviceId", DEVICE),
        ("mtdTenantId", TENANT),
        ("mtdToken", "token"),
    ];
    for _ in 0..3 {
        bench.feed(Event::Configured(read(&[], &[managed(&values)])));
    }
    bench.feed(Event::CheckIn);
    let told: Vec<_> = bench.reports().pop().unwrap().diagnostics.iter().map(|d| (d.code, d.count)).collect();
    assert_eq!(told, [(103, 1), (118, 1)]);
    bench.feed(Event::CheckIn);
    assert_eq!(bench.reports().pop().unwrap().diagnostics, []);
}

#[test]
fn a_finding_that_appears_or_goes_changes_the_status() {
    let mut bench = activated();
    let values = [("mtdGateway", GATEWAY), ("mtdDeviceId", DEVICE), ("mtdTenantId", TENANT)];
    let clean = read(&[], &[managed(&values)]);
    let mut found = clean.clone();
    found.findings = read(&[], &[managed(&[("mtdToken", "token")])]).findings;
    bench.feed(Event::Configured(clean.clone()));
    let mut changed = |configuration| {
        bench.agent.take_changed();
        bench.feed(Event::Configured(configuration));
        bench.agent.take_changed()
    };
    assert!(!changed(clean.clone()));
    assert!(changed(found.clone()));
    assert!(!changed(found));
    assert!(changed(clean));
}

// L2
#[test]
fn what_the_host_told_before_the_first_configuration_is_of_this_phone() {
    let mut bench = Bench::new();
    bench.feed(Event::Network(network(Reach::Online)));
    bench.feed(Event::Detected(MITM));
    bench.feed(Event::Consent(true));
    bench.feed(Event::Configured(configuration()));
    assert_eq!(bench.agent.status().level, Some(Level::High));
    assert_eq!(bench.reports().pop().unwrap().open.unwrap().len(), 1);
    assert_eq!(bench.cloud.transitions.len(), 1);
    let mut other = configuration();
    other.device = Some("0f0e0d0c-0b0a-4908-8706-050403020100".parse().unwrap());
    bench.feed(Event::Configured(other));
    assert!(bench.agent.status().open.is_empty(), "another device's is dropped");
}
