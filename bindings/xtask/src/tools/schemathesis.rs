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

/// Of the version that stands in the tree now.
fn is_current(root: &Path) -> bool {
    let mut version = command(root, program(root));
    version.arg("--version");
    let pinned = std::fs::read_to_string(root.join(REQUIREMENTS)).ok();
    let pinned = pinned.as_deref().and_then(|text| text.trim().strip_prefix("schemathesis=="));
    let said = answer(version, ANSWERS_WITHIN);
    pinned.is_some() && said.as_deref().and_then(|said| said.split_whitespace().last()) == pinned
}

fn environment(root: &Path) -> PathBuf {
    folder(root).join("schemathesis")
}
