//! The process on the phone: the agent, its vault, and the driver's loop in virtual time.

mod host;
mod lost;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use agent_core::ports::Storage;
use agent_core::vault::{MAX_FILE, Vault};
use agent_logic::agent::{Agent, Settings};
use agent_logic::chance::Seed;
use agent_logic::command::{Command, CommandId, Effect};
use agent_logic::event::{self, Event, Outcome, Power};
use agent_logic::failure::StorageFailure;
use agent_logic::time::Wall;

use super::Fault;
use super::clock::{BUILT, MINUTE};
use super::disk::Disk;
use super::effect::{Reach, reach};
use super::errand::Errand;
use super::model::{Checked, Violation, hold};
use super::owner::is_question;
use super::run::World;
pub(super) use host::{Host, device};

/// Inputs that one moment may lead to; the driver's own bound.
const BUDGET: u32 = 10_000;

pub(super) struct Process {
    pub(super) agent: Agent,
    pub(super) vault: Vault,
    /// Ends of commands that are not delivered yet.
    pub(super) done: VecDeque<Event>,
    pub(super) errand: Option<Errand>,
    /// The last question of the host could not be looked up.
    pub(super) unanswered: bool,
    /// Every command so far.
    pub(super) issued: BTreeSet<CommandId>,
    /// Those that are not answered yet.
    pub(super) open: BTreeSet<CommandId>,
    /// Records that are not durable yet.
    pub(super) saving: Option<CommandId>,
}

impl World {
    /// The host's app starts, and with it the agent.
    pub(super) fn start(&mut self) -> Checked {
        self.host.start_at = None;
        if self.host.left || (self.keys.locked && !self.host.early_data_key) {
            return Ok(());
        }
        let Some((agent, vault)) = self.open()? else { return Ok(()) };
        self.tally.starts += 1;
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
        let there = || self.phone.threats(Some(&self.cloud.ever_bad()));
        self.model.found(&found.late, there)?;
        if found.wiped {
            self.forget_everything();
        }
        let seed = Seed(self.chance.bytes());
        let agent = Agent::restore(settings(), seed, &opened.records, self.clock.now())
            .map_err(|error| Violation { rule: "the records are read", seen: format!("{error:?}") })?;
        Ok(Some((agent, opened.vault)))
    }

    fn storage(&self) -> Arc<dyn Storage> {
        let disk: Arc<Disk> = Arc::clone(&self.disk);
        disk
    }

    /// The disk fails now.
    fn start_later(&mut self) {
        if !self.disk.has_power() {
            self.lose_power();
        }
        self.host.start_at = Some(self.clock.time() + 10 * MINUTE);
    }

    /// What a host tells at each start: it does not know what the last process kept.
    pub(super) fn tell_everything(&mut self) -> Checked {
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

    /// Hands in an event from outside.
    pub(super) fn feed(&mut self, event: Event) -> Checked {
        let Some(process) = &mut self.process else { return Ok(()) };
        match &event {
            Event::Consent(given) => {
                self.model.day.reasons += u64::from(self.model.consent != *given);
                self.model.consent = *given;
            }
            Event::Configured(configuration) => self.model.configured |= configuration.device.is_some(),
            Event::Detected(_) | Event::Cleared(_) | Event::Changed | Event::Ignore(_) => {
                self.model.day.reasons += u64::from(!self.telling);
            }
            Event::Network(network) => {
                self.model.offline = network.reach == event::Reach::Offline;
                self.model.metered = network.metered;
            }
            Event::Power(power) => self.model.charging = power.charging,
            Event::CheckIn
            | Event::Deactivate
            | Event::Visit(_)
            | Event::Left(_)
            | Event::Unlocked
            | Event::Woke
            | Event::Done(..) => {}
        }
        self.jumped = false;
        if process.errand.is_none() || matches!(event, Event::CheckIn) {
            self.model.requests = 0;
            self.model.commanded = false;
            self.model.crowded = 0;
        }
        process.agent.handle(event, self.clock.now());
        self.turn()
    }

    /// Drains the commands, hands in their ends, until nothing is left for this moment.
    pub(super) fn turn(&mut self) -> Checked {
        for _ in 0..BUDGET {
            while let Some(command) = self.process.as_mut().and_then(|process| process.agent.poll()) {
                self.perform(command)?;
            }
            let Some(process) = &mut self.process else { return Ok(()) };
            let Some(event) = process.done.pop_front() else { return self.after_moment() };
            let mut late = None;
            if let Event::Done(id, _) = &event {
                process.saving = process.saving.filter(|saving| saving != id);
                late = Some(*id).filter(|id| !process.open.remove(id));
            }
            process.agent.handle(event, self.clock.now());
            if let Some(id) = late {
                self.tally.late_answers += 1;
                let next = process.agent.poll();
                hold(next.is_none(), "a late answer is ignored", || format!("{id:?} led to {next:?}"))?;
            }
        }
        Err(Violation { rule: "the machine comes to rest", seen: format!("not within {BUDGET} inputs") })
    }

    fn perform(&mut self, command: Command) -> Checked {
        self.check_issue(&command)?;
        self.tally.commands += 1;
        let dies = self.burns();
        if dies && self.chance.one_in(2) {
            self.kill();
            return Ok(());
        }
        let id = command.id;
        match reach(&command.effect) {
            Reach::Journal => self.write(id, &command.effect)?,
            Reach::Everything => self.erase(command)?,
            Reach::Indicators if is_question(&command.effect) => self.look_up_page(&command),
            Reach::Keys | Reach::Phone | Reach::Indicators | Reach::Cloud => self.send_out(command),
        }
        if !self.disk.has_power() {
            self.lose_power();
        } else if dies {
            self.kill();
        }
        Ok(())
    }

    fn write(&mut self, id: CommandId, effect: &Effect) -> Checked {
        let Some(process) = &mut self.process else { return Ok(()) };
        let dropped = self.plan.fault == Some(Fault::DroppedSave) && self.chance.one_in(20);
        process.saving = matches!(effect, Effect::Save(_)).then_some(id).or(process.saving);
        let result = if dropped && matches!(effect, Effect::Save(_)) {
            Ok(())
        } else if let Effect::Save(records) = effect {
            let result = process.vault.append(records);
            self.model.durable.appended(records, result.is_ok());
            let there = || self.phone.threats(Some(&self.cloud.ever_bad()));
            self.model.wrote(records, result.is_ok(), self.clock.time(), there)?;
            result
        } else if let Effect::Compact(snapshot) = effect {
            let result = process.vault.compact(snapshot);
            self.model.durable.compacted(snapshot, result.is_ok());
            self.tally.compactions += 1;
            self.compaction_failed = result.is_err();
            result
        } else {
            Ok(())
        };
        let size = process.vault.size();
        process.done.push_back(Event::Done(id, Outcome::Saved(result)));
        match result {
            Ok(()) => {
                self.model.saved();
                self.disk_failed = false;
            }
            Err(_) => {
                self.tally.failed_writes += 1;
                // Only the first failure in a row disturbs.
                self.model.day.disturbances += u32::from(!self.disk_failed);
                self.model.day.troubled = true;
                self.disk_failed = true;
            }
        }
        self.trace.tell(|| format!("    wrote {result:?}, {size} bytes"));
        let most = if self.compaction_failed {
            u64::try_from(MAX_FILE).unwrap_or(u64::MAX)
        } else {
            super::invariants::JOURNAL
        };
        hold(size <= most, "the journal stays within its bound", || size.to_string())
    }

    fn erase(&mut self, command: Command) -> Checked {
        let Some(process) = &mut self.process else { return Ok(()) };
        let result = process.vault.erase();
        self.model.durable.erased(result.is_ok());
        match result {
            Ok(()) => {
                self.host.left = true;
                self.host.leaving = false;
                self.forget_everything();
                self.send_out(command);
            }
            Err(failure) => {
                process.done.push_back(Event::Done(command.id, Outcome::Saved(Err(failure))));
            }
        }
        Ok(())
    }

    /// The process dies; what it had on its way is unanswered.
    pub(super) fn kill(&mut self) {
        if self.process.take().is_some() {
            self.tally.kills += 1;
            self.trace.tell(|| "    process dies".into());
            self.model.process_died();
        }
        self.fuse = None;
        self.host.start_at = Some(self.clock.time() + self.chance.between(0, 180 * MINUTE));
    }

    /// The phone loses power and boots again.
    pub(super) fn lose_power(&mut self) {
        self.kill();
        self.tally.cuts += 1;
        self.trace.tell(|| "    power is lost".into());
        self.disk.restart();
        self.boot();
    }

    pub(super) fn boot(&mut self) {
        self.clock.reboot();
        self.model.rebooted();
        self.keys.locked = self.chance.one_in(2);
        self.host.early_data_key = self.chance.one_in(2);
    }

    /// Counts a command; whether the process dies at it.
    fn burns(&mut self) -> bool {
        let burns = self.fuse == Some(0);
        self.fuse = self.fuse.and_then(|left| left.checked_sub(1));
        burns
    }
}

fn settings() -> Settings {
    Settings { agent_version: "0.1.0".into(), host_suffix: "example.com".into(), built: Wall(BUILT) }
}
