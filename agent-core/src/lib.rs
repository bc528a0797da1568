//! Does. Ports, transport, vault and the driver around [`agent_logic`], which decides.
//!
//! The host implements [`ports`] and starts one agent; the agent runs on one thread of its own and performs
//! slow work (key store, network, inventory) on one other, and reads the indicator set on a third.

pub mod agent;
mod asn1;
pub mod clock;
mod driver;
pub mod folder;
#[cfg(feature = "dangerous-fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod gate;
mod gzip;
pub mod indicators;
mod opening;
pub mod ports;
pub mod transport;
pub mod trust;
pub mod vault;
mod x509;
