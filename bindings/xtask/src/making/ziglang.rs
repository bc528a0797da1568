//! The package `ziglang` of PyPI, which carries the source of LLVM's libunwind and Apple's public C headers.

use std::fs;
use std::path::Path;

use super::{Fault, archive, folder, read, run, sources, write};
use crate::process::command;

/// The package, its version and its digest.
pub(crate) const PACKAGE: &str = "android/native/libunwind.txt";

/// What lies `inside` the package is in the folder `to` below `here`, fetched once for each state of [`PACKAGE`].
pub(crate) fn ready(root: &Path, here: &Path, inside: &str, to: &Path) -> Result<(), Fault> {
    let of = here.join("package.txt");
    let wanted = read(&root.join(PACKAGE))?;
    if !fs::read_to_string(&of).is_ok_and(|fetched| fetched == wanted) {
        fetch(root, here, inside, to)?;
        write(&of, wanted.as_bytes())?;
    }
    Ok(())
}

fn fetch(root: &Path, here: &Path, inside: &str, to: &Path) -> Result<(), Fault> {
    let _absent = fs::remove_dir_all(here);
    folder(here)?;
    let mut pip = command(root, "python3");
    pip.args([
        "-m",
        "pip",
        "--quiet",
        "--disable-pip-version-check",
        "download",
        "--no-deps",
        "--require-hashes",
    ]);
    pip.args([
        "--only-binary=:all:",
        "--platform",
        "manylinux_2_12_x86_64",
        "--requirement",
        PACKAGE,
        "--dest",
    ]);
    pip.arg(here);
    run(pip)?;
    let wheel = sources(here, "whl")?.into_iter().next();
    let wheel = wheel.ok_or_else(|| Fault(format!("pip put no wheel into {}", here.display())))?;
    archive::extract(&wheel, inside, to)?;
    fs::remove_file(&wheel).map_err(|error| Fault::at(&wheel, &error))
}
