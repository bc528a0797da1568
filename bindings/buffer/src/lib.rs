//! What crosses between the languages as one buffer.
//!
//! - [`apps`]: the inventory, parsed in one pass
//! - [`Reader`], [`Writer`]: numbers and texts, one after another
//!
//! A crate of its own, since it alone is built for speed in the profile that ships: 500 apps cross in one call while a
//! check-in waits. The façade around it instantiates the whole transport, and is built for size.

pub mod apps;
mod bytes;

pub use bytes::{Malformed, Reader, Writer};
