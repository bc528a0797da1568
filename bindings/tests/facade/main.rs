//! The façade from outside, without a network.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod host;
mod life;
mod loss;
mod values;
