//! Reference partner cloud: what a partner replaces by implementing `agent-core/docs/wire.md`.
//!
//! ```text
//!   device ──TLS──▶ server (limits, crowd) ─▶ api ─┬▶ est ─▶ credential ─▶ ca
//!                                                  ├▶ checkin ─▶ chain, inventory, rating
//!                                                  └▶ indicators
//!   browser ─────▶ console                      push ─────▶ stand-in for Intune
//!                      └────────────▶ store ◀──────┘
//!   Prometheus ──▶ metrics
//!   administrator ─▶ cli ─▶ signer (its own process: the serving one never opens the policy key)
//!   console ─▶ signing (the same, over a Unix socket, with the password typed anew)
//! ```

pub mod accounts;
pub mod address;
pub mod admin;
pub mod admin_act;
pub mod alerts;
pub mod api;
pub mod app_sync;
pub mod attestation;
mod bounds;
pub mod ca;
pub mod checkin;
pub mod cli;
pub mod clock;
pub mod command;
pub mod console;
pub mod credential;
pub mod crowd;
pub mod csr;
pub mod entra;
pub mod est;
pub mod failure;
pub mod found;
pub mod home;
pub mod indicators;
pub mod init;
pub mod intake;
pub mod jwt;
pub mod limits;
pub mod link;
pub mod lockout;
mod logging;
pub mod metrics;
pub mod notices;
pub mod pace;
pub mod peer;
pub mod pkcs7;
pub mod policy;
pub mod privacy;
pub mod push;
mod ranges;
pub mod rating;
pub mod refusal;
pub mod retention;
pub mod serve;
pub mod server;
pub mod signer;
pub mod signing;
pub mod state_sync;
pub mod stop;
pub mod store;
pub mod throttle;
