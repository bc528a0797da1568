//! UniFFI's generator, a workspace of its own in `bindings/bindgen`.

use std::path::{Path, PathBuf};

use super::{folder, lacking};
use crate::process::{cargo, quietly};
use crate::report::{Outcome, say};

/// Tells the tests where the program is.
pub(crate) const VARIABLE: &str = "MTD_BINDGEN";

const MANIFEST: &str = "bindings/bindgen/Cargo.toml";

pub(crate) fn program(root: &Path) -> PathBuf {
    built(root).join("debug/bindgen")
}

/// Cargo sees by itself whether the one that is there is current.
pub(crate) fn ready(root: &Path) -> Outcome {
    if !program(root).is_file() {
        say("building UniFFI's generator, once");
    }
    let mut build = cargo(root);
    build
        .args(["build", "--quiet", "--locked", "--manifest-path", MANIFEST, "--target-dir"])
        .arg(built(root));
    match quietly(build) {
        Outcome::Failed(said) => lacking("uniffi", said),
        other @ (Outcome::Passed | Outcome::Lacking(_) | Outcome::Excused(_)) => other,
    }
}

fn built(root: &Path) -> PathBuf {
    folder(root).join("bindgen")
}
