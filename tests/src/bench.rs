//! The figures that the project is held to, each measured beside its peer in the same run: `cargo xtask bench`.
//!
//! ```text
//! idle        bytes and private-key operations of an idle check-in     curl, requests
//! record      one durable event                                        SQLite
//! inventory   bytes of an inventory: first, three apps more, the same  gzip of the JSON
//! drain       500 transitions after an outage                          requests, one POST each
//! wake        CPU and memory of a cold process that checks in          curl, requests
//! indicators  500 apps against 100,000 indicators, cold file           SQLite
//! handover    500 apps from Java to Rust, in one call                      UniFFI over JNA
//! gateway     CPU of the gateway per full handshake and check-in       the same TLS without a gateway, nginx
//! fleet       the cloud with 100,000 devices in its database           SQLite
//! ```
//!
//! Every part is real and in the profile that ships; bytes are counted by the path between device and gateway.

mod drain;
mod fleet;
mod gateway;
mod golden;
mod handover;
mod idle;
mod indicators;
mod inventory;
mod keys;
mod peers;
mod phone;
mod record;
mod row;
mod timed;
mod wake;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use crate::stage::{Mishap, Part};
use row::{Row, Teller};

/// Measures the figures of this machine; a missed target is told as missed.
#[derive(Debug, Parser)]
#[command(name = "bench", version)]
struct Cli {
    /// One figure; may be repeated.
    #[arg(long)]
    only: Vec<String>,
    /// One JSON object per row.
    #[arg(long)]
    json: bool,
}

/// Measures some rows.
type Figure = fn() -> Result<Vec<Row>, Mishap>;

const FIGURES: [(&str, Figure); 9] = [
    ("idle", idle::measure),
    ("record", record::measure),
    ("inventory", inventory::measure),
    ("drain", drain::measure),
    ("wake", wake::measure),
    ("indicators", indicators::measure),
    ("handover", handover::measure),
    ("gateway", gateway::measure),
    ("fleet", fleet::measure),
];

/// Runs the benches or, named by the first argument, one of their processes. Fails when something could not be
/// measured, and not when a target is missed.
pub fn main_with(args: impl Iterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.collect();
    let (program, rest) =
        args.split_first().map_or((OsString::new(), Vec::new()), |(p, r)| (p.clone(), r.to_vec()));
    match rest.split_first().and_then(|(first, more)| Some((first.to_str()?, more))) {
        Some((timed::NAME, more)) => return timed::main_with(more),
        Some((gateway::TLS_ONLY, more)) => return gateway::tls_only_main(more),
        Some((name, more)) => {
            if let Some(part) = Part::named(name) {
                return part.run(std::iter::once(program).chain(more.iter().cloned()));
            }
        }
        None => {}
    }
    match Cli::try_parse_from(args) {
        Ok(cli) => measure(&cli),
        Err(error) => {
            let _closed = error.print();
            ExitCode::from(if error.use_stderr() { 2 } else { 0 })
        }
    }
}

fn measure(cli: &Cli) -> ExitCode {
    let unknown = cli.only.iter().find(|name| FIGURES.iter().all(|(known, _)| known != name));
    if let Some(name) = unknown {
        let names: Vec<&str> = FIGURES.iter().map(|(name, _)| *name).collect();
        row::mishap(name, &format!("no such figure; there are {}", names.join(", ")).into());
        return ExitCode::from(2);
    }
    let mut teller = Teller::new(cli.json);
    for (name, figure) in FIGURES {
        if cli.only.is_empty() || cli.only.iter().any(|only| only == name) {
            match figure() {
                Ok(rows) => rows.iter().for_each(|row| teller.row(row)),
                Err(mishap) => teller.failed(name, &mishap),
            }
        }
    }
    teller.close()
}
