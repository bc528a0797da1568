//! GlobalSign's EST server, which judges our EST client. Its version and digests stand in `bindings/xtask/estserver`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{folder, lacking};
use crate::process::{answer, command, quietly};
use crate::report::{Outcome, say};

/// Tells the tests where the program is.
pub(crate) const VARIABLE: &str = "MTD_ESTSERVER";

/// The module that pins the program; the second release of Go's version number that can build it.
const MODULE: &str = "bindings/xtask/estserver";
const GO_MINOR: u32 = 22;
/// How long a question to a program may take.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

pub(crate) fn program(root: &Path) -> PathBuf {
    folder(root).join("bin/estserver")
}

pub(crate) fn ready(root: &Path) -> Outcome {
    if is_current(root) {
        return Outcome::Passed;
    }
    if !go_is_new_enough(root) {
        return cannot(&format!("Go 1.{GO_MINOR} or newer is needed"));
    }
    say("building GlobalSign's estserver, once");
    let go = folder(root).join("go");
    let mut build = command(&root.join(MODULE), "go");
    // Read-only folders, Go's habit for its module cache, would make `cargo clean` fail.
    build.args(["build", "-buildvcs=false", "-modcacherw", "-o"]).arg(program(root));
    build.arg("github.com/globalsign/est/cmd/estserver");
    build.env("GOMODCACHE", go.join("mod")).env("GOCACHE", go.join("build")).env("GOFLAGS", "-mod=readonly");
    match quietly(build) {
        Outcome::Failed(said) => cannot(&said),
        done @ (Outcome::Passed | Outcome::Lacking(_) | Outcome::Excused(_)) => done,
    }
}

/// Built from the sums that stand in the tree now.
fn is_current(root: &Path) -> bool {
    let built = std::fs::metadata(program(root)).and_then(|about| about.modified());
    let pinned = std::fs::metadata(root.join(MODULE).join("go.sum")).and_then(|about| about.modified());
    matches!((built, pinned), (Ok(built), Ok(pinned)) if built >= pinned)
}

fn go_is_new_enough(root: &Path) -> bool {
    let mut question = command(root, "go");
    question.args(["env", "GOVERSION"]);
    answer(question, ANSWERS_WITHIN).as_deref().and_then(minor).is_some_and(|minor| minor >= GO_MINOR)
}

/// 22 of `go1.22.3`.
fn minor(version: &str) -> Option<u32> {
    version.trim().strip_prefix("go1.")?.split('.').next()?.parse().ok()
}

fn cannot(why: &str) -> Outcome {
    lacking("interop-estserver", format!("{why}; get Go from https://go.dev/dl, then: cargo xtask setup"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_go_is_read() {
        assert_eq!(minor("go1.26.8\n"), Some(26));
        assert_eq!(minor("go1.22"), Some(22));
        assert_eq!(minor("devel"), None);
    }
}
