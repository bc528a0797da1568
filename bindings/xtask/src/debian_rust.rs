//! Debian's Rust, not rustup's: it has the source of its standard library on every machine of one release.

use std::path::Path;
use std::process::Command;

use crate::process::{command, without_package};

const CARGO: &str = "/usr/bin/cargo";
pub(crate) const RUSTC: &str = "/usr/bin/rustc";
/// What another cargo of this machine chose.
const OF_ANOTHER: [&str; 5] =
    ["LD_LIBRARY_PATH", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_DIR", "RUSTC_WRAPPER"];

/// A cargo that may build the standard library, which is not stable.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut cargo = without_package(command(root, CARGO));
    for name in OF_ANOTHER {
        cargo.env_remove(name);
    }
    cargo.env("RUSTC", RUSTC).env("RUSTC_BOOTSTRAP", "1").env("CARGO_INCREMENTAL", "0");
    cargo
}
