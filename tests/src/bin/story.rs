//! The main job, told in eight steps. `--help` says more.

use std::process::ExitCode;

fn main() -> ExitCode {
    agent_tests::story::main_with(std::env::args_os())
}
