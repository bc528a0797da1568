//! What must hold of a library before it is packaged.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::Fault;
use super::abi::Abi;
use super::build::Built;
use super::elf::{Import, Library, thread_locals};
use super::ledger::Ledger;
use super::levels::Levels;
use super::reached::Reached;

/// The libraries that an app may name since API 1.
const SYSTEM: [&str; 4] = ["libc.so", "libdl.so", "liblog.so", "libm.so"];
/// Android 4.1 has 59 keys for a whole process. An upper bound of what one run takes: some variables are never used.
const THREAD_LOCALS_AT_MOST: usize = 16;

/// One library, as measured.
pub(super) struct Measured {
    pub(super) abi: Abi,
    pub(super) bytes: u64,
    /// What the project set out to reach, where it did.
    pub(super) target: Option<u64>,
    pub(super) imports: usize,
    /// Weak imports newer than the floor, and the level of each; `None` where no Android has it.
    pub(super) weak: Vec<(String, Option<u32>)>,
    pub(super) page: u64,
    /// Thread-local variables: each takes a key at its first use.
    pub(super) thread_locals: BTreeSet<String>,
    /// What does not hold.
    pub(super) faults: Vec<String>,
}

pub(super) fn measure(
    root: &Path,
    built: &Built,
    ledger: &Ledger,
    reached: &Reached,
) -> Result<Measured, Fault> {
    let bytes = bytes(&built.library)?;
    let library = Library::read(built.abi, &bytes).map_err(|error| Fault::at(&built.library, &error))?;
    let keys = thread_locals(built.abi, &self::bytes(&built.symbols)?)
        .map_err(|error| Fault::at(&built.symbols, &error))?;
    let levels = Levels::of(root, built.abi)?;
    let size = u64::try_from(bytes.len()).map_err(|error| Fault::at(&built.library, &error))?;
    let mut faults = faults(built.abi, &library, &levels);
    faults.extend(exports(&library, reached));
    faults.extend(ledger.judge(built.abi, size));
    if keys.is_empty() || keys.len() > THREAD_LOCALS_AT_MOST {
        faults.push(format!(
            "{} thread-local variables, 1 to {THREAD_LOCALS_AT_MOST} are expected: {keys:?}",
            keys.len()
        ));
    }
    let newer = |name: &String| levels.since(name).is_none_or(|since| since > built.abi.floor());
    let weak = library.imports.keys().filter(|name| newer(name));
    let weak = weak.map(|name| (name.clone(), levels.since(name))).collect();
    Ok(Measured {
        abi: built.abi,
        bytes: size,
        target: ledger.target(built.abi),
        imports: library.imports.len(),
        weak,
        page: library.page,
        thread_locals: keys,
        faults,
    })
}

/// What a loader of the floor would refuse.
fn faults(abi: Abi, library: &Library, levels: &Levels) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, import) in &library.imports {
        match (import, levels.since(name)) {
            (Import::Weak, _) => {}
            (Import::Strong, Some(since)) if since <= abi.floor() => {}
            (Import::Strong, Some(since)) => {
                faults.push(format!("imports {name}, which is there since API {since}"));
            }
            (Import::Strong, None) => faults.push(format!("imports {name}, which no Android has")),
        }
    }
    for name in library.needs.iter().filter(|name| !SYSTEM.contains(&name.as_str())) {
        faults.push(format!("needs {name}"));
    }
    if library.page < abi.page() {
        faults.push(format!("a segment is aligned to {} bytes, not {}", library.page, abi.page()));
    }
    let wrong = [
        (!library.old_hash, "has no SysV hash table: Android before 6.0 reads no other"),
        (library.packed_relocations, "has packed relocations: old loaders leave them undone"),
        (library.text_relocations, "has text relocations: refused since Android 6.0"),
        (library.thread_local_segment, "has a segment of thread-local storage: unknown before Android 10"),
    ];
    faults.extend(wrong.into_iter().filter(|(is, _)| *is).map(|(_, what)| what.to_owned()));
    faults
}

/// The functions of `Native.java` and the loader's own, no more and no fewer.
fn exports(library: &Library, reached: &Reached) -> Vec<String> {
    let wanted = reached.exports();
    let surplus =
        library.exports.difference(&wanted).map(|name| format!("exports {name}, which Java does not call"));
    let absent = wanted.difference(&library.exports).map(|name| format!("does not export {name}"));
    surplus.chain(absent).collect()
}

fn bytes(path: &Path) -> Result<Vec<u8>, Fault> {
    fs::read(path).map_err(|error| Fault::at(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "symbol,library,kind,arm,x86,arm64,x86_64\nopen,libc,fn,9,9,21,21\n\
                         getrandom,libc,fn,28,28,28,28\n";

    fn fit() -> Library {
        Library {
            imports: [("open".to_owned(), Import::Strong), ("getrandom".to_owned(), Import::Weak)].into(),
            needs: ["libc.so".to_owned()].into(),
            page: 4096,
            old_hash: true,
            ..Library::default()
        }
    }

    fn judged(library: &Library) -> Vec<String> {
        faults(Abi::Armv7, library, &Levels::parse(TABLE, Abi::Armv7).unwrap())
    }

    #[test]
    fn a_weak_import_above_the_floor_is_no_fault() {
        assert_eq!(judged(&fit()), Vec::<String>::new());
    }

    #[test]
    fn a_strong_import_above_the_floor_or_of_nobody_is_a_fault() {
        for name in ["getrandom", "malloc_trim"] {
            let mut library = fit();
            library.imports.insert(name.to_owned(), Import::Strong);
            assert_eq!(judged(&library).len(), 1, "{name}");
        }
    }

    #[test]
    fn what_an_old_loader_does_not_know_is_a_fault() {
        let wrong: [fn(&mut Library); 6] = [
            |library| library.page = 1024,
            |library| library.old_hash = false,
            |library| library.packed_relocations = true,
            |library| library.text_relocations = true,
            |library| library.thread_local_segment = true,
            |library| library.needs.extend(["libunwind.so".to_owned()]),
        ];
        for spoil in wrong {
            let mut library = fit();
            spoil(&mut library);
            assert_eq!(judged(&library).len(), 1, "{library:?}");
        }
    }

    #[test]
    fn four_kilobyte_pages_are_too_small_for_64_bit() {
        let levels = Levels::parse(TABLE, Abi::Arm64).unwrap();
        let library = Library { imports: [].into(), ..fit() };
        assert_eq!(faults(Abi::Arm64, &library, &levels).len(), 1);
    }

    #[test]
    fn an_export_that_java_does_not_call_and_one_that_is_missing_are_faults() {
        let reached = Reached::parse("public static native void stop(long handle);", "");
        let mut library = fit();
        library.exports = reached.exports();
        assert_eq!(exports(&library, &reached), Vec::<String>::new());
        library.exports.insert("rust_eh_personality".to_owned());
        library.exports.remove("JNI_OnLoad");
        assert_eq!(exports(&library, &reached).len(), 2);
    }
}
