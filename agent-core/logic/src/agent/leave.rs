//! Leaving: the user's wish, which policy may prevent, and the administrator's command, which it may not.
//!
//! Rules: L10, R16.

use super::{Agent, registration};
use crate::code;

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
}
