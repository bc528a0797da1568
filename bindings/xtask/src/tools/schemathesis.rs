//! schemathesis, which judges the gateway by the published document. Its version stands in `tests/schemathesis`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{folder, lacking};
use crate::process::{answer, command, quietly};
use crate::report::{Outcome, say};

/// Tells the tests where the program is.
pub(crate) const VARIABLE: &str = "MTD_SCHEMATHESIS";

const REQUIREMENTS: &str = "tests/schemathesis/requirements.txt";
/// How long it may take to print its version.
const ANSWERS_WITHIN: Duration = Duration::from_secs(60);

pub(crate) fn program(root: &Path) -> PathBuf {
    environment(root).join("bin/schemathesis")
}

pub(crate) fn ready(root: &Path) -> Outcome {
    if is_current(root) {
        return Outcome::Passed;
    }
    say("installing schemathesis, once");
    let mut make = command(root, "python3");
    make.args(["-m", "venv", "--clear"]).arg(environment(root));
    let mut install = command(root, environment(root).join("bin/pip"));
    install.args(["install", "--quiet", "--disable-pip-version-check", "--requirement", REQUIREMENTS]);
    for step in [make, install] {
        match quietly(step) {
            Outcome::Passed => {}
            Outcome::Failed(said) => {
                return lacking(
                    "interop-schemathesis",
                    format!("{said}; get it by: apt-get install python3-venv, then: cargo xtask setup"),
                );
            }
            other @ (Outcome::Lacking(_) | Outcome::Excused(_)) => return other,
        }
    }
    Outcome::Passed
}

/// Of the version that stands in the tree now, and made here: one that was copied with a tree runs the Python of the other.
fn is_current(root: &Path) -> bool {
    if !std::fs::read(program(root)).is_ok_and(|script| is_of(&script, &environment(root))) {
        return false;
    }
    let mut version = command(root, program(root));
    version.arg("--version");
    let pinned = std::fs::read_to_string(root.join(REQUIREMENTS)).ok();
    let pinned = pinned.as_deref().and_then(|text| text.trim().strip_prefix("schemathesis=="));
    let said = answer(version, ANSWERS_WITHIN);
    pinned.is_some() && said.as_deref().and_then(|said| said.split_whitespace().last()) == pinned
}

/// Whether the first lines of `script`, which say what runs it, name the Python of `environment`.
fn is_of(script: &[u8], environment: &Path) -> bool {
    let python = environment.join("bin/python");
    String::from_utf8_lossy(script).lines().take(2).any(|line| line.contains(&*python.to_string_lossy()))
}

fn environment(root: &Path) -> PathBuf {
    folder(root).join("schemathesis")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_was_copied_with_a_tree_is_not_this_trees() {
        let here = Path::new("/here/target/tools/schemathesis");
        assert!(is_of(b"#!/here/target/tools/schemathesis/bin/python3\nimport re\n", here));
        // How pip writes a path that is too long for the system.
        let long = b"#!/bin/sh\n'''exec' /here/target/tools/schemathesis/bin/python3 \"$0\"\n' '''\n";
        assert!(is_of(long, here));
        assert!(!is_of(b"#!/there/target/tools/schemathesis/bin/python3\nimport re\n", here));
    }
}
