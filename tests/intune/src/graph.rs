//! JSON as Microsoft Graph v1.0 shapes it: names and casing are Graph's.

use serde::Serialize;
use serde_json::Value;

use crate::clock::date_time;
use crate::compliance::{Compliance, HealthState};
use crate::managed::{OwnerType, Platform, Version};
use crate::partner::{Contact, PartnerState};
use crate::settings::Settings;
use crate::store::{Record, Reported};

/// The identifier of the one connector.
pub const CONNECTOR: &str = "7f0c1b0e-4f7b-4d21-9d9c-3f8e6a5b2c10";

/// A collection of Graph's.
#[derive(Debug, Serialize)]
pub struct Collection<T> {
    #[serde(rename = "@odata.context")]
    context: String,
    value: Vec<T>,
}

/// `mobileThreatDefenseConnector`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Connector {
    id: &'static str,
    last_heartbeat_date_time: String,
    partner_state: PartnerState,
    android_enabled: bool,
    ios_enabled: bool,
    windows_enabled: bool,
    android_mobile_application_management_enabled: bool,
    ios_mobile_application_management_enabled: bool,
    android_device_blocked_on_missing_partner_data: bool,
    ios_device_blocked_on_missing_partner_data: bool,
    windows_device_blocked_on_missing_partner_data: bool,
    partner_unsupported_os_version_blocked: bool,
    partner_unresponsiveness_threshold_in_days: u32,
    #[serde(rename = "allowPartnerToCollectIOSApplicationMetadata")]
    app_sync: bool,
    #[serde(rename = "allowPartnerToCollectIOSPersonalApplicationMetadata")]
    full_personal: bool,
    microsoft_defender_for_endpoint_attach_enabled: bool,
}

/// `managedDevice`, as far as this rule fills it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ManagedDevice {
    id: String,
    #[serde(rename = "azureADDeviceId")]
    azure_ad_device_id: String,
    #[serde(rename = "azureADRegistered")]
    azure_ad_registered: bool,
    device_registration_state: &'static str,
    device_name: String,
    managed_device_owner_type: OwnerType,
    operating_system: Option<Platform>,
    os_version: Option<Version>,
    management_agent: &'static str,
    enrolled_date_time: String,
    last_sync_date_time: String,
    compliance_state: Compliance,
    partner_reported_threat_state: HealthState,
}

impl<T> Collection<T> {
    /// The collection `name` of `deviceManagement`.
    pub fn new(name: &str, value: Vec<T>) -> Self {
        let context = format!("https://graph.microsoft.com/v1.0/$metadata#deviceManagement/{name}");
        Self { context, value }
    }
}

impl Connector {
    /// The connector in `state`. Before the first heartbeat its time is the beginning of the calendar.
    #[must_use]
    pub fn new(settings: &Settings, contact: &Contact, state: PartnerState) -> Self {
        Self {
            id: CONNECTOR,
            last_heartbeat_date_time: contact.heartbeat.map_or_else(|| NEVER.into(), date_time),
            partner_state: state,
            android_enabled: settings.android_enabled,
            ios_enabled: settings.ios_enabled,
            windows_enabled: false,
            android_mobile_application_management_enabled: settings
                .android_mobile_application_management_enabled,
            ios_mobile_application_management_enabled: settings.ios_mobile_application_management_enabled,
            android_device_blocked_on_missing_partner_data: settings
                .android_device_blocked_on_missing_partner_data,
            ios_device_blocked_on_missing_partner_data: settings.ios_device_blocked_on_missing_partner_data,
            windows_device_blocked_on_missing_partner_data: false,
            partner_unsupported_os_version_blocked: settings.partner_unsupported_os_version_blocked,
            partner_unresponsiveness_threshold_in_days: settings.partner_unresponsiveness_threshold_in_days,
            app_sync: settings.app_sync,
            full_personal: settings.full_personal,
            microsoft_defender_for_endpoint_attach_enabled: false,
        }
    }
}

impl ManagedDevice {
    /// A device that Intune knows. Its own identifier is the Entra device ID here; in Intune the two differ.
    #[must_use]
    pub fn new(id: &str, record: &Record, reported: Option<&Reported>, state: Compliance) -> Self {
        let managed = record.managed.clone();
        Self {
            id: id.into(),
            azure_ad_device_id: id.into(),
            azure_ad_registered: true,
            device_registration_state: "registered",
            device_name: managed.device_name,
            managed_device_owner_type: managed.managed_device_owner_type,
            operating_system: managed.operating_system,
            os_version: managed.os_version,
            management_agent: "mdm",
            enrolled_date_time: date_time(record.enrolled),
            last_sync_date_time: date_time(record.synced),
            compliance_state: state,
            // Graph's enum has no member for a word of a later version.
            partner_reported_threat_state: reported
                .map(|reported| reported.health)
                .filter(|health| *health != HealthState::Unrecognised)
                .unwrap_or(HealthState::Unknown),
        }
    }
}

/// `settings` with what `change` names; absent if a name or a value is not one of theirs.
#[must_use]
pub fn patch(settings: &Settings, change: Value) -> Option<Settings> {
    let (Value::Object(change), Ok(Value::Object(mut whole))) = (change, serde_json::to_value(settings))
    else {
        return None;
    };
    for (name, value) in change.into_iter().filter(|(name, _)| name != "@odata.type") {
        *whole.get_mut(&name)? = value;
    }
    serde_json::from_value(Value::Object(whole)).ok().filter(Settings::is_valid)
}

/// What Graph writes for a time that is not known.
const NEVER: &str = "0001-01-01T00:00:00Z";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::managed::Managed;

    fn names(value: &impl Serialize) -> Vec<String> {
        serde_json::to_value(value).unwrap().as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn a_connector_has_the_properties_of_graph() {
        let connector = Connector::new(&Settings::default(), &Contact::default(), PartnerState::NotSetUp);
        let expected = [
            "allowPartnerToCollectIOSApplicationMetadata",
            "allowPartnerToCollectIOSPersonalApplicationMetadata",
            "androidDeviceBlockedOnMissingPartnerData",
            "androidEnabled",
            "androidMobileApplicationManagementEnabled",
            "id",
            "iosDeviceBlockedOnMissingPartnerData",
            "iosEnabled",
            "iosMobileApplicationManagementEnabled",
            "lastHeartbeatDateTime",
            "microsoftDefenderForEndpointAttachEnabled",
            "partnerState",
            "partnerUnresponsivenessThresholdInDays",
            "partnerUnsupportedOsVersionBlocked",
            "windowsDeviceBlockedOnMissingPartnerData",
            "windowsEnabled",
        ];
        assert_eq!(names(&connector), expected);
        let json = serde_json::to_value(&connector).unwrap();
        assert_eq!(
            (&json["partnerState"], &json["lastHeartbeatDateTime"]),
            (&"notSetUp".into(), &NEVER.into())
        );
    }

    #[test]
    fn a_managed_device_has_properties_of_graph_and_no_later_word() {
        let record = Record {
            managed: Managed { operating_system: Some(Platform::Ios), ..Managed::default() },
            enrolled: 0,
            synced: 1,
        };
        let reported =
            Reported { device: "d".into(), health: HealthState::Unrecognised, time: 0, received: 0 };
        let device = ManagedDevice::new("d", &record, Some(&reported), Compliance::Noncompliant);
        let expected = [
            "azureADDeviceId",
            "azureADRegistered",
            "complianceState",
            "deviceName",
            "deviceRegistrationState",
            "enrolledDateTime",
            "id",
            "lastSyncDateTime",
            "managedDeviceOwnerType",
            "managementAgent",
            "operatingSystem",
            "osVersion",
            "partnerReportedThreatState",
        ];
        assert_eq!(names(&device), expected);
        let json = serde_json::to_value(&device).unwrap();
        assert_eq!(json["partnerReportedThreatState"], "unknown");
        assert_eq!(json["operatingSystem"], "iOS");
        assert_eq!(json["complianceState"], "noncompliant");
    }

    #[test]
    fn a_change_names_what_it_changes() {
        let settings = Settings::default();
        let on = patch(&settings, serde_json::json!({ "iosEnabled": true, "@odata.type": "x" })).unwrap();
        assert_eq!(on, Settings { ios_enabled: true, ..settings.clone() });
        for bad in [
            serde_json::json!({ "iosEnabeld": true }),
            serde_json::json!({ "iosEnabled": "yes" }),
            serde_json::json!({ "partnerUnresponsivenessThresholdInDays": 0 }),
            serde_json::json!({ "partnerState": "enabled" }),
            serde_json::json!([]),
        ] {
            assert_eq!(patch(&settings, bad.clone()), None, "{bad}");
        }
    }
}
