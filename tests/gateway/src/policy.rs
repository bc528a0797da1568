//! Changing the policy: read the last one, change what is named, sign, store. Runs in the administrator's
//! process, never in the serving one.

use std::time::{Duration, Instant};

use agent_logic::model::{Classification, DeviceId, Digest, Mode, Ownership, Severity};
use agent_logic::time::Wall;
use agent_logic::wire::Policy;
use serde::{Deserialize, Serialize};

use crate::clock::{days, now};
use crate::failure::SetupError;
use crate::home::Home;
use crate::rating;
use crate::signer::Signer;
use crate::store::{Action, By, Setting, Store, StoreError, Tx};

/// What is named differs; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Change {
    /// Inventory may be shared.
    pub app_sync: Option<bool>,
    /// Unmanaged apps of personal devices may be shared.
    pub full_personal: Option<bool>,
    /// Who owns the devices.
    pub ownership: Option<Ownership>,
    /// Seconds between check-ins.
    pub check_in_seconds: Option<u32>,
    /// Days until disconnected.
    pub disconnected_days: Option<u16>,
    /// Severities that differ from the table's.
    pub severities: Vec<(Classification, Severity)>,
    /// Classifications that are switched off, audited or enabled again.
    pub modes: Vec<(Classification, Mode)>,
    /// Classifications that the user may ignore, all of them.
    pub ignorable: Option<Vec<Classification>>,
    /// Facts about the device are shared.
    pub device_sync: Option<bool>,
    /// Threats are shared one by one.
    pub threat_sync: Option<bool>,
    /// Clean handshakes that close an interception.
    pub clean_handshakes: Option<u8>,
    /// CAs that inspect traffic, all of them.
    pub inspection_cas: Option<Vec<Digest>>,
    /// Renewal keeps the key.
    pub renew_same_key: Option<bool>,
    /// The user cannot leave.
    pub prevent_unenrolment: Option<bool>,
    /// Days until the policy is refused.
    pub expires_days: Option<u16>,
}

impl Change {
    fn check(&self) -> Result<(), SetupError> {
        let within = |fits: bool, what| {
            if fits { Ok(()) } else { Err(SetupError::Bounds(what)) }
        };
        within(
            self.check_in_seconds.is_none_or(|n| (900..=86_400).contains(&n)),
            "check-in seconds are 900 to 86400.",
        )?;
        within(
            self.disconnected_days.is_none_or(|n| (1..=90).contains(&n)),
            "disconnected days are 1 to 90.",
        )?;
        within(self.clean_handshakes.is_none_or(|n| (1..=20).contains(&n)), "clean handshakes are 1 to 20.")?;
        within(
            self.inspection_cas.as_ref().is_none_or(|cas| cas.len() <= MAX_INSPECTION_CAS),
            "there are 16 inspection CAs at most.",
        )?;
        within(
            self.expires_days.is_none_or(|n| (1..=MAX_DAYS).contains(&n)),
            "a policy lives for 1 to 3650 days.",
        )
    }

    fn apply(&self, policy: &mut Policy) {
        let set = |to: &mut bool, from: Option<bool>| *to = from.unwrap_or(*to);
        set(&mut policy.app_sync, self.app_sync);
        set(&mut policy.full_inventory_on_personal, self.full_personal);
        set(&mut policy.renew_same_key, self.renew_same_key);
        set(&mut policy.device_state_sync, self.device_sync);
        set(&mut policy.threat_state_sync, self.threat_sync);
        set(&mut policy.prevent_unenrolment, self.prevent_unenrolment);
        policy.ownership = self.ownership.unwrap_or(policy.ownership);
        policy.check_in_seconds = self.check_in_seconds.unwrap_or(policy.check_in_seconds);
        policy.disconnected_days = self.disconnected_days.unwrap_or(policy.disconnected_days);
        policy.clean_handshakes = self.clean_handshakes.unwrap_or(policy.clean_handshakes);
        policy.severities.extend(self.severities.iter().copied());
        policy.modes.extend(self.modes.iter().copied());
        // What is not named is enabled.
        policy.modes.retain(|_, mode| *mode != Mode::Enable);
        if let Some(ignorable) = &self.ignorable {
            policy.ignorable = ignorable.iter().copied().collect();
        }
        if let Some(inspection_cas) = &self.inspection_cas {
            policy.inspection_cas.clone_from(inspection_cas);
        }
    }
}

/// Makes the next policy of `group`, or of everybody, and answers it.
pub fn change(
    home: &Home,
    store: &Store,
    group: Option<&str>,
    change: &Change,
    by: By<'_>,
) -> Result<Policy, SetupError> {
    change.check()?;
    let signer = Signer::open(home)?;
    let policy = store.transact(|tx| {
        if let Some(group) = group
            && !tx.has_group(group)?
        {
            return Err(SetupError::Bounds(
                "there is no such group. Make it with `group --name`; case counts.",
            ));
        }
        let policy = sign_next(tx, &signer, group, change)?;
        tx.audit(now(), by, Action::PolicySigned, Some(&named(group, policy.version)))?;
        Ok::<_, SetupError>(policy)
    })?;
    rate_anew(store)?;
    Ok(policy)
}

/// Rates what a policy that was just signed rates otherwise than the one before, for as long as who asked waits for it. What is
/// left then the serving gateway goes on with.
pub fn rate_anew(store: &Store) -> Result<(), StoreError> {
    let begun = Instant::now();
    while store.step(|tx| rating::settle_on(tx, now()))? && begun.elapsed() < PATIENCE {}
    Ok(())
}

/// `version 3 of Sales`.
fn named(group: Option<&str>, version: u64) -> String {
    format!("version {version} of {}", group.unwrap_or("everybody"))
}

/// Puts `devices` into `group`, some in each transaction: who is interrupted says it again.
pub fn join(store: &Store, home: &Home, group: &str, devices: &[DeviceId]) -> Result<(), SetupError> {
    for some in devices.chunks(AT_ONCE) {
        store.transact(|tx| join_some(tx, home, group, some))?;
    }
    Ok(rate_anew(store)?)
}

/// If one of `devices` may hold a policy newer than the one it falls under now, that one is signed anew: a device refuses a
/// version that does not grow.
fn join_some(tx: &Tx<'_>, home: &Home, group: &str, devices: &[DeviceId]) -> Result<(), SetupError> {
    let version = |group: Option<&str>| {
        Ok::<_, StoreError>(tx.policy_for(group)?.map_or(0, |held| held.policy.version))
    };
    let mut newest = 0;
    for id in devices {
        tx.ensure_device(id)?;
        let device = tx.device(id)?.ok_or(StoreError::Corrupt)?;
        newest = newest.max(version(device.group.as_deref())?).max(device.policy_held);
        tx.set_group(id, group)?;
    }
    if newest > version(Some(group))? {
        let own = tx.has_own_policy(group)?;
        sign_next(tx, &Signer::open(home)?, own.then_some(group), &Change::default())?;
    }
    let now = now();
    Ok(devices.iter().try_for_each(|id| rating::settle(tx, id, now))?)
}

fn sign_next(
    tx: &Tx<'_>,
    signer: &Signer,
    group: Option<&str>,
    change: &Change,
) -> Result<Policy, SetupError> {
    let now = now();
    let tenant = tx.get(Setting::Tenant)?.parse().map_err(|_| StoreError::Corrupt)?;
    let version = tx.next_policy_version()?;
    let expires = now.plus(days(change.expires_days.unwrap_or(DEFAULT_DAYS).into()));
    let mut policy = match tx.policy_for(group)? {
        Some(last) => Policy { version, expires, ..last.policy },
        None => Policy::new(tenant, version, Wall(expires.0)),
    };
    change.apply(&mut policy);
    tx.add_policy(group, &policy, &signer.sign(&policy)?, now)?;
    rating::begin_settling(tx)?;
    Ok(policy)
}

/// Devices that join a group in one transaction: check-ins go on in between.
const AT_ONCE: usize = 256;

/// How long who signed a policy waits until devices are rated by it: half of what the console gives the signer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Days a policy lives unless the administrator says otherwise.
pub const DEFAULT_DAYS: u16 = 365;

/// Most days a policy lives.
pub const MAX_DAYS: u16 = 3650;

/// Most CAs that inspect traffic.
pub const MAX_INSPECTION_CAS: usize = 16;
