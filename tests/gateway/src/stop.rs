//! Stopping: no new connection is taken, requests that have begun come to their end, and then all is done.

use std::time::Duration;

use tokio::sync::watch;

/// Says that the gateway stops, and waits for what has begun. Dropped, it says so too and waits for nothing.
#[derive(Debug)]
pub struct Stop(watch::Sender<bool>);

/// What listeners and connections hear of it; each holds one for as long as it lives.
#[derive(Clone, Debug)]
pub struct Stopping(watch::Receiver<bool>);

impl Stop {
    /// Nothing stops yet.
    #[must_use]
    pub fn new() -> (Self, Stopping) {
        let (begun, hears) = watch::channel(false);
        (Self(begun), Stopping(hears))
    }

    /// Says that everything stops and waits until it has, for at most `longest`. Answers whether it has.
    pub async fn all(self, longest: Duration) -> bool {
        self.0.send_replace(true);
        tokio::time::timeout(longest, self.0.closed()).await.is_ok()
    }
}

impl Stopping {
    /// Ends when the gateway begins to stop.
    pub async fn begun(&self) {
        let mut hears = self.0.clone();
        let _gone = hears.wait_for(|begun| *begun).await;
    }
}
