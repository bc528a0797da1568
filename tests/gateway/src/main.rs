//! `mtd-gateway`: the reference partner cloud.

use std::process::ExitCode;

fn main() -> ExitCode {
    agent_gateway::cli::main_with(std::env::args_os())
}
