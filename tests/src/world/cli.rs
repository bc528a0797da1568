//! The command line of the world.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;

use super::{Plan, fleet, run};

/// Lives simulated histories of a device and its cloud. A seed that breaks a rule is told; `--seed` replays it.
#[derive(Debug, Parser)]
#[command(name = "world", version)]
struct Cli {
    /// How many histories.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first seed; alone it is replayed and its steps are told.
    #[arg(long)]
    seed: Option<u64>,
    /// Days of each history.
    #[arg(long, default_value_t = 30)]
    days: u64,
    /// Power goes in the middle of a write soon after each start of the process.
    #[arg(long)]
    cuts: bool,
}

impl Cli {
    const fn plan(&self, seed: u64) -> Plan {
        Plan { cuts: self.cuts, ..Plan::new(seed, self.days) }
    }
}

/// Runs histories as the arguments say.
pub fn main_with(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let many = arguments.iter().any(|word| word.to_string_lossy().starts_with("--seeds"));
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(refusal) => {
            // Nobody reads a message that cannot be printed.
            let _ = refusal.print();
            return ExitCode::from(2);
        }
    };
    match cli.seed {
        Some(seed) if !many => replay(cli.plan(seed)),
        first => live(first.unwrap_or(1), &cli),
    }
}

fn replay(plan: Plan) -> ExitCode {
    let seed = plan.seed;
    let end = run(Plan { told: true, ..plan });
    for line in &end.lines {
        say(line);
    }
    say(&format!("seed {seed}: commands {:016x}, {:?}", end.print, end.tally));
    match end.broken {
        Some((violation, moment)) => {
            say(&format!("seed {seed} broke at moment {moment}: {}: {}", violation.rule, violation.seen));
            ExitCode::FAILURE
        }
        None => ExitCode::SUCCESS,
    }
}

fn live(first: u64, cli: &Cli) -> ExitCode {
    let begun = Instant::now();
    let lived = fleet(first..first.saturating_add(cli.seeds), cli.plan(first));
    let took = begun.elapsed().as_secs_f64();
    for (seed, (violation, moment)) in &lived.broken {
        let days = cli.days;
        say(&format!(
            "seed {seed} broke at moment {moment}: {}: {}\n  cargo xtask world --seed {seed} --days {days}",
            violation.rule, violation.seen
        ));
    }
    say(&format!("{:?}", lived.tally));
    let days = lived.tally.hours / 24;
    // A figure for people: the sum of days is far below 2^32.
    let rate = u32::try_from(days).map_or(f64::INFINITY, f64::from) / took * 60.0;
    say(&format!(
        "{} of {} histories broke a rule, {days} device-days in {took:.1} s: {rate:.0} device-days per minute",
        lived.broken.len(),
        cli.seeds
    ));
    if lived.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn say(line: &str) {
    // A reader that went away is no reason to stop.
    let _ = writeln!(std::io::stdout(), "{line}");
}
