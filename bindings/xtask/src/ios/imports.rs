//! What the library wants of the system, and the iOS that introduced each name: by the availability in Apple's public
//! headers, or, for what these do not declare, by a table.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::sdk::{HEADERS, Sdk};
use super::slice::Slice;
use crate::making::{Fault, read, said, write};
use crate::process::{command, complaint};

const NM: &str = "llvm-nm-19";
/// `symbol,version` a line, with the public page or header that it is from in the text above.
const TABLE: &str = "ios/native/undeclared.csv";
/// arm64 began with it: what is older is no news.
const FIRST: &str = "arm64-apple-ios7.0";
/// clang's word for what is younger than that.
const SAID: &str = "' is only available on iOS ";
const UNDECLARED: &str = "use of undeclared identifier '";
/// Two names of which clang's answer is known: a clang that stopped before the end would find nothing young.
const YOUNGER: &str = "clock_gettime";
const NOBODYS: &str = "mtd_declared_by_nobody";

/// One name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Import {
    /// All its references may stay without an answer.
    pub(super) weak: bool,
    /// The iOS that introduced it; 7.0 for that and all before; `None` where nobody says.
    pub(super) since: Option<(u32, u32)>,
}

/// By name, as the linker has it.
pub(super) struct Imports(pub(super) BTreeMap<String, Import>);

impl Imports {
    /// What a system of the slice's floor lacks and must not be wanted.
    pub(super) fn faults(&self, slice: Slice) -> Vec<String> {
        let fault = |(name, import): (&String, &Import)| match import.since {
            None => Some(format!("{name}: no header declares it, and it is not in {TABLE}")),
            Some(since) if since > slice.floor() && !import.weak => {
                Some(format!("{name} is iOS {}.{}, and not weak", since.0, since.1))
            }
            Some(_) => None,
        };
        self.0.iter().filter_map(fault).collect()
    }
}

/// The imports of the library in this file.
pub(super) fn of(root: &Path, sdk: &Sdk, slice: Slice, library: &Path) -> Result<Imports, Fault> {
    let mut nm = command(root, NM);
    // An object may carry the compiler's own form beside its code, of a later version than this program reads.
    nm.args(["-m", "--no-llvm-bc"]).arg(library);
    let wanted = wanted(&said(nm)?);
    let place = library.with_extension("imports.c");
    write(&place, source(&wanted).as_bytes())?;
    let mut clang = command(root, super::build::COMPILER);
    clang.arg(format!("--target={FIRST}")).arg("-isysroot").arg(sdk.path());
    clang.args([
        "-fsyntax-only",
        "-ferror-limit=0",
        "-fblocks",
        "-Wno-everything",
        "-Wunguarded-availability",
    ]);
    clang.arg(&place);
    let complaint = complaint(clang).map_err(Fault)?;
    let table = table(&read(&root.join(TABLE))?)?;
    let (younger, undeclared) = judged(&complaint);
    if younger.get(YOUNGER) != Some(&(10, 0)) || !undeclared.contains(NOBODYS) {
        return Err(Fault(format!("clang did not judge {}:\n{complaint}", place.display())));
    }
    let since = |name: &str| {
        let c = c_name(name);
        if undeclared.contains(c) {
            table.get(name).copied()
        } else {
            Some(younger.get(c).copied().unwrap_or((7, 0)))
        }
    };
    let imports = wanted.into_iter().map(|(name, weak)| (name.clone(), Import { weak, since: since(&name) }));
    let imports = Imports(imports.collect());
    let stale = table.keys().filter(|name| slice == Slice::Phone && !imports.0.contains_key(*name));
    match stale.map(String::as_str).collect::<Vec<_>>() {
        none if none.is_empty() => Ok(imports),
        stale => Err(Fault(format!("{TABLE}: nothing imports {}", stale.join(", ")))),
    }
}

/// Names that no member defines, and whether every reference is weak.
fn wanted(nm: &str) -> BTreeMap<String, bool> {
    let mut wanted = BTreeMap::<String, bool>::new();
    let mut defined = BTreeSet::new();
    for line in nm.lines() {
        let Some(name) = line.split_whitespace().last() else { continue };
        if line.contains("(undefined)") {
            let weak = line.contains(" weak ");
            wanted.entry(name.to_owned()).and_modify(|all| *all &= weak).or_insert(weak);
        } else if line.contains(" external ") {
            defined.insert(name.to_owned());
        }
    }
    wanted.retain(|name, _| !defined.contains(name));
    wanted
}

/// As C writes it: without the underscore, and without what `$` chooses.
fn c_name(symbol: &str) -> &str {
    let name = symbol.strip_prefix('_').unwrap_or(symbol);
    name.split('$').next().unwrap_or(name)
}

/// A program that takes the address of each.
fn source(wanted: &BTreeMap<String, bool>) -> String {
    let include =
        HEADERS.iter().map(|header| format!("#if __has_include(<{header}>)\n#include <{header}>\n#endif\n"));
    let names = wanted.keys().map(|name| c_name(name)).chain([YOUNGER, NOBODYS]);
    let uses =
        names.enumerate().map(|(nth, name)| format!("void *r{nth}(void) {{ return (void *)&{name}; }}\n"));
    include.chain(uses).collect()
}

type Version = (u32, u32);

/// What clang says is younger, and what it does not know.
fn judged(complaint: &str) -> (BTreeMap<String, Version>, BTreeSet<String>) {
    let quoted = |line: &str, at: usize| line.get(..at)?.rsplit('\'').next().map(str::to_owned);
    let younger = complaint.lines().filter_map(|line| {
        let at = line.find(SAID)?;
        Some((quoted(line, at)?, version(line.get(at..)?.strip_prefix(SAID)?)?))
    });
    let undeclared = complaint.lines().filter_map(|line| line.split_once(UNDECLARED)?.1.split('\'').next());
    (younger.collect(), undeclared.map(str::to_owned).collect())
}

/// `10.0` of `10.0 or newer`.
fn version(text: &str) -> Option<Version> {
    let number = text.split_whitespace().next()?.trim_end_matches(['.', ',']);
    let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn table(text: &str) -> Result<BTreeMap<String, Version>, Fault> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let row = |line: &str| {
        let (name, since) = line.split_once(',')?;
        Some((name.to_owned(), version(since)?))
    };
    lines.map(|line| row(line).ok_or_else(|| Fault(format!("{TABLE}: {line:?}")))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_one_member_defines_is_no_import() {
        let nm = "a.o:\n   (undefined) external _open\n   (undefined) weak external _late\n\
                  0000 (__TEXT,__text) external _ours\n   (undefined) external _ours\nb.o:\n\
                  \x20  (undefined) external _late\n   (undefined) weak external _weak\n";
        let wanted = wanted(nm);
        let row = |name: &str, weak| (name.to_owned(), weak);
        assert_eq!(wanted, [row("_late", false), row("_open", false), row("_weak", true)].into());
    }

    #[test]
    fn what_clang_says_is_read() {
        let said = "x.c:3:40: warning: 'clock_gettime' is only available on iOS 10.0 or newer [-W]\n\
                    x.c:4:40: error: use of undeclared identifier 'asl_log'\n";
        let (younger, undeclared) = judged(said);
        assert_eq!(younger, [("clock_gettime".to_owned(), (10, 0))].into());
        assert_eq!(undeclared, ["asl_log".to_owned()].into());
        assert_eq!(c_name("_open$NOCANCEL"), "open");
    }

    #[test]
    fn what_is_younger_than_the_floor_must_be_weak() {
        let import = |weak, since| Import { weak, since };
        let imports = Imports(
            [
                ("_old".to_owned(), import(false, Some((8, 0)))),
                ("_late".to_owned(), import(false, Some((10, 0)))),
                ("_weak".to_owned(), import(true, Some((10, 0)))),
                ("_unknown".to_owned(), import(true, None)),
            ]
            .into(),
        );
        let faults = imports.faults(Slice::Phone);
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert_eq!(imports.faults(Slice::Simulator).len(), 1);
    }
}
