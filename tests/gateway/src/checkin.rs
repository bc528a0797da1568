//! Check-ins: the chain decides whether a report is applied; everything of one report is one transaction.

use agent_logic::model::{Activation, DeviceId, Digest};
use agent_logic::redact::Redacted;
use agent_logic::time::Wall;
use agent_logic::wire::{
    CheckInAnswer, CloudThreat, InventoryPart, OpenThreat, Order, PROTOCOL, Policy, ProblemKind, Report,
    Transition, TransitionKind,
};

use inventory::{apply_inventory, drop_inventory};

use crate::bounds;
use crate::found;
use crate::rating::{self, Rating};
use crate::refusal::Refusal;
use crate::store::{ChainHead, Device, Entry, Event, Finder, StoreError, StoredPolicy, Tx};

mod inventory;

/// A report as it came.
#[derive(Debug)]
pub struct Arrival<'a> {
    /// The body after decompression.
    pub body: &'a [u8],
    /// Bytes of the body on the wire.
    pub wire_bytes: usize,
    /// The TLS session was resumed.
    pub resumed: bool,
    /// The serial number of the certificate it came under.
    pub serial: &'a str,
    /// When it came.
    pub at: Wall,
}

/// What the chain says about a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// It follows the last one.
    Next,
    /// It is the last one, again.
    Duplicate,
    /// It begins a chain.
    Start,
    /// None of these.
    Broken,
}

/// Applies a report of `id` and answers it. What is noted must be kept even when the report is refused, hence
/// the two results.
pub fn apply(
    tx: &Tx<'_>,
    id: &DeviceId,
    arrival: &Arrival<'_>,
) -> Result<Result<CheckInAnswer, Refusal>, StoreError> {
    let Some(report) = read(arrival.body) else {
        return Ok(Err(ProblemKind::ReportInvalid.into()));
    };
    let mut device = tx.device(id)?.ok_or(StoreError::Corrupt)?;
    let stored = tx.policy_of(&device)?;
    let digest = Digest::of(arrival.body);
    let place = place(device.chain.as_ref(), &report, digest);
    if device.activation == Activation::Deactivated && place != Place::Duplicate {
        return Ok(Err(ProblemKind::CertificateRequired.into()));
    }
    device.last_contact = Some(arrival.at);
    let mut orders = Vec::new();
    if place == Place::Next {
        // Its report follows the one that they were answered to.
        tx.settle_commands(id)?;
    }
    let event = match place {
        Place::Next => Event::CheckIn,
        Place::Duplicate => Event::Duplicate,
        Place::Start if device.chain.is_none() || device.resync_asked => Event::CheckIn,
        Place::Start => Event::Restart,
        Place::Broken => Event::ChainBroken,
    };
    tx.note(id, &entry(arrival, &report, event))?;
    match place {
        Place::Broken => {
            device.resync_asked = true;
            tx.save_device(&device)?;
            rating::settle(tx, id, arrival.at)?;
            return Ok(Err(ProblemKind::ChainBroken.into()));
        }
        Place::Duplicate => tx.save_device(&device)?,
        Place::Next | Place::Start => {
            device.chain = Some(ChainHead { chain: report.chain, sequence: report.sequence, digest });
            orders = apply_new(tx, &mut device, &report, &stored.policy, arrival.at)?;
        }
    }
    if device.activation == Activation::Activated {
        let commands = tx.deliver_commands(id, arrival.at)?;
        orders.extend(commands.into_iter().map(|jws| Order::Signed { jws: Redacted::new(jws) }));
    }
    answer(tx, &device, &report, stored, orders, arrival.at).map(Ok)
}

/// Forgets what the last enrolment of `device` left, except for its history.
pub fn begin_enrolment(
    tx: &Tx<'_>,
    device: &mut Device,
    enrolment: u64,
    now: Wall,
) -> Result<(), StoreError> {
    tx.clear_threats(&device.id)?;
    tx.clear_inventory(&device.id)?;
    tx.clear_synced_apps(&device.id)?;
    tx.drop_commands(&device.id)?;
    device.enrolment = enrolment;
    device.activation = Activation::Pending;
    device.chain = None;
    device.resync_asked = false;
    device.threats_dropped = false;
    device.rated = false;
    device.level = None;
    device.facts_digest = None;
    device.facts = None;
    device.inventory = None;
    found::look(tx, &device.id, now)?;
    tx.save_device(device)?;
    rating::settle(tx, &device.id, now)
}

fn read(body: &[u8]) -> Option<Report> {
    let report: Report = serde_json::from_slice(body).ok()?;
    let begins = report.sequence == 1;
    let well_formed = report.protocol == PROTOCOL
        && report.sequence >= 1
        && report.open.is_some() == begins
        && report.previous.is_none() == begins
        && bounds::hold(&report)
        && bounds::has_shape(body, &report);
    well_formed.then_some(report)
}

fn place(head: Option<&ChainHead>, report: &Report, digest: Digest) -> Place {
    match head {
        Some(head) if head.chain == report.chain => {
            let follows = head.sequence.checked_add(1) == Some(report.sequence);
            if follows && report.previous == Some(head.digest) {
                Place::Next
            } else if head.sequence == report.sequence && head.digest == digest {
                Place::Duplicate
            } else {
                Place::Broken
            }
        }
        Some(_) | None if report.sequence == 1 && report.previous.is_none() => Place::Start,
        Some(_) | None => Place::Broken,
    }
}

fn apply_new(
    tx: &Tx<'_>,
    device: &mut Device,
    report: &Report,
    policy: &Policy,
    now: Wall,
) -> Result<Vec<Order>, StoreError> {
    let mut orders = Vec::new();
    device.resync_asked = false;
    device.policy_held = report.policy;
    device.indicators_held = report.indicators;
    device.level = report.level.or(device.level);
    if policy.threat_state_sync {
        apply_transitions(tx, device, &report.transitions, now)?;
        if let Some(open) = &report.open {
            replace_threats(tx, device, open, now)?;
            device.threats_dropped = false;
        }
    } else {
        // What policy keeps on a device is not kept here, whoever sent it.
        tx.clear_threats(&device.id)?;
        device.threats_dropped = true;
    }
    if let Some(facts) = &report.facts.value {
        device.facts = Some(facts.clone());
        device.facts_digest = Some(report.facts.digest);
    } else if device.facts_digest != Some(report.facts.digest) {
        device.resync_asked = true;
    }
    // A device that never heard that threats stay with it does not tell them again by itself.
    device.resync_asked |= policy.threat_state_sync && device.threats_dropped;
    if device.resync_asked {
        orders.push(Order::Resync);
    }
    for fault in report.diagnostics.iter().take(MAX_DIAGNOSTICS) {
        tx.add_diagnostic(&device.id, fault, now)?;
    }
    device.rated = true;
    if report.activation == Activation::Deactivated {
        device.activation = Activation::Deactivated;
        drop_inventory(tx, device)?;
        tx.clear_synced_apps(&device.id)?;
        found::look(tx, &device.id, now)?;
        tx.note(&device.id, &Entry::new(now, Event::Deactivated))?;
    } else {
        device.activation = Activation::Activated;
        let before = device.inventory;
        if !apply_inventory(tx, device, report.inventory.as_ref(), policy)? {
            orders.push(Order::FullInventory);
        }
        if device.inventory != before {
            found::look(tx, &device.id, now)?;
        }
    }
    tx.save_device(device)?;
    Ok(orders)
}

fn apply_transitions(tx: &Tx<'_>, device: &Device, all: &[Transition], now: Wall) -> Result<(), StoreError> {
    for transition in all {
        if !tx.add_transition(&device.id, device.enrolment, transition, now)? {
            continue;
        }
        match transition.kind {
            TransitionKind::Resolved => tx.remove_threat(&device.id, transition.id)?,
            TransitionKind::Opened | TransitionKind::Ignored => {
                let threat = OpenThreat {
                    id: transition.id,
                    classification: transition.classification,
                    severity: transition.severity,
                    subject: transition.subject.clone(),
                    detected: transition.detected,
                    ignored: transition.kind == TransitionKind::Ignored,
                };
                tx.put_threat(&device.id, &threat, now)?;
            }
        }
    }
    Ok(())
}

fn replace_threats(tx: &Tx<'_>, device: &Device, open: &[OpenThreat], now: Wall) -> Result<(), StoreError> {
    for held in tx.threats(&device.id)? {
        if !open.iter().any(|threat| threat.id == held.id) {
            tx.remove_threat(&device.id, held.id)?;
        }
    }
    open.iter().try_for_each(|threat| tx.put_threat(&device.id, threat, now))
}

fn answer(
    tx: &Tx<'_>,
    device: &Device,
    report: &Report,
    stored: StoredPolicy,
    orders: Vec<Order>,
    now: Wall,
) -> Result<CheckInAnswer, StoreError> {
    let open = found::open_threats(tx, &device.id, &stored.policy)?;
    let rating = Rating::new(device, &open, &stored.policy, now);
    rating.note(tx, &device.id)?;
    let cloud = |id| open.iter().any(|threat| threat.id == id && threat.finder == Finder::Cloud);
    let threats = rating.why.iter().filter(|reason| cloud(reason.id)).map(|reason| CloudThreat {
        id: reason.id,
        classification: reason.classification.clone(),
        level: reason.level,
    });
    let indicators = tx.indicators()?.filter(|set| set.version > report.indicators);
    Ok(CheckInAnswer {
        server_time: now,
        acknowledged: report.sequence,
        level: rating.level,
        health: rating.health,
        threats: threats.collect(),
        why: rating.why,
        policy: (stored.policy.version > report.policy).then(|| Redacted::new(stored.jws)),
        indicators: indicators.map(|set| Redacted::new(set.jws)),
        orders,
        next: None,
    })
}

fn entry(arrival: &Arrival<'_>, report: &Report, event: Event) -> Entry {
    Entry {
        report: Some((report.chain.to_string(), report.sequence)),
        body_bytes: u64::try_from(arrival.body.len()).ok(),
        wire_bytes: u64::try_from(arrival.wire_bytes).ok(),
        inventory: report.inventory.as_ref().map(|part| match part {
            InventoryPart::Digest { .. } => "digest",
            InventoryPart::Delta { .. } => "delta",
            InventoryPart::Full { .. } => "full",
        }),
        resumed: Some(arrival.resumed),
        serial: Some(arrival.serial.to_owned()),
        ..Entry::new(arrival.at, event)
    }
}

/// Faults that are kept of one report; the agent counts each code once.
const MAX_DIAGNOSTICS: usize = 64;
