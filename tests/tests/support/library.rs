//! The library as an app would load it, built beside the other artefacts of this run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds it with `features` and takes a copy into `folder`: another test may build it otherwise.
pub(crate) fn library(features: &str, folder: &Path) -> PathBuf {
    let artefacts = Path::new(env!("CARGO_BIN_EXE_story")).parent().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--locked", "--quiet", "--package", "agent-bindings", "--features", features]);
    if artefacts.ends_with("release") {
        cargo.arg("--release");
    }
    cargo.arg("--target-dir").arg(artefacts.parent().unwrap());
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    // One build and copy at a time, whichever test process or thread it is for.
    let lock = fs::File::create(artefacts.join("library-test.lock")).unwrap();
    lock.lock().unwrap();
    assert!(cargo.status().unwrap().success());
    let name = format!("{}agent_bindings{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let copy = folder.join(&name);
    // In one step: a process may run with the one that stands there.
    let fresh = copy.with_extension("new");
    fs::copy(artefacts.join(&name), &fresh).unwrap();
    fs::rename(&fresh, &copy).unwrap();
    copy
}
