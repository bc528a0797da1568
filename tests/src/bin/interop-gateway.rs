//! The gateway's command line, built whenever the tests are: cargo shows a test no other package's program.

use std::process::ExitCode;

fn main() -> ExitCode {
    agent_gateway::cli::main_with(std::env::args_os())
}
