//! Debian's Rust builds the library with its standard library; clang builds what old systems lack.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::floor;
use super::sdk::Sdk;
use super::slice::Slice;
use crate::debian_rust;
use crate::making::{Fault, folder, run};
use crate::process::command;

pub(super) const COMPILER: &str = "clang-19";
pub(super) const ARCHIVER: &str = "llvm-ar-19";
/// What an app gets, and nothing that only a test needs.
pub(super) const FEATURES: &str = "uniffi";
/// As the framework calls it.
pub(super) const LIBRARY: &str = "libagent_bindings.a";
const STANDARD_LIBRARY: &str = "-Zbuild-std=std,panic_unwind";

/// The library of one slice, at its floor.
pub(super) fn build(root: &Path, sdk: &Sdk, slice: Slice) -> Result<PathBuf, Fault> {
    let triple = slice.triple();
    let mut cargo = with_c(debian_rust::cargo(root), sdk, slice);
    // The names of functions stay: without them a crash in an app cannot be read.
    cargo.env("CARGO_PROFILE_RELEASE_STRIP", "none");
    cargo.args(["rustc", "--quiet", "--locked", "--release", "--package", "agent-bindings", "--lib"]);
    cargo.args(["--crate-type", "staticlib", "--no-default-features", "--features", FEATURES]);
    cargo.args([STANDARD_LIBRARY, "-Zbuild-std-features=panic-unwind,optimize_for_size"]);
    cargo.args(["--target-dir", "target/ios/build", "--target", triple]);
    let size = ["-Zlocation-detail=none", "-Zfmt-debug=none"].map(str::to_owned);
    let flags: Vec<String> = debian_rust::without_paths(root).into_iter().chain(size).collect();
    cargo.args(["--config", &format!("target.{triple}.rustflags={flags:?}")]);
    run(cargo)?;
    let made = root.join("target/ios/build").join(triple).join("release").join(LIBRARY);
    let place = root.join("target/ios").join(triple);
    folder(&place)?;
    let shims = match slice {
        Slice::Phone => &["clock", "log"][..],
        Slice::Simulator => &["log"],
    };
    let shims = shims.iter().map(|name| shim(root, sdk, slice, name, &place));
    let shims = shims.collect::<Result<Vec<_>, _>>()?;
    let library = place.join(LIBRARY);
    floor::lower(root, slice, &made, &shims, &library)?;
    Ok(library)
}

/// What clippy says of the library for phones; simulators compile the same source.
pub(super) fn lint(root: &Path, sdk: &Sdk) -> Result<(), Fault> {
    let mut clippy = with_c(debian_rust::clippy(root), sdk, Slice::Phone);
    clippy.args(["--quiet", "--locked", "--package", "agent-bindings", "--lib"]);
    clippy.args(["--no-default-features", "--features", FEATURES, STANDARD_LIBRARY]);
    clippy.args(["--target-dir", "target/ios/lint", "--target", Slice::Phone.triple()]);
    clippy.args(["--", "-D", "warnings"]);
    run(clippy)
}

/// With what crates need that compile C.
fn with_c(mut cargo: Command, sdk: &Sdk, slice: Slice) -> Command {
    let snake = slice.triple().replace('-', "_");
    cargo.env("SDKROOT", sdk.path());
    cargo.env(format!("CC_{snake}"), COMPILER).env(format!("AR_{snake}"), ARCHIVER);
    // Its own would name another system.
    cargo.env(format!("CRATE_CC_NO_DEFAULTS_{snake}"), "1");
    cargo.env(format!("CFLAGS_{snake}"), c_flags(sdk, slice).join(" "));
    cargo
}

/// The flags of every C file, ring's among them. Not our code: its warnings are not ours to mend.
fn c_flags(sdk: &Sdk, slice: Slice) -> Vec<String> {
    let target = format!("--target={}", slice.clang());
    let system = format!("-isysroot {}", sdk.path().display());
    // ring asks for what a debugger reads: it names this machine, and no source that an app has.
    vec![target, system, "-Oz".to_owned(), "-g0".to_owned(), "-Wno-everything".to_owned()]
}

fn shim(root: &Path, sdk: &Sdk, slice: Slice, name: &str, place: &Path) -> Result<PathBuf, Fault> {
    let object = place.join(format!("mtd_{name}.o"));
    let mut clang = command(root, COMPILER);
    clang.arg(format!("--target={}", slice.clang())).arg("-isysroot").arg(sdk.path());
    // What may be absent on a phone is always there in a simulator.
    clang
        .args(["-Oz", "-Wall", "-Wextra", "-Werror", "-Wno-tautological-pointer-compare", "-c"])
        .arg(format!("ios/native/{name}.c"));
    clang.arg("-o").arg(&object);
    run(clang).map(|()| object)
}
