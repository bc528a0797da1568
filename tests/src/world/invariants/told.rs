//! What a report may say of the phone: apps, facts and threats, each under the policy that the report names.

use agent_logic::model::{Activation, AppId};
use agent_logic::wire::{Facts, InventoryPart, Policy, Report};

use crate::world::model::{Checked, hold};
use crate::world::phone::{file, may_leave};
use crate::world::run::World;

/// How often a device that leaves tries to tell the cloud.
const FAREWELLS: u32 = 3;

impl World {
    pub(super) fn check_told(&self, report: &Report) -> Checked {
        if report.policy == 0 {
            return hold(report.inventory.is_none(), "no app leaves without a policy", String::new);
        }
        let policy = self.cloud.signed.iter().find(|signed| signed.version == report.policy);
        hold(policy.is_some(), "only a policy for this device is adopted", || report.policy.to_string())?;
        let Some(policy) = policy else { return Ok(()) };
        check_switches(report, policy)?;
        let Some(part) = &report.inventory else { return Ok(()) };
        let expired = report.made.wall >= policy.expires;
        hold(policy.app_sync && !expired, "apps leave only while policy says so", || {
            format!("app sync {}, expired {expired}", policy.app_sync)
        })?;
        let apps = match part {
            InventoryPart::Digest { .. } => &[],
            InventoryPart::Delta { set, .. } => set.as_slice(),
            InventoryPart::Full { apps, .. } => apps.as_slice(),
        };
        let leaked = apps.iter().find(|app| !may_leave(&app.id, policy));
        hold(leaked.is_none(), "no app leaves that the privacy matrix keeps", || {
            format!("{:?}", leaked.map(|app| app.id.reveal()))
        })?;
        self.check_gone(part, policy)
    }

    /// An app that is there is never told to be gone (P10).
    fn check_gone(&self, part: &InventoryPart, policy: &Policy) -> Checked {
        let there = |id: &&AppId| self.phone.apps.contains_key(*id) && may_leave(id, policy);
        let gone: Vec<&AppId> = match part {
            InventoryPart::Digest { .. } => Vec::new(),
            InventoryPart::Delta { removed, .. } => removed.iter().filter(there).collect(),
            InventoryPart::Full { apps, .. } => {
                let record = self.cloud.memory.devices.get(&self.host.device);
                let held = record.and_then(|record| record.inventory.as_ref());
                let held = held.into_iter().flat_map(|(_, held)| held.keys());
                let missing = |id: &&AppId| apps.binary_search_by(|app| app.id.cmp(id)).is_err();
                held.filter(missing).filter(there).collect()
            }
        };
        hold(gone.is_empty(), "an app that is there is not told to be gone", || gone.len().to_string())
    }

    /// A device is wiped when somebody wants it, and tells the cloud first if it can (L10).
    pub(super) fn check_wipe(&mut self) -> Checked {
        if std::mem::replace(&mut self.model.wiping, true) {
            return Ok(());
        }
        let device = self.host.device;
        let wanted = self.host.leaving || self.host.left || self.cloud.tells_to_leave(device);
        hold(wanted, "a device is wiped only when somebody wants it", String::new)?;
        let status = self.process.as_ref().map(|process| process.agent.status());
        let is_known = status.is_some_and(|status| status.activation == Activation::Activated);
        let record = self.cloud.memory.devices.get(&device);
        let told = record.is_some_and(|record| record.activation == Some(Activation::Deactivated));
        let now = self.clock.time();
        let waits = self.model.leaving.is_some_and(|leaving| leaving.forbids(now));
        // When the time is over a word that may go now is tried all the same.
        let held = self.model.offline || self.model.told.is_some_and(|told| told.may_forbid(now));
        let tried = self.model.failures >= FAREWELLS || (!waits && (held || self.model.failures > 0));
        let may = told || !is_known || !self.model.consent || tried || self.host.left;
        hold(may, "a device that leaves tells the cloud first", || {
            format!("{} failures", self.model.failures)
        })
    }

    /// Installation files are hashed while charging, of apps from no store, once per version (P5).
    pub(super) fn check_hashing(&self, apps: &[AppId]) -> Checked {
        hold(self.model.charging, "files are hashed while charging", String::new)?;
        for app in apps.iter().filter_map(|id| self.phone.apps.get(id)) {
            hold(app.installer.is_none(), "files from a store are not hashed", String::new)?;
            let again = self.model.inventory.is_hashed(&app.id, file(app));
            hold(!again, "a file is hashed once", || app.id.reveal().into())?;
        }
        Ok(())
    }
}

/// Sync switches keep detail on the device (P6).
fn check_switches(report: &Report, policy: &Policy) -> Checked {
    let told = report.transitions.len() + report.open.as_ref().map_or(0, Vec::len);
    hold(policy.threat_state_sync || told == 0, "threats stay where policy keeps them", || told.to_string())?;
    let unknown = |facts: &Facts| {
        let agent_version = facts.agent_version.clone();
        *facts == Facts { agent_version, ..Facts::default() }
    };
    let kept = policy.device_state_sync || report.facts.value.as_ref().is_none_or(unknown);
    hold(kept, "facts stay where policy keeps them", String::new)
}
