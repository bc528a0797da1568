//! The loop: one thread, one agent. Takes one input, drains the commands, sleeps until the next thing is due.
//!
//! Files are written on this thread; everything that may take seconds (key store, network, sensors) runs on
//! the errand thread, so that deadlines and the end stay live; look-ups in the indicator set wait for neither. A panic on either is caught: on the errand
//! thread it costs the one errand, on this thread the agent is inert from then on and says so.

mod errand;
mod waiting;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use agent_logic::agent::{Agent, Entry, Status};
use agent_logic::command::{Command, CommandId, Effect};
use agent_logic::event::{Event, Outcome};
use agent_logic::sorted::Sorted;
use agent_logic::time::Mono;

pub(crate) use errand::{Errands, Helpers, Tools};
pub(crate) use waiting::Waiter;
use waiting::Waiting;

use crate::gate::Gate;
use crate::ports::{Clock, Host};
use crate::vault::Vault;

/// Longest sleep of the loop: the clock that counts sleep is read again at least this often.
const LONGEST_SLEEP: Duration = Duration::from_secs(15 * 60);

/// Ends of commands taken at full speed in one minute. More is a fault of ours that would drain the battery:
/// from then on each waits for [`BREATH`]. None is dropped.
const BUDGET: u32 = 10_000;
const BUDGET_FOR: Duration = Duration::from_secs(60);
const BREATH: Duration = Duration::from_millis(50);

/// What was handed in before the end is recorded for at most this long: the host waits for it.
const LAST_INPUTS: Duration = Duration::from_millis(500);

/// Where what the host may read lives. `None` after a panic: the agent is inert.
pub(crate) type Published = Arc<Mutex<Option<Shown>>>;

/// What the host may read at any time. Both are of one moment.
pub(crate) struct Shown {
    pub(crate) status: Status,
    /// Newest first.
    pub(crate) ledger: Vec<Entry>,
}

impl Shown {
    pub(crate) fn of(agent: &Agent) -> Self {
        Self { status: agent.status(), ledger: agent.ledger().cloned().collect() }
    }
}

/// What comes into the loop.
pub(crate) enum Input {
    /// Something happened.
    Event(Event),
    /// Tell when nothing is being done and nothing is due within the patience.
    Settle(Waiter),
    /// End.
    Stop,
}

/// The loop and what it needs.
pub(crate) struct Driver {
    pub(crate) agent: Agent,
    pub(crate) vault: Vault,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) host: Arc<dyn Host>,
    pub(crate) errands: Errands,
    pub(crate) published: Published,
    pub(crate) inputs: Receiver<Input>,
    /// Shut before [`Input::Stop`] is sent, which a full queue does not take. The host is told nothing from then on.
    pub(crate) gate: Gate,
}

/// What the loop remembers between inputs.
#[derive(Default)]
struct Desk {
    /// Commands on the errand thread and when they are given up: a job and the look-ups of the web, whose number is bounded.
    out: Sorted<CommandId, Mono>,
    /// Ends of commands that this thread performed itself.
    done: VecDeque<Event>,
    waiting: Waiting,
    spent: u32,
    spent_since: Mono,
}

impl Driver {
    /// Runs until stopped.
    pub(crate) fn run(mut self) {
        let published = Arc::clone(&self.published);
        let host = Arc::clone(&self.host);
        if catch_unwind(AssertUnwindSafe(|| self.turn_over())).is_err() {
            *published.lock().unwrap_or_else(PoisonError::into_inner) = None;
            log::error!("code 902: the agent is inert after an internal fault");
            if !self.gate.is_shut() {
                // The host's own code must not unwind into this thread's end.
                drop(catch_unwind(AssertUnwindSafe(|| host.inert())));
            }
        }
    }

    fn turn_over(&mut self) {
        let mut desk = Desk::default();
        self.publish();
        self.work(&mut desk);
        self.record_last(&mut desk);
    }

    fn work(&mut self, desk: &mut Desk) {
        while !self.gate.is_shut() {
            self.drain(desk);
            self.answer_waiting(desk);
            let input = match desk.done.pop_front() {
                Some(event) => Ok(Input::Event(event)),
                None => self.inputs.recv_timeout(self.sleep(desk)),
            };
            match input {
                Ok(Input::Event(event)) => {
                    if let Event::Done(..) = event {
                        self.spend(desk);
                    }
                    self.take(desk, event);
                }
                Ok(Input::Settle(waiter)) => desk.waiting.add(waiter),
                Ok(Input::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {
                    self.expire(desk);
                    self.agent.handle(Event::Woke, self.clock.now());
                }
            }
        }
    }

    fn spend(&self, desk: &mut Desk) {
        let now = self.clock.now().mono;
        if now.since(desk.spent_since) >= BUDGET_FOR {
            (desk.spent, desk.spent_since) = (0, now);
        }
        desk.spent = desk.spent.saturating_add(1);
        if desk.spent > BUDGET {
            std::thread::sleep(BREATH);
        }
    }

    /// Keeps what the host handed in before the end. Nothing else is begun.
    fn record_last(&mut self, desk: &mut Desk) {
        let until = self.clock.now().mono.plus(LAST_INPUTS);
        while self.clock.now().mono < until {
            // All of them first: they are saved together.
            while let Ok(input) = self.inputs.try_recv() {
                if let Input::Event(event) = input {
                    self.take(desk, event);
                }
            }
            while let Some(command) = self.agent.poll() {
                if let Effect::Save(_) | Effect::Compact(_) = command.effect {
                    self.perform(desk, command);
                }
            }
            match desk.done.pop_front() {
                Some(event) => self.take(desk, event),
                None => return,
            }
        }
    }

    fn take(&mut self, desk: &mut Desk, event: Event) {
        if let Event::Done(id, _) = &event {
            // After the deadline it was answered already.
            if desk.out.remove(id).is_none() && !is_local(&event) {
                return;
            }
        }
        self.agent.handle(event, self.clock.now());
    }

    fn drain(&mut self, desk: &mut Desk) {
        while let Some(command) = self.agent.poll() {
            self.perform(desk, command);
        }
        while let Some(answer) = self.agent.verdict() {
            if !self.gate.is_shut() {
                self.host.web_verdict(&answer);
            }
        }
        if self.agent.take_changed() {
            self.publish();
        }
    }

    fn perform(&mut self, desk: &mut Desk, command: Command) {
        let id = command.id;
        match &command.effect {
            Effect::Save(records) => {
                let result = self.vault.append(records);
                desk.done.push_back(Event::Done(id, Outcome::Saved(result)));
            }
            Effect::Compact(snapshot) => {
                let result = self.vault.compact(snapshot);
                desk.done.push_back(Event::Done(id, Outcome::Saved(result)));
            }
            Effect::Erase => match self.vault.erase() {
                // The keys go too; they may take seconds.
                Ok(()) => self.send_out(desk, command),
                Err(failure) => desk.done.push_back(Event::Done(id, Outcome::Saved(Err(failure)))),
            },
            Effect::MakeKey(_)
            | Effect::MakeRequest(_)
            | Effect::DropKey(_)
            | Effect::Enrol(_)
            | Effect::Send(_)
            | Effect::FetchIndicators { .. }
            | Effect::Match { .. }
            | Effect::Collect
            | Effect::HashApps(_) => self.send_out(desk, command),
        }
    }

    fn send_out(&self, desk: &mut Desk, command: Command) {
        let (id, deadline) = (command.id, command.deadline);
        let patience = deadline.since(self.clock.now().mono);
        if self.errands.send(command, patience) {
            desk.out.insert(id, deadline);
        } else {
            desk.done.push_back(Event::Done(id, Outcome::Lost));
        }
    }

    fn expire(&mut self, desk: &mut Desk) {
        let now = self.clock.now();
        let late: Vec<CommandId> =
            desk.out.iter().filter(|(_, deadline)| **deadline <= now.mono).map(|(id, _)| *id).collect();
        for id in late {
            desk.out.remove(&id);
            self.agent.handle(Event::Done(id, Outcome::Lost), now);
            self.drain(desk);
        }
    }

    fn sleep(&self, desk: &Desk) -> Duration {
        let now = self.clock.now().mono;
        let wake = self.agent.next_wake().map(|wake| wake.at);
        let first = desk.out.values().copied().chain(wake).min();
        first.map_or(LONGEST_SLEEP, |at| at.since(now)).min(LONGEST_SLEEP)
    }

    fn answer_waiting(&self, desk: &mut Desk) {
        if desk.waiting.is_empty() || !desk.done.is_empty() || !self.agent.is_quiet() {
            return;
        }
        let now = self.clock.now().mono;
        let next = self.agent.next_wake().map(|wake| wake.at.since(now));
        desk.waiting.answer(next);
    }

    fn publish(&self) {
        let shown = Shown::of(&self.agent);
        let status = shown.status.clone();
        *self.published.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown);
        if !self.gate.is_shut() {
            self.host.status_changed(&status);
        }
    }
}

/// Ends of writes are made on this thread and are never late.
const fn is_local(event: &Event) -> bool {
    matches!(event, Event::Done(_, Outcome::Saved(_) | Outcome::Lost))
}
