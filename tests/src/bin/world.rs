//! Lives many simulated histories and tells what broke. `--help` says more.

use std::process::ExitCode;

fn main() -> ExitCode {
    agent_tests::world::main_with(std::env::args_os())
}
