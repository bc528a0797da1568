//! Apple's two lists of a device's apps, as plist: what is installed, and what of it is managed.

use std::collections::BTreeMap;

use agent_logic::model::App;
use agent_logic::redact::Redacted;
use serde::Deserialize;

/// Most apps that are kept of one list; as many as a device may report itself.
const MAX_APPS: usize = 5_000;

/// A device's answer to `InstalledApplicationList`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Installed {
    installed_application_list: Vec<Item>,
}

/// An app in it. Only the identifier is always there.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    identifier: String,
    version: Option<String>,
    short_version: Option<String>,
    name: Option<String>,
    bundle_size: Option<u64>,
    dynamic_size: Option<u64>,
    is_validated: Option<bool>,
    ad_hoc_code_signed: Option<bool>,
    app_store_vendable: Option<bool>,
    beta_app: Option<bool>,
    #[serde(rename = "DeviceBasedVPP")]
    device_based_vpp: Option<bool>,
}

/// A device's answer to `ManagedApplicationList`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ManagedApps {
    managed_application_list: BTreeMap<String, Management>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Management {
    status: Status,
}

/// Apple's states of a managed app, as far as they differ here.
#[derive(Deserialize, PartialEq, Eq)]
enum Status {
    /// Installed and managed.
    Managed,
    /// One of the states before or after that.
    #[serde(other)]
    Other,
}

/// The two lists as apps within bounds; absent if they are no such lists.
pub(super) fn merge(installed: &[u8], managed: &[u8]) -> Option<Vec<App>> {
    let installed: Installed = plist::from_bytes(installed).ok()?;
    let managed: ManagedApps = plist::from_bytes(managed).ok()?;
    let apps = installed.installed_application_list.into_iter().filter_map(|item| {
        let state = managed.managed_application_list.get(&item.identifier);
        let text = |text: Option<String>| text.map(Redacted::new);
        let app = App {
            version: text(item.version),
            short_version: text(item.short_version),
            name: text(item.name),
            bundle_size: item.bundle_size,
            dynamic_size: item.dynamic_size,
            validated: item.is_validated,
            ad_hoc_signed: item.ad_hoc_code_signed,
            app_store_vendable: item.app_store_vendable,
            beta: item.beta_app,
            device_vpp: item.device_based_vpp,
            managed: Some(state.is_some_and(|state| state.status == Status::Managed)),
            ..App::new(item.identifier.parse().ok()?)
        };
        Some(app.bounded())
    });
    Some(apps.take(MAX_APPS).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plist(body: &str) -> String {
        format!("<?xml version=\"1.0\"?><plist version=\"1.0\"><dict>{body}</dict></plist>")
    }

    #[test]
    fn an_app_is_managed_when_apple_says_managed_and_what_is_no_app_is_left_out() {
        let installed = plist(
            "<key>InstalledApplicationList</key><array>\
             <dict><key>Identifier</key><string>a</string><key>BundleSize</key><integer>7</integer></dict>\
             <dict><key>Identifier</key><string>b</string><key>Name</key><string>B &amp; C</string></dict>\
             <dict><key>Identifier</key><string></string></dict></array>",
        );
        let managed = plist(
            "<key>ManagedApplicationList</key><dict><key>a</key><dict><key>Status</key><string>Managed</string></dict>\
             <key>b</key><dict><key>Status</key><string>UserRejected</string></dict></dict>",
        );
        let apps = merge(installed.as_bytes(), managed.as_bytes()).unwrap();
        let told: Vec<_> = apps.iter().map(|app| (app.id.reveal(), app.managed, app.bundle_size)).collect();
        assert_eq!(told, [("a", Some(true), Some(7)), ("b", Some(false), None)]);
        assert_eq!(apps[1].name.as_ref().unwrap().reveal(), "B & C");
        assert_eq!(merge(b"<plist", managed.as_bytes()), None);
        assert_eq!(merge(managed.as_bytes(), managed.as_bytes()), None);
    }
}
