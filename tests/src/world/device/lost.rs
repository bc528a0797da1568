//! How a registration ends. Where the key that seals the files is lost, nobody can read them any more: the host gives
//! them up, and the device activates as one that was never there, and says so (D4).

use agent_core::ports::Storage as _;
use agent_core::vault::Vault;
use agent_logic::agent::Agent;
use agent_logic::chance::Seed;
use agent_logic::command::Slot;
use agent_logic::failure::{KeyFailure, StorageFailure};

use super::settings;
use crate::world::run::World;

/// Why files cannot be given up now.
#[derive(Debug)]
enum GiveUp {
    #[expect(dead_code, reason = "printed")]
    Key(KeyFailure),
    #[expect(dead_code, reason = "printed")]
    Storage(StorageFailure),
}

impl World {
    /// The store loses every key while the app does not run.
    pub(in crate::world) fn lose_data_key(&mut self) {
        self.kill();
        self.keys.lose();
        self.keys.destroy_data_key();
        self.model.durable.seal_off();
    }

    /// The host gives up what cannot be read. Killed before the first record is durable, it finds the old files again.
    pub(super) fn start_over(&mut self) -> Option<(Agent, Vault)> {
        let vault = match self.give_up() {
            Ok(vault) => vault,
            Err(failure) => {
                self.trace.tell(|| format!("    cannot be given up: {failure:?}"));
                self.start_later();
                return None;
            }
        };
        self.tally.lost_vaults += 1;
        self.trace.tell(|| "    the files cannot be read and are given up".into());
        self.model.durable.given_up();
        self.forget_everything();
        self.model.credentials.clear();
        self.model.configured = false;
        self.model.began_anew = true;
        self.bring_credential();
        self.host.leaving = false;
        let seed = Seed(self.chance.bytes());
        Some((Agent::start_over(settings(), seed, self.clock.now()), vault))
    }

    /// In the product's order: the lock, both keys, the data key, the indicators, the journal.
    fn give_up(&mut self) -> Result<Vault, GiveUp> {
        let lock = self.disk.lock().map_err(GiveUp::Storage)?;
        [Slot::A, Slot::B].into_iter().try_for_each(|slot| self.keys.destroy(slot)).map_err(GiveUp::Key)?;
        self.keys.destroy_data_key();
        self.phone.indicators = None;
        Vault::anew(self.storage(), lock, &self.keys.data_key()).map_err(GiveUp::Storage)
    }

    /// The device starts from nothing.
    pub(in crate::world) fn forget_everything(&mut self) {
        self.model.ledger.begin(self.phone.threats(&self.cloud.ever_bad()));
        self.model.began_anew = false;
        self.begin_registration();
    }

    /// The device goes on as another.
    pub(in crate::world) fn become_another(&mut self) {
        // The first registration of a phone tells what became of the one before.
        self.model.began_anew &= !self.model.configured;
        self.begin_registration();
    }

    fn begin_registration(&mut self) {
        self.model.forget_registration();
        self.registration += 1;
        self.late.clear();
    }
}
