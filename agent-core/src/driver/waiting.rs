//! Who waits for the agent to come to rest.

use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// One that waits until nothing is due within its patience.
pub(crate) struct Waiter {
    patience: Duration,
    reply: SyncSender<()>,
    stays: Weak<()>,
}

impl Waiter {
    /// A waiter that counts as long as what comes with it is held.
    pub(crate) fn new(patience: Duration, reply: SyncSender<()>) -> (Self, Arc<()>) {
        let stay = Arc::new(());
        (Self { patience, reply, stays: Arc::downgrade(&stay) }, stay)
    }
}

/// All of them: at most one that left, beside those that stay.
#[derive(Default)]
pub(super) struct Waiting(Vec<Waiter>);

impl Waiting {
    /// One more. Who left meanwhile is forgotten: a host may ask many times while the agent never comes to rest.
    pub(super) fn add(&mut self, waiter: Waiter) {
        self.0.retain(|waiter| waiter.stays.strong_count() > 0);
        self.0.push(waiter);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The agent rests until something is due after `next`, or for good: answers whose patience is shorter.
    pub(super) fn answer(&mut self, next: Option<Duration>) {
        self.0.retain(|waiter| {
            let soon = next.is_some_and(|next| next <= waiter.patience);
            if !soon {
                let _nobody_waits = waiter.reply.try_send(());
            }
            soon
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(5);

    #[test]
    fn who_left_is_forgotten_when_the_next_one_comes() {
        let mut waiting = Waiting::default();
        let (reply, rest) = sync_channel(1);
        let (patient, stay) = Waiter::new(PATIENCE, reply.clone());
        waiting.add(patient);
        for _ in 0..125 {
            let (waiter, left) = Waiter::new(PATIENCE, reply.clone());
            waiting.add(waiter);
            drop(left);
        }
        assert_eq!(waiting.0.len(), 2, "one that stays, and the last");
        waiting.answer(Some(PATIENCE));
        assert!(rest.try_recv().is_err(), "something is due");
        waiting.answer(None);
        assert!(rest.try_recv().is_ok() && waiting.is_empty());
        drop(stay);
    }
}
