//! The level of a device, and what Intune is told. Rated from what the database holds, whenever that changes, and
//! noted, so that a fleet is listed without rating it.
//!
//! A change of policy re-rates every open threat. What is told of one device, in the answer to its check-in and on the pages, is
//! rated when it is read, so the new policy counts there from its signature on; what is noted, which the tally, the order of
//! the list and Intune have, follows some devices at a time, and the overview says so until all are.

use std::sync::Arc;
use std::time::Duration;

use agent_logic::model::{Activation, DeviceId, HealthState, Level, Protection, Security};
use agent_logic::time::Wall;
use agent_logic::wire::{Policy, Reason};

use crate::api::Gateway;
use crate::clock::{days, now};
use crate::found;
use crate::store::{Device, HeldThreat, Setting, StoreError, Tx};

/// Devices that are rated in one transaction: check-ins go on in between.
const AT_ONCE: u32 = 256;

/// How a device stands.
#[derive(Clone, Debug)]
pub struct Rating {
    /// The worst open threat that is not ignored.
    pub level: Level,
    /// The level, where it is known: absent unless activated, in contact and rated.
    pub known: Option<Level>,
    /// Whether it is in contact.
    pub protection: Protection,
    /// What Intune is told.
    pub health: HealthState,
    /// The open threats that make the level, worst first.
    pub why: Vec<Reason>,
}

impl Rating {
    /// Rates `device` as the database has it.
    pub fn read(tx: &Tx<'_>, device: &Device, now: Wall) -> Result<Self, StoreError> {
        let policy = tx.policy_of(device)?.policy;
        Ok(Self::new(device, &found::open_threats(tx, &device.id, &policy)?, &policy, now))
    }

    /// Rates `device` with `threats` under `policy`.
    #[must_use]
    pub fn new(device: &Device, threats: &[HeldThreat], policy: &Policy, now: Wall) -> Self {
        let counted: Vec<&HeldThreat> = threats.iter().filter(|threat| threat.counts(policy)).collect();
        let mut why: Vec<Reason> = counted
            .iter()
            .map(|threat| Reason {
                id: threat.id,
                classification: threat.classification.name().into(),
                level: policy.severity(threat.classification).level(),
            })
            .filter(|reason| reason.level > Level::Secured)
            .collect();
        why.sort_by(|a, b| b.level.cmp(&a.level).then(a.id.cmp(&b.id)));
        let named = why.first().map_or(Level::Secured, |worst| worst.level);
        // Where threats stay on the device, its own level counts: privacy changes detail, never the level.
        let reported = device.level.filter(|_| !policy.threat_state_sync);
        let level = reported.map_or(named, |reported| reported.max(named));
        let silent =
            device.last_contact.is_none_or(|at| now.since(at) > days(policy.disconnected_days.into()));
        let protection = if silent { Protection::Disconnected } else { Protection::Protected };
        let health = if device.revoked {
            HealthState::Deactivated
        } else {
            let reported = reported.map(|level| (level, true));
            let rated = counted.iter().map(|threat| {
                (policy.severity(threat.classification).level(), threat.classification.user_can_fix())
            });
            let security =
                if device.rated { Security::worst(rated.chain(reported)) } else { Security::Unknown };
            HealthState::of(device.activation, protection, security)
        };
        let active = device.activation == Activation::Activated && !device.revoked;
        let known = active && device.rated && protection == Protection::Protected;
        Self { level, known: known.then_some(level), protection, health, why }
    }

    /// Notes that the device stands so.
    pub fn note(&self, tx: &Tx<'_>, device: &DeviceId) -> Result<(), StoreError> {
        tx.save_standing(device, self.health, self.known)
    }
}

/// Rates `device` anew and notes how it stands: after whatever may change that, in the same transaction.
pub fn settle(tx: &Tx<'_>, device: &DeviceId, now: Wall) -> Result<(), StoreError> {
    let device = tx.device(device)?.ok_or(StoreError::Corrupt)?;
    Rating::read(tx, &device, now)?.note(tx, &device.id)
}

/// Notes that every device is to be rated anew: a policy changed.
pub fn begin_settling(tx: &Tx<'_>) -> Result<(), StoreError> {
    tx.set(Setting::RatedTo, "")
}

/// Whether devices are being rated anew.
pub fn is_settling(tx: &Tx<'_>) -> Result<bool, StoreError> {
    Ok(tx.find(Setting::RatedTo)?.is_some())
}

/// Rates some of the devices anew that a changed policy may rate otherwise; who comes after a crash goes on where it was.
/// Answers whether there may be more.
pub fn settle_on(tx: &Tx<'_>, now: Wall) -> Result<bool, StoreError> {
    let Some(after) = tx.find(Setting::RatedTo)? else { return Ok(false) };
    let devices = tx.rated_by_policy(&after, AT_ONCE)?;
    devices.iter().try_for_each(|device| settle(tx, device, now))?;
    match devices.last() {
        Some(last) => tx.set(Setting::RatedTo, &last.reveal())?,
        None => tx.unset(Setting::RatedTo)?,
    }
    Ok(!devices.is_empty())
}

/// Notes some of the devices that are out of contact by the clock alone, and answers how many: one that is rated otherwise is
/// not looked for again before the next time.
pub fn note_silence(tx: &Tx<'_>, now: Wall) -> Result<usize, StoreError> {
    let mut noted = 0_usize;
    let own = tx.groups_with_policy()?;
    for group in own.iter().map(|name| Some(name.as_str())).chain([None]) {
        let Some(stored) = tx.policy_for(group)? else { continue };
        let kept =
            u64::try_from(days(stored.policy.disconnected_days.into()).as_millis()).unwrap_or(u64::MAX);
        let silent = tx.fallen_silent(group, Wall(now.0.saturating_sub(kept)), AT_ONCE)?;
        for device in &silent {
            settle(tx, device, now)?;
            noted = noted.saturating_add((tx.standing(device)?.0 == HealthState::Unresponsive).into());
        }
    }
    Ok(noted)
}

/// Rates some of the devices of a database of an earlier version, which noted no standing, and answers how many.
pub fn settle_unnoted(tx: &Tx<'_>, now: Wall) -> Result<usize, StoreError> {
    let unnoted = tx.without_standing(AT_ONCE)?;
    unnoted.iter().try_for_each(|device| settle(tx, device, now))?;
    Ok(unnoted.len())
}

/// Notes what the clock alone changes and goes on with what a changed policy left to rate, until the task is dropped.
pub async fn run(gateway: Arc<Gateway>) {
    loop {
        let pass = |gateway: &Gateway| {
            while gateway.store.step(|tx| note_silence(tx, now()).map(|noted| noted > 0))? {
                gateway.changed.notify_one();
            }
            while gateway.store.step(|tx| settle_on(tx, now()))? {
                gateway.changed.notify_one();
            }
            Ok(())
        };
        if gateway.blocking(pass).await.is_err() {
            log::error!("nobody looked for silent devices");
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// How often is looked for silent devices, and for a rating that its beginner left.
const LOOK: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use agent_logic::model::{Classification, Severity, Subject, ThreatId};
    use agent_logic::time::Stamp;

    use super::*;
    use crate::store::Finder;

    const DAY: u64 = 86_400_000;

    fn device() -> Device {
        Device {
            id: "b9841cd9-9843-405f-be28-b2265c59ef97".parse().unwrap(),
            group: None,
            activation: Activation::Activated,
            revoked: false,
            enrolment: 1,
            code_failures: 0,
            chain: None,
            resync_asked: false,
            threats_dropped: false,
            rated: true,
            facts_digest: None,
            facts: None,
            inventory: None,
            policy_held: 0,
            level: None,
            indicators_held: 0,
            last_contact: Some(Wall(DAY)),
            pushed: None,
        }
    }

    fn threat(id: u8, classification: Classification) -> HeldThreat {
        HeldThreat {
            id: ThreatId::new([id; 16]),
            classification,
            severity: classification.default_severity(),
            subject: Subject::Device,
            detected: Stamp::default(),
            ignored: false,
            finder: Finder::Device,
            received: Wall(0),
        }
    }

    fn policy() -> Policy {
        Policy::new("b9841cd9-9843-405f-be28-b2265c59ef97".parse().unwrap(), 1, Wall(0))
    }

    #[test]
    fn the_worst_threat_that_is_not_ignored_rates_the_device() {
        let mut threats = [threat(1, Classification::Adware), threat(2, Classification::Trojan)];
        let rating = Rating::new(&device(), &threats, &policy(), Wall(DAY));
        assert_eq!((rating.level, rating.health), (Level::High, HealthState::HighSeverity));
        assert_eq!(rating.why.first().unwrap().classification, "TROJAN");
        threats[1].ignored = true;
        let rating = Rating::new(&device(), &threats, &policy(), Wall(DAY));
        assert_eq!(rating.level, Level::High, "policy does not let the user ignore it");
        let mut policy = policy();
        policy.ignorable.insert(Classification::Trojan);
        let rating = Rating::new(&device(), &threats, &policy, Wall(DAY));
        assert_eq!((rating.level, rating.why.len()), (Level::Low, 1));
    }

    // P6
    #[test]
    fn where_threats_stay_on_the_device_its_own_level_counts() {
        let mut device = device();
        device.level = Some(Level::Medium);
        let mut policy = policy();
        assert_eq!(Rating::new(&device, &[], &policy, Wall(DAY)).level, Level::Secured);
        policy.threat_state_sync = false;
        let rating = Rating::new(&device, &[], &policy, Wall(DAY));
        assert_eq!((rating.level, rating.health), (Level::Medium, HealthState::MediumSeverity));
    }

    #[test]
    fn what_the_user_cannot_end_makes_the_device_compromised() {
        let threats = [threat(1, Classification::RootJailbreak), threat(2, Classification::Adware)];
        let rating = Rating::new(&device(), &threats, &policy(), Wall(DAY));
        assert_eq!((rating.level, rating.health), (Level::High, HealthState::Compromised));
    }

    #[test]
    fn policy_rates_open_threats_anew_and_none_never_raises() {
        let threats = [threat(1, Classification::Trojan)];
        let mut policy = policy();
        policy.severities.insert(Classification::Trojan, Severity::None);
        let rating = Rating::new(&device(), &threats, &policy, Wall(DAY));
        assert_eq!((rating.health, rating.why.len()), (HealthState::Secured, 0));
    }

    #[test]
    fn silence_beyond_the_days_of_the_policy_is_unresponsive() {
        let mut device = device();
        let health = |device: &Device, now| Rating::new(device, &[], &policy(), Wall(now)).health;
        assert_eq!(health(&device, DAY * 8), HealthState::Secured);
        assert_eq!(health(&device, DAY * 8 + 1), HealthState::Unresponsive);
        device.revoked = true;
        assert_eq!(health(&device, DAY), HealthState::Deactivated);
    }
}
