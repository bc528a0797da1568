//! A start of the process: what the folder holds is gone on with, and the host tells what it knows.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use agent_core::ports::Storage;
use agent_core::vault::Vault;
use agent_logic::agent::Agent;
use agent_logic::chance::Seed;
use agent_logic::event::{Event, Power};
use agent_logic::failure::StorageFailure;

use super::{Process, settings};
use crate::world::clock::MINUTE;
use crate::world::disk::Disk;
use crate::world::model::{Checked, Violation};
use crate::world::run::World;

impl World {
    /// The host's app starts, and with it the agent.
    pub(in crate::world) fn start(&mut self) -> Checked {
        self.host.start_at = None;
        if self.host.left || (self.keys.locked && !self.host.early_data_key) {
            return Ok(());
        }
        let Some((agent, vault)) = self.open()? else { return Ok(()) };
        self.tally.starts += 1;
        self.model.ledger.starts(self.phone.threats(&self.cloud.ever_bad()));
        self.model.restless += 1;
        // What happened while nothing ran is told at once.
        self.model.day.reasons += 1;
        // Our own pauses end with the process.
        self.model.day.disturbances += 1;
        if self.plan.cuts && self.storms() {
            self.disk.cut_power_at(self.chance.below(20));
        }
        self.process = Some(Process {
            agent,
            vault,
            done: VecDeque::new(),
            errand: None,
            unanswered: false,
            issued: BTreeSet::new(),
            open: BTreeSet::new(),
            saving: None,
        });
        self.tell_everything()
    }

    /// The agent that continues from what the folder holds, or begins anew where that can never be read again.
    fn open(&mut self) -> Result<Option<(Agent, Vault)>, Violation> {
        let opened = match Vault::open(self.storage(), &self.keys.data_key()) {
            Ok(opened) => opened,
            Err(StorageFailure::Io | StorageFailure::Full) => {
                self.start_later();
                return Ok(None);
            }
            Err(StorageFailure::Unreadable) if self.model.durable.is_sealed_off() => {
                return Ok(self.start_over());
            }
            Err(failure) => {
                return Err(Violation { rule: "the vault opens", seen: format!("{failure:?}") });
            }
        };
        let found = self.model.durable.opened(&opened.records)?;
        self.model.found(&found.late)?;
        if found.wiped {
            self.forget_everything();
        }
        let seed = Seed(self.chance.bytes());
        let agent = Agent::restore(settings(), seed, &opened.records, self.clock.now())
            .map_err(|error| Violation { rule: "the records are read", seen: format!("{error:?}") })?;
        Ok(Some((agent, opened.vault)))
    }

    pub(super) fn storage(&self) -> Arc<dyn Storage> {
        let disk: Arc<Disk> = Arc::clone(&self.disk);
        disk
    }

    /// The disk fails now.
    pub(super) fn start_later(&mut self) {
        if !self.disk.has_power() {
            self.lose_power();
        }
        self.host.start_at = Some(self.clock.time() + 10 * MINUTE);
    }

    /// What a host tells at each start: it does not know what the last process kept.
    pub(in crate::world) fn tell_everything(&mut self) -> Checked {
        self.feed(Event::Consent(self.host.consent))?;
        self.feed(Event::Network(self.network.told()))?;
        self.feed(Event::Power(Power { charging: self.host.charging }))?;
        self.feed(Event::Configured(self.host.configuration()))?;
        self.telling = true;
        for (detection, there) in self.phone.detections() {
            self.feed(if there { Event::Detected(detection) } else { Event::Cleared(detection) })?;
        }
        self.telling = false;
        if self.host.leaving { self.feed(Event::Deactivate) } else { Ok(()) }
    }
}
