//! Python without any package: another language's word on what is published, and a second language for the library.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::child::{run, succeed};
use super::{Judgement, Missing, PeerError, on_path};

const PROGRAM: &str = "python3";
const ENDS_WITHIN: Duration = Duration::from_secs(60);
/// A life of an app, with a wake's budget in it.
const LIVES_WITHIN: Duration = Duration::from_secs(120);

/// The program.
pub struct Python(PathBuf);

impl Python {
    /// Looks for the program.
    ///
    /// # Errors
    ///
    /// [`Missing::Python`].
    pub fn find() -> Result<Self, PeerError> {
        on_path(PROGRAM).map(Self).ok_or_else(|| Missing::Python.into())
    }

    /// Runs a script of `tests`. What it found is in the [`Judgement`].
    ///
    /// # Errors
    ///
    /// The program did not run, or not to its end.
    pub fn judge(&self, script: &str, arguments: &[&Path]) -> Result<Judgement, PeerError> {
        let mut command = Command::new(&self.0);
        // Isolated: no package and no setting of this machine counts.
        command.args(["-I", "-B"]).arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(script)).args(arguments);
        let ended = run(command, PROGRAM, b"", ENDS_WITHIN)?;
        let said = String::from_utf8_lossy(&ended.out).into_owned() + &ended.err;
        Ok(Judgement { clean: ended.status.success(), said })
    }

    /// Runs a script of `tests` that imports what stands in `modules`; its standard output.
    ///
    /// # Errors
    ///
    /// [`PeerError::Refused`] with what it says where it does not end in success.
    pub fn live(&self, script: &str, modules: &Path, arguments: &[&str]) -> Result<String, PeerError> {
        let mut command = Command::new(&self.0);
        command.arg("-B").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(script)).args(arguments);
        command.env("PYTHONPATH", modules);
        let out = succeed(command, PROGRAM, b"", LIVES_WITHIN)?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }
}
