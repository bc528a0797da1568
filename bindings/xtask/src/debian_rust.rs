//! Debian's Rust, not rustup's: it has the source of its standard library on every machine of one release.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{command, without_package};

const CARGO: &str = "/usr/bin/cargo";
const CLIPPY: &str = "/usr/bin/cargo-clippy";
pub(crate) const RUSTC: &str = "/usr/bin/rustc";
/// What Debian's package calls the folder of the standard library's source.
const SYSTEM_SOURCE: &str = "/usr/src";
/// What another cargo of this machine chose.
const OF_ANOTHER: [&str; 5] =
    ["LD_LIBRARY_PATH", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_DIR", "RUSTC_WRAPPER"];

/// A cargo that may build the standard library, which is not stable.
pub(crate) fn cargo(root: &Path) -> Command {
    of_debian(command(root, CARGO))
}

/// Its clippy, by itself: cargo would look for one in the home of another cargo first.
pub(crate) fn clippy(root: &Path) -> Command {
    let mut clippy = of_debian(command(root, CLIPPY));
    clippy.arg("clippy").env("CARGO", CARGO);
    clippy
}

fn of_debian(program: Command) -> Command {
    let mut cargo = without_package(program);
    for name in OF_ANOTHER {
        cargo.env_remove(name);
    }
    cargo.env("RUSTC", RUSTC).env("RUSTC_BOOTSTRAP", "1").env("CARGO_INCREMENTAL", "0");
    cargo
}

/// Paths of this machine are in no library: a panic's message would hold them, and two machines' libraries differ.
pub(crate) fn without_paths(root: &Path) -> Vec<String> {
    let remap = places(root).into_iter();
    remap.map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display())).collect()
}

/// Where this machine keeps the sources of a library, and what it is called instead.
pub(crate) fn places(root: &Path) -> Vec<(PathBuf, &'static str)> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let known = [(Some(root.to_owned()), "."), (home, "cargo"), (Some(SYSTEM_SOURCE.into()), "rust")];
    known.into_iter().filter_map(|(from, to)| Some((from?, to))).collect()
}
