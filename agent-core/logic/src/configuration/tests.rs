use super::*;
use crate::command::Credential;
use crate::redact::{Redacted, Secret};
use crate::sorted::Sorted;

const DEVICE: &str = "ab0dc123-0000-4000-8000-000000000001";
const OTHER: &str = "ab0dc123-0000-4000-8000-000000000002";
const TENANT: &str = "b9841cd9-0000-4000-8000-000000000001";
const TENANT_2: &str = "b9841cd9-0000-4000-8000-000000000002";
const GATEWAY: &str = "https://mtd.example.com";

fn source(from: Provenance, values: &[(&str, &str)]) -> Source {
    let values = values.iter().map(|(key, value)| ((*key).to_owned(), Value::text(*value)));
    Source { from, values: values.collect() }
}

fn one(partner: Partner, from: Provenance, values: &[(&str, &str)]) -> Configuration {
    read(&[partner], &[source(from, values)])
}

fn faults(configuration: &Configuration) -> Vec<(Option<&'static str>, Fault)> {
    configuration.findings.iter().map(|finding| (finding.key, finding.fault)).collect()
}

#[test]
fn our_own_keys_make_a_whole_configuration() {
    let values = [
        ("mtdGateway", GATEWAY),
        ("mtdDeviceId", DEVICE),
        ("mtdTenantId", TENANT),
        ("mtdEnrolmentKey", "key"),
    ];
    for partner in Partner::ALL {
        assert_eq!(
            one(*partner, Provenance::ManagedAndroid, &values),
            Configuration {
                gateway: Some(Redacted::new(GATEWAY.into())),
                device: DEVICE.parse().ok(),
                tenant: TENANT.parse().ok(),
                credential: Some(Credential::EnrolmentKey(Secret::new("key".into()))),
                findings: Vec::new(),
            }
        );
    }
}

/// The templates as Microsoft's pages print them, resolved.
#[test]
fn each_partners_template_gives_what_it_holds() {
    type Template = (Partner, Provenance, &'static [(&'static str, &'static str)], bool, bool);
    let templates: &[Template] = &[
        (Partner::CheckPoint, Provenance::ManagedIos, &[("MDM", "INTUNE")], false, false),
        (
            Partner::Zimperium2019,
            Provenance::ManagedIos,
            &[
                ("provider", "Intune"),
                ("userprincipalname", "ann@example.com"),
                ("deviceid", DEVICE),
                ("serialnumber", "F2LX"),
                ("udidlast4digits", "7331"),
            ],
            false,
            false,
        ),
        (
            Partner::Zimperium,
            Provenance::ManagedAndroid,
            &[("MDMDeviceID", DEVICE), ("tenantid", TENANT), ("defaultchannel", "acme")],
            true,
            false,
        ),
        (Partner::SentinelOne, Provenance::ManagedIos, &[("MDMDeviceID", DEVICE)], true, false),
        (Partner::Trellix, Provenance::ManagedIos, &[("MDMDeviceID", DEVICE)], true, false),
        (
            Partner::BetterMobile,
            Provenance::ManagedIos,
            &[
                ("better_server_url", "https://client.bmobi.net"),
                ("better_udid", DEVICE),
                ("better_user", "ann@example.com"),
            ],
            true,
            true,
        ),
        (
            Partner::Wandera2019,
            Provenance::ManagedIos,
            &[
                ("secretKey", " SeeRADAR "),
                ("apiKey", "SeeRADAR"),
                ("customerId", "SeeRADAR"),
                ("email", "ann@example.com"),
                ("firstName", "Ann Doe"),
                ("lastName", ""),
                ("activationType", "PROVISION_THEN_AWP"),
            ],
            false,
            false,
        ),
        (
            Partner::Jamf,
            Provenance::ManagedAndroid,
            &[("Activation Profile URL", "https://radar.example.com/a")],
            false,
            false,
        ),
    ];
    for (partner, from, values, device, gateway) in templates {
        let read = one(*partner, *from, values);
        assert_eq!(read.findings, [], "{partner:?}");
        assert_eq!((read.device.is_some(), read.gateway.is_some()), (*device, *gateway), "{partner:?}");
        // A partner's console has tenants of its own.
        assert_eq!((read.tenant, read.credential), (None, None), "{partner:?}");
    }
    let covered = |partner: &Partner| templates.iter().any(|template| template.0 == *partner);
    for partner in Partner::ALL.iter().filter(|partner| **partner != Partner::Generic) {
        assert_eq!(covered(partner), matches!(partner.keys(), Keys::Public(_)), "{partner:?}");
    }
}

#[test]
fn intunes_device_id_is_never_taken_for_entras() {
    let zimperium = one(Partner::Zimperium2019, Provenance::ManagedIos, &[("deviceid", DEVICE)]);
    assert_eq!(zimperium.device, None);
    let literal = one(Partner::Generic, Provenance::ManagedIos, &[("mtdDeviceId", "{{deviceid}}")]);
    assert_eq!((literal.device, faults(&literal)), (None, vec![(Some("mtdDeviceId"), Fault::WrongId)]));
    // The same value at a key that promises an Entra ID, in the same source or in another.
    let both = [("mtdDeviceId", DEVICE), ("mtdIntuneDeviceId", DEVICE)];
    let both = one(Partner::Generic, Provenance::ManagedAndroid, &both);
    assert_eq!((both.device, faults(&both)), (None, vec![(Some("mtdDeviceId"), Fault::WrongId)]));
    let apart = read(
        &[Partner::Zimperium2019],
        &[
            source(Provenance::App, &[("mtdDeviceId", DEVICE)]),
            source(Provenance::ManagedIos, &[("deviceid", DEVICE)]),
        ],
    );
    assert_eq!(apart.device, None);
}

#[test]
fn values_are_trimmed_and_unresolved_or_empty_ones_are_absent() {
    let values = [
        ("mtdDeviceId", concat!(" \t", "ab0dc123-0000-4000-8000-000000000001", "\n")),
        ("mtdTenantId", " {{tenantid}} "),
        ("mtdEnrolmentKey", "   "),
        ("mtdGateway", "https://{{partialupn}}.example.com"),
    ];
    let read = one(Partner::Generic, Provenance::ManagedIos, &values);
    assert_eq!(read.device, DEVICE.parse().ok());
    assert_eq!((read.tenant, &read.gateway, &read.credential), (None, &None, &None));
    let expected = [(Some("mtdGateway"), Fault::Unresolved), (Some("mtdTenantId"), Fault::Unresolved)];
    assert_eq!(faults(&read), expected);
}

#[test]
fn keys_are_case_sensitive_and_the_administrator_is_told() {
    let read = one(Partner::Generic, Provenance::ManagedIos, &[("mtddeviceid", DEVICE)]);
    assert_eq!((read.device, faults(&read)), (None, vec![(Some("mtdDeviceId"), Fault::WrongCase)]));
}

#[test]
fn another_type_another_form_and_another_size_are_findings() {
    let read_value = |key: &str, value: Value| {
        let values = Sorted::from_iter([(key.to_owned(), value)]);
        let read = read(&[], &[Source { from: Provenance::ManagedIos, values }]);
        assert_eq!((read.device, &read.credential), (None, &None));
        faults(&read)
    };
    for value in [
        Value::Integer(7),
        Value::Real(0.5),
        Value::Bool(true),
        Value::List(vec![Value::text(DEVICE)]),
        Value::Dict(Sorted::new()),
    ] {
        let kind = value.kind();
        assert_eq!(read_value("mtdDeviceId", value), [(Some("mtdDeviceId"), Fault::WrongType(kind))]);
    }
    for text in ["x", "ab0dc123", "00000000-0000-0000-0000-000000000000"] {
        assert_eq!(read_value("mtdDeviceId", Value::text(text)), [(Some("mtdDeviceId"), Fault::Malformed)]);
    }
    let split = Value::text("key\r\nX-Header: 1");
    assert_eq!(read_value("mtdEnrolmentKey", split), [(Some("mtdEnrolmentKey"), Fault::Malformed)]);
    let long = Value::text("k".repeat(MAX_TEXT + 1));
    assert_eq!(read_value("mtdEnrolmentKey", long), [(Some("mtdEnrolmentKey"), Fault::TooLong)]);
}

#[test]
fn a_source_beyond_the_bounds_is_not_heard_and_the_others_are() {
    let mut hostile = source(Provenance::ManagedIos, &[("mtdDeviceId", OTHER)]);
    hostile.values.insert("x".into(), Value::List(vec![Value::Bool(true); MAX_VALUES]));
    let read = read(&[], &[hostile, source(Provenance::App, &[("mtdDeviceId", DEVICE)])]);
    assert_eq!((read.device, faults(&read)), (DEVICE.parse().ok(), vec![(None, Fault::TooLarge)]));
    let crowd: Vec<Source> = (0..20).map(|_| source(Provenance::App, &[("mtdDeviceId", "x")])).collect();
    assert_eq!(super::read(&[], &crowd).findings.len(), MAX_SOURCES);
}

#[test]
fn an_mdm_cannot_hand_out_the_secret_of_one_device() {
    let values = [("mtdActivationCode", "code"), ("mtdToken", "token")];
    for from in [Provenance::ManagedIos, Provenance::ManagedAndroid] {
        let read = one(Partner::Generic, from, &values);
        assert_eq!(read.credential, None);
        let expected =
            [(Some("mtdActivationCode"), Fault::NotFromHere), (Some("mtdToken"), Fault::NotFromHere)];
        assert_eq!(faults(&read), expected);
    }
}

#[test]
fn a_sign_in_beats_the_mdm_and_the_mdm_beats_the_app() {
    let app = source(
        Provenance::App,
        &[("mtdGateway", "https://app.example.com"), ("mtdDeviceId", OTHER), ("mtdTenantId", TENANT_2)],
    );
    let managed = source(
        Provenance::ManagedIos,
        &[("mtdGateway", GATEWAY), ("mtdDeviceId", DEVICE), ("mtdTenantId", TENANT)],
    );
    let two = read(&[], &[app.clone(), managed.clone()]);
    assert_eq!((two.device, two.tenant), (DEVICE.parse().ok(), TENANT.parse().ok()));
    assert_eq!(two.gateway, Some(Redacted::new(GATEWAY.into())));
    assert_eq!(
        two.findings,
        [Finding { from: Provenance::App, key: Some("mtdDeviceId"), fault: Fault::Disagrees }]
    );
    let sign_in = source(
        Provenance::SignIn,
        &[("mtdDeviceId", OTHER), ("mtdTenantId", TENANT_2), ("mtdToken", "token")],
    );
    let three = read(&[], &[app, managed, sign_in]);
    assert_eq!((three.device, three.tenant), (OTHER.parse().ok(), TENANT_2.parse().ok()));
    assert_eq!(three.gateway, Some(Redacted::new(GATEWAY.into())));
    assert_eq!(three.credential, Some(Credential::Token(Secret::new("token".into()))));
}

#[test]
fn a_device_id_never_meets_the_tenant_of_another_device() {
    let sign_in = source(Provenance::SignIn, &[("mtdDeviceId", DEVICE)]);
    let managed = source(
        Provenance::ManagedIos,
        &[("mtdDeviceId", OTHER), ("mtdTenantId", TENANT), ("mtdEnrolmentKey", "key")],
    );
    let read = read(&[], &[sign_in, managed]);
    assert_eq!((read.device, read.tenant, read.credential), (DEVICE.parse().ok(), None, None));
}

#[test]
fn the_tenant_beside_the_device_id_counts() {
    let sign_in = source(Provenance::SignIn, &[("mtdTenantId", TENANT_2), ("mtdToken", "token")]);
    let managed = source(Provenance::ManagedIos, &[("mtdDeviceId", DEVICE), ("mtdTenantId", TENANT)]);
    let read = read(&[], &[sign_in, managed]);
    assert_eq!((read.tenant, &read.credential), (TENANT.parse().ok(), &None));
    assert_eq!(faults(&read), [(Some("mtdTenantId"), Fault::Disagrees)]);
}

#[test]
fn the_credential_that_supersedes_counts_wherever_it_stands() {
    let managed = source(Provenance::ManagedIos, &[("mtdEnrolmentKey", "key")]);
    let app = source(Provenance::App, &[("mtdActivationCode", "code")]);
    let read = read(&[], &[managed, app]);
    assert_eq!(read.credential, Some(Credential::Code(Secret::new("code".into()))));
}

#[test]
fn nothing_that_was_configured_prints() {
    let marker = "hunter2";
    let values =
        [("mtdDeviceId", marker), ("mtdEnrolmentKey", marker), ("mtdGateway", marker), (marker, marker)];
    let sources = [source(Provenance::ManagedIos, &values)];
    let printed = format!("{sources:?} {:?}", read(&[Partner::BetterMobile], &sources));
    assert!(!printed.contains(marker), "{printed}");
}

#[test]
fn the_page_for_administrators_names_every_key_and_code() {
    let page = include_str!("../../../docs/configuration.md");
    let Keys::Public(keys) = Partner::Generic.keys() else { panic!() };
    for key in keys {
        assert_eq!(page.matches(&format!("| `{}` |", key.name)).count(), 1, "{}", key.name);
    }
    let codes = crate::code::ALL.iter().map(|(code, _)| code.0).filter(|code| (101..120).contains(code));
    for code in codes {
        assert_eq!(page.matches(&format!("\n| {code} |")).count(), 1, "{code}");
    }
    assert_eq!((MAX_TEXT, MAX_VALUES, MAX_DEPTH), (16 * 1024, 1_000, 8));
}
