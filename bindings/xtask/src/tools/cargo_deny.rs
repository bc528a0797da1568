//! Checks the dependencies against `deny.toml`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{folder, lacking};
use crate::process::{answer, cargo, command, quietly};
use crate::report::{Outcome, say};

const VERSION: &str = "0.20.2";
/// How long it may take to print its version.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// The program, of the version that `deny.toml` is written for.
pub(crate) struct CargoDeny(PathBuf);

impl CargoDeny {
    pub(crate) fn of(root: &Path) -> Option<Self> {
        let program = folder(root).join("bin/cargo-deny");
        let mut version = command(root, &program);
        version.arg("--version");
        let said = answer(version, ANSWERS_WITHIN)?;
        (said.split_whitespace().last() == Some(VERSION)).then_some(Self(program))
    }

    pub(crate) fn program(&self) -> &Path {
        &self.0
    }

    pub(crate) fn lacking() -> Outcome {
        lacking(
            "cargo-deny",
            format!("get it by: cargo install cargo-deny --locked --version {VERSION} --root target/tools"),
        )
    }
}

pub(crate) fn ready(root: &Path) -> Outcome {
    if CargoDeny::of(root).is_some() {
        return Outcome::Passed;
    }
    say(&format!("building cargo-deny {VERSION}, once, some minutes"));
    let mut install = cargo(root);
    install.args(["install", "cargo-deny", "--locked", "--force", "--version", VERSION, "--root"]);
    install.arg(folder(root));
    match quietly(install) {
        Outcome::Failed(said) => {
            say(&said);
            CargoDeny::lacking()
        }
        done @ (Outcome::Passed | Outcome::Lacking(_) | Outcome::Excused(_)) => done,
    }
}
