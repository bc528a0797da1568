//! What the builds for Android and iOS share: files and programs whose failure is told, and what a product says of its parts.
//!
//! ```text
//! archive    archives that are the same each time
//! crates     what is in the library
//! bill       its bill of materials, and the notices of its parts
//! twice      two builds are the same
//! ziglang    a package that carries the source of libunwind and Apple's headers
//! ```

pub(crate) mod archive;
pub(crate) mod bill;
pub(crate) mod crates;
pub(crate) mod twice;
pub(crate) mod ziglang;

use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::captured;
use crate::report::Outcome;

/// Why a step could not be done.
#[derive(Debug)]
pub(crate) struct Fault(pub(crate) String);

impl Fault {
    pub(crate) fn at(path: &Path, error: &dyn Display) -> Self {
        Self(format!("{}: {error}", path.display()))
    }
}

pub(crate) fn run(command: Command) -> Result<(), Fault> {
    said(command).map(|_| ())
}

/// What a program prints.
pub(crate) fn said(command: Command) -> Result<String, Fault> {
    captured(command).map_err(|outcome| match outcome {
        Outcome::Failed(said) => Fault(said),
        other @ (Outcome::Passed | Outcome::Lacking(_) | Outcome::Excused(_)) => Fault(format!("{other:?}")),
    })
}

pub(crate) fn read(path: &Path) -> Result<String, Fault> {
    fs::read_to_string(path).map_err(|error| Fault::at(path, &error))
}

pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    fs::write(path, bytes).map_err(|error| Fault::at(path, &error))
}

pub(crate) fn folder(path: &Path) -> Result<(), Fault> {
    fs::create_dir_all(path).map_err(|error| Fault::at(path, &error))
}

/// The files below a folder whose name ends with `.` and `extension`, sorted.
pub(crate) fn sources(path: &Path, extension: &str) -> Result<Vec<PathBuf>, Fault> {
    let mut found = files(path)?;
    found.retain(|path| path.extension().is_some_and(|is| is == extension));
    Ok(found)
}

/// The files below a folder, sorted.
pub(crate) fn files(path: &Path) -> Result<Vec<PathBuf>, Fault> {
    let fault = |error| Fault::at(path, &error);
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
