//! How a registration ends. Where the key that seals the files is lost, nobody can read them any more: the host
//! removes them, and the device activates as one that was never there.

use agent_core::ports::Storage as _;

use crate::world::clock::MINUTE;
use crate::world::phone::Kind;
use crate::world::run::World;

impl World {
    /// The store loses every key while the app does not run.
    pub(in crate::world) fn lose_data_key(&mut self) {
        self.kill();
        self.keys.lose();
        self.keys.lose_data_key();
    }

    /// The host gives up what cannot be read.
    pub(in crate::world) fn start_over(&mut self) {
        self.tally.lost_vaults += 1;
        self.trace.tell(|| "    the files cannot be read and are removed".into());
        let files = ["journal", "journal.new", "journal.doubt", "journal.aside"];
        let gone = files.iter().try_for_each(|name| self.disk.remove(name));
        let gone = gone.and_then(|()| self.disk.sync_folder());
        self.model.durable.erased(gone.is_ok());
        self.forget_everything();
        self.model.credentials.clear();
        self.bring_credential();
        self.host.leaving = false;
        self.host.start_at = Some(self.clock.time() + MINUTE);
    }

    /// The device starts from nothing.
    pub(in crate::world) fn forget_everything(&mut self) {
        self.begin_registration(&self.phone.threats(Some(&self.cloud.ever_bad())));
    }

    /// The device goes on as another, with what it last saw.
    pub(in crate::world) fn become_another(&mut self) {
        self.begin_registration(&self.phone.believed(&self.model.look, &self.cloud.ever_bad()));
    }

    fn begin_registration(&mut self, there: &[Kind]) {
        self.model.forget_registration(there);
        self.registration += 1;
        self.late.clear();
    }
}
