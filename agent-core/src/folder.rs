//! [`Storage`] in a directory of the file system.
//!
//! The folder is 0700 and its files 0600. Every file that is written stays open until it is synced: when the
//! last descriptor is closed the system may forget that a write-back failed.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use agent_logic::failure::StorageFailure;
use agent_logic::sorted::Sorted;
use rustix::fs::{FlockOperation, flock};

use crate::ports::{FileName, FolderLock, Storage};

/// The agent's folder.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Written and not yet synced. The names are a handful of constants.
    unsynced: Mutex<Sorted<FileName, File>>,
}

impl Folder {
    /// The folder at `path`, which is made if it does not exist and closed to others if it was open to them.
    /// The caller excludes it from backups.
    ///
    /// # Errors
    /// As the system reports.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, StorageFailure> {
        let path = path.into();
        make_folder(&path).map_err(failed)?;
        Ok(Self { path, unsynced: Mutex::default() })
    }

    fn file(&self, name: FileName) -> Result<PathBuf, StorageFailure> {
        let plain = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\0']);
        if plain { Ok(self.path.join(name)) } else { Err(StorageFailure::Io) }
    }

    fn unsynced(&self) -> MutexGuard<'_, Sorted<FileName, File>> {
        self.unsynced.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Storage for Folder {
    fn read(&self, name: FileName, limit: u64) -> Result<Option<Vec<u8>>, StorageFailure> {
        let Some(file) = found(File::open(self.file(name)?)).map_err(failed)? else {
            return Ok(None);
        };
        let size = file.metadata().map_err(failed)?.len();
        if size > limit {
            return Err(StorageFailure::Unreadable);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        // It may grow meanwhile.
        file.take(limit).read_to_end(&mut bytes).map_err(failed)?;
        Ok(Some(bytes))
    }

    fn read_at(&self, name: FileName, offset: u64, length: usize) -> Result<Vec<u8>, StorageFailure> {
        let file = File::open(self.file(name)?).map_err(failed)?;
        let left = file.metadata().map_err(failed)?.len().saturating_sub(offset);
        let mut bytes = vec![0; length.min(usize::try_from(left).unwrap_or(usize::MAX))];
        file.read_exact_at(&mut bytes, offset).map_err(failed)?;
        Ok(bytes)
    }

    fn append(&self, name: FileName, bytes: &[u8]) -> Result<(), StorageFailure> {
        let path = self.file(name)?;
        let mut unsynced = self.unsynced();
        if !unsynced.contains_key(name) {
            let file = OpenOptions::new().append(true).create(true).mode(FILE_MODE).open(path);
            unsynced.insert(name, file.map_err(failed)?);
        }
        unsynced.get_mut(name).map_or(Err(StorageFailure::Io), |file| file.write_all(bytes).map_err(failed))
    }

    fn sync(&self, name: FileName) -> Result<(), StorageFailure> {
        let path = self.file(name)?;
        let file = match self.unsynced().remove(name) {
            Some(file) => file,
            None => File::open(path).map_err(failed)?,
        };
        file.sync_data().map_err(failed)
    }

    fn truncate(&self, name: FileName, length: u64) -> Result<(), StorageFailure> {
        let file = OpenOptions::new().write(true).open(self.file(name)?);
        file.and_then(|file| file.set_len(length)).map_err(failed)
    }

    fn rename(&self, from: FileName, to: FileName) -> Result<(), StorageFailure> {
        let mut unsynced = self.unsynced();
        std::fs::rename(self.file(from)?, self.file(to)?).map_err(failed)?;
        unsynced.remove(to);
        if let Some(file) = unsynced.remove(from) {
            unsynced.insert(to, file);
        }
        Ok(())
    }

    fn remove(&self, name: FileName) -> Result<(), StorageFailure> {
        let path = self.file(name)?;
        self.unsynced().remove(name);
        found(std::fs::remove_file(path)).map_err(failed)?;
        Ok(())
    }

    fn sync_folder(&self) -> Result<(), StorageFailure> {
        sync_names(&self.path).map_err(failed)
    }

    fn lock(&self) -> Result<Box<dyn FolderLock>, StorageFailure> {
        let path = self.file(LOCK)?;
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(FILE_MODE).open(path);
        let file = file.map_err(failed)?;
        let place = file.metadata().map(|data| (data.dev(), data.ino())).map_err(failed)?;
        let taken = Taken::by_this_process(place)?;
        flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|error| failed(error.into()))?;
        Ok(Box::new(Held { file, _taken: taken }))
    }
}

/// Ends when dropped, and when the process dies.
struct Held {
    /// Holds the `flock`.
    file: File,
    _taken: Taken,
}

impl FolderLock for Held {}

impl Drop for Held {
    fn drop(&mut self) {
        // A child that the host forks has the descriptor too; closing ours alone would not free the folder.
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

/// Device and inode of a lock file that an agent in this process holds. `flock` tells two descriptors of one
/// process apart where the file system itself implements it; where it is emulated with record locks it does not.
struct Taken((u64, u64));

static TAKEN: Mutex<Vec<(u64, u64)>> = Mutex::new(Vec::new());

impl Taken {
    fn by_this_process(place: (u64, u64)) -> Result<Self, StorageFailure> {
        let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.contains(&place) {
            return Err(StorageFailure::Busy);
        }
        taken.push(place);
        Ok(Self(place))
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        TAKEN.lock().unwrap_or_else(PoisonError::into_inner).retain(|place| *place != self.0);
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(FOLDER_MODE).create(path) {
        Ok(()) => sync_names(parent(path)),
        Err(error) if error.kind() == ErrorKind::NotFound && path != parent(path) => {
            make_folder(parent(path))?;
            DirBuilder::new().mode(FOLDER_MODE).create(path)?;
            sync_names(parent(path))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let others = path.metadata()?.permissions().mode() & 0o077;
            if others == 0 {
                return Ok(());
            }
            std::fs::set_permissions(path, Permissions::from_mode(FOLDER_MODE))
        }
        Err(error) => Err(error),
    }
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => path,
    }
}

fn sync_names(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn failed(error: io::Error) -> StorageFailure {
    let kind = error.kind();
    let failure = if matches!(kind, ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
        StorageFailure::Full
    } else if kind == ErrorKind::WouldBlock {
        StorageFailure::Busy
    } else {
        StorageFailure::Io
    };
    log::warn!("storage: {kind} (os error {})", error.raw_os_error().unwrap_or_default());
    failure
}

const LOCK: FileName = "lock";
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_taken_once_in_a_process() {
        let place = (u64::MAX, 1);
        let taken = Taken::by_this_process(place).unwrap();
        assert_eq!(Taken::by_this_process(place).err(), Some(StorageFailure::Busy));
        assert!(Taken::by_this_process((u64::MAX, 2)).is_ok());
        drop(taken);
        assert!(Taken::by_this_process(place).is_ok());
    }
}
