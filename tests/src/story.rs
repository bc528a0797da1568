//! The main job, told in eight steps: every part a process of its own, every claim read from the databases.

mod serve;
mod steps;
mod tell;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use crate::stage::{Mishap, Part, Stage};
use tell::Teller;

/// Runs the whole system on this machine and tells what happens.
#[derive(Debug, Parser)]
#[command(name = "story", version)]
struct Cli {
    /// One JSON object per step.
    #[arg(long)]
    json: bool,
    /// Keep everything running afterwards and print the console's address.
    #[arg(long)]
    serve: bool,
    /// Device IDs and the device's choices come from this number. Keys never do.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs the story, or, named by the first argument, one of its processes.
pub fn main_with(mut args: impl Iterator<Item = OsString>) -> ExitCode {
    let program = args.next().unwrap_or_default();
    let mut rest: Vec<OsString> = args.collect();
    let part = rest.first().and_then(|first| first.to_str()).and_then(Part::named);
    if let Some(part) = part {
        rest.remove(0);
        return part.run(std::iter::once(program).chain(rest));
    }
    let cli = match Cli::try_parse_from(std::iter::once(program).chain(rest)) {
        Ok(cli) => cli,
        Err(error) => {
            let _closed = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match run(&cli) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(mishap) => {
            tell::mishap(&mishap);
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<bool, Mishap> {
    let mut teller = Teller::new(cli.json);
    let mut stage = Stage::set(&std::env::current_exe()?, cli.seed)?;
    teller.opening(&stage);
    for step in steps::ALL {
        let outcome = (step.play)(&mut stage)?;
        teller.step(step, &outcome);
    }
    teller.closing();
    if cli.serve {
        serve::until_interrupted(&stage)?;
    }
    Ok(teller.all_hold())
}
