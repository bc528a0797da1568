//! Two builds, of two copies of the tree in two places: what is shipped is the same to the bit.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Fault, files, folder, said};
use crate::process::command;

/// The second copy, at this place: what git would commit, as it stands now.
pub(crate) fn copy(root: &Path, place: &str) -> Result<PathBuf, Fault> {
    let again = root.join(place);
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
pub(crate) fn compare<'a>(pairs: impl Iterator<Item = (&'a Path, &'a Path)>) -> Result<(), Fault> {
    let read = |path: &Path| fs::read(path).map_err(|error| Fault::at(path, &error));
    let mut differ = Vec::new();
    for (one, other) in pairs {
        if read(one)? != read(other)? {
            differ.push(format!("{} differs from {}", one.display(), other.display()));
        }
    }
    if differ.is_empty() { Ok(()) } else { Err(Fault(differ.join("\n"))) }
}

/// Both folders have the same files, with the same bytes.
pub(crate) fn compare_folders(one: &Path, other: &Path) -> Result<(), Fault> {
    let inside = |folder: &Path| {
        let files = files(folder)?;
        Ok(files.iter().filter_map(|file| Some(file.strip_prefix(folder).ok()?.to_owned())).collect())
    };
    let (these, those): (Vec<PathBuf>, Vec<PathBuf>) = (inside(one)?, inside(other)?);
    if these != those {
        return Err(Fault(format!("{these:?} are in {}, {those:?} in {}", one.display(), other.display())));
    }
    let pairs: Vec<_> = these.iter().map(|name| (one.join(name), other.join(name))).collect();
    compare(pairs.iter().map(|(one, other)| (one.as_path(), other.as_path())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_of_difference_is_named() {
        let folder = std::env::temp_dir().join(format!("mtd-xtask-twice-{}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        let (one, other) = (folder.join("one"), folder.join("other"));
        fs::write(&one, [1, 2]).unwrap();
        fs::write(&other, [1, 2]).unwrap();
        let same = compare([(one.as_path(), other.as_path())].into_iter());
        fs::write(&other, [1, 3]).unwrap();
        let differs = compare([(one.as_path(), other.as_path())].into_iter());
        let whole = compare_folders(&folder, &folder);
        let (deep, flat) = (folder.join("deep"), folder.join("flat"));
        fs::create_dir(&flat).unwrap();
        fs::create_dir_all(deep.join("more")).unwrap();
        fs::copy(&one, deep.join("more/one")).unwrap();
        let absent = compare_folders(&deep, &flat);
        fs::remove_dir_all(&folder).unwrap();
        assert!(same.is_ok() && whole.is_ok());
        assert!(absent.is_err_and(|Fault(why)| why.contains("more/one")));
        assert!(differs.is_err_and(|Fault(why)| why.contains("other")));
    }
}
