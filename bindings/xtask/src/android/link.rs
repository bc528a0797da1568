//! What the library is linked with, made for one ABI: libraries that hold the names of Android's, LLVM's unwinder,
//! and the shims of `android/native`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::abi::Abi;
use super::levels::{Kind, Levels};
use super::unwinder::Unwinder;
use super::{Fault, folder, run, write};
use crate::process::command;

pub(super) const COMPILER: &str = "clang-19";
pub(super) const ARCHIVER: &str = "llvm-ar-19";
pub(super) const NATIVE: &str = "android/native";

/// Relative to the root, where rustc links: an absolute path would be in the hash of every crate.
pub(super) fn place(abi: Abi) -> String {
    format!("target/android/link/{abi}")
}

/// The words for the linker. The library must fit an Android of the floor: hash tables that its loader reads, no
/// packed relocations, no text relocations, no name that is not there.
pub(super) fn words(abi: Abi) -> Vec<String> {
    let place = place(abi);
    let mut words = vec![
        format!("--target={}", abi.clang()),
        "-fuse-ld=lld-19".to_owned(),
        "-nostdlib".to_owned(),
        format!("-L{place}"),
        "-Wl,--wrap=syscall".to_owned(),
        "-Wl,--hash-style=both".to_owned(),
        format!("-Wl,-z,max-page-size={}", abi.page()),
        "-Wl,--pack-dyn-relocs=none".to_owned(),
        "-Wl,--no-undefined".to_owned(),
        "-Wl,-z,text".to_owned(),
        "-Wl,--build-id=sha1".to_owned(),
        // Functions with the same code become one: a generic function for two types often has it.
        "-Wl,--icf=all".to_owned(),
        format!("-Wl,-soname,{}", super::LIBRARY),
    ];
    words.extend(shims(abi).iter().map(|shim| format!("{place}/{shim}.o")));
    words
}

/// The flags of every C file, ring's among them.
pub(super) fn c_flags(root: &Path, abi: Abi) -> Vec<String> {
    let include = root.join(NATIVE).join("include");
    let mut flags = vec![
        format!("--target={}", abi.clang()),
        "-fPIC".to_owned(),
        // Without it clang looks for what we lack among this machine's headers.
        "-nostdlibinc".to_owned(),
        format!("-isystem{}", include.display()),
        format!("-ffile-prefix-map={}=.", root.display()),
    ];
    // The short instructions, in which the Rust of this ABI is too.
    flags.extend((abi == Abi::Armv7).then(|| "-mthumb".to_owned()));
    flags
}

/// Makes it all.
pub(super) fn make(root: &Path, abi: Abi, unwinder: &Unwinder) -> Result<(), Fault> {
    let place = root.join(place(abi));
    folder(&place)?;
    let levels = Levels::of(root, abi)?;
    for (library, symbols) in levels.at(abi.floor()) {
        stub(root, abi, &place, library, &symbols)?;
    }
    for shim in shims(abi) {
        let mut clang = compiler(root, abi);
        clang.args(["-Os", "-DNDEBUG", "-Wall", "-Wextra", "-Werror", "-c"]);
        clang.arg(format!("{NATIVE}/{shim}.c")).arg("-o").arg(place.join(format!("{shim}.o")));
        run(clang)?;
    }
    unwinder.build(root, abi, &place)
}

/// The C that goes with it. Only the 32-bit floor is below what the standard library expects.
fn shims(abi: Abi) -> &'static [&'static str] {
    match abi {
        Abi::Armv7 | Abi::X86 => &["random", "log", "floor"],
        Abi::Arm64 | Abi::X8664 => &["random", "log"],
    }
}

pub(super) fn compiler(root: &Path, abi: Abi) -> Command {
    let mut clang = command(root, COMPILER);
    clang.args(c_flags(root, abi));
    clang
}

/// A library with names and no code.
fn stub(root: &Path, abi: Abi, place: &Path, library: &str, symbols: &[(&str, Kind)]) -> Result<(), Fault> {
    let assembly: PathBuf = place.join(format!("{library}.s"));
    write(&assembly, assembly_of(symbols).as_bytes())?;
    let mut clang = compiler(root, abi);
    clang.args(["-fuse-ld=lld-19", "-nostdlib", "-shared"]).arg(format!("-Wl,-soname,{library}.so"));
    clang.arg("-o").arg(place.join(format!("{library}.so"))).arg(&assembly);
    run(clang)?;
    fs::remove_file(&assembly).map_err(|error| Fault::at(&assembly, &error))
}

fn assembly_of(symbols: &[(&str, Kind)]) -> String {
    let mut text = String::from(".text\n");
    for (name, kind) in symbols {
        let kind = match kind {
            Kind::Function => "function",
            Kind::Variable => "object",
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, ".globl {name}\n.type {name},%{kind}\n{name}: .long 0\n.size {name},4");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_for_the_linker_is_an_absolute_path() {
        for abi in Abi::ALL {
            assert!(words(abi).iter().all(|word| !word.contains("=/") && !word.starts_with(['/'])), "{abi}");
        }
    }

    #[test]
    fn a_variable_is_no_function() {
        let text = assembly_of(&[("environ", Kind::Variable), ("open", Kind::Function)]);
        assert!(text.contains(".type environ,%object") && text.contains(".type open,%function"), "{text}");
    }
}
