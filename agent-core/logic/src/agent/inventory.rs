//! The inventory: what may be shared, and how little of it must travel.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{App, AppId, Digest, Ownership};
use crate::wire::{InventoryPart, Policy, set_digest};

/// Most apps that are reported; a device with more reports the first by identifier.
pub(crate) const MAX_APPS: usize = 5_000;

/// What the cloud is known to hold. Durable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Inventory {
    acknowledged: Option<Held>,
}

/// One set of apps by their digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Held {
    digest: Digest,
    apps: BTreeMap<AppId, Digest>,
}

/// What changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Change {
    /// The cloud must be sent the whole set next, or may hold none.
    Forgotten,
}

/// Apps that passed the privacy filter. The wire takes no others.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    apps: BTreeMap<AppId, App>,
    digest: Digest,
}

impl Shared {
    /// What of `apps` may leave the device under `policy`; `None` when the inventory is not shared at all.
    ///
    /// App sync off: nothing. Company: everything. Personal or unknown: managed apps only, unless the policy
    /// shares the full inventory of personal devices (seed 003).
    pub(crate) fn filter(apps: &[App], policy: Option<&Policy>) -> Option<Self> {
        let policy = policy.filter(|policy| policy.app_sync)?;
        let everything = match policy.ownership {
            Ownership::Company => true,
            Ownership::Personal | Ownership::Unknown => policy.full_inventory_on_personal,
        };
        let allowed = apps.iter().filter(|app| everything || app.managed == Some(true));
        let all: BTreeMap<AppId, App> = allowed.map(|app| (app.id.clone(), app.clone())).collect();
        let apps: BTreeMap<AppId, App> = all.into_iter().take(MAX_APPS).collect();
        let digest = set_digest(apps.values());
        Some(Self { apps, digest })
    }

    pub(crate) fn count(&self) -> usize {
        self.apps.len()
    }
}

impl Inventory {
    /// The smallest part that brings the cloud from what it holds to `shared`.
    pub(crate) fn part(&self, shared: &Shared) -> InventoryPart {
        let Some(held) = &self.acknowledged else {
            return shared.full();
        };
        if held.digest == shared.digest {
            return InventoryPart::Digest { digest: shared.digest };
        }
        let set: Vec<App> = shared
            .apps
            .values()
            .filter(|app| held.apps.get(&app.id) != Some(&app.digest()))
            .cloned()
            .collect();
        let removed: Vec<AppId> =
            held.apps.keys().filter(|id| !shared.apps.contains_key(*id)).cloned().collect();
        let changed = set.len().saturating_add(removed.len());
        if changed.saturating_mul(2) > shared.apps.len() {
            return shared.full();
        }
        InventoryPart::Delta { base: held.digest, digest: shared.digest, set, removed }
    }

    /// Whether the cloud holds just this set.
    pub(crate) fn holds(&self, shared: Option<&Shared>) -> bool {
        self.acknowledged.as_ref().map(|held| held.digest) == shared.map(|shared| shared.digest)
    }

    /// Takes in a change.
    pub(crate) fn apply(&mut self, change: &Change) {
        match change {
            Change::Forgotten => self.acknowledged = None,
        }
    }

    /// The cloud acknowledged a report with this part.
    pub(crate) fn acknowledged(&mut self, part: Option<&InventoryPart>) {
        match part {
            None => self.acknowledged = None,
            Some(InventoryPart::Digest { .. }) => {}
            Some(InventoryPart::Full { digest, apps }) => {
                let apps = apps.iter().map(|app| (app.id.clone(), app.digest())).collect();
                self.acknowledged = Some(Held { digest: *digest, apps });
            }
            Some(InventoryPart::Delta { base: _, digest, set, removed }) => {
                if let Some(held) = &mut self.acknowledged {
                    held.digest = *digest;
                    held.apps.extend(set.iter().map(|app| (app.id.clone(), app.digest())));
                    held.apps.retain(|id, _| !removed.contains(id));
                }
            }
        }
    }
}

impl Shared {
    fn full(&self) -> InventoryPart {
        InventoryPart::Full { digest: self.digest, apps: self.apps.values().cloned().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::Redacted;
    use crate::time::Wall;

    fn policy() -> Policy {
        let tenant = "b9841cd9-9843-405f-be28-b2265c59ef97".parse().unwrap();
        let mut policy = Policy::new(tenant, 1, Wall(0));
        policy.app_sync = true;
        policy.ownership = Ownership::Company;
        policy
    }

    fn apps(count: usize) -> Vec<App> {
        (0..count)
            .map(|n| {
                let mut app = App::new(format!("com.example.a{n}").parse().unwrap());
                app.managed = Some(n % 2 == 0);
                app
            })
            .collect()
    }

    #[test]
    fn the_matrix_of_ownership_and_choice() {
        let count = |sync, ownership, full| {
            let mut policy = policy();
            policy.app_sync = sync;
            policy.ownership = ownership;
            policy.full_inventory_on_personal = full;
            Shared::filter(&apps(4), Some(&policy)).map(|shared| shared.count())
        };
        assert_eq!(count(false, Ownership::Company, true), None);
        assert_eq!(count(true, Ownership::Company, false), Some(4));
        assert_eq!(count(true, Ownership::Personal, false), Some(2));
        assert_eq!(count(true, Ownership::Personal, true), Some(4));
        assert_eq!(count(true, Ownership::Unknown, false), Some(2));
        assert!(Shared::filter(&apps(4), None).is_none());
    }

    #[test]
    fn an_app_whose_management_is_unknown_is_not_managed() {
        let mut policy = policy();
        policy.ownership = Ownership::Personal;
        let app = App::new("com.example".parse().unwrap());
        assert_eq!(Shared::filter(&[app], Some(&policy)).unwrap().count(), 0);
    }

    #[test]
    fn first_whole_then_a_digest_then_a_delta() {
        let mut inventory = Inventory::default();
        let mut list = apps(10);
        let shared = Shared::filter(&list, Some(&policy())).unwrap();
        let first = inventory.part(&shared);
        assert!(matches!(&first, InventoryPart::Full { apps, .. } if apps.len() == 10));
        inventory.acknowledged(Some(&first));
        assert!(matches!(inventory.part(&shared), InventoryPart::Digest { .. }));

        list[3].version = Some(Redacted::new("2".into()));
        list.remove(0);
        let shared = Shared::filter(&list, Some(&policy())).unwrap();
        let delta = inventory.part(&shared);
        let InventoryPart::Delta { set, removed, digest, .. } = &delta else { panic!("{delta:?}") };
        assert_eq!((set.len(), removed.len()), (1, 1));
        assert_eq!(*digest, set_digest(&list));
        inventory.acknowledged(Some(&delta));
        assert!(matches!(inventory.part(&shared), InventoryPart::Digest { .. }));
    }

    #[test]
    fn what_may_no_longer_be_shared_is_forgotten() {
        let mut inventory = Inventory::default();
        let shared = Shared::filter(&apps(3), Some(&policy())).unwrap();
        inventory.acknowledged(Some(&inventory.part(&shared)));
        assert!(inventory.holds(Some(&shared)));
        inventory.acknowledged(None);
        assert!(inventory.holds(None));
        assert!(matches!(inventory.part(&shared), InventoryPart::Full { .. }));
    }
}
