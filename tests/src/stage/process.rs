//! One binary that can be each part, and its running children.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};

use super::Mishap;

/// The programs that one binary can be.
#[derive(Clone, Copy)]
pub enum Part {
    /// The reference cloud.
    Gateway,
    /// The stand-in for Intune.
    Intune,
    /// A stand-in device.
    Device,
    /// The network between device and cloud.
    Path,
}

impl Part {
    /// The part that an argument names.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "gateway" => Some(Self::Gateway),
            "intune" => Some(Self::Intune),
            "device" => Some(Self::Device),
            "path" => Some(Self::Path),
            _ => None,
        }
    }

    /// The argument that names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Intune => "intune",
            Self::Device => "device",
            Self::Path => "path",
        }
    }

    /// Runs it in this process.
    pub fn run(self, args: impl Iterator<Item = OsString>) -> ExitCode {
        match self {
            Self::Gateway => agent_gateway::cli::main_with(args),
            Self::Intune => intune_stand_in::cli::main_with(args),
            Self::Device => crate::device::cli::main_with(args),
            Self::Path => crate::path::main_with(args),
        }
    }
}

/// A child that ends with the stage.
pub(super) struct Running {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Running {
    /// Starts a part.
    pub(super) fn start(program: &Path, part: Part, args: &[&str]) -> Result<Self, Mishap> {
        let mut command = Command::new(program);
        command.arg(part.name()).args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let input = child.stdin.take().ok_or("no standard input")?;
        let output = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        Ok(Self { child, input, output })
    }

    /// Its process.
    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Says a word; the line it answers.
    pub(super) fn say<T: serde::de::DeserializeOwned>(&mut self, word: &str) -> Result<T, Mishap> {
        writeln!(self.input, "{word}")?;
        self.line()
    }

    /// The next line it prints.
    pub(super) fn line<T: serde::de::DeserializeOwned>(&mut self) -> Result<T, Mishap> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        serde_json::from_str(&line).map_err(|_| "a process did not come up".into())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Runs a part to its end; its standard output.
pub(super) fn run(program: &Path, part: Part, args: &[&str]) -> Result<String, Mishap> {
    let out = Command::new(program).arg(part.name()).args(args).output()?;
    if out.status.success() {
        Ok(String::from_utf8(out.stdout)?)
    } else {
        Err(String::from_utf8_lossy(&out.stderr).into_owned().into())
    }
}
