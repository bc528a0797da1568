use super::*;
use crate::compliance::{Compliance, LeastBlocked};

const LOW: Option<Rule> = Some(Rule::RequiredLevel(RequiredLevel::Low));

fn on() -> Settings {
    Settings { android_enabled: true, ios_enabled: true, ..Settings::default() }
}

fn phone(platform: Platform, version: &str) -> Managed {
    Managed {
        operating_system: Some(platform),
        os_version: Some(version.parse().unwrap()),
        ..Managed::default()
    }
}

fn android() -> Managed {
    phone(Platform::Android, "13")
}

fn comply(settings: &Settings, partner: PartnerState, device: &Managed, health: HealthState) -> Verdict {
    Ground { settings, partner }.comply(device, Some(health), LOW)
}

#[test]
fn each_platform_has_its_own_toggle() {
    let only_ios = Settings { android_enabled: false, ..on() };
    let only_android = Settings { ios_enabled: false, ..on() };
    let high = |settings, device: &Managed| {
        comply(settings, PartnerState::Enabled, device, HealthState::HighSeverity).state
    };
    let iphone = phone(Platform::Ios, "17.1");
    assert_eq!(high(&only_ios, &android()), Compliance::Unknown);
    assert_eq!(high(&only_ios, &iphone), Compliance::Noncompliant);
    assert_eq!(high(&only_android, &android()), Compliance::Noncompliant);
    assert_eq!(high(&only_android, &iphone), Compliance::Unknown);
    let (none, both) = (Settings::default(), on());
    assert_eq!(high(&none, &Managed::default()), Compliance::Unknown);
    assert_eq!(high(&both, &phone(Platform::Other("Windows".into()), "10.0.22631")), Compliance::Unknown);
}

#[test]
fn a_system_below_the_minimum_is_passed_over_or_blocked() {
    let plain = on();
    let blocking = Settings { partner_unsupported_os_version_blocked: true, ..on() };
    let rows = [
        (phone(Platform::Android, "4.0.3"), true),
        (phone(Platform::Android, "4.1"), false),
        (phone(Platform::Ios, "7.1.2"), true),
        (phone(Platform::Ios, "8.0"), false),
    ];
    for (device, old) in rows {
        let state = |settings| comply(settings, PartnerState::Enabled, &device, HealthState::Secured).state;
        assert_eq!(state(&plain) == Compliance::Unknown, old, "{device:?}");
        assert_eq!(state(&blocking) == Compliance::Noncompliant, old, "{device:?}");
    }
    let off = Settings { android_enabled: false, ..blocking };
    let old = phone(Platform::Android, "2.3");
    let verdict = comply(&off, PartnerState::Enabled, &old, HealthState::Secured);
    assert_eq!(verdict.state, Compliance::Unknown, "the platform is not connected");
}

// Seed 003: each partner states its own minimum.
#[test]
fn the_minimum_is_what_the_partner_states() {
    let later = Settings {
        android_minimum_version: "9".parse().unwrap(),
        ios_minimum_version: "15.0".parse().unwrap(),
        ..on()
    };
    for (platform, old, new) in [(Platform::Android, "8.1", "9"), (Platform::Ios, "14.8", "15.0")] {
        let state = |version| {
            comply(&later, PartnerState::Enabled, &phone(platform.clone(), version), HealthState::Secured)
                .state
        };
        assert_eq!((state(old), state(new)), (Compliance::Unknown, Compliance::Compliant), "{platform:?}");
    }
}

#[test]
fn missing_data_blocks_only_where_the_administrator_says_so() {
    let plain = on();
    let missing = Settings { android_device_blocked_on_missing_partner_data: true, ..on() };
    let ground = |settings| Ground { settings, partner: PartnerState::Enabled };
    for silence in [None, Some(HealthState::Unknown)] {
        assert_eq!(ground(&plain).comply(&android(), silence, LOW).access, Access::Granted);
        let verdict = ground(&missing).comply(&android(), silence, LOW);
        assert_eq!((verdict.state, verdict.access), (Compliance::Noncompliant, Access::Blocked));
        let iphone = phone(Platform::Ios, "17");
        assert_eq!(ground(&missing).comply(&iphone, silence, LOW).access, Access::Granted);
    }
    let missing_ios = Settings { ios_device_blocked_on_missing_partner_data: true, ..on() };
    assert_eq!(
        ground(&missing_ios).comply(&phone(Platform::Ios, "17"), None, LOW).state,
        Compliance::Noncompliant
    );
    assert_eq!(ground(&missing_ios).comply(&android(), None, LOW).access, Access::Granted);
    let verdict = ground(&missing).comply(&android(), Some(HealthState::Secured), LOW);
    assert_eq!(verdict.state, Compliance::Compliant);
}

#[test]
fn the_word_of_an_unresponsive_partner_is_ignored() {
    let settings = Settings { android_device_blocked_on_missing_partner_data: true, ..on() };
    for health in [HealthState::Secured, HealthState::HighSeverity, HealthState::Compromised] {
        let verdict = comply(&settings, PartnerState::Unresponsive, &android(), health);
        assert_eq!((verdict.state, verdict.access), (Compliance::Unknown, Access::Granted), "{health:?}");
    }
    let blocking = Settings { partner_unsupported_os_version_blocked: true, ..on() };
    let old = phone(Platform::Android, "4.0");
    let verdict = comply(&blocking, PartnerState::Unresponsive, &old, HealthState::Secured);
    assert_eq!(verdict.state, Compliance::Noncompliant, "the version is not the partner's word");
}

#[test]
fn what_came_over_a_connection_that_is_gone_counts_as_missing() {
    let plain = on();
    let missing = Settings { android_device_blocked_on_missing_partner_data: true, ..on() };
    for partner in [PartnerState::Unavailable, PartnerState::NotSetUp] {
        let state = |settings| comply(settings, partner, &android(), HealthState::Secured).state;
        assert_eq!(state(&plain), Compliance::Unknown);
        assert_eq!(state(&missing), Compliance::Noncompliant);
    }
    for partner in [PartnerState::Enabled, PartnerState::Error] {
        assert_eq!(comply(&on(), partner, &android(), HealthState::Secured).state, Compliance::Compliant);
    }
}

#[test]
fn without_a_rule_or_an_enrolment_nothing_is_evaluated() {
    let settings = on();
    let ground = Ground { settings: &settings, partner: PartnerState::Enabled };
    let high = Some(HealthState::HighSeverity);
    assert_eq!(ground.comply(&android(), high, None).state, Compliance::Unknown);
    let unenrolled = Managed { enrolled: false, ..android() };
    assert_eq!(ground.comply(&unenrolled, high, LOW).state, Compliance::Unknown);
    let from = Some(Rule::BlockedFrom(LeastBlocked::High));
    assert_eq!(ground.comply(&android(), high, from).state, Compliance::Noncompliant);
}

#[test]
fn app_protection_reaches_devices_that_are_not_enrolled() {
    let settings = Settings { android_mobile_application_management_enabled: true, ..Settings::default() };
    let policy = |action| {
        Some(AppProtection {
            maximum_allowed_device_threat_level: RequiredLevel::Low,
            mobile_threat_defense_remediation_action: action,
        })
    };
    let unenrolled = Managed { enrolled: false, ..android() };
    let at = |partner, device: &Managed, health, policy| {
        Ground { settings: &settings, partner }.protect(device, health, policy).0
    };
    let on = |health, action| at(PartnerState::Enabled, &unenrolled, Some(health), policy(action));
    assert_eq!(on(HealthState::LowSeverity, Remediation::Block), Protected::Allowed);
    assert_eq!(on(HealthState::MediumSeverity, Remediation::Block), Protected::Blocked);
    assert_eq!(on(HealthState::MediumSeverity, Remediation::Wipe), Protected::Wiped);
    let silent = at(PartnerState::Enabled, &unenrolled, None, policy(Remediation::Wipe));
    assert_eq!(silent, Protected::Blocked, "nothing is wiped before the app is there");
    let high = Some(HealthState::HighSeverity);
    assert_eq!(at(PartnerState::Enabled, &unenrolled, high, None), Protected::NotEvaluated);
    let iphone = phone(Platform::Ios, "17");
    assert_eq!(at(PartnerState::Enabled, &iphone, high, policy(Remediation::Block)), Protected::NotEvaluated);
    let for_ios = Settings { ios_mobile_application_management_enabled: true, ..Settings::default() };
    let ground = Ground { settings: &for_ios, partner: PartnerState::Enabled };
    assert_eq!(ground.protect(&iphone, high, policy(Remediation::Block)).0, Protected::Blocked);
    assert_eq!(ground.protect(&unenrolled, high, policy(Remediation::Block)).0, Protected::NotEvaluated);
    let ignored = at(PartnerState::Unresponsive, &unenrolled, high, policy(Remediation::Wipe));
    assert_eq!(ignored, Protected::NotEvaluated);
}
