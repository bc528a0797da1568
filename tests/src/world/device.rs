//! The process on the phone: the agent, its vault, and the driver's loop in virtual time.

mod host;
mod lost;
mod start;

use std::collections::{BTreeSet, VecDeque};

use agent_core::vault::{MAX_FILE, Vault};
use agent_logic::agent::{Agent, Settings};
use agent_logic::command::{Command, CommandId, Effect};
use agent_logic::event::{self, Event, Outcome};
use agent_logic::time::Wall;

use super::Fault;
use super::clock::{BUILT, MINUTE};
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
    /// Hands in an event from outside.
    pub(super) fn feed(&mut self, event: Event) -> Checked {
        if self.process.is_none() {
            return Ok(());
        }
        self.check_event(&event)?;
        let Some(process) = &mut self.process else { return Ok(()) };
        match &event {
            Event::Consent(given) => {
                self.model.day.reasons += u64::from(self.model.consent != *given);
                self.model.consent = *given;
            }
            Event::Configured(configuration) => {
                self.model.configured |= configuration.device.is_some();
                let there = || self.phone.threats(&self.cloud.ever_bad());
                configuration.device.into_iter().for_each(|device| self.model.ledger.names(device, there));
            }
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
            self.model.more = 0;
            self.model.sealed = false;
        } else {
            self.model.more += 1;
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
            self.check_event(&event)?;
            let Some(process) = &mut self.process else { return Ok(()) };
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
            self.model.wrote(records, result.is_ok(), &self.clock)?;
            self.model.durable.appended(records, result.is_ok());
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
            Err(_) => self.disk_fails(),
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
                self.disk_failed = false;
                self.host.left = true;
                self.host.leaving = false;
                self.forget_everything();
                self.send_out(command);
            }
            Err(failure) => {
                process.done.push_back(Event::Done(command.id, Outcome::Saved(Err(failure))));
                self.disk_fails();
            }
        }
        Ok(())
    }

    /// A write or a wipe failed.
    fn disk_fails(&mut self) {
        self.tally.failed_writes += 1;
        // Only the first failure in a row disturbs.
        self.model.day.disturbances += u32::from(!self.disk_failed);
        self.model.day.troubled = true;
        self.disk_failed = true;
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
