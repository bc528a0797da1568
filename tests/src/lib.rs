//! The whole system on one machine: every part real, some of them written by others.
//!
//! - [`story`]: the main job in eight steps, `cargo run`
//! - [`mod@bench`]: the figures, each beside its peer, `cargo xtask bench`
//! - [`device`]: the stand-in for a partner's app, `mtd-device`
//! - [`disk_faults`]: what a vault on a failing disk is judged by
//! - [`fleet`]: 100,000 devices in the gateway's database
//! - [`path`]: the network between a device and its cloud, breakable on purpose
//! - [`stage`]: all of it in one folder, and what its databases say
//! - [`fuzz`]: every parser of foreign bytes, as a function of bytes
//! - [`world`]: a simulated world around the real machine and the real vault, `cargo xtask world`
//! - [`peers`]: EST servers, EST clients and TLS clients that nobody here wrote

pub mod bench;
pub mod device;
pub mod disk_faults;
pub mod fleet;
pub mod fuzz;
pub mod path;
pub mod peers;
pub mod stage;
pub mod story;
pub mod world;
