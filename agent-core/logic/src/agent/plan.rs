//! The next moment: when something is due, and the pauses that put it off.
//!
//! Rules: L4, L7, R20.

use std::time::Duration;

use super::registration::Step;
use super::{Agent, contact};
use crate::event::Reach;
use crate::time::Timer;

/// The least pause after a failure: full jitter may draw none, and the same would be tried in the same breath.
const LEAST_PAUSE: Duration = Duration::from_secs(1);

impl Agent {
    /// The earliest moment something is due, and what; nothing while something is being done.
    pub(super) fn next_timer(&self) -> Option<(Timer, &'static str)> {
        self.planned().filter(|_| self.journal.retry().is_some() || self.is_quiet())
    }

    /// The earliest moment something will be due, and what.
    pub(super) fn planned(&self) -> Option<(Timer, &'static str)> {
        if let Some(retry) = self.journal.retry() {
            return Some((retry, "save again"));
        }
        if self.live.erase {
            return self.live.retry.map(|retry| (retry, "wipe again"));
        }
        self.gate()?;
        let farewell = self.farewell().map(|patience| (patience, "leave untold"));
        if self.live.network.reach == Reach::Offline || self.live.stopped || self.live.locked {
            return farewell;
        }
        let registration = &self.state.registration;
        let step = registration.step(self.live.key_ready, self.same_key(), &self.now, self.trusted());
        let (renewal, asks) = match step {
            Some(Step::Wait(timer)) => (Some((timer, "renewal or enrolment")), false),
            Some(Step::MakeKey(_) | Step::MakeRequest { .. } | Step::Enrol { .. }) => (None, true),
            Some(Step::Prove) | None => (None, false),
        };
        let pending = self.wants_contact() || asks || registration.stale.is_some();
        let pause =
            self.pause().filter(|_| pending || renewal.is_some_and(|(timer, _)| timer.is_over(&self.now)));
        let routine = registration.identity().and_then(|_| self.routine());
        let again = self.live.readings.again().map(|timer| (timer, "read the apps again"));
        let held = |(timer, why)| (self.held(timer), why);
        let due = match pause {
            Some(pause) => [farewell, Some((pause, "try again")), None],
            None => [renewal.map(held), routine.map(held), again]
                .map(|due| due.filter(|(timer, _)| !timer.is_over(&self.now))),
        };
        due.into_iter().flatten().min_by_key(|(timer, _)| timer.left(&self.now))
    }

    /// The next check-in. What is due in what is left of a day that is overspent waits for its end.
    fn routine(&self) -> Option<(Timer, &'static str)> {
        let contact = &self.state.contact;
        let next = contact.next();
        match contact.overspent(&self.now) {
            Some(day) if next.is_none_or(|next| next.left(&self.now) <= day.left(&self.now)) => {
                Some((day, "check-in, the day's budget is used up"))
            }
            Some(_) | None => next.map(|next| (next, "check-in")),
        }
    }

    /// The pause that runs, the server's or ours: the longer, for a wake between the two does nothing.
    pub(super) fn pause(&self) -> Option<Timer> {
        let pauses = [self.state.contact.held_back(&self.now), self.own_pause()];
        pauses.into_iter().flatten().max_by_key(|pause| pause.left(&self.now))
    }

    pub(super) fn own_pause(&self) -> Option<Timer> {
        self.live.retry.filter(|retry| !retry.is_over(&self.now))
    }

    /// The end of `timer`, or of the pause that runs longer: between the two a wake would be for nothing.
    fn held(&self, timer: Timer) -> Timer {
        self.pause().filter(|pause| pause.left(&self.now) > timer.left(&self.now)).unwrap_or(timer)
    }

    /// The pause after one more failure of ours, with full jitter.
    pub(super) fn back_off(&mut self) {
        let most = contact::Contact::backoff(self.live.failures);
        self.live.failures = self.live.failures.saturating_add(1);
        let pause = self.chance.jitter(most).max(LEAST_PAUSE);
        self.live.retry = Some(Timer::new(self.now, pause));
    }
}
