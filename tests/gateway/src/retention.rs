//! What is held ages out: apps of devices that are silent, history, the audit log.

use std::sync::Arc;
use std::time::Duration;

use agent_logic::model::DeviceId;
use agent_logic::time::Wall;
use serde::{Deserialize, Serialize};

use crate::api::Gateway;
use crate::clock::{days, now};
use crate::failure::SetupError;
use crate::found;
use crate::store::{Setting, Store, StoreError, Tx};

/// Days that things are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Retention {
    /// The apps of a device after its last contact, 1 to 365; never less than the days after which its policy calls
    /// it disconnected, so that what the cloud found in them counts until then.
    pub inventory_days: u16,
    /// History, transitions, faults, and commands that are done, 7 to 730.
    pub history_days: u16,
    /// The audit log, 90 to 3650.
    pub audit_days: u16,
}

impl Default for Retention {
    fn default() -> Self {
        Self { inventory_days: 30, history_days: 180, audit_days: 730 }
    }
}

impl Retention {
    /// Refuses what is out of its bounds.
    pub fn check(self) -> Result<Self, SetupError> {
        let fits = (1..=365).contains(&self.inventory_days)
            && (7..=730).contains(&self.history_days)
            && (90..=3650).contains(&self.audit_days);
        if fits {
            Ok(self)
        } else {
            Err(SetupError::Bounds(
                "inventory is kept 1 to 365 days, history 7 to 730, the audit log 90 to 3650.",
            ))
        }
    }

    /// What the administrator set, else the defaults.
    pub fn read(tx: &Tx<'_>) -> Result<Self, StoreError> {
        let text = tx.find(Setting::Retention)?;
        text.map_or(Ok(Self::default()), |text| serde_json::from_str(&text).map_err(|_| StoreError::Corrupt))
    }

    /// Stores it.
    pub fn save(self, tx: &Tx<'_>) -> Result<(), StoreError> {
        tx.set(Setting::Retention, &serde_json::to_string(&self).map_err(|_| StoreError::Corrupt)?)
    }
}

/// Ages things out now and once a day, until the task is dropped.
pub async fn run(gateway: Arc<Gateway>) {
    loop {
        let pass = |gateway: &Gateway| Ok(age(&gateway.store, now())?);
        if gateway.blocking(pass).await.is_err() {
            log::error!("nothing aged out today");
        }
        tokio::time::sleep(DAY).await;
    }
}

/// Forgets what is older than it may be at `now`, some of it in a transaction: check-ins go on in between.
pub fn age(store: &Store, now: Wall) -> Result<(), StoreError> {
    let kept = store.read(Retention::read)?;
    let before = |kept: u16| {
        let kept = u64::try_from(days(kept.into()).as_millis()).unwrap_or(u64::MAX);
        Wall(now.0.saturating_sub(kept))
    };
    let mut after = String::new();
    while store.step(|tx| {
        let devices = tx.with_apps(&after, DEVICES)?;
        devices.iter().try_for_each(|id| forget_apps(tx, id, kept, now))?;
        after = devices.last().map(DeviceId::reveal).unwrap_or_default();
        Ok::<_, StoreError>(!devices.is_empty())
    })? {}
    while store.step(|tx| tx.age_history(before(kept.history_days), LINES))? {}
    store.transact(|tx| tx.age_audit(before(kept.audit_days)))
}

/// Forgets the apps of a device that was silent for too long. Should it come back, its digest differs from ours and the
/// whole inventory is asked for.
fn forget_apps(tx: &Tx<'_>, id: &DeviceId, kept: Retention, now: Wall) -> Result<(), StoreError> {
    let mut device = tx.device(id)?.ok_or(StoreError::Corrupt)?;
    if device.inventory.is_none() && tx.synced_at(id)?.is_none() {
        return Ok(());
    }
    let policy = tx.policy_of(&device)?.policy;
    let kept = days(kept.inventory_days.max(policy.disconnected_days).into());
    if device.last_contact.is_some_and(|at| now.since(at) <= kept) {
        return Ok(());
    }
    device.inventory = None;
    tx.clear_inventory(id)?;
    tx.clear_synced_apps(id)?;
    tx.save_device(&device)?;
    found::look(tx, id, now).map(|_| ())
}

/// Devices that are looked at in one transaction.
const DEVICES: u32 = 64;

/// Lines of each table that go in one transaction.
const LINES: u32 = 10_000;

/// How often things age out.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
