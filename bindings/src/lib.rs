//! One façade for Java and Swift. It converts, contains panics, and decides nothing.
//!
//! - [`facade`]: the `Mtd*` types, which are all that another language sees
//! - `jni`: the entry points that Java calls (feature `jni`)
//! - UniFFI exports the same types to Swift (feature `uniffi`)
//! - `keychain`, `oslog`: the key store and the log of iOS
//! - `guard`: a panic ends at an entry and leaves the agent inert

pub mod facade;
pub mod guard;
#[cfg(feature = "jni")]
pub mod jni;
#[cfg(any(target_os = "ios", test))]
mod keychain;
#[cfg(target_os = "ios")]
mod oslog;

#[cfg(feature = "uniffi")]
uniffi::setup_scaffolding!("mtd_agent");
