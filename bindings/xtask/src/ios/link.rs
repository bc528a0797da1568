//! The whole library linked against names alone: a system of the floor that has what it wants and nothing else.

use std::path::Path;

use super::imports::Imports;
use super::slice::Slice;
use crate::making::{Fault, write};
use crate::process::{captured, command};
use crate::report::Outcome;

const LINKER: &str = "ld64.lld-19";
/// What a linker adds by itself.
const BINDER: &str = "dyld_stub_binder";
/// Defined by the linker.
const HANDLE: &str = "___dso_handle";

/// What the linker says against it.
pub(super) fn judge(
    root: &Path,
    slice: Slice,
    library: &Path,
    imports: &Imports,
) -> Result<Vec<String>, Fault> {
    let old = |since: Option<(u32, u32)>| since.is_some_and(|since| since <= slice.floor());
    let there = imports
        .0
        .iter()
        .filter(|(_, import)| import.weak || old(import.since))
        .map(|(name, _)| name.as_str());
    let names: Vec<&str> = there.filter(|name| *name != HANDLE).chain([BINDER]).collect();
    let stub = library.with_extension("tbd");
    write(&stub, text(slice, &names).as_bytes())?;
    let (major, minor) = slice.floor();
    let floor = format!("{major}.{minor}");
    let mut link = command(root, LINKER);
    link.args([
        "-arch",
        "arm64",
        "-platform_version",
        slice.platform(),
        &floor,
        &floor,
        "-dylib",
        "-all_load",
    ]);
    link.arg("-o").arg(library.with_extension("dylib")).arg(library).arg(&stub);
    match captured(link) {
        Ok(_) => Ok(Vec::new()),
        Err(Outcome::Failed(said)) => Ok(against(&said)),
        Err(other) => Err(Fault(format!("{other:?}"))),
    }
}

/// The errors of a linker that failed; all that it said where it names none.
fn against(said: &str) -> Vec<String> {
    let errors: Vec<String> =
        said.lines().filter(|line| line.contains("error:")).map(str::to_owned).collect();
    if errors.is_empty() { vec![said.to_owned()] } else { errors }
}

/// A library of names, as Apple's linker reads it.
fn text(slice: Slice, names: &[&str]) -> String {
    let target = format!("arm64-{}", slice.platform());
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    format!(
        "--- !tapi-tbd\ntbd-version: 4\ntargets: [ {target} ]\ninstall-name: '/usr/lib/libSystem.B.dylib'\n\
         current-version: 1213\nexports:\n  - targets: [ {target} ]\n    symbols: [ {} ]\n...\n",
        quoted.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linker_that_fails_without_a_word_is_no_success() {
        assert_eq!(
            against("ld64.lld: error: undefined symbol: _x\nended"),
            ["ld64.lld: error: undefined symbol: _x"]
        );
        assert_eq!(against("ended with signal 9"), ["ended with signal 9"]);
    }
}
