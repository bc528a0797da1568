//! Two builds, of two copies of the tree in two places: what is shipped is the same to the bit.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Fault, folder, said};
use crate::process::command;

/// Where the second copy is.
const AGAIN: &str = "target/android/again";

/// The second copy: what git would commit, as it stands now.
pub(super) fn copy(root: &Path) -> Result<PathBuf, Fault> {
    let again = root.join(AGAIN);
    let _absent = fs::remove_dir_all(&again);
    let mut list = command(root, "git");
    list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    for name in said(list)?.split('\0').filter(|name| !name.is_empty()) {
        let (from, to) = (root.join(name), again.join(name));
        // Deleted and not yet committed.
        if from.is_file() {
            folder(to.parent().unwrap_or(&again))?;
            fs::copy(&from, &to).map_err(|error| Fault::at(&from, &error))?;
        }
    }
    Ok(again)
}

/// Each pair of files holds the same bytes.
pub(super) fn compare<'a>(pairs: impl Iterator<Item = (&'a Path, &'a Path)>) -> Result<(), Fault> {
    let read = |path: &Path| fs::read(path).map_err(|error| Fault::at(path, &error));
    let mut differ = Vec::new();
    for (one, other) in pairs {
        if read(one)? != read(other)? {
            differ.push(format!("{} differs from {}", one.display(), other.display()));
        }
    }
    if differ.is_empty() { Ok(()) } else { Err(Fault(differ.join("\n"))) }
}
