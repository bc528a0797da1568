//! schemathesis: requests made from a published document, good ones and bad ones, and a judgement of each answer.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::child::run;
use super::{Missing, PeerError, on_path};

/// Names the program; `cargo xtask test` sets it.
const VARIABLE: &str = "MTD_SCHEMATHESIS";
/// Where `cargo xtask setup` puts it, seen from this crate.
const INSTALLED: &str = "../target/tools/schemathesis/bin/schemathesis";
const PROGRAM: &str = "schemathesis";
/// Its settings, and from there the document.
const SETTINGS: &str = "schemathesis";
const DOCUMENT: &str = "../../agent-core/docs/openapi.json";
/// Requests for each operation and phase; the seed that makes them the same in every run.
const EXAMPLES: &str = "40";
const SEED: &str = "1";
/// A run takes about half a minute.
const ENDS_WITHIN: Duration = Duration::from_secs(180);

/// The program.
pub struct Schemathesis(PathBuf);

/// What one run was told, and what came of it.
#[derive(Debug)]
pub struct Judgement {
    /// Nothing was found.
    pub clean: bool,
    /// All that it said.
    pub said: String,
}

impl Schemathesis {
    /// Looks for the program.
    ///
    /// # Errors
    ///
    /// [`Missing::Schemathesis`].
    pub fn find() -> Result<Self, PeerError> {
        let told = std::env::var_os(VARIABLE).map(PathBuf::from);
        let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join(INSTALLED);
        let known = told.into_iter().chain([installed]).find(|program| is_whole(program));
        known.or_else(|| on_path(PROGRAM)).map(Self).ok_or_else(|| Missing::Schemathesis.into())
    }

    /// Runs every check on the operations of the published document whose path `paths` matches, at `url`.
    /// `settings` is a file in `tests/schemathesis`; `more` says who asks.
    ///
    /// # Errors
    ///
    /// The program did not run, or not to its end. What it found is in the [`Judgement`].
    pub fn judge(
        &self,
        settings: &str,
        url: &str,
        paths: &str,
        more: &[&OsStr],
        environment: &[(&str, &str)],
    ) -> Result<Judgement, PeerError> {
        let mut command = Command::new(&self.0);
        command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(SETTINGS));
        command.args(["--config-file", settings, "run", DOCUMENT, "--url", url]);
        command.args(["--include-path-regex", paths]);
        command.args(["--max-examples", EXAMPLES, "--seed", SEED]);
        command.args(["--generation-database", "none", "--max-redirects", "0"]);
        command.args(["--no-color", "--continue-on-failure"]).args(more);
        command.envs(environment.iter().copied()).env("PYTHONDONTWRITEBYTECODE", "1");
        let ended = run(command, PROGRAM, b"", ENDS_WITHIN)?;
        let said = String::from_utf8_lossy(&ended.out).into_owned() + &ended.err;
        Ok(Judgement { clean: ended.status.success(), said })
    }
}

/// Whether `program` is there and, if it is a script, what runs it too: a copied environment names the Python of another.
fn is_whole(program: &Path) -> bool {
    let Ok(bytes) = std::fs::read(program) else { return false };
    let Some(rest) = bytes.strip_prefix(b"#!") else { return true };
    let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let interpreter = line.split(u8::is_ascii_whitespace).find(|word| !word.is_empty()).unwrap_or_default();
    std::str::from_utf8(interpreter).is_ok_and(|path| Path::new(path).is_file())
}

impl Judgement {
    /// The lines that count: cases, failures, warnings.
    #[must_use]
    pub fn closing(&self) -> String {
        self.said.find("= SUMMARY =").and_then(|at| self.said.get(at..)).unwrap_or(&self.said).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_without_what_runs_it_is_no_program() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("schemathesis");
        assert!(!is_whole(&program));
        for (line, whole) in
            [("#!/bin/sh -e\n", true), ("#! /bin/sh", true), ("#!/gone/bin/python3\n", false), ("#!", false)]
        {
            std::fs::write(&program, line).unwrap();
            assert_eq!(is_whole(&program), whole, "{line}");
        }
    }
}
