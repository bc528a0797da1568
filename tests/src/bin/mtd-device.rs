//! The stand-in for a partner's app. `--help` says more.

use std::process::ExitCode;

fn main() -> ExitCode {
    agent_tests::device::cli::main_with(std::env::args_os())
}
