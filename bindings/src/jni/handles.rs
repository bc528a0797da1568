//! Numbers in the place of pointers. A number is given once: what Java does with it after the end is an error.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent_logic::sorted::Sorted;

use crate::facade::{MtdAgent, MtdError};

static HANDLES: Mutex<Handles> = Mutex::new(Handles { last: 0, agents: Sorted::new() });

struct Handles {
    last: i64,
    /// As many as the app runs at once: one, or a few in its tests.
    agents: Sorted<i64, Arc<MtdAgent>>,
}

/// Keeps an agent; its number, never 0.
pub(super) fn keep(agent: MtdAgent) -> i64 {
    let mut handles = lock();
    handles.last = handles.last.saturating_add(1);
    let number = handles.last;
    handles.agents.insert(number, Arc::new(agent));
    number
}

/// The agent of a number. It lives until the call that holds it ends.
pub(super) fn agent(number: i64) -> Result<Arc<MtdAgent>, MtdError> {
    lock().agents.get(&number).cloned().ok_or_else(MtdError::stopped)
}

/// Forgets a number.
pub(super) fn drop_number(number: i64) {
    let agent = lock().agents.remove(&number);
    // Not under the lock: the last owner waits for the agent's thread.
    drop(agent);
}

/// Agents that are kept.
#[cfg(feature = "dangerous-panic-test")]
pub(super) fn count() -> usize {
    lock().agents.len()
}

fn lock() -> MutexGuard<'static, Handles> {
    HANDLES.lock().unwrap_or_else(PoisonError::into_inner)
}
