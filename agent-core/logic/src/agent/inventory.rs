//! The inventory: what may be shared, and how little of it must travel (P8, P9).

use serde::{Deserialize, Serialize};

use crate::model::{App, AppId, Digest, Ownership};
use crate::sorted::Sorted;
use crate::wire::{InventoryPart, Policy, set_digest};

/// Most apps that are reported; a device with more reports the first by identifier.
pub(crate) const MAX_APPS: usize = 5_000;

/// Weight of the apps that one report takes, see [`weight`]: what apps call themselves cannot make a report larger
/// than the cloud accepts. 2,000 usual apps weigh two thirds of it.
pub(crate) const MAX_WEIGHT: usize = 1_200 * 1_024;

/// File hashes that are remembered.
pub(crate) const MAX_HASHES: usize = 500;

/// Durable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Inventory {
    /// What the cloud is known to hold.
    acknowledged: Option<Held>,
    /// Under which scope it was shared.
    scope: Option<Scope>,
    /// Apps in the last reading that was believed.
    read: usize,
    /// At most [`MAX_HASHES`].
    hashes: Sorted<AppId, Hashed>,
}

/// Which apps may be shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Scope {
    Managed,
    Everything,
}

/// The hash of an installation file, and the state of the app that it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hashed {
    state: Digest,
    sha256: Digest,
}

/// One set of apps by their digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Held {
    digest: Digest,
    /// At most [`MAX_APPS`], and changed by a whole report at once.
    apps: Sorted<AppId, Digest>,
}

/// What changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Change {
    /// The cloud must be sent the whole set next, or may hold none.
    Forgotten,
    /// Consent is withdrawn: nothing of the apps stays.
    Wiped,
    /// Another scope is shared from here on.
    Shared(Scope),
    /// A reading was believed, with so many apps.
    Read(usize),
    /// Installation files were hashed.
    Hashed(Vec<(AppId, Hashed)>),
}

/// Apps that passed the privacy filter. The wire takes no others.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    /// By identifier, each once.
    apps: Vec<App>,
    digest: Digest,
    /// Whether every app that may be shared is within the bounds.
    all: bool,
}

impl Scope {
    /// What `policy` lets a device share; `None` for nothing.
    ///
    /// App sync off: nothing. Company: everything. Personal or unknown: managed apps only, unless the policy
    /// shares the full inventory of personal devices (seed 003, P8).
    pub(crate) fn of(policy: Option<&Policy>) -> Option<Self> {
        let policy = policy.filter(|policy| policy.app_sync)?;
        match policy.ownership {
            Ownership::Company => Some(Self::Everything),
            Ownership::Personal | Ownership::Unknown if policy.full_inventory_on_personal => {
                Some(Self::Everything)
            }
            Ownership::Personal | Ownership::Unknown => Some(Self::Managed),
        }
    }
}

impl Shared {
    /// What of `apps` may leave the device under `policy`; `None` when the inventory is not shared at all.
    pub(crate) fn filter(apps: &[App], policy: Option<&Policy>) -> Option<Self> {
        let scope = Scope::of(policy)?;
        let allowed = apps.iter().filter(|app| match scope {
            Scope::Everything => true,
            Scope::Managed => app.managed == Some(true),
        });
        let by_id: Sorted<&AppId, &App> = allowed.map(|app| (&app.id, app)).collect();
        let within = |total: &mut usize, app: &App| {
            *total = total.saturating_add(weight(app));
            *total <= MAX_WEIGHT
        };
        let allowed = by_id.len();
        let apps: Vec<App> = by_id
            .values()
            .take(MAX_APPS)
            .scan(0, |total, app| within(total, app).then_some(*app))
            .cloned()
            .collect();
        let digest = set_digest(&apps);
        Some(Self { all: apps.len() == allowed, apps, digest })
    }

    /// Whether the bounds leave no app out.
    pub(crate) const fn is_whole(&self) -> bool {
        self.all
    }

    pub(crate) fn count(&self) -> usize {
        self.apps.len()
    }
}

impl Inventory {
    /// The smallest part that brings the cloud from what it holds to `shared`. `thrifty`: bytes cost money, the
    /// whole set waits, and so the answer may be none while the cloud holds nothing.
    pub(crate) fn part(&self, shared: &Shared, thrifty: bool) -> Option<InventoryPart> {
        let Some(held) = &self.acknowledged else {
            return (!thrifty).then(|| shared.full());
        };
        if held.digest == shared.digest {
            return Some(InventoryPart::Digest { digest: shared.digest });
        }
        let set: Vec<App> =
            shared.apps.iter().filter(|app| held.apps.get(&app.id) != Some(&app.digest())).cloned().collect();
        let removed: Vec<AppId> = held.apps.keys().filter(|id| !shared.has(id)).cloned().collect();
        let changed = set.len().saturating_add(removed.len());
        if !thrifty && changed.saturating_mul(2) > shared.apps.len() {
            return Some(shared.full());
        }
        Some(InventoryPart::Delta { base: held.digest, digest: shared.digest, set, removed })
    }

    /// What is told of apps that cannot be read now: the cloud keeps what it holds, unless less may be shared.
    pub(crate) fn unread(&self, policy: Option<&Policy>) -> Option<InventoryPart> {
        let held = self.acknowledged.as_ref()?;
        let same = Scope::of(policy).is_some_and(|scope| self.scope == Some(scope));
        same.then_some(InventoryPart::Digest { digest: held.digest })
    }

    /// Apps in the last reading that was believed.
    pub(crate) const fn read(&self) -> usize {
        self.read
    }

    /// The scope that is recorded.
    pub(crate) const fn scope(&self) -> Option<Scope> {
        self.scope
    }

    /// The remembered hash of the installation file of `app` as it is now.
    pub(crate) fn hash(&self, app: &App) -> Option<Digest> {
        self.hashes.get(&app.id).filter(|hashed| hashed.state == state(app)).map(|hashed| hashed.sha256)
    }

    /// Whether the cloud holds just this set.
    pub(crate) fn holds(&self, shared: Option<&Shared>) -> bool {
        self.acknowledged.as_ref().map(|held| held.digest) == shared.map(|shared| shared.digest)
    }

    /// Takes in a change.
    pub(crate) fn apply(&mut self, change: &Change) {
        match change {
            Change::Forgotten => self.acknowledged = None,
            Change::Wiped => *self = Self::default(),
            Change::Shared(scope) => self.scope = Some(*scope),
            Change::Read(count) => self.read = *count,
            Change::Hashed(hashed) => {
                if self.hashes.len().saturating_add(hashed.len()) > MAX_HASHES {
                    self.hashes.clear();
                }
                self.hashes.extend(hashed.iter().cloned());
            }
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

impl Hashed {
    pub(crate) fn new(app: &App, sha256: Digest) -> Self {
        Self { state: state(app), sha256 }
    }
}

/// Every app once and within bounds, and whether none had to be left out. Of two with one identifier the same one is
/// taken, however the list is sorted.
pub(crate) fn bounded(apps: Vec<App>) -> (Vec<App>, bool) {
    let mut apps: Vec<App> = apps.into_iter().map(App::bounded).collect();
    apps.sort_by(|a, b| a.id.cmp(&b.id).then_with(|| a.digest().cmp(&b.digest())));
    apps.dedup_by(|later, earlier| later.id == earlier.id);
    let all = apps.len() <= MAX_APPS;
    apps.truncate(MAX_APPS);
    (apps, all)
}

/// Version and time of the last update: a hash of the file counts while both are the same.
fn state(app: &App) -> Digest {
    let version = app.version.as_ref().map_or("", |version| version.reveal());
    let updated = app.updated.map_or(0, |updated| updated.0);
    Digest::of_parts([version.as_bytes(), &[0], &updated.to_be_bytes()])
}

/// At least the bytes of an app's written form.
fn weight(app: &App) -> usize {
    let texts = [&app.name, &app.short_version, &app.version].into_iter().flatten();
    let texts = texts.flat_map(|text| text.reveal().bytes()).map(written).sum::<usize>();
    let ids = [Some(&app.id), app.installer.as_ref()].into_iter().flatten();
    let ids = ids.flat_map(|id| id.reveal().bytes()).map(written).sum::<usize>();
    FIXED
        .saturating_add(texts)
        .saturating_add(ids)
        .saturating_add(app.signers.len().saturating_mul(PER_SIGNER))
}

/// Names, numbers and a file hash of an app in JSON; a signer with both digests.
const FIXED: usize = 420;
const PER_SIGNER: usize = 150;

const fn written(byte: u8) -> usize {
    match byte {
        0..=0x1f => 6,
        b'"' | b'\\' => 2,
        0x20..=0xff => 1,
    }
}

impl Shared {
    fn full(&self) -> InventoryPart {
        InventoryPart::Full { digest: self.digest, apps: self.apps.clone() }
    }

    fn has(&self, id: &AppId) -> bool {
        self.apps.binary_search_by(|app| app.id.cmp(id)).is_ok()
    }
}

#[cfg(test)]
mod tests;
