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
use agent_logic::time::Wall;
use agent_logic::wire::Policy;
use hyper::StatusCode;

use crate::api::Gateway;
use crate::clock::now;
use crate::found;
use crate::privacy;
use crate::push::Connector;
use crate::refusal::Refusal;
use crate::store::{Device, StoreError, Tx};

mod lists;

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
        if may_ask(&device, &tx.policy_of(&device)?.policy) {
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
    let policy = tx.policy_of(&device)?.policy;
    // The policy may have changed while Intune was asked.
    if !may_ask(&device, &policy) {
        return forget(tx, id, now);
    }
    apps.retain(|app| privacy::may_hold(&policy, app));
    tx.set_synced_apps(id, &apps, now)?;
    found::look(tx, id, now)
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
        [installed, managed] => lists::merge(installed, managed).map_or(Listed::NotNow, Listed::Apps),
        _ => Listed::NotNow,
    }
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
