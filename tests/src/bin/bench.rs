//! The figures, each beside its peer, measured on this machine. `--help` says more.

use std::process::ExitCode;

fn main() -> ExitCode {
    agent_tests::bench::main_with(std::env::args_os())
}
