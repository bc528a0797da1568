//! Debian's Rust builds the library with its standard library for each ABI, in one run.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use super::abi::Abi;
use super::link::{ARCHIVER, COMPILER, c_flags, words};
use super::{Fault, LIBRARY, folder, run};
use crate::debian_rust;
use crate::process::command;

const STRIP: &str = "llvm-strip-19";
/// What an app gets, and nothing that only a test needs.
pub(super) const FEATURES: &str = "jni";

/// Where the builds leave their files, under their root; each has a folder of its own, for cargo locks it.
const BUILT: &str = "target/android/build";

/// The library of one ABI.
pub(super) struct Built {
    pub(super) abi: Abi,
    /// As it is shipped.
    pub(super) library: PathBuf,
    /// With the names of its functions, to read a crash by.
    pub(super) symbols: PathBuf,
}

/// So many builds at once: the last stage of each, optimised as a whole, keeps one core busy.
const AT_ONCE: usize = 2;

/// Builds and strips them all.
pub(super) fn build(root: &Path, abis: &[Abi]) -> Result<Vec<Built>, Fault> {
    let mut built = Vec::new();
    for some in abis.chunks(AT_ONCE) {
        thread::scope(|scope| {
            let builds: Vec<_> = some.iter().map(|abi| scope.spawn(|| one(root, *abi))).collect();
            for build in builds {
                built.push(build.join().map_err(|_| Fault("a build's thread panicked".to_owned()))??);
            }
            Ok(())
        })?;
    }
    Ok(built)
}

fn one(root: &Path, abi: Abi) -> Result<Built, Fault> {
    let (triple, snake) = (abi.triple(), abi.triple().replace('-', "_"));
    let mut cargo = debian_rust::cargo(root);
    // The names are stripped below, and kept beside.
    cargo.env("CARGO_PROFILE_RELEASE_STRIP", "none");
    cargo.args(["rustc", "--quiet", "--locked", "--release", "--package", "agent-bindings", "--lib"]);
    cargo.args(["--crate-type", "cdylib", "--no-default-features", "--features", FEATURES]);
    // Without `backtrace`: nobody sees a phone's standard error.
    cargo.args(["-Zbuild-std=std,panic_unwind", "-Zbuild-std-features=panic-unwind,optimize_for_size"]);
    cargo.args(["--target-dir", &target(abi), "--target", triple]);
    cargo.args(["--config", &format!("target.{triple}.linker={COMPILER:?}")]);
    cargo.args(["--config", &format!("target.{triple}.rustflags={:?}", flags(root, abi))]);
    let quoted: Vec<String> = c_flags(root, abi).iter().map(|flag| format!("'{flag}'")).collect();
    cargo.env("CC_SHELL_ESCAPED_FLAGS", "1").env(format!("CFLAGS_{snake}"), quoted.join(" "));
    cargo.env(format!("CC_{snake}"), COMPILER).env(format!("AR_{snake}"), ARCHIVER);
    run(cargo)?;
    keep(root, abi)
}

fn target(abi: Abi) -> String {
    format!("{BUILT}/{abi}")
}

fn flags(root: &Path, abi: Abi) -> Vec<String> {
    // Where a panic was is told by the names that are kept, not by texts that every phone carries; nor is there a reader
    // for what `Debug` would print. Nobody unwinds from the middle of a prologue: a panic is a call.
    let size = ["-Zlocation-detail=none", "-Zfmt-debug=none", "-Zuse-sync-unwind=yes"];
    let size = size.iter().chain(smaller(abi)).map(|flag| (*flag).to_owned());
    let link = words(abi).into_iter().map(|word| format!("-Clink-arg={word}"));
    debian_rust::without_paths(root).into_iter().chain(size).chain(link).collect()
}

/// What makes the code of one processor smaller and not that of another. On ARM, code that comes twice becomes a
/// function; on 64 bit LLVM does not count that a function has some 40 bytes in the tables by which a panic unwinds. On
/// x86 those tables follow every push, unless a register holds the frame.
fn smaller(abi: Abi) -> &'static [&'static str] {
    const OUTLINE: &str = "-Cllvm-args=-enable-machine-outliner=always";
    match abi {
        Abi::Armv7 => &[OUTLINE],
        Abi::Arm64 => &[OUTLINE, "-Cllvm-args=-outliner-benefit-threshold=40"],
        Abi::X86 | Abi::X8664 => &["-Cforce-frame-pointers=yes"],
    }
}

fn keep(root: &Path, abi: Abi) -> Result<Built, Fault> {
    let made = root.join(target(abi)).join(abi.triple()).join("release").join(LIBRARY);
    let android = root.join("target/android");
    let (shipped, named) = (android.join("jni").join(abi.name()), android.join("symbols").join(abi.name()));
    folder(&shipped)?;
    folder(&named)?;
    let built = Built { abi, library: shipped.join(LIBRARY), symbols: named.join(LIBRARY) };
    fs::copy(&made, &built.symbols).map_err(|error| Fault::at(&made, &error))?;
    let mut strip = command(root, STRIP);
    strip.arg("--strip-all").arg("-o").arg(&built.library).arg(&built.symbols);
    run(strip)?;
    Ok(built)
}
