//! A disk that forgets: what was not synced may be gone after a power cut, in whole, in part, or torn.
//!
//! Each file has what the system shows and what the platter holds, with the changes between them in order.
//! The real vault runs on it.

mod file;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent_core::ports::{FileName, FolderLock, Storage};
use agent_logic::failure::StorageFailure;

use super::chance::Chance;
use file::{File, Naming};

/// What the disk does to those who use it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Trouble {
    #[default]
    None,
    /// Appends write a part and fail.
    Full,
    /// Some appends and syncs fail.
    Io,
}

#[derive(Debug)]
pub(super) struct Disk {
    inner: Mutex<Inner>,
    taken: Arc<AtomicBool>,
}

#[derive(Clone, Debug)]
struct Inner {
    chance: Chance,
    files: BTreeMap<u64, File>,
    names: BTreeMap<FileName, u64>,
    kept: BTreeMap<FileName, u64>,
    /// Not yet in `kept`.
    renamed: Vec<Naming>,
    next: u64,
    /// Changes until the power goes.
    fuse: Option<u64>,
    off: bool,
    trouble: Trouble,
    /// A sync says it is done and does nothing: a fault of the world, which must turn it red.
    deaf: bool,
}

impl Disk {
    pub(super) fn new(seed: u64, deaf: bool) -> Arc<Self> {
        let inner = Inner {
            chance: Chance::new(seed),
            files: BTreeMap::new(),
            names: BTreeMap::new(),
            kept: BTreeMap::new(),
            renamed: Vec::new(),
            next: 0,
            fuse: None,
            off: false,
            trouble: Trouble::None,
            deaf,
        };
        Arc::new(Self { inner: Mutex::new(inner), taken: Arc::default() })
    }

    /// Power goes during the `changes`th change from now.
    pub(super) fn cut_power_after(&self, changes: u64) {
        self.inner().fuse = Some(changes);
    }

    /// The power stays.
    pub(super) fn spare(&self) {
        self.inner().fuse = None;
    }

    pub(super) fn has_power(&self) -> bool {
        !self.inner().off
    }

    pub(super) fn set_trouble(&self, trouble: Trouble) {
        self.inner().trouble = trouble;
    }

    /// Power goes now, if it has not gone yet, and comes back.
    pub(super) fn restart(&self) {
        self.inner().lose_power(None);
        self.taken.store(false, Ordering::Relaxed);
    }

    /// The disk as a power cut at this moment leaves it when nothing unsynced arrived.
    pub(super) fn after_cut(&self) -> Arc<Self> {
        let mut inner = self.inner().clone();
        inner.lose_power(Some(0));
        inner.trouble = Trouble::None;
        Arc::new(Self { inner: Mutex::new(inner), taken: Arc::default() })
    }

    /// Nothing of the file waits for a sync.
    pub(super) fn is_durable(&self, name: FileName) -> bool {
        let inner = self.inner();
        let id = inner.names.get(name);
        id == inner.kept.get(name) && id.and_then(|id| inner.files.get(id)).is_none_or(File::is_durable)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Storage for Disk {
    fn read(&self, name: FileName, limit: u64) -> Result<Option<Vec<u8>>, StorageFailure> {
        let mut inner = self.inner();
        inner.has_power()?;
        let Some(file) = inner.file(name) else { return Ok(None) };
        let fits = u64::try_from(file.shown().len()).is_ok_and(|length| length <= limit);
        if fits { Ok(Some(file.shown().to_vec())) } else { Err(StorageFailure::Unreadable) }
    }

    fn read_at(&self, name: FileName, offset: u64, length: usize) -> Result<Vec<u8>, StorageFailure> {
        let mut inner = self.inner();
        inner.has_power()?;
        let shown = inner.file(name).ok_or(StorageFailure::Io)?.shown();
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(shown.len());
        let to = from.saturating_add(length).min(shown.len());
        Ok(shown.get(from..to).unwrap_or_default().to_vec())
    }

    fn append(&self, name: FileName, bytes: &[u8]) -> Result<(), StorageFailure> {
        let mut inner = self.inner();
        inner.has_power()?;
        let failure = if inner.burns() { Some(StorageFailure::Io) } else { inner.append_fails() };
        let all = bytes.len().saturating_add(1);
        let part = if failure.is_some() { inner.chance.index(all) } else { bytes.len() };
        inner.ensure(name).write(bytes.get(..part).unwrap_or_default());
        failure.map_or(Ok(()), Err)
    }

    fn sync(&self, name: FileName) -> Result<(), StorageFailure> {
        let mut inner = self.inner();
        inner.has_power()?;
        if inner.burns() {
            return Err(StorageFailure::Io);
        }
        let fails = inner.trouble == Trouble::Io && inner.chance.one_in(2);
        let deaf = inner.deaf;
        let mut chance = Chance::new(inner.chance.next());
        let file = inner.file(name).ok_or(StorageFailure::Io)?;
        if fails {
            file.forget(&mut chance);
            return Err(StorageFailure::Io);
        }
        if !deaf {
            file.sync();
        }
        Ok(())
    }

    fn truncate(&self, name: FileName, length: u64) -> Result<(), StorageFailure> {
        let mut inner = self.inner();
        inner.has_power()?;
        if inner.burns() {
            return Err(StorageFailure::Io);
        }
        let length = usize::try_from(length).map_err(|_| StorageFailure::Io)?;
        inner.file(name).ok_or(StorageFailure::Io)?.cut(length);
        Ok(())
    }

    fn rename(&self, from: FileName, to: FileName) -> Result<(), StorageFailure> {
        let mut inner = self.inner();
        inner.has_power()?;
        if !inner.names.contains_key(from) {
            return Err(StorageFailure::Io);
        }
        let ends = inner.burns();
        if inner.trouble == Trouble::Io && inner.chance.one_in(4) {
            return Err(StorageFailure::Io);
        }
        inner.name(Naming::Rename(from, to));
        if ends { Err(StorageFailure::Io) } else { Ok(()) }
    }

    fn remove(&self, name: FileName) -> Result<(), StorageFailure> {
        let mut inner = self.inner();
        inner.has_power()?;
        if inner.names.contains_key(name) {
            let ends = inner.burns();
            inner.name(Naming::Remove(name));
            if ends {
                return Err(StorageFailure::Io);
            }
        }
        Ok(())
    }

    fn sync_folder(&self) -> Result<(), StorageFailure> {
        let mut inner = self.inner();
        inner.has_power()?;
        if inner.burns() || (inner.trouble == Trouble::Io && inner.chance.one_in(4)) {
            return Err(StorageFailure::Io);
        }
        if !inner.deaf {
            inner.keep_names(usize::MAX);
        }
        Ok(())
    }

    fn lock(&self) -> Result<Box<dyn FolderLock>, StorageFailure> {
        if self.taken.swap(true, Ordering::Relaxed) {
            return Err(StorageFailure::Busy);
        }
        Ok(Box::new(Held(Arc::clone(&self.taken))))
    }
}

struct Held(Arc<AtomicBool>);

impl FolderLock for Held {}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Inner {
    const fn has_power(&self) -> Result<(), StorageFailure> {
        if self.off { Err(StorageFailure::Io) } else { Ok(()) }
    }

    /// Counts a change; whether power goes during it.
    fn burns(&mut self) -> bool {
        self.off = self.fuse == Some(0);
        self.fuse = self.fuse.and_then(|left| left.checked_sub(1));
        self.off
    }

    fn append_fails(&mut self) -> Option<StorageFailure> {
        match self.trouble {
            Trouble::None => None,
            Trouble::Full => Some(StorageFailure::Full),
            Trouble::Io => self.chance.one_in(3).then_some(StorageFailure::Io),
        }
    }

    fn file(&mut self, name: FileName) -> Option<&mut File> {
        let id = self.names.get(name)?;
        self.files.get_mut(id)
    }

    fn ensure(&mut self, name: FileName) -> &mut File {
        let id = match self.names.get(name) {
            Some(id) => *id,
            None => {
                self.next += 1;
                self.name(Naming::Make(name, self.next));
                self.next
            }
        };
        self.files.entry(id).or_default()
    }

    fn name(&mut self, naming: Naming) {
        naming.apply(&mut self.names);
        self.renamed.push(naming);
    }

    fn keep_names(&mut self, count: usize) {
        for naming in std::mem::take(&mut self.renamed).into_iter().take(count) {
            naming.apply(&mut self.kept);
        }
        let (names, kept) = (&self.names, &self.kept);
        self.files.retain(|id, _| names.values().chain(kept.values()).any(|named| named == id));
    }

    /// `arrives` says how many changes of each kind arrived unsynced; chance, if it does not.
    fn lose_power(&mut self, arrives: Option<usize>) {
        let most = self.renamed.len().saturating_add(1);
        let count = arrives.unwrap_or_else(|| self.chance.index(most));
        self.keep_names(count);
        self.names.clone_from(&self.kept);
        let names = &self.names;
        self.files.retain(|id, _| names.values().any(|named| named == id));
        for file in self.files.values_mut() {
            file.lose_power(arrives, &mut self.chance);
        }
        self.fuse = None;
        self.off = false;
    }
}
