//! Keeps everything running for a person to look at.

use super::tell::print;
use crate::stage::{Mishap, Stage};

/// Prints where to look and waits for an interrupt.
pub(super) fn until_interrupted(stage: &Stage) -> Result<(), Mishap> {
    let password = std::fs::read_to_string(stage.cloud().join("admin-password"))?;
    print(&format!("Console: {} (admin, {})", stage.gateway.console, password.trim()));
    print(&format!("A device of your own: {}", stage.by_hand()?));
    print("Ctrl-C ends it all.");
    tokio::runtime::Runtime::new()?.block_on(tokio::signal::ctrl_c())?;
    Ok(())
}
