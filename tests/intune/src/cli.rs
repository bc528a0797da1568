//! The command line. The story runs [`main_with`] of its own binary.

use std::ffi::OsString;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use crate::compliance::RequiredLevel;
use crate::serve::{StartError, start};

/// Stand-in for Intune: knows only what a partner's connector pushes.
#[derive(Debug, Parser)]
#[command(name = "intune-stand-in", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the connector and those who ask about devices.
    Serve(ServeArgs),
}

#[derive(Debug, Args)]
struct ServeArgs {
    /// Folder of the database; made unless it is there.
    #[arg(long)]
    dir: PathBuf,
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The worst level that is still compliant; the one set last if absent, `secured` at first.
    #[arg(long)]
    required_level: Option<RequiredLevel>,
    /// File with what the connector shows: the gateway's `connector-secret`.
    #[arg(long)]
    secret_file: PathBuf,
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
    let Command::Serve(args) = cli.command;
    match serve(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr().lock(), "intune-stand-in: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(args: &ServeArgs) -> Result<(), StartError> {
    let runtime = tokio::runtime::Runtime::new().map_err(StartError::Listen)?;
    runtime.block_on(async {
        let (ready, serving) = start(&args.dir, args.listen, args.required_level, &args.secret_file).await?;
        say(&serde_json::to_string(&ready).unwrap_or_default())
            .map_err(|error| StartError::File("stdout".into(), error))?;
        let mut terminate = signal(SignalKind::terminate()).map_err(StartError::Listen)?;
        tokio::select! {
            ended = serving => ended.map_err(StartError::Listen),
            _ = tokio::signal::ctrl_c() => Ok(()),
            _ = terminate.recv() => Ok(()),
        }
    })
}

fn say(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// Exit status of a command line that cannot be read.
const USAGE: u8 = 2;
