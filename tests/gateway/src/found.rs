//! Threats that the cloud finds by itself: apps that stand in the indicators, in what the device reported and in
//! what Intune lists of it. Looked at when the apps change and when indicators are imported.

use std::collections::BTreeMap;

use agent_logic::command::Query;
use agent_logic::model::{App, AppId, Classification, DeviceId, Digest, Mode, Subject, ThreatId};
use agent_logic::time::{Stamp, Wall};
use agent_logic::wire::{Manifest, Policy, bucket_of};
use data_encoding::BASE64URL_NOPAD;

use crate::rating;
use crate::store::{Entry, Event, Finder, Found, HeldThreat, StoreError, Tx};

/// The newest indicators.
struct Known {
    manifest: Manifest,
    buckets: Vec<u8>,
    /// Where each bucket begins and ends.
    bounds: Vec<(usize, usize)>,
}

/// Looks at the apps of `device`, or of every device, anew: opens what stands in the indicators and closes what does
/// not. Answers whether anything changed.
pub fn look(tx: &Tx<'_>, device: Option<&DeviceId>, now: Wall) -> Result<bool, StoreError> {
    let mut wanted = wanted(tx, device)?;
    let mut changed = BTreeMap::new();
    for held in tx.found(device)? {
        let key = (held.device.reveal(), held.app.clone());
        if wanted.get(&key).is_some_and(|(_, class)| *class == held.classification) {
            wanted.remove(&key);
            continue;
        }
        tx.remove_found(&held)?;
        note(tx, &held, Event::FoundGone, now)?;
        changed.insert(held.device.reveal(), held.device);
    }
    for ((name, app), (device, classification)) in wanted {
        let time = now.0.to_be_bytes();
        let id = identify(Digest::of_parts([
            b"found".as_slice(),
            name.as_bytes(),
            app.reveal().as_bytes(),
            &time,
        ]));
        let found = Found { device, app, id, classification, received: now };
        tx.add_found(&found)?;
        note(tx, &found, Event::Found, now)?;
        changed.insert(name, device);
    }
    changed.values().try_for_each(|device| rating::settle(tx, device, now))?;
    Ok(!changed.is_empty())
}

/// Every open threat of a device: those it reports, and those that the cloud found and the device does not report
/// itself.
pub fn open_threats(tx: &Tx<'_>, device: &DeviceId, policy: &Policy) -> Result<Vec<HeldThreat>, StoreError> {
    Ok(join(tx.threats(device)?, tx.found(Some(device))?, policy))
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

type Wanted = BTreeMap<(String, AppId), (DeviceId, Classification)>;

fn wanted(tx: &Tx<'_>, device: Option<&DeviceId>) -> Result<Wanted, StoreError> {
    let mut wanted = Wanted::new();
    let Some(known) = Known::read(tx)? else {
        return Ok(wanted);
    };
    // A fleet has the same apps again and again.
    let mut seen: BTreeMap<Digest, Option<(AppId, Classification)>> = BTreeMap::new();
    tx.each_app(device, |device, digest, read| {
        let verdict = match seen.get(&digest) {
            Some(verdict) => verdict.clone(),
            None => {
                let app = read()?;
                let verdict = known.find(&app).map(|class| (app.id, class));
                seen.insert(digest, verdict.clone());
                verdict
            }
        };
        if let Some((app, class)) = verdict {
            wanted.insert((device.reveal(), app), (device, class));
        }
        Ok(())
    })?;
    Ok(wanted)
}

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
