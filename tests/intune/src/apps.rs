//! App Sync: the apps of an iOS device as Apple's device management lists them, and which of them the partner gets.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::managed::{Managed, OwnerType, Platform};
use crate::settings::Settings;

/// One app: Apple's keys of `InstalledApplicationList`, and whether Intune deployed it. Everything but the
/// identifier may be missing; what is missing is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct App {
    /// Bundle identifier.
    pub identifier: String,
    /// Build version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Version that people see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_version: Option<String>,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Bytes of the bundle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle_size: Option<u64>,
    /// Bytes of its data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dynamic_size: Option<u64>,
    /// It is validated and can run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_validated: Option<bool>,
    /// It is signed for so many devices (iOS 11.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ad_hoc_code_signed: Option<bool>,
    /// It came from the store (iOS 11.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_store_vendable: Option<bool>,
    /// It is a beta (iOS 11.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beta_app: Option<bool>,
    /// It is licensed to the device (iOS 11.3).
    #[serde(default, rename = "DeviceBasedVPP", skip_serializing_if = "Option::is_none")]
    pub device_based_vpp: Option<bool>,
    /// Intune deployed it. No key of Apple's: it decides what `ManagedApplicationList` answers.
    #[serde(default)]
    pub managed: bool,
}

/// Why the partner gets no list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoList {
    /// App Sync is off.
    Off,
    /// The device is not an iOS device that is enrolled.
    NotIos,
}

/// The apps of `device` that the partner may have.
pub fn shared(settings: &Settings, device: &Managed, mut apps: Vec<App>) -> Result<Vec<App>, NoList> {
    if !settings.app_sync {
        return Err(NoList::Off);
    }
    if !device.enrolled || device.operating_system != Some(Platform::Ios) {
        return Err(NoList::NotIos);
    }
    let all = match device.managed_device_owner_type {
        OwnerType::Company => true,
        OwnerType::Personal | OwnerType::Unknown => settings.full_personal,
    };
    apps.retain(|app| all || app.managed);
    Ok(apps)
}

/// The device's answer to Apple's command `InstalledApplicationList`.
#[must_use]
pub fn installed(apps: &[App]) -> String {
    let mut out = String::from("<key>InstalledApplicationList</key><array>");
    for app in apps {
        out.push_str("<dict>");
        text(&mut out, "Identifier", Some(&app.identifier));
        text(&mut out, "Version", app.version.as_deref());
        text(&mut out, "ShortVersion", app.short_version.as_deref());
        text(&mut out, "Name", app.name.as_deref());
        number(&mut out, "BundleSize", app.bundle_size);
        number(&mut out, "DynamicSize", app.dynamic_size);
        flag(&mut out, "IsValidated", app.is_validated);
        flag(&mut out, "AdHocCodeSigned", app.ad_hoc_code_signed);
        flag(&mut out, "AppStoreVendable", app.app_store_vendable);
        flag(&mut out, "BetaApp", app.beta_app);
        flag(&mut out, "DeviceBasedVPP", app.device_based_vpp);
        out.push_str("</dict>");
    }
    out.push_str("</array>");
    acknowledged(&out)
}

/// The device's answer to Apple's command `ManagedApplicationList`.
#[must_use]
pub fn managed(apps: &[App]) -> String {
    let mut out = String::from("<key>ManagedApplicationList</key><dict>");
    for app in apps.iter().filter(|app| app.managed) {
        out.push_str("<key>");
        escape(&mut out, &app.identifier);
        out.push_str("</key><dict><key>Status</key><string>Managed</string></dict>");
    }
    out.push_str("</dict>");
    acknowledged(&out)
}

fn acknowledged(list: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
         \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\"><dict><key>Status</key><string>Acknowledged</string>{list}</dict></plist>\n"
    )
}

fn text(out: &mut String, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        let _ = write!(out, "<key>{key}</key><string>");
        escape(out, value);
        out.push_str("</string>");
    }
}

fn number(out: &mut String, key: &str, value: Option<u64>) {
    if let Some(value) = value {
        let _ = write!(out, "<key>{key}</key><integer>{value}</integer>");
    }
}

fn flag(out: &mut String, key: &str, value: Option<bool>) {
    if let Some(value) = value {
        let _ = write!(out, "<key>{key}</key><{value}/>");
    }
}

fn escape(out: &mut String, value: &str) {
    for letter in value.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // XML 1.0 has no way to write the other controls.
            letter if letter.is_control() && !matches!(letter, '\t' | '\n' | '\r') => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(identifier: &str, managed: bool) -> App {
        App {
            identifier: identifier.into(),
            version: None,
            short_version: None,
            name: Some("A & <B>".into()),
            bundle_size: Some(7),
            dynamic_size: None,
            is_validated: None,
            ad_hoc_code_signed: None,
            app_store_vendable: None,
            beta_app: None,
            device_based_vpp: None,
            managed,
        }
    }

    fn iphone(owner: OwnerType) -> Managed {
        Managed {
            operating_system: Some(Platform::Ios),
            managed_device_owner_type: owner,
            ..Managed::default()
        }
    }

    #[test]
    fn ownership_and_management_decide_what_is_shared() {
        let apps = || vec![app("own", false), app("deployed", true)];
        let off = Settings::default();
        let on = Settings { app_sync: true, ..Settings::default() };
        let full = Settings { full_personal: true, ..on.clone() };
        let count = |settings, owner| shared(settings, &iphone(owner), apps()).map(|apps| apps.len());
        for owner in [OwnerType::Company, OwnerType::Personal, OwnerType::Unknown] {
            assert_eq!(count(&off, owner), Err(NoList::Off));
            assert_eq!(count(&full, owner), Ok(2));
        }
        assert_eq!(count(&on, OwnerType::Company), Ok(2));
        assert_eq!(count(&on, OwnerType::Personal), Ok(1));
        assert_eq!(count(&on, OwnerType::Unknown), Ok(1));
        assert_eq!(shared(&full, &Managed::default(), apps()), Err(NoList::NotIos));
        let unenrolled = Managed { enrolled: false, ..iphone(OwnerType::Company) };
        assert_eq!(shared(&full, &unenrolled, apps()), Err(NoList::NotIos));
    }

    #[test]
    fn lists_are_written_as_apple_writes_them() {
        let apps = [app("own", false), app("de&ployed", true)];
        let list = installed(&apps);
        assert!(list.contains(
            "<dict><key>Identifier</key><string>own</string><key>Name</key>\
             <string>A &amp; &lt;B&gt;</string><key>BundleSize</key><integer>7</integer></dict>"
        ));
        assert!(!list.contains("IsValidated"), "what is not known is left out");
        let list = managed(&apps);
        assert!(
            list.contains("<key>de&amp;ployed</key><dict><key>Status</key><string>Managed</string></dict>")
        );
        assert!(!list.contains("own"));
    }
}
