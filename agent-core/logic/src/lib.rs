//! Decides. The whole agent as one machine without socket, clock, thread, file, randomness or async.
//!
//! ```text
//!            Event │                        ▲ Command
//!   ┌──────────────▼────────────────────────┴──────────────┐
//!   │ Agent = registration + contact + threats + inventory │
//!   │         + outbox + journal (records; state is their  │
//!   │         fold)                                        │
//!   └──────────────────────────────────────────────────────┘
//! ```
//!
//! The shell calls [`Agent::handle`] with one [`Event`], drains [`Agent::poll`] until it is empty, performs
//! each [`Command`], and calls again at [`Agent::next_wake`] at the latest. What must not happen twice is
//! saved before it is spoken: an effect that depends on a record is given out only after that record's
//! `Save` was answered.
//!
//! [`Agent::handle`]: agent::Agent::handle
//! [`Agent::poll`]: agent::Agent::poll
//! [`Agent::next_wake`]: agent::Agent::next_wake
//! [`Event`]: event::Event
//! [`Command`]: command::Command

pub mod agent;
pub mod chance;
pub mod code;
pub mod command;
pub mod configuration;
pub mod event;
pub mod failure;
pub mod json;
pub mod model;
pub mod redact;
pub mod sorted;
pub mod text;
pub mod time;
pub mod wire;
