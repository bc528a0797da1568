//! The contract of `agent-core/docs/wire.md`, over real TLS on loopback.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, reason = "a test may panic")]

mod accounts;
mod administration;
mod app_sync;
mod attestation;
mod browser;
mod checkin;
mod command;
mod connector;
mod console;
mod device;
mod durability;
mod enrolment;
mod figures;
mod flood;
mod found;
mod hostile;
mod inventory;
mod migration;
mod notices;
mod openapi;
mod paging;
mod pair;
mod process;
mod rerating;
mod restored;
mod retention;
mod seeds;
mod strings;
mod transport;
mod world;
