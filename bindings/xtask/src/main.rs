//! The project's own commands: `cargo xtask test` judges the tree, `cargo xtask world` lives
//! simulated histories, `cargo xtask bench` measures the figures, `cargo xtask setup` fetches what they need.
//!
//! ```text
//! android  the library for Android: built, judged, packaged
//! ios      the same for iOS
//! main     the command line, from words to an exit code
//! part     what can be judged, in order of cost, and which tools each part needs
//! tools    what is fetched: cargo-deny, Debian packages, the EST server of others, schemathesis
//! debian_rust  the Rust that builds its own standard library
//! making   what both builds share
//! qemu     the core's tests on emulated ARM
//! rules    every numbered rule is cited in code and in a test
//! length   no file longer than a person reads
//! robolectric  the Java layer on Android's framework code, by Maven
//! partner  a partner's build: the README's examples, the sample shrunk
//! mutants  the code broken on purpose, and the tests that must notice
//! seeds    what the seeds say, where it is built, and the test that goes red without it
//! report   one line per part, one line at the end
//! process  children: their output, their deadline
//! ```

mod android;
mod args;
mod debian_rust;
mod ios;
mod length;
mod making;
mod mutants;
mod part;
mod partner;
mod process;
mod qemu;
mod report;
mod robolectric;
mod rules;
mod seeds;
mod shipped;
mod tools;

use std::path::PathBuf;
use std::process::ExitCode;

use android::Order;
use args::Command;
use part::Part;
use report::{Report, say};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match args::parse(&words) {
        Ok(Command::Bench(words)) => bench(&words),
        Ok(Command::Help) => {
            say(args::USAGE);
            ExitCode::SUCCESS
        }
        Ok(Command::List) => {
            for part in Part::ALL {
                say(&format!("{:<15}{}", part.name(), part.what()));
            }
            ExitCode::SUCCESS
        }
        Ok(Command::Android(order)) => android(&order),
        Ok(Command::Ios(order)) => ios(&order),
        Ok(Command::Mutants(names)) => {
            let mut report = Report::new(std::io::stdout(), under_ci());
            report.run("mutants", || mutants::judge(&root(), &names));
            report.close()
        }
        Ok(Command::Parity { write }) => {
            let mut report = Report::new(std::io::stdout(), under_ci());
            report.run("parity", || part::parity(&root(), write));
            report.close()
        }
        Ok(Command::Seeds(names)) => {
            let mut report = Report::new(std::io::stdout(), under_ci());
            report.run("seeds", || seeds::judge(&root(), &names));
            report.close()
        }
        Ok(Command::Setup) => judge(&[], &tools::Tool::ALL),
        Ok(Command::World(words)) => world(&words),
        Ok(Command::Test(parts)) => judge(&parts, &part::tools_of(&parts)),
        Err(mistake) => {
            say(&format!("{mistake}\n\n{}", args::USAGE));
            ExitCode::from(2)
        }
    }
}

fn judge(parts: &[Part], tools: &[tools::Tool]) -> ExitCode {
    let root = root();
    let mut report = Report::new(std::io::stdout(), under_ci());
    for tool in tools {
        report.run(tool.name(), || tool.ready(&root));
    }
    for part in parts {
        report.run(part.name(), || part.judge(&root));
    }
    report.close()
}

/// The figures, in the profile that ships. The device that is measured is a program of its own.
fn bench(words: &[String]) -> ExitCode {
    let mut build = process::cargo(&root());
    build.args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "agent-tests",
        "--bin",
        "bench",
        "--bin",
        "mtd-device",
    ]);
    let mut run = process::cargo(&root());
    run.args(["run", "--quiet", "--release", "--package", "agent-tests", "--bin", "bench", "--"]).args(words);
    exit(succeeds(build) && succeeds(run))
}

fn android(order: &Order) -> ExitCode {
    let root = root();
    // Standard output is for the table.
    let mut report = Report::new(std::io::stderr(), under_ci());
    let tool = tools::Tool::Android;
    report.run(tool.name(), || tool.ready(&root));
    report.run("android", || android::judge(&root, order));
    report.close()
}

fn ios(order: &ios::Order) -> ExitCode {
    let root = root();
    // Standard output is for the table.
    let mut report = Report::new(std::io::stderr(), under_ci());
    let tool = tools::Tool::Apple;
    report.run(tool.name(), || tool.ready(&root));
    report.run("ios", || ios::judge(&root, order));
    report.close()
}

/// Simulated histories, optimised: a debug build lives a tenth of them.
fn world(words: &[String]) -> ExitCode {
    let mut run = process::cargo(&root());
    run.args(["run", "--quiet", "--profile", "world", "--package", "agent-tests", "--bin", "world", "--"]);
    run.args(words);
    exit(succeeds(run))
}

/// Runs `command` with its output passed on.
fn succeeds(mut command: std::process::Command) -> bool {
    match command.status() {
        Ok(status) => status.success(),
        Err(error) => {
            say(&format!("cargo did not start: {error}"));
            false
        }
    }
}

fn exit(well: bool) -> ExitCode {
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The workspace: from the variable that cargo sets when it runs this program, else where it was built.
fn root() -> PathBuf {
    let built = || env!("CARGO_MANIFEST_DIR").into();
    let here: PathBuf = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(built).into();
    here.join("../..").canonicalize().unwrap_or(here)
}

/// A skip is a failure where `CI` is `true`.
fn under_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}
