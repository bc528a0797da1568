//! What switches the feature of each row off. The code still builds; the row's tests go red.

use super::Switch;
use crate::mutants::trial::Edit;

macro_rules! switches {
    ($($row:literal $file:literal: $find:literal => $replace:literal;)*) => {
        pub(super) const SWITCHES: &[Switch] = &[$(Switch {
            row: $row,
            edit: Edit { file: $file, find: $find, replace: $replace },
        }),*];
    };
}

switches! {
    // The device ID and the connection.
    "gate" "agent-core/logic/src/agent/target.rs":
        "(&configuration.gateway, configuration.device, configuration.tenant)" =>
        "(&configuration.gateway, configuration.device.or_else(|| \"00000000-0000-0000-0000-000000000001\".parse().ok()), configuration.tenant)";
    "report-by-id" "tests/intune/src/api/connector.rs":
        "if message.device_id != id || !is_guid(&id) {" => "if !is_guid(&message.device_id) {";
    "vendor-id" "tests/gateway/src/checkin.rs":
        "    let mut device = tx.device(id)?.ok_or(StoreError::Corrupt)?;\n    let stored" =>
        "    let claims: serde_json::Value = serde_json::from_slice(arrival.body).unwrap_or_default();\n    let claimed = claims[\"deviceId\"].as_str().and_then(|text| text.parse().ok());\n    let id = claimed.as_ref().unwrap_or(id);\n    let mut device = tx.device(id)?.ok_or(StoreError::Corrupt)?;\n    let stored";
    "tenant" "tests/gateway/src/entra.rs":
        "claims.tid.eq_ignore_ascii_case(tenant)" => "!(claims.tid.is_empty() && tenant.is_empty())";
    "two-halves" "tests/intune/src/partner.rs":
        "Self::Unavailable | Self::NotSetUp => true," => "Self::NotSetUp => false,\n            Self::Unavailable => true,";
    "settings-later" "tests/intune/src/api/admin.rs":
        "if stand_in.store.contact()?.heartbeat.is_none() {" => "if false {";
    "again" "tests/intune/src/api/connector.rs":
        "stand_in.store.provision(true)" => "stand_in.store.provision(false)";
    "again-partner" "tests/gateway/src/push.rs":
        "    if gateway.link.read().provision_asked {\n" => "    if false {\n";
    "device-state" "tests/gateway/src/state_sync.rs": "self.device && self.threat" => "self.threat";
    "threat-state" "tests/gateway/src/state_sync.rs": "self.device && self.threat" => "self.device";
    "error-state" "tests/gateway/src/push.rs":
        "        (Err(_), _) | (_, Err(_)) => Said::Fault,\n" => "        (Err(_), _) | (_, Err(_)) => Said::Incomplete,\n";
    "status" "tests/intune/src/partner.rs":
        "settings.android_enabled || settings.ios_enabled || settings.app_protection()" => "settings.android_enabled";
    "last-synchronised" "tests/intune/src/api.rs":
        "last_synchronized: contact.synchronised," => "last_synchronized: None,";
    "heartbeat-minutes" "tests/gateway/src/cli/run.rs":
        "args.heartbeat_minutes.saturating_mul(60)" => "args.heartbeat_minutes";
    "heartbeat" "tests/gateway/src/push.rs":
        "last.at.elapsed() >= connector.heartbeat)" => "last.at.elapsed() >= connector.heartbeat * 60)";

    // The toggles.
    "android" "tests/intune/src/evaluate.rs":
        "if !is_on(device.operating_system.as_ref(), settings.android_enabled, settings.ios_enabled) {" =>
        "if !is_on(device.operating_system.as_ref(), true, settings.ios_enabled) {";
    "ios" "tests/intune/src/evaluate.rs":
        "if !is_on(device.operating_system.as_ref(), settings.android_enabled, settings.ios_enabled) {" =>
        "if !is_on(device.operating_system.as_ref(), settings.android_enabled, true) {";
    "android-floor" "tests/intune/src/settings.rs": "Version::new(vec![4, 1])" => "Version::new(vec![4, 0])";
    "ios-floor" "tests/intune/src/settings.rs": "Version::new(vec![8, 0])" => "Version::new(vec![7, 0])";
    "floor-is-data" "tests/intune/src/evaluate.rs":
        "Some(Platform::Android) => &self.settings.android_minimum_version," =>
        "Some(Platform::Android) => &crate::managed::Version::new(vec![4, 1]),";
    "android-missing" "tests/intune/src/evaluate.rs":
        "                settings.android_device_blocked_on_missing_partner_data,\n" => "                false,\n";
    "ios-missing" "tests/intune/src/evaluate.rs":
        "                settings.ios_device_blocked_on_missing_partner_data,\n" => "                false,\n";
    "unsupported" "tests/intune/src/evaluate.rs":
        "return if settings.partner_unsupported_os_version_blocked {" => "return if false {";
    "unresponsive" "tests/intune/src/partner.rs":
        "if now.saturating_sub(heartbeat) >= patience {" => "if false && now.saturating_sub(heartbeat) >= patience {";
    "ignored" "tests/intune/src/evaluate.rs":
        "            return passed_over(\"The partner is unresponsive; what it says is ignored.\");\n" => "";
    "app-protection-android" "tests/intune/src/evaluate.rs":
        "            settings.android_mobile_application_management_enabled,\n" => "            false,\n";
    "app-protection-ios" "tests/intune/src/evaluate.rs":
        "            settings.ios_mobile_application_management_enabled,\n" => "            false,\n";
    "unenrolled" "tests/intune/src/evaluate.rs":
        "policy.filter(|_| connected && self.is_supported(device))" =>
        "policy.filter(|_| device.enrolled && connected && self.is_supported(device))";

    // The app inventory.
    "opt-in" "tests/intune/src/settings.rs":
        "            app_sync: false,\n" => "            app_sync: true,\n";
    "opt-in-device" "agent-core/logic/src/wire/policy.rs":
        "            app_sync: false,\n" => "            app_sync: true,\n";
    "app-sync" "tests/intune/src/apps.rs": "    if !settings.app_sync {\n" => "    if false {\n";
    "analysed" "tests/gateway/src/app_sync.rs":
        "    tx.set_synced_apps(id, &apps, now)?;\n    found::look(tx, id, now)\n" =>
        "    tx.set_synced_apps(id, &apps, now)?;\n    Ok(false)\n";
    "ios-only" "tests/intune/src/apps.rs":
        "if !device.enrolled || device.operating_system != Some(Platform::Ios) {" => "if !device.enrolled || device.operating_system == Some(Platform::Android) {";
    "enrolled-only" "tests/intune/src/apps.rs":
        "if !device.enrolled || device.operating_system" => "if device.operating_system";
    "as-of-check-in" "tests/intune/src/store/devices.rs":
        "SET apps = ?2, synced" => "SET apps = coalesce(apps, ?2), synced";
    "kept-fresh" "tests/gateway/src/app_sync.rs":
        "asked.is_none_or(|at| now.since(at) >= every)" => "asked.is_none_or(|at| now.since(at) >= every * 1_000)";
    "personal-full" "tests/intune/src/apps.rs":
        "OwnerType::Personal | OwnerType::Unknown => settings.full_personal," => "OwnerType::Personal | OwnerType::Unknown => false,";
    "personal-managed" "tests/intune/src/apps.rs":
        "OwnerType::Personal | OwnerType::Unknown => settings.full_personal," => "OwnerType::Personal | OwnerType::Unknown => true,";
    "corporate" "tests/intune/src/apps.rs":
        "OwnerType::Company => true," => "OwnerType::Company => settings.full_personal,";
    "personal-cloud" "tests/gateway/src/privacy.rs":
        "Ownership::Personal | Ownership::Unknown => policy.full_inventory_on_personal," => "Ownership::Personal | Ownership::Unknown => true,";
    "personal-device" "agent-core/logic/src/agent/inventory.rs":
        "Scope::Managed => app.managed == Some(true)," => "Scope::Managed => true,";
    "eight-fields" "tests/intune/src/apps.rs":
        "        number(&mut out, \"DynamicSize\", app.dynamic_size);\n" => "";
    "eight-fields-device" "agent-core/logic/src/model/app.rs":
        "    /// Size of its data in bytes.\n    #[serde(skip_serializing_if = \"Option::is_none\", default)]\n" =>
        "    /// Size of its data in bytes.\n    #[serde(skip)]\n";

    // Threats, levels, access.
    "interception" "agent-core/logic/src/agent/path.rs":
        "if inspected || captive {" => "if true || inspected || captive {";
    "rated" "tests/gateway/src/rating.rs":
        "why.first().map_or(Level::Secured, |worst| worst.level)" => "why.last().map_or(Level::Secured, |_| Level::Secured)";
    "told" "tests/gateway/src/push.rs":
        "        for (device, health) in due {\n" => "        for (device, health) in due.into_iter().take(0) {\n";
    "revoked" "tests/intune/src/compliance.rs":
        "Verdict { state: Compliance::Noncompliant, access: Access::Blocked, why }" =>
        "Verdict { state: Compliance::Noncompliant, access: Access::Granted, why }";
    "remediated" "tests/gateway/src/checkin.rs":
        "TransitionKind::Resolved => tx.remove_threat(&device.id, transition.id)?," => "TransitionKind::Resolved => {}";
    "allowed-level" "tests/intune/src/compliance.rs":
        "Self::RequiredLevel(level) => judge(health, level)," => "Self::RequiredLevel(_) => judge(health, RequiredLevel::Low),";
    "least-level" "tests/intune/src/compliance.rs":
        "Self::BlockedFrom(least) => judge_from(health, least)," => "Self::BlockedFrom(_) => judge_from(health, LeastBlocked::Low),";
    "group-rule" "tests/intune/src/store/settings.rs":
        "        for name in groups {\n" => "        for name in groups.iter().take(0) {\n";
    "report-only" "tests/intune/src/graph.rs":
        ".map(|reported| reported.health)" => ".map(|_| HealthState::Unknown)";
    "default-levels" "agent-core/logic/src/model/threat.rs":
        "match self { $(Self::$variant => Severity::$severity,)* }" => "match self { $(Self::$variant => Severity::High,)* }";
    "classify" "tests/gateway/src/policy.rs":
        "        policy.severities.extend(self.severities.iter().copied());\n" => "";
    "re-rated" "tests/gateway/src/rating.rs":
        "                level: policy.severity(threat.classification).level(),\n" => "                level: threat.severity.level(),\n";

    // Enrolment and contact.
    "group" "tests/gateway/src/credential.rs":
        "filter(|device| device.group.as_deref() == Some(group))" => "filter(|_| group.is_empty())";
    "case" "tests/gateway/src/credential.rs":
        "device.group.as_deref() == Some(group)" => "device.group.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(group))";
    "pending" "tests/gateway/src/policy.rs":
        "        tx.ensure_device(id)?;\n        let device = tx.device(id)?.ok_or(StoreError::Corrupt)?;\n" =>
        "        let Some(device) = tx.device(id)? else { continue };\n";
    "prompted" "agent-core/logic/src/agent/status.rs":
        "        if without && registration.credential.is_none() && !unproven {\n" =>
        "        if without && registration.refused.is_some() && !unproven {\n";
    "activated" "tests/gateway/src/checkin.rs":
        "        device.activation = Activation::Activated;\n" => "";
    "devices" "tests/gateway/src/console/overview.rs":
        "        row(&mut html, device);\n" => "        let _ = device;\n";
    "days" "tests/gateway/src/policy.rs": "(1..=90).contains(&n)" => "(0..=900).contains(&n)";
    "disconnected" "tests/gateway/src/rating.rs":
        "if silent { Protection::Disconnected }" => "if silent && false { Protection::Disconnected }";
    "disconnected-device" "agent-core/logic/src/agent/contact.rs":
        "Some(last) if now.since(&last) >= allowed => Protection::Disconnected," => "";
    "error-notices" "tests/gateway/src/notices.rs":
        "    match spool(&home.spool(), &kind.mail(), &to, &lines, now) {\n" => "    match Ok::<(), SetupError>(()) {\n";

    // The partner's console.
    "members" "tests/gateway/src/console/login.rs":
        "let Some(mut account) = account else { return Ok(None) };" =>
        "let mut account = account.unwrap_or(accounts::Account { name: \"anybody\".parse().unwrap(), access: accounts::Access::Restricted, hash: String::new() });\n        if account.hash.is_empty() {\n            return Ok(Some(account));\n        }";
    "full" "tests/gateway/src/accounts.rs":
        "(Self::Full, _) | (Self::Restricted, Self::Restricted) => true," => "(_, Self::Restricted) => true,\n            (Self::Full, Self::Full) => false,";
    "restricted" "tests/gateway/src/accounts.rs":
        "(Self::Restricted, Self::Full) => false," => "(Self::Restricted, Self::Full) => true,";
    "read-only" "tests/gateway/src/console/editor/page.rs":
        "    let may = session.access.covers(Access::Full);\n" => "    let may = true;\n";
    "alerts-on" "tests/gateway/src/alerts.rs":
        ".filter(|held| held.alerts)" => ".filter(|_| false)";
    "alerts-off" "tests/gateway/src/alerts.rs":
        ".filter(|held| held.alerts)" => ".filter(|_| true)";
}
