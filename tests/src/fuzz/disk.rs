//! A folder in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use agent_core::ports::{FileName, FolderLock, Storage};
use agent_logic::failure::StorageFailure;

/// The folder.
#[derive(Default)]
pub(super) struct Disk(Mutex<BTreeMap<FileName, Vec<u8>>>);

impl Disk {
    /// With one file.
    pub(super) fn holding(name: FileName, bytes: &[u8]) -> Self {
        Self(Mutex::new(BTreeMap::from([(name, bytes.to_vec())])))
    }

    /// A file as it is.
    pub(super) fn show(&self, name: FileName) -> Option<Vec<u8>> {
        self.files().get(name).cloned()
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<FileName, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Storage for Disk {
    fn read(&self, name: FileName, limit: u64) -> Result<Option<Vec<u8>>, StorageFailure> {
        let bytes = self.show(name);
        let over = bytes.as_ref().is_some_and(|bytes| u64::try_from(bytes.len()).is_ok_and(|n| n > limit));
        if over { Err(StorageFailure::Unreadable) } else { Ok(bytes) }
    }

    fn read_at(&self, name: FileName, offset: u64, length: usize) -> Result<Vec<u8>, StorageFailure> {
        let bytes = self.show(name).ok_or(StorageFailure::Io)?;
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
        let rest = bytes.get(from..).unwrap_or_default();
        Ok(rest.get(..length.min(rest.len())).unwrap_or_default().to_vec())
    }

    fn append(&self, name: FileName, bytes: &[u8]) -> Result<(), StorageFailure> {
        self.files().entry(name).or_default().extend(bytes);
        Ok(())
    }

    fn sync(&self, _: FileName) -> Result<(), StorageFailure> {
        Ok(())
    }

    fn truncate(&self, name: FileName, length: u64) -> Result<(), StorageFailure> {
        let mut files = self.files();
        let bytes = files.get_mut(name).ok_or(StorageFailure::Io)?;
        bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        Ok(())
    }

    fn rename(&self, from: FileName, to: FileName) -> Result<(), StorageFailure> {
        let mut files = self.files();
        let bytes = files.remove(from).ok_or(StorageFailure::Io)?;
        files.insert(to, bytes);
        Ok(())
    }

    fn remove(&self, name: FileName) -> Result<(), StorageFailure> {
        self.files().remove(name);
        Ok(())
    }

    fn sync_folder(&self) -> Result<(), StorageFailure> {
        Ok(())
    }

    fn lock(&self) -> Result<Box<dyn FolderLock>, StorageFailure> {
        Ok(Box::new(Unlocked))
    }
}

/// Nobody else is here.
struct Unlocked;

impl FolderLock for Unlocked {}
