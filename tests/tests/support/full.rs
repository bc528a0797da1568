//! Disks without room.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use agent_core::folder::Folder;
use agent_core::ports::{FileName, FolderLock, Storage};
use agent_logic::failure::StorageFailure;

/// A folder on a disk that is full when told so.
pub(crate) struct FullDisk {
    folder: Folder,
    pub(crate) full: AtomicBool,
}

impl FullDisk {
    pub(crate) fn new(folder: Folder) -> Self {
        Self { folder, full: AtomicBool::new(false) }
    }
}

impl Storage for FullDisk {
    fn read(&self, name: FileName, limit: u64) -> Result<Option<Vec<u8>>, StorageFailure> {
        self.folder.read(name, limit)
    }

    fn read_at(&self, name: FileName, offset: u64, length: usize) -> Result<Vec<u8>, StorageFailure> {
        self.folder.read_at(name, offset, length)
    }

    /// A full disk takes a part.
    fn append(&self, name: FileName, bytes: &[u8]) -> Result<(), StorageFailure> {
        if self.full.load(Ordering::Relaxed) {
            self.folder.append(name, bytes.split_at(bytes.len() / 2).0)?;
            return Err(StorageFailure::Full);
        }
        self.folder.append(name, bytes)
    }

    fn sync(&self, name: FileName) -> Result<(), StorageFailure> {
        self.folder.sync(name)
    }

    fn truncate(&self, name: FileName, length: u64) -> Result<(), StorageFailure> {
        self.folder.truncate(name, length)
    }

    fn rename(&self, from: FileName, to: FileName) -> Result<(), StorageFailure> {
        self.folder.rename(from, to)
    }

    fn remove(&self, name: FileName) -> Result<(), StorageFailure> {
        self.folder.remove(name)
    }

    fn sync_folder(&self) -> Result<(), StorageFailure> {
        self.folder.sync_folder()
    }

    fn lock(&self) -> Result<Box<dyn FolderLock>, StorageFailure> {
        self.folder.lock()
    }
}

/// A file system of 64 KiB, as root may mount it.
pub(crate) struct Small(PathBuf);

impl Small {
    /// `None` where it may not be mounted; [`FullDisk`] stands in for it there.
    pub(crate) fn mount(at: &Path) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs"]).arg(at).stderr(Stdio::null());
        mount.status().ok().filter(std::process::ExitStatus::success)?;
        Some(Self(at.to_owned()))
    }

    /// Takes all the room there is.
    pub(crate) fn fill(&self) {
        let _no_room = std::fs::write(self.0.join("ballast"), vec![0; 64 * 1024]);
    }

    pub(crate) fn empty(&self) {
        std::fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
