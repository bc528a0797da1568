//! What a start finds in the folder, and what is done where that can never be read again (D4).

use std::sync::Arc;

use agent_logic::agent::{Agent, RestoreError, Settings};
use agent_logic::chance::Seed;
use agent_logic::command::Slot;
use agent_logic::failure::StorageFailure;

use crate::agent::{Platform, StartError, StartRemedy};
use crate::indicators::IndicatorStore;
use crate::vault::Vault;

/// The agent that continues from what the folder holds, and its journal.
pub(crate) fn open(
    platform: &Platform,
    settings: Settings,
    seed: Seed,
) -> Result<(Agent, Vault), StartError> {
    let key = platform.keys.data_key().map_err(StartError::Key)?;
    let opened = Vault::open(Arc::clone(&platform.storage), &key).map_err(StartError::Storage)?;
    let agent = Agent::restore(settings, seed, &opened.records, platform.clock.now());
    let agent = agent.map_err(|error| {
        StartError::Storage(match error {
            RestoreError::Newer => StorageFailure::Newer,
            RestoreError::Unreadable => StorageFailure::Unreadable,
        })
    })?;
    Ok((agent, opened.vault))
}

/// As [`open`]; what is lost is looked at once more, and given up.
pub(crate) fn open_or_give_up(
    platform: &Platform,
    settings: Settings,
    seed: Seed,
) -> Result<(Agent, Vault), StartError> {
    match open(platform, settings.clone(), seed) {
        Err(lost) if lost.remedy() == StartRemedy::StartOver => {
            let vault = give_up(platform)?;
            Ok((Agent::start_over(settings, seed, platform.clock.now()), vault))
        }
        other => other,
    }
}

/// Whoever else holds the folder keeps it. A kill on the way leaves what can be given up again.
fn give_up(platform: &Platform) -> Result<Vault, StartError> {
    let storage = &platform.storage;
    let lock = storage.lock().map_err(StartError::Storage)?;
    let keys = &platform.keys;
    [Slot::A, Slot::B].into_iter().try_for_each(|slot| keys.destroy(slot)).map_err(StartError::Key)?;
    keys.destroy_data_key().map_err(StartError::Key)?;
    let key = keys.data_key().map_err(StartError::Key)?;
    IndicatorStore::new(Arc::clone(storage)).erase().map_err(StartError::Storage)?;
    Vault::anew(Arc::clone(storage), lock, &key).map_err(StartError::Storage)
}
