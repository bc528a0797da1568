//! App Sync: asks Intune for the apps of iOS devices, which cannot list them themselves.
//!
//! ```text
//!   Intune ── InstalledApplicationList, ManagedApplicationList (plist) ──▶ privacy ──▶ database ──▶ indicators
//! ```
//!
//! A list is asked for only while the device's policy allows it, and what it does not allow is never stored.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use agent_logic::model::{Activation, App, DeviceId};
use agent_logic::redact::Redacted;
use agent_logic::time::Wall;
use agent_logic::wire::Policy;
use hyper::StatusCode;
use serde::Deserialize;

use crate::api::Gateway;
use crate::clock::now;
use crate::found;
use crate::privacy;
use crate::push::Connector;
use crate::refusal::Refusal;
use crate::store::{Device, StoreError, Tx};

/// Most apps that are kept of one list; as many as a device may report itself.
pub const MAX_APPS: usize = 5_000;

/// Largest list that is read.
pub const MAX_LIST: usize = 4 * 1024 * 1024;

/// Devices that are looked at in one reading.
const AT_ONCE: u32 = 256;

/// How often the devices are looked at.
const LOOK: Duration = Duration::from_secs(30);

/// What Intune says of a device's apps.
#[derive(Debug, PartialEq, Eq)]
enum Listed {
    /// These.
    Apps(Vec<App>),
    /// It shares nothing of this device: App Sync is off there, or it manages no such iOS device.
    Nothing,
    /// It shares nothing of any device now, or does not answer.
    NotNow,
}

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

/// Keeps the lists no older than `every`, until the task is dropped.
pub async fn run(gateway: Arc<Gateway>, connector: Arc<Connector>, every: Duration) {
    loop {
        if pass(&gateway, &connector, every).await.is_err() {
            log::warn!("App Sync did not look at the devices");
        }
        tokio::time::sleep(every.min(LOOK)).await;
    }
}

async fn pass(gateway: &Arc<Gateway>, connector: &Connector, every: Duration) -> Result<(), Refusal> {
    let mut after = String::new();
    loop {
        let look = move |gateway: &Gateway| Ok(gateway.store.read(|tx| due(tx, &after, every, now()))?);
        let due = gateway.blocking(look).await?;
        for id in due.forbidden {
            let drop = move |gateway: &Gateway| Ok(gateway.store.transact(|tx| forget(tx, &id, now()))?);
            if gateway.blocking(drop).await? {
                gateway.changed.notify_one();
            }
        }
        for id in due.ask {
            let apps = match ask(connector, &id).await {
                Listed::Apps(apps) => apps,
                Listed::Nothing => Vec::new(),
                Listed::NotNow => return Ok(()),
            };
            let take =
                move |gateway: &Gateway| Ok(gateway.store.transact(|tx| take(tx, &id, apps, now()))?);
            if gateway.blocking(take).await? {
                gateway.changed.notify_one();
            }
        }
        match due.last {
            Some(last) => after = last.reveal(),
            None => return Ok(()),
        }
    }
}

/// What is to be done.
#[derive(Default)]
struct Due {
    /// Devices whose list is missing or old.
    ask: Vec<DeviceId>,
    /// Devices of which a list is held that may not be.
    forbidden: Vec<DeviceId>,
    /// The last device that was looked at; absent after the last of all.
    last: Option<DeviceId>,
}

/// What is to be done with some of the devices, those that come after `after`: who reads meanwhile does not wait for all.
fn due(tx: &Tx<'_>, after: &str, every: Duration, now: Wall) -> Result<Due, StoreError> {
    let mut due = Due::default();
    for device in tx.devices_after(after, AT_ONCE)? {
        due.last = Some(device.id);
        let asked = tx.synced_at(&device.id)?;
        if may_ask(&device, &policy_of(tx, &device)?) {
            if asked.is_none_or(|at| now.since(at) >= every) {
                due.ask.push(device.id);
            }
        } else if asked.is_some() {
            due.forbidden.push(device.id);
        }
    }
    Ok(due)
}

/// Forgets what Intune listed of a device, and what was found in it. Answers whether a threat went.
fn forget(tx: &Tx<'_>, id: &DeviceId, now: Wall) -> Result<bool, StoreError> {
    tx.clear_synced_apps(id)?;
    found::look(tx, id, now)
}

/// Stores what of `apps` the device's policy lets be held. Answers whether a threat came or went.
fn take(tx: &Tx<'_>, id: &DeviceId, mut apps: Vec<App>, now: Wall) -> Result<bool, StoreError> {
    let device = tx.device(id)?.ok_or(StoreError::Corrupt)?;
    let policy = policy_of(tx, &device)?;
    // The policy may have changed while Intune was asked.
    if !may_ask(&device, &policy) {
        return forget(tx, id, now);
    }
    apps.retain(|app| privacy::may_hold(&policy, app));
    tx.set_synced_apps(id, &apps, now)?;
    found::look(tx, id, now)
}

fn policy_of(tx: &Tx<'_>, device: &Device) -> Result<Policy, StoreError> {
    Ok(tx.policy_for(device.group.as_deref())?.ok_or(StoreError::Corrupt)?.policy)
}

/// Whether Intune may be asked for a device's apps. Where the device does not say what it is, Intune knows.
fn may_ask(device: &Device, policy: &Policy) -> bool {
    let android = device.facts.as_ref().is_some_and(|facts| facts.platform == "android");
    device.activation == Activation::Activated && !device.revoked && !android && privacy::shares_apps(policy)
}

async fn ask(connector: &Connector, id: &DeviceId) -> Listed {
    let path = |list| format!("/connector/devices/{}/{list}", id.reveal());
    let mut lists = Vec::new();
    for name in ["InstalledApplicationList", "ManagedApplicationList"] {
        match connector.fetch(&path(name), MAX_LIST).await {
            Ok((StatusCode::OK, body)) => lists.push(body),
            Ok((StatusCode::NOT_FOUND, _)) => return Listed::Nothing,
            Ok(_) | Err(_) => return Listed::NotNow,
        }
    }
    match lists.as_slice() {
        [installed, managed] => merge(installed, managed).map_or(Listed::NotNow, Listed::Apps),
        _ => Listed::NotNow,
    }
}

/// The two lists as apps within bounds; absent if they are no such lists.
fn merge(installed: &[u8], managed: &[u8]) -> Option<Vec<App>> {
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

/// A device's apps: what it reported itself, filled up with what Intune lists.
#[must_use]
pub fn join(own: Vec<App>, synced: Vec<App>) -> Vec<App> {
    let mut all: BTreeMap<_, App> = synced.into_iter().map(|app| (app.id.clone(), app)).collect();
    for app in own {
        let joined = match all.remove(&app.id) {
            Some(listed) => App {
                name: app.name.or(listed.name),
                version: app.version.or(listed.version),
                short_version: app.short_version.or(listed.short_version),
                bundle_size: app.bundle_size.or(listed.bundle_size),
                dynamic_size: app.dynamic_size.or(listed.dynamic_size),
                validated: app.validated.or(listed.validated),
                ad_hoc_signed: app.ad_hoc_signed.or(listed.ad_hoc_signed),
                app_store_vendable: app.app_store_vendable.or(listed.app_store_vendable),
                beta: app.beta.or(listed.beta),
                device_vpp: app.device_vpp.or(listed.device_vpp),
                // Who deployed an app is Intune's to say.
                managed: listed.managed.or(app.managed),
                ..app
            },
            None => app,
        };
        all.insert(joined.id.clone(), joined);
    }
    all.into_values().collect()
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

    #[test]
    fn what_the_device_says_stands_and_intune_fills_the_gaps() {
        let app = |id: &str| App::new(id.parse().unwrap());
        let own = App { bundle_size: Some(1), managed: Some(false), ..app("both") };
        let listed = App { bundle_size: Some(2), dynamic_size: Some(3), managed: Some(true), ..app("both") };
        let joined = join(vec![own, app("own")], vec![listed, app("listed")]);
        let both = joined.iter().find(|app| app.id.reveal() == "both").unwrap();
        assert_eq!((both.bundle_size, both.dynamic_size, both.managed), (Some(1), Some(3), Some(true)));
        assert_eq!(joined.len(), 3);
    }
}
