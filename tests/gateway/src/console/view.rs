//! What the console shows, as data.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use agent_logic::model::{Activation, App, DeviceId, HealthState, Level, Protection, Subject};
use agent_logic::text;
use agent_logic::time::Wall;
use agent_logic::wire::{Facts, Policy};
use serde::Serialize;

use super::page::{self, Page};
use crate::rating::{self, Rating};
use crate::store::{
    Attestation, CertificateLine, CommandLine, Device, Finder, HeldThreat, HistoryLine, Listed, Listing,
    StoreError, Tally, TransitionLine, Tx,
};
use crate::{app_sync, found, privacy};

/// Every device.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// When it was read.
    pub time: Wall,
    /// A policy changed and some devices are not rated by it yet: the tally and the order follow, each device's own words do not
    /// wait for that.
    pub settling: bool,
    /// Devices at each level, all of them.
    pub tally: Tally,
    /// One page of the devices, worst first.
    pub devices: Vec<DeviceView>,
    /// What the next page comes after; absent on the last.
    pub next: Option<String>,
}

/// One device.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceView {
    /// The Entra device ID.
    pub device_id: String,
    /// The enrolment group.
    pub group: Option<String>,
    /// First axis.
    pub activation: Activation,
    /// Second axis.
    pub protection: Protection,
    /// Third axis; absent unless activated, in contact and rated.
    pub level: Option<Level>,
    /// What Intune is told.
    pub health: HealthState,
    /// The administrator revoked it.
    pub revoked: bool,
    /// What the device is.
    pub facts: Option<Facts>,
    /// The last contact.
    pub last_contact: Option<Wall>,
    /// Version of the policy it has.
    pub policy_held: u64,
    /// Version of the indicator set it has.
    pub indicators_held: u64,
    /// Apps held; absent while none may be shared.
    pub inventory_count: Option<u64>,
    /// Chains that began without being asked for: a restored or cloned device.
    pub restarts: u64,
    /// Reports that did not follow.
    pub chain_breaks: u64,
    /// Open threats, worst first.
    pub threats: Vec<ThreatView>,
    /// The strictest required level in Intune that would let it in; absent if none would.
    pub passes_at: Option<Level>,
    /// Why it is blocked, one sentence; absent if nothing blocks it.
    pub why: Option<String>,
}

/// One device with all that is known of it.
#[derive(Debug)]
pub struct DevicePage {
    /// What the overview has of it.
    pub device: DeviceView,
    /// The kind of credential that enrolled it.
    pub credential: Option<String>,
    /// The apps that may be shown; absent while none may be shared.
    pub apps: Option<Vec<App>>,
    /// Apps that are held and may not be shown.
    pub withheld: usize,
    /// When Intune listed the apps last; absent if it did not.
    pub synced: Option<Wall>,
    /// Its threats over time, newest first.
    pub transitions: Vec<TransitionLine>,
    /// What its last chain of attestation proved.
    pub attestation: Option<Attestation>,
    /// The commands signed for it, newest first.
    pub commands: Vec<CommandLine>,
    /// Its certificates, newest first.
    pub certificates: Vec<CertificateLine>,
    /// Its history, newest first.
    pub history: Vec<HistoryLine>,
}

/// One open threat.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ThreatView {
    /// Its identifier.
    pub id: String,
    /// What it is.
    pub classification: &'static str,
    /// The level it gives under the policy.
    pub level: Level,
    /// The app or domain it is in.
    pub subject: Option<String>,
    /// When it was first seen, by the device's calendar.
    pub detected: Wall,
    /// When the cloud learned of it.
    pub received: Wall,
    /// The user ignored it and policy lets him: it does not count.
    pub ignored: bool,
    /// Who found it.
    pub finder: Finder,
    /// What the phone's owner can do.
    pub advice: &'static str,
}

impl Overview {
    /// Reads the page that `page` names.
    pub fn read(tx: &Tx<'_>, page: &Page, now: Wall) -> Result<Self, StoreError> {
        let count = page.count();
        // One more than the page has, to see whether another follows.
        let mut found = tx.ranked(page.after.as_ref(), count.saturating_add(1))?;
        let more = found.len() > count;
        found.truncate(count);
        let next = match found.last() {
            Some(last) if more => {
                Some(page::text(&Listed { level: tx.standing(&last.id)?.1, id: last.id.reveal() }))
            }
            Some(_) | None => None,
        };
        let (settling, tally) = (rating::is_settling(tx)?, tx.tally()?);
        Ok(Self { time: now, settling, tally, devices: DeviceView::list(tx, &found, now)?, next })
    }
}

impl DeviceView {
    /// Reads what the list shows of `devices`.
    fn list(tx: &Tx<'_>, devices: &[Device], now: Wall) -> Result<Vec<Self>, StoreError> {
        let mut listings = tx.listings(devices)?;
        let mut policies: BTreeMap<Option<&str>, Policy> = BTreeMap::new();
        let mut out = Vec::new();
        for device in devices {
            let policy = match policies.entry(device.group.as_deref()) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(tx.policy_of(device)?.policy),
            };
            out.push(Self::new(device, listings.remove(&device.id).unwrap_or_default(), policy, now));
        }
        Ok(out)
    }

    fn new(device: &Device, listing: Listing, policy: &Policy, now: Wall) -> Self {
        let held = found::join(listing.threats, listing.found, policy);
        let rating = Rating::new(device, &held, policy, now);
        let mut threats: Vec<ThreatView> =
            held.iter().map(|threat| ThreatView::new(threat, policy)).collect();
        threats.sort_by_key(|threat| (threat.ignored, std::cmp::Reverse(threat.level), threat.detected));
        Self {
            device_id: device.id.reveal(),
            group: device.group.clone(),
            activation: device.activation,
            protection: rating.protection,
            level: rating.known,
            health: rating.health,
            revoked: device.revoked,
            facts: device.facts.clone(),
            last_contact: device.last_contact,
            policy_held: device.policy_held,
            indicators_held: device.indicators_held,
            inventory_count: listing.apps,
            restarts: listing.restarts,
            chain_breaks: listing.chain_breaks,
            threats,
            passes_at: rating.known.filter(|_| rating.health != HealthState::Compromised),
            why: why(device, &rating),
        }
    }
}

impl DevicePage {
    /// Reads one device.
    pub fn read(tx: &Tx<'_>, id: &DeviceId, now: Wall) -> Result<Option<Self>, StoreError> {
        let Some(device) = tx.device(id)? else { return Ok(None) };
        let policy = tx.policy_of(&device)?.policy;
        let mut apps = None;
        let mut withheld = 0;
        let synced = tx.synced_at(id)?;
        if privacy::shares_apps(&policy) && (device.inventory.is_some() || synced.is_some()) {
            let mut held = app_sync::join(tx.inventory(id)?, tx.synced_apps(id)?);
            let count = held.len();
            // What was let through when it came may be forbidden by a policy that became stricter since.
            held.retain(|app| privacy::may_hold(&policy, app));
            withheld = count.saturating_sub(held.len());
            apps = Some(held);
        }
        Ok(Some(Self {
            device: DeviceView::list(tx, std::slice::from_ref(&device), now)?
                .pop()
                .ok_or(StoreError::Corrupt)?,
            credential: tx.credential(id)?,
            apps,
            withheld,
            synced,
            transitions: tx.transition_lines(id, MAX_LINES)?,
            attestation: tx.attestation(id)?,
            commands: tx.command_lines(id, MAX_LINES)?,
            certificates: tx.certificate_lines(id, MAX_LINES)?,
            history: tx.last_lines(id, MAX_LINES)?,
        }))
    }
}

impl ThreatView {
    fn new(threat: &HeldThreat, policy: &Policy) -> Self {
        Self {
            id: threat.id.to_string(),
            classification: threat.classification.name(),
            level: policy.severity(threat.classification).level(),
            subject: match &threat.subject {
                Subject::Device | Subject::Network => None,
                Subject::App { id } => Some(id.reveal().into()),
                Subject::Domain { name } => Some(name.reveal().clone()),
            },
            detected: threat.detected.wall,
            received: threat.received,
            ignored: !threat.counts(policy),
            finder: threat.finder,
            advice: text::remedy(threat.classification).en,
        }
    }
}

/// Lines of each table of a device's page.
const MAX_LINES: u32 = 50;

/// The sentence an administrator reads first.
fn why(device: &Device, rating: &Rating) -> Option<String> {
    if device.revoked {
        return Some("The administrator revoked it.".into());
    }
    match rating.health {
        HealthState::Secured => None,
        HealthState::Unknown => Some("It was never activated: the app has to be opened on it.".into()),
        HealthState::Activated => Some("It is activated and has not reported yet.".into()),
        HealthState::Deactivated => Some("It was deactivated; nothing is known of its health.".into()),
        HealthState::Unresponsive => {
            Some("It has not been in contact for longer than the policy allows.".into())
        }
        HealthState::Misconfigured => Some("A profile or configuration is missing.".into()),
        HealthState::LowSeverity => blocked("where Secured is required", rating),
        HealthState::MediumSeverity => blocked("where Secured or Low is required", rating),
        HealthState::HighSeverity => blocked("where Secured, Low or Medium is required", rating),
        HealthState::Compromised => blocked("everywhere, by what its user cannot end", rating),
    }
}

fn blocked(place: &str, rating: &Rating) -> Option<String> {
    let worst = rating.why.iter().filter(|reason| reason.level == rating.level);
    let mut names: Vec<&str> = worst.map(|reason| reason.classification.as_str()).collect();
    names.dedup();
    Some(match names.as_slice() {
        [] => format!("Blocked {place}. The device keeps its threats to itself."),
        names => format!("Blocked {place}: {}.", names.join(", ")),
    })
}
