//! `cargo xtask ios`: the static libraries for iOS, judged and packaged as a framework with its Swift package.
//!
//! ```text
//! sdk        Apple's public C headers
//! slice      what is built for: phones, simulators
//! build      Debian's Rust builds it, clang what old systems lack
//! archive    members of a static library
//! macho      the version that an object is stamped with
//! floor      the library of Rust becomes one for the floor
//! imports    what it wants of the system, and since when that is there
//! link       the whole library linked against names alone
//! package    the framework, the Swift package, the pod, the bill of materials
//! table      what was measured
//! ```

mod archive;
mod build;
mod floor;
mod imports;
mod link;
mod macho;
mod package;
mod sdk;
mod slice;
mod table;

use std::path::Path;

use crate::making::{Fault, folder, run, twice};
use crate::process::command;
use crate::report::{Outcome, say};
use sdk::Sdk;
use slice::Slice;

/// Where the second copy of the tree is.
const AGAIN: &str = "target/ios/again";

/// How to tell, and whether two builds are compared.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) json: bool,
    pub(crate) twice: bool,
}

/// What holds of one library.
struct Measured {
    slice: Slice,
    bytes: u64,
    /// Objects by the version that they are stamped with.
    stamps: Vec<(String, usize)>,
    imports: imports::Imports,
    faults: Vec<String>,
}

/// Builds, prints what was measured, and judges it.
pub(crate) fn judge(root: &Path, order: &Order) -> Outcome {
    match fill(root, order.twice) {
        Ok(measured) => {
            say(&if order.json { table::json(&measured).to_string() } else { table::text(&measured) });
            let faults = table::faults(&measured);
            if faults.is_empty() { Outcome::Passed } else { Outcome::Failed(faults) }
        }
        Err(Fault(why)) => Outcome::Failed(why),
    }
}

/// Clippy on what only iOS compiles.
pub(crate) fn lint(root: &Path) -> Outcome {
    match Sdk::ready(root).and_then(|sdk| build::lint(root, &sdk)) {
        Ok(()) => Outcome::Passed,
        Err(Fault(why)) => Outcome::Failed(why),
    }
}

/// Swift's package manager reads what was packaged.
pub(crate) fn described(root: &Path) -> Outcome {
    match package::described(root) {
        Ok(()) => Outcome::Passed,
        Err(Fault(why)) => Outcome::Failed(why),
    }
}

fn fill(root: &Path, twice: bool) -> Result<Vec<Measured>, Fault> {
    test_shims(root)?;
    let sdk = Sdk::ready(root)?;
    let measured = make(root, &sdk)?;
    if twice {
        let again = twice::copy(root, AGAIN)?;
        make(&again, &sdk)?;
        twice::compare_folders(&root.join(package::PLACE), &again.join(package::PLACE))?;
    }
    Ok(measured)
}

fn make(root: &Path, sdk: &Sdk) -> Result<Vec<Measured>, Fault> {
    let mut measured = Vec::new();
    for slice in Slice::ALL {
        let library = build::build(root, sdk, slice)?;
        measured.push(measure(root, sdk, slice, &library)?);
    }
    package::make(root)?;
    Ok(measured)
}

fn measure(root: &Path, sdk: &Sdk, slice: Slice, library: &Path) -> Result<Measured, Fault> {
    let bytes = std::fs::metadata(library).map_err(|error| Fault::at(library, &error))?.len();
    let members = archive::members(library)?;
    let stamps = macho::stamps(&members);
    let imports = imports::of(root, sdk, slice, library)?;
    let mut faults = imports.faults(slice);
    let other = stamps.iter().filter(|(stamp, _)| *stamp != slice.stamp());
    faults.extend(other.map(|(stamp, count)| format!("{count} objects are stamped {stamp}")));
    faults.extend(floor::of_this_machine(root, &members));
    faults.extend(link::judge(root, slice, library, &imports)?);
    Ok(Measured { slice, bytes, stamps, imports, faults })
}

/// The arithmetic of the clock that iOS 8 lacks, run on this machine.
fn test_shims(root: &Path) -> Result<(), Fault> {
    let place = root.join("target/ios/shims");
    folder(&place)?;
    let program = place.join("clock_test");
    let mut clang = command(root, build::COMPILER);
    clang.args([
        "-Wall",
        "-Wextra",
        "-Werror",
        "-Iios/native/test",
        "-Dgettimeofday=clock_test_gettimeofday",
    ]);
    clang.args(["ios/native/clock.c", "ios/native/clock_test.c", "-o"]).arg(&program);
    run(clang)?;
    run(command(root, program))
}
