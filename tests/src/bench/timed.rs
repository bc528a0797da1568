//! What one process costs. A small process in between starts it: on Linux the peak memory of a child begins with
//! that of the process that started it.

use std::ffi::OsString;
use std::process::{Command, ExitCode, Stdio};

use serde::{Deserialize, Serialize};
use wait4::Wait4 as _;

use crate::stage::Mishap;

/// The argument that makes this program the one in between.
pub(super) const NAME: &str = "timed";

/// What a process cost.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Cost {
    /// User and system CPU time, all threads.
    pub(super) cpu_micros: u64,
    /// Peak resident memory.
    pub(super) peak_kib: u64,
}

/// Runs `words` to a successful end.
pub(super) fn cost(words: &[String]) -> Result<Cost, Mishap> {
    let out = Command::new(std::env::current_exe()?).arg(NAME).args(words).output()?;
    if !out.status.success() {
        return Err(format!("{}: {}", words.join(" "), String::from_utf8_lossy(&out.stderr)).into());
    }
    Ok(serde_json::from_slice(&out.stdout)?)
}

pub(super) fn main_with(words: &[OsString]) -> ExitCode {
    match run(words) {
        Ok(cost) => {
            use std::io::Write as _;
            let told = serde_json::to_string(&cost).unwrap_or_default();
            let _closed = writeln!(std::io::stdout(), "{told}");
            ExitCode::SUCCESS
        }
        Err(_) => ExitCode::FAILURE,
    }
}

fn run(words: &[OsString]) -> Result<Cost, Mishap> {
    let (program, rest) = words.split_first().ok_or("nothing to run")?;
    let child = Command::new(program).args(rest).stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
    let used = child.wait4()?;
    if !used.status.success() {
        return Err("it failed".into());
    }
    let cpu = used.rusage.utime.saturating_add(used.rusage.stime);
    Ok(Cost { cpu_micros: u64::try_from(cpu.as_micros())?, peak_kib: used.rusage.maxrss / 1024 })
}
