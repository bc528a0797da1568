//! The stand-in device: a Linux machine in the place of a phone. What it tells the agent is true of the machine.

pub mod cli;
pub mod conform;
pub mod inventory;
pub mod keys;
mod logging;
pub mod posture;
pub mod sensors;
mod show;
