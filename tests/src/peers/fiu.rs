//! libfiu's `fiu-run -x`: makes calls of the C library fail in a child.
//!
//! The agent's folder is written through Rust's standard library, which calls the C library, so what is injected
//! there is what the journal sees. Its lock is taken by a raw system call and cannot be made to fail.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Missing, PeerError, on_path};

/// The program.
#[derive(Clone, Debug)]
pub struct Fiu(PathBuf);

/// A call that fails now and then.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// libfiu's name, for example `posix/io/rw/write`.
    pub call: &'static str,
    /// Of a hundred calls.
    pub percent: u8,
    /// The `errno`; 0 where the call has none to give.
    pub errno: i32,
}

impl Fiu {
    /// The `fiu-run` on this machine.
    ///
    /// # Errors
    ///
    /// [`Missing::Fiu`].
    pub fn find() -> Result<Self, PeerError> {
        Ok(Self(on_path("fiu-run").ok_or(Missing::Fiu)?))
    }

    /// `program` with these faults.
    #[must_use]
    pub fn command(&self, program: &Path, faults: &[Fault]) -> Command {
        let mut command = Command::new(&self.0);
        // No pipes by which another process could change the faults.
        command.args(["-x", "-f", ""]);
        for Fault { call, percent, errno } in faults {
            let probability = f64::from(*percent) / 100.0;
            command.args([
                "-c",
                &format!("enable_random name={call},probability={probability},failinfo={errno}"),
            ]);
        }
        command.arg(program);
        command
    }
}
