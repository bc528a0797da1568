//! Threats that the cloud finds by itself: apps that stand in the indicators, in what the device reported and in
//! what Intune lists of it. Looked at when the apps change and when indicators are imported.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use agent_logic::command::Query;
use agent_logic::model::{App, AppId, Classification, DeviceId, Digest, Mode, Subject, ThreatId};
use agent_logic::time::{Stamp, Wall};
use agent_logic::wire::{Manifest, Policy, bucket_of};
use data_encoding::BASE64URL_NOPAD;

use crate::api::Gateway;
use crate::clock;
use crate::rating;
use crate::store::{Entry, Event, Finder, Found, HeldThreat, Setting, StoreError, Tx};

/// Devices whose apps are looked at in one transaction.
const AT_ONCE: u32 = 64;

/// How often is looked for a look that its beginner left.
const LOOK: Duration = Duration::from_secs(5);

/// The newest indicators.
struct Known {
    manifest: Manifest,
    buckets: Vec<u8>,
    /// Where each bucket begins and ends.
    bounds: Vec<(usize, usize)>,
}

/// Looks at the apps of `device` anew: opens what stands in the indicators and closes what does not. Answers whether
/// anything changed.
pub fn look(tx: &Tx<'_>, device: &DeviceId, now: Wall) -> Result<bool, StoreError> {
    look_with(tx, Known::read(tx)?.as_ref(), &mut Seen::new(), device, now)
}

/// Notes that the apps of every device are to be looked at anew.
pub fn begin_look(tx: &Tx<'_>) -> Result<(), StoreError> {
    tx.set(Setting::LookedAt, "")
}

/// Looks at the apps of some of the devices that are still to be looked at: check-ins go on in between, and who comes
/// after a crash goes on where it was. Answers whether there may be more.
pub fn look_on(tx: &Tx<'_>, now: Wall) -> Result<bool, StoreError> {
    let Some(after) = tx.find(Setting::LookedAt)? else { return Ok(false) };
    let (known, mut seen) = (Known::read(tx)?, Seen::new());
    let devices = tx.with_apps(&after, AT_ONCE)?;
    for device in &devices {
        look_with(tx, known.as_ref(), &mut seen, device, now)?;
    }
    match devices.last() {
        Some(last) => tx.set(Setting::LookedAt, &last.reveal())?,
        None => tx.unset(Setting::LookedAt)?,
    }
    Ok(!devices.is_empty())
}

/// Goes on with looks that their beginner left, until the task is dropped.
pub async fn run(gateway: Arc<Gateway>) {
    loop {
        let pass = |gateway: &Gateway| {
            while gateway.store.step(|tx| look_on(tx, clock::now()))? {
                gateway.changed.notify_one();
            }
            Ok(())
        };
        if gateway.blocking(pass).await.is_err() {
            log::error!("apps were not looked at for new indicators");
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn look_with(
    tx: &Tx<'_>,
    known: Option<&Known>,
    seen: &mut Seen,
    device: &DeviceId,
    now: Wall,
) -> Result<bool, StoreError> {
    let mut wanted = BTreeMap::new();
    if let Some(known) = known {
        tx.each_app(device, |digest, read| {
            let verdict = match seen.get(&digest) {
                Some(verdict) => verdict.clone(),
                None => {
                    let app = read()?;
                    let verdict = known.find(&app).map(|class| (app.id, class));
                    seen.insert(digest, verdict.clone());
                    verdict
                }
            };
            wanted.extend(verdict);
            Ok(())
        })?;
    }
    let mut changed = false;
    for held in tx.found(device)? {
        if wanted.get(&held.app) == Some(&held.classification) {
            wanted.remove(&held.app);
            continue;
        }
        tx.remove_found(&held)?;
        note(tx, &held, Event::FoundGone, now)?;
        changed = true;
    }
    for (app, classification) in wanted {
        let (name, time) = (device.reveal(), now.0.to_be_bytes());
        let id = identify(Digest::of_parts([
            b"found".as_slice(),
            name.as_bytes(),
            app.reveal().as_bytes(),
            &time,
        ]));
        let found = Found { device: *device, app, id, classification, received: now };
        tx.add_found(&found)?;
        note(tx, &found, Event::Found, now)?;
        changed = true;
    }
    if changed {
        rating::settle(tx, device, now)?;
    }
    Ok(changed)
}

/// Every open threat of a device: those it reports, and those that the cloud found and the device does not report
/// itself.
pub fn open_threats(tx: &Tx<'_>, device: &DeviceId, policy: &Policy) -> Result<Vec<HeldThreat>, StoreError> {
    Ok(join(tx.threats(device)?, tx.found(device)?, policy))
}

/// What a device reports, and of what the cloud found what it does not report itself.
#[must_use]
pub fn join(own: Vec<HeldThreat>, found: Vec<Found>, policy: &Policy) -> Vec<HeldThreat> {
    let mut all = own;
    for found in found {
        let subject = Subject::App { id: found.app };
        let off = policy.mode(found.classification) == Mode::Off;
        if off || all.iter().any(|own| own.subject == subject) {
            continue;
        }
        all.push(HeldThreat {
            id: found.id,
            classification: found.classification,
            severity: found.classification.default_severity(),
            subject,
            detected: Stamp { wall: found.received, ..Stamp::default() },
            ignored: false,
            finder: Finder::Cloud,
            received: found.received,
        });
    }
    all
}

/// What each app is, by its digest: a fleet has the same apps again and again.
type Seen = BTreeMap<Digest, Option<(AppId, Classification)>>;

/// Notes what people should see: nothing of what the device reports itself.
fn note(tx: &Tx<'_>, found: &Found, event: Event, now: Wall) -> Result<(), StoreError> {
    let subject = Subject::App { id: found.app.clone() };
    if tx.threats(&found.device)?.iter().any(|own| own.subject == subject) {
        return Ok(());
    }
    tx.note(&found.device, &Entry::new(now, event))
}

fn identify(digest: Digest) -> ThreatId {
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(digest.as_bytes()) {
        *to = *from;
    }
    ThreatId::new(id)
}

impl Known {
    fn read(tx: &Tx<'_>) -> Result<Option<Self>, StoreError> {
        let Some(set) = tx.indicators()? else {
            return Ok(None);
        };
        let payload = set.jws.split('.').nth(1).ok_or(StoreError::Corrupt)?;
        let payload = BASE64URL_NOPAD.decode(payload.as_bytes()).map_err(|_| StoreError::Corrupt)?;
        let manifest: Manifest = serde_json::from_slice(&payload).map_err(|_| StoreError::Corrupt)?;
        let buckets = tx.indicator_buckets(set.version)?.ok_or(StoreError::Corrupt)?;
        let mut start = 0_usize;
        let mut bounds = Vec::new();
        for bucket in &manifest.buckets {
            let length = usize::try_from(bucket.length).map_err(|_| StoreError::Corrupt)?;
            let end = start.checked_add(length).ok_or(StoreError::Corrupt)?;
            bounds.push((start, end));
            start = end;
        }
        Ok(Some(Self { manifest, buckets, bounds }))
    }

    /// What `app` is: the worst of what its identifier, signers and file say.
    fn find(&self, app: &App) -> Option<Classification> {
        Query::about(app)
            .filter_map(|query| {
                let value = query.value.reveal();
                let (start, end) = *self.bounds.get(bucket_of(query.kind, value, self.bounds.len()))?;
                self.manifest.find(self.buckets.get(start..end)?, query.kind, value)
            })
            .max_by_key(|class| class.default_severity())
    }
}
