//! `intune-stand-in`.

use std::process::ExitCode;

fn main() -> ExitCode {
    intune_stand_in::cli::main_with(std::env::args_os())
}
