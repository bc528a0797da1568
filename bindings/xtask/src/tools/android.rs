//! What builds for Android: Debian's Rust with the source of its standard library, clang, lld, pip for the unwinder;
//! a JDK, Maven and Debian's own tools for the app.

use std::path::Path;

use super::apt;
use super::lacking;
use crate::report::Outcome;

/// Of Debian 12, the first three of its security archive.
const PACKAGES: [&str; 6] = ["rustc-web", "cargo-web", "rust-web-src", "clang-19", "lld-19", "llvm-19"];
/// Programs that any package may have brought, and the package that brings them where none did.
const PROGRAMS: [(&str, &str); 6] = [
    ("pip3", "python3-pip"),
    ("javac", "default-jdk-headless"),
    ("mvn", "maven"),
    ("aapt", "aapt"),
    ("zipalign", "zipalign"),
    ("apksigner", "apksigner"),
];

pub(super) fn ready(root: &Path) -> Outcome {
    let absent = absent(root);
    if absent.is_empty() {
        return Outcome::Passed;
    }
    match apt::install(root, &absent) {
        Ok(()) => present(root),
        Err(why) => cannot(&why, &absent),
    }
}

/// Whether all is there; what is not, with how to get it.
pub(crate) fn present(root: &Path) -> Outcome {
    let absent = absent(root);
    if absent.is_empty() { Outcome::Passed } else { cannot("not installed", &absent) }
}

fn absent(root: &Path) -> Vec<&'static str> {
    let packages = PACKAGES.into_iter().filter(|package| !apt::has(root, &[package]));
    let programs = PROGRAMS.into_iter().filter(|(program, _)| !apt::on_path(program));
    packages.chain(programs.map(|(_, package)| package)).collect()
}

fn cannot(why: &str, absent: &[&str]) -> Outcome {
    let get = absent.join(" ");
    lacking(
        "android",
        format!("{why}; get it on Debian 12 by: apt-get install --no-install-recommends {get}"),
    )
}
