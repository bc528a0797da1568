//! The command line. The story runs [`main_with`] of its own binary.

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::failure::SetupError;

mod args;
mod run;

use args::{GroupArgs, InitArgs, PolicyArgs, ServeArgs};

/// Reference partner cloud: EST CA, check-in, policy, console.
#[derive(Debug, Parser)]
#[command(name = "mtd-gateway", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Make a gateway: CA, server certificate, policy key, database, administrator.
    Init(InitArgs),
    /// Serve devices and people.
    Serve(ServeArgs),
    /// Make a one-time code for a device; it replaces the device's unused one and lifts a revocation when used.
    Code(args::CodeArgs),
    /// Make a group's enrolment key; it replaces the last one.
    EnrolmentKey(args::KeyArgs),
    /// Make a group or put devices into it. Names are case-sensitive.
    Group(GroupArgs),
    /// Make an account of the console and print its password, or remove it.
    Account(args::AccountArgs),
    /// Change and sign the policy.
    Policy(PolicyArgs),
    /// Import indicators and sign the set.
    Indicators(args::IndicatorArgs),
    /// Sign what the console asks for; the only process that holds the policy key while the gateway serves.
    Signer(args::FolderArgs),
    /// Sign a command for one device; it gets it at its next check-in.
    #[command(name = "command")]
    Sign(args::CommandArgs),
    /// Set the address that error notices go to.
    Notices(args::NoticeArgs),
    /// Set for how many days things are kept.
    Retention(args::RetentionArgs),
    /// Name a root that may vouch for devices' keys.
    AttestationRoot(args::RootArgs),
    /// Revoke a device.
    Revoke(args::DeviceArgs),
    /// List devices.
    Devices(args::ListArgs),
}

/// Runs the program with `args`, the first of which is its name.
pub fn main_with(args: impl Iterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // To stdout or stderr as clap sees fit; nothing can be done if that is closed.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS };
        }
    };
    match cli.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr().lock(), "mtd-gateway: {error}");
            ExitCode::FAILURE
        }
    }
}

impl Cli {
    fn run(&self) -> Result<(), SetupError> {
        match &self.command {
            Command::Init(args) => run::init(args),
            Command::Serve(args) => run::serve(args),
            Command::Code(args) => run::code(args),
            Command::EnrolmentKey(args) => run::enrolment_key(args),
            Command::Group(args) => run::group(args),
            Command::Account(args) => run::account(args),
            Command::Policy(args) => run::policy(args),
            Command::Indicators(args) => run::indicators(args),
            Command::Signer(args) => run::signer(args),
            Command::Sign(args) => run::command(args),
            Command::Notices(args) => run::notices(args),
            Command::Retention(args) => run::retention(args),
            Command::AttestationRoot(args) => run::attestation_root(args),
            Command::Revoke(args) => run::revoke(args),
            Command::Devices(args) => run::devices(args),
        }
    }
}

/// Exit status of a command line that cannot be read.
const USAGE: u8 = 2;
