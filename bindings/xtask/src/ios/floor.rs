//! Rust stamps its objects with iOS 10 and imports one name that is younger than 8.0. Both are mended in the library that
//! it made: each object is stamped anew, and calls our clock.

use std::fs;
use std::path::{Path, PathBuf};

use super::archive;
use super::build::ARCHIVER;
use super::macho;
use super::slice::Slice;
use crate::debian_rust;
use crate::making::{Fault, folder, run, write};
use crate::process::command;

const OBJCOPY: &str = "llvm-objcopy-19";
/// The compiler's own form of the code, which no linker of an app wants.
const BITCODE: [&str; 2] = ["__LLVM,__bitcode", "__LLVM,__cmdline"];
const CLOCK: &str = "_clock_gettime=_mtd_clock_gettime";

/// Writes `library` for the slice's floor, with the shims in it.
pub(super) fn lower(
    root: &Path,
    slice: Slice,
    made: &Path,
    shims: &[PathBuf],
    library: &Path,
) -> Result<(), Fault> {
    let objects = library.with_extension("objects");
    let _absent = fs::remove_dir_all(&objects);
    folder(&objects)?;
    let mut parts = Vec::new();
    for (nth, (name, bytes)) in archive::members(made)?.into_iter().enumerate() {
        // Two members may have one name.
        let file = objects.join(format!("{nth:03}-{}.o", name.trim_end_matches(".o").replace('/', "_")));
        write(&file, &bytes)?;
        match slice {
            Slice::Phone => lower_object(root, &file, slice.floor())?,
            Slice::Simulator => {}
        }
        parts.push(file);
    }
    let _absent = fs::remove_file(library);
    let mut ar = command(root, ARCHIVER);
    // D: no times, no owners.
    ar.args(["--format=darwin", "rcsD"]).arg(library).args(parts).args(shims);
    run(ar)
}

fn lower_object(root: &Path, file: &Path, floor: (u32, u32)) -> Result<(), Fault> {
    let mut objcopy = command(root, OBJCOPY);
    objcopy
        .arg(format!("--redefine-sym={CLOCK}"))
        .args(BITCODE.map(|name| format!("--remove-section={name}")))
        .arg(file);
    run(objcopy)?;
    let mut bytes = fs::read(file).map_err(|error| Fault::at(file, &error))?;
    if !macho::stamp(&mut bytes, floor) {
        return Err(Fault(format!("{} has no version to change", file.display())));
    }
    write(file, &bytes)
}

/// What an object says of the machine that made it.
pub(super) fn of_this_machine(root: &Path, members: &[(String, Vec<u8>)]) -> Vec<String> {
    let places = debian_rust::places(root).into_iter().map(|(place, _)| place.display().to_string());
    let places: Vec<String> = places.collect();
    let holds = |bytes: &[u8], place: &str| bytes.windows(place.len()).any(|at| at == place.as_bytes());
    let fault = |(name, bytes): &(String, Vec<u8>)| {
        let place = places.iter().find(|place| holds(bytes, place))?;
        Some(format!("{name} names {place}"))
    };
    members.iter().filter_map(fault).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_that_names_the_tree_is_told() {
        let members =
            [("a.o".to_owned(), b"\0/a/tree/x.c\0".to_vec()), ("b.o".to_owned(), b"./x.c".to_vec())];
        assert_eq!(of_this_machine(Path::new("/a/tree"), &members), ["a.o names /a/tree"]);
    }
}
