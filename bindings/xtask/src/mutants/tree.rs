//! The copy that is broken: the files git knows or would add, below `target/mutants`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::process::{answer, command};

/// How long git may take to list the files.
const LISTED_WITHIN: std::time::Duration = std::time::Duration::from_secs(30);

pub(crate) struct Tree {
    original: PathBuf,
    root: PathBuf,
    target: PathBuf,
}

impl Tree {
    /// Copies what differs; the builds of the last run are of use still.
    pub(crate) fn copy(original: &Path) -> io::Result<Self> {
        let scratch = original.join("target/mutants");
        let tree =
            Self { original: original.into(), root: scratch.join("tree"), target: scratch.join("target") };
        let mut list = command(original, "git");
        list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let listed = answer(list, LISTED_WITHIN).ok_or_else(|| io::Error::other("git lists no files"))?;
        let mut wanted: Vec<PathBuf> = listed.split_terminator('\0').map(PathBuf::from).collect();
        wanted.sort();
        forget_others(&tree.root, &tree.root, &wanted)?;
        for file in &wanted {
            tree.refresh(file)?;
        }
        Ok(tree)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    pub(crate) fn read(&self, file: &str) -> io::Result<String> {
        fs::read_to_string(self.root.join(file))
    }

    pub(crate) fn write(&self, file: &str, text: &str) -> io::Result<()> {
        fs::write(self.root.join(file), text)
    }

    fn refresh(&self, file: &Path) -> io::Result<()> {
        let (from, to) = (self.original.join(file), self.root.join(file));
        if !from.is_file() {
            return Ok(());
        }
        let bytes = fs::read(from)?;
        if fs::read(&to).is_ok_and(|there| there == bytes) {
            return Ok(());
        }
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(to, bytes)
    }
}

/// Removes what the last copy had and this one has not.
fn forget_others(root: &Path, folder: &Path, wanted: &[PathBuf]) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            forget_others(root, &path, wanted)?;
        } else if path.strip_prefix(root).is_ok_and(|file| wanted.binary_search(&file.into()).is_err()) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}
