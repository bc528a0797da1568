//! Threats by e-mail (seed 004): to every account that asked for it, what was opened since the last message.
//!
//! A message names devices, classifications and levels: no app, no domain.

use std::collections::BTreeMap;
use std::time::Duration;

use agent_logic::model::Level;
use agent_logic::time::Wall;
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::clock::now;
use crate::home::Home;
use crate::notices::{self, Mail};
use crate::store::{Setting, StoreError, Tx};

/// The least time between two messages.
pub const PAUSE: Duration = Duration::from_secs(5 * 60);

/// What came within this is looked at the next time: by then it is in the database, whatever else was written first.
const SETTLED: Duration = Duration::from_secs(5);

/// Threats that one message counts.
const MAX_THREATS: u32 = 1_000;

/// What an account wants to be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Preference {
    /// Where to.
    pub to: Address,
    /// Whether threats are told.
    pub alerts: bool,
}

/// What was told.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Told {
    at: Wall,
    /// Until when threats were looked at.
    seen: Wall,
}

/// What an account wants to be told; absent if it never said.
pub fn preference(tx: &Tx<'_>, account: &str) -> Result<Option<Preference>, StoreError> {
    Ok(preferences(tx)?.remove(account))
}

/// Changes that. What was opened before anybody asked is not told.
pub fn prefer(tx: &Tx<'_>, account: &str, preference: Option<Preference>) -> Result<(), StoreError> {
    let mut all = preferences(tx)?;
    if !all.values().any(|preference| preference.alerts) {
        save(tx, Told { at: Wall(0), seen: now() })?;
    }
    match preference {
        Some(preference) => all.insert(account.to_owned(), preference),
        None => all.remove(account),
    };
    tx.set(Setting::Preferences, &serde_json::to_string(&all).map_err(|_| StoreError::Corrupt)?)
}

/// Writes what is to be told at `now`.
pub fn look(tx: &Tx<'_>, home: &Home, now: Wall) -> Result<(), StoreError> {
    let wanted: Vec<Address> =
        preferences(tx)?.into_values().filter(|held| held.alerts).map(|held| held.to).collect();
    let told = told(tx)?;
    if wanted.is_empty() || (told.at != Wall(0) && now.since(told.at) < PAUSE) {
        return Ok(());
    }
    let until = Wall(now.0.saturating_sub(u64::try_from(SETTLED.as_millis()).unwrap_or(u64::MAX)));
    let lines = lines(tx, told.seen, until)?;
    if lines.is_empty() {
        return save(tx, Told { seen: until.max(told.seen), ..told });
    }
    let written = wanted.iter().enumerate().try_for_each(|(at, to)| {
        let mail = Mail {
            name: &format!("threats-{at}"),
            subject: "Threats were found",
            advice: "The console's page of each device says what to do.",
        };
        notices::spool(&home.spool(), &mail, to, &lines, now)
    });
    match written {
        Ok(()) => save(tx, Told { at: now, seen: until }),
        Err(error) => {
            log::error!("an alert was not written: {error}");
            Ok(())
        }
    }
}

/// A line for each threat that came after `from`, not after `until`, and that counts for a level.
fn lines(tx: &Tx<'_>, from: Wall, until: Wall) -> Result<Vec<String>, StoreError> {
    let (mut lines, mut more) = (Vec::new(), 0_u64);
    for (id, classification) in tx.new_threats(from, until, MAX_THREATS)? {
        let Some(device) = tx.device(&id)? else { continue };
        let policy = tx.policy_for(device.group.as_deref())?.ok_or(StoreError::Corrupt)?.policy;
        let level = policy.severity(classification).level();
        if level == Level::Secured {
            continue;
        }
        if lines.len() < usize::try_from(notices::MAX_LINES).unwrap_or(usize::MAX) {
            lines.push(format!("{}  {}  {level:?}", id.reveal(), classification.name()));
        } else {
            more = more.saturating_add(1);
        }
    }
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    Ok(lines)
}

fn preferences(tx: &Tx<'_>) -> Result<BTreeMap<String, Preference>, StoreError> {
    let held = tx.find(Setting::Preferences)?;
    held.map_or(Ok(BTreeMap::new()), |text| serde_json::from_str(&text).map_err(|_| StoreError::Corrupt))
}

fn told(tx: &Tx<'_>) -> Result<Told, StoreError> {
    let held = tx.find(Setting::ToldThreats)?;
    held.map_or(Ok(Told::default()), |text| serde_json::from_str(&text).map_err(|_| StoreError::Corrupt))
}

fn save(tx: &Tx<'_>, told: Told) -> Result<(), StoreError> {
    tx.set(Setting::ToldThreats, &serde_json::to_string(&told).map_err(|_| StoreError::Corrupt)?)
}
