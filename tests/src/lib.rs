//! The tests of the whole system: every part real, some of them written by others.
//!
//! - [`peers`]: EST servers, EST clients and TLS clients that nobody here wrote

pub mod peers;
