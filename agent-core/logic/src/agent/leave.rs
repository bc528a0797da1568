//! Leaving: the user's wish, which policy may prevent, and the administrator's command, which it may not.
//!
//! Rules: L10, R16.

use std::time::Duration;

use super::{Agent, registration};
use crate::code;
use crate::time::Timer;

/// How long a device that leaves tries to tell the cloud.
const LEAVE_PATIENCE: Duration = Duration::from_secs(3_600);

/// How often a device that leaves tries to tell the cloud.
const LEAVE_ATTEMPTS: u32 = 3;

impl Agent {
    /// The user, or the host, wants to leave. Withdrawing consent stops all sending and is never prevented.
    pub(super) fn wish_to_leave(&mut self) {
        let prevents = self.state.policy().is_some_and(|policy| policy.prevent_unenrolment);
        if !prevents || self.state.registration.leaving.is_some() {
            return self.leave();
        }
        self.live.count(code::UNENROLMENT_PREVENTED, 1, self.now);
        // The administrator is told at once, and a user who insists wakes no radio.
        if !self.live.leave_refused {
            self.live.leave_refused = true;
            self.live.ask();
        }
    }

    /// Tells the cloud if it can, then wipes.
    pub(super) fn leave(&mut self) {
        if self.state.registration.leaving.is_none() {
            self.record(registration::Change::Leaving { at: self.now });
        }
        self.live.ask();
    }

    /// A device that leaves tells the cloud first if it can; it does not wait for ever. A time that a full disk used up
    /// ends with a try all the same.
    pub(super) fn may_leave_untold(&self) -> bool {
        let over = self.farewell().is_none_or(|patience| patience.is_over(&self.now));
        self.state.registration.identity().is_none()
            || self.gate().is_none()
            || self.live.failures >= LEAVE_ATTEMPTS
            || (over && !self.may_speak())
    }

    /// The time in which a device that leaves tries to tell the cloud.
    pub(super) fn farewell(&self) -> Option<Timer> {
        self.state.registration.leaving.map(|since| Timer::new(since, LEAVE_PATIENCE))
    }
}
