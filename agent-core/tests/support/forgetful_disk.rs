//! A disk that forgets: what was not synced may be gone after a power cut, in whole, in part, or torn.
//!
//! Each file has what the system shows and what the platter holds, with the operations between them in order.
//! A sync carries them over. A power cut carries over some of them and may tear the next one. A sync that
//! fails drops them: the system still shows the bytes, and no later sync writes them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

mod chance;
mod names;
mod platter;

use agent_core::ports::{FileName, FolderLock, Storage};
use agent_logic::failure::StorageFailure;

pub use chance::Chance;
use names::{Names, Naming};
use platter::Inode;

/// See the module page.
#[derive(Debug)]
pub struct ForgetfulDisk {
    disk: Mutex<Disk>,
    taken: Arc<AtomicBool>,
}

/// What was asked of a disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub syncs: u64,
    pub folder_syncs: u64,
    pub bytes: u64,
}

/// Whether operations fail by chance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Luck {
    #[default]
    Good,
    /// Some appends, syncs and renames fail.
    Bad,
}

impl ForgetfulDisk {
    pub fn new(seed: u64) -> Arc<Self> {
        Self::with(Disk { chance: Chance::new(seed), ..Disk::default() })
    }

    fn with(disk: Disk) -> Arc<Self> {
        Arc::new(Self { disk: Mutex::new(disk), taken: Arc::default() })
    }

    /// Power goes in the middle of the `operation`th change from now, counted from 0. From then on every call
    /// fails until [`ForgetfulDisk::restart`].
    pub fn cut_power_at(&self, operation: u64) {
        self.disk().fuse = Some(operation);
    }

    /// The power stays.
    pub fn spare(&self) {
        self.disk().fuse = None;
    }

    pub fn has_power(&self) -> bool {
        !self.disk().is_off
    }

    /// Power goes now, if it has not gone yet, and comes back.
    pub fn restart(&self) {
        self.disk().restart();
        self.taken.store(false, Ordering::Relaxed);
    }

    /// The process dies, the power stays: nothing is lost.
    pub fn respawn(&self) {
        self.disk().power_on();
        self.taken.store(false, Ordering::Relaxed);
    }

    /// A copy as a power cut at this moment leaves it when nothing unsynced arrived, on a disk with space.
    pub fn after_cut(&self) -> Arc<Self> {
        let mut disk = self.disk().clone();
        disk.lose_power(None);
        disk.space = usize::MAX;
        disk.luck = Luck::Good;
        Self::with(disk)
    }

    /// Nothing of the file waits for a sync.
    pub fn is_durable(&self, name: FileName) -> bool {
        let disk = self.disk();
        disk.names.is_durable(name) && disk.shown(name).map_or(true, Inode::is_durable)
    }

    pub fn set_luck(&self, luck: Luck) {
        self.disk().luck = luck;
    }

    /// From now on a sync says that it is done and does nothing.
    pub fn deafen(&self) {
        self.disk().deaf = true;
    }

    /// A sync fails, of a file or of the folder, when `after` more have succeeded.
    pub fn fail_sync(&self, after: u64) {
        self.disk().failing_sync = Some(after);
    }

    /// The next renames fail, and nothing is renamed.
    pub fn fail_renames(&self, count: u64) {
        self.disk().failing_renames = count;
    }

    /// The next cuts of a file fail.
    pub fn fail_truncates(&self, count: u64) {
        self.disk().failing_truncates = count;
    }

    /// Space that is left, in bytes.
    pub fn set_space(&self, bytes: usize) {
        self.disk().space = bytes;
    }

    pub fn count(&self) -> Count {
        self.disk().count
    }

    /// The file as the system shows it.
    pub fn show(&self, name: FileName) -> Option<Vec<u8>> {
        self.disk().shown(name).ok().map(|file| file.shown().to_vec())
    }

    /// Alters the file, which exists, behind everybody's back, durably.
    pub fn tamper(&self, name: FileName, change: impl FnOnce(&mut Vec<u8>)) {
        if let Ok(file) = self.disk().shown_mut(name) {
            file.tamper(change);
        }
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Storage for ForgetfulDisk {
    fn read(&self, name: FileName, limit: u64) -> Result<Option<Vec<u8>>, StorageFailure> {
        let disk = self.disk();
        disk.has_power()?;
        let Ok(file) = disk.shown(name) else { return Ok(None) };
        let fits = u64::try_from(file.shown().len()).is_ok_and(|length| length <= limit);
        if fits { Ok(Some(file.shown().to_vec())) } else { Err(StorageFailure::Unreadable) }
    }

    fn read_at(&self, name: FileName, offset: u64, length: usize) -> Result<Vec<u8>, StorageFailure> {
        let disk = self.disk();
        disk.has_power()?;
        let shown = disk.shown(name)?.shown();
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(shown.len());
        let to = from.saturating_add(length).min(shown.len());
        Ok(shown.get(from..to).unwrap_or_default().to_vec())
    }

    fn append(&self, name: FileName, bytes: &[u8]) -> Result<(), StorageFailure> {
        let mut disk = self.disk();
        disk.has_power()?;
        let room = bytes.len().min(disk.space);
        let fails = disk.burns() || disk.has_bad_luck(3);
        let part = if fails { disk.chance.index(room.saturating_add(1)) } else { room };
        disk.count.bytes += u64::try_from(part).unwrap_or_default();
        disk.space -= part;
        disk.ensure(name).write(bytes.get(..part).unwrap_or_default());
        match (fails, part < bytes.len()) {
            (true, _) => Err(StorageFailure::Io),
            (false, true) => Err(StorageFailure::Full),
            (false, false) => Ok(()),
        }
    }

    fn sync(&self, name: FileName) -> Result<(), StorageFailure> {
        let mut disk = self.disk();
        disk.has_power()?;
        disk.count.syncs += 1;
        if disk.burns() {
            return Err(StorageFailure::Io);
        }
        if disk.sync_fails() || disk.has_bad_luck(2) {
            let mut chance = Chance::new(disk.chance.next());
            disk.shown_mut(name)?.forget(&mut chance);
            return Err(StorageFailure::Io);
        }
        if !disk.deaf {
            disk.shown_mut(name)?.sync();
        }
        Ok(())
    }

    fn truncate(&self, name: FileName, length: u64) -> Result<(), StorageFailure> {
        let mut disk = self.disk();
        disk.has_power()?;
        if disk.burns() {
            return Err(StorageFailure::Io);
        }
        if disk.failing_truncates > 0 {
            disk.failing_truncates -= 1;
            return Err(StorageFailure::Io);
        }
        let length = usize::try_from(length).map_err(|_| StorageFailure::Io)?;
        let freed = disk.shown_mut(name)?.cut(length);
        disk.space = disk.space.saturating_add(freed);
        Ok(())
    }

    fn rename(&self, from: FileName, to: FileName) -> Result<(), StorageFailure> {
        let mut disk = self.disk();
        disk.has_power()?;
        disk.shown(from)?;
        let ends = disk.burns();
        if disk.failing_renames > 0 {
            disk.failing_renames -= 1;
            return Err(StorageFailure::Io);
        }
        if disk.has_bad_luck(4) {
            return Err(StorageFailure::Io);
        }
        disk.names.change(Naming::Rename(from, to));
        if ends { Err(StorageFailure::Io) } else { Ok(()) }
    }

    fn remove(&self, name: FileName) -> Result<(), StorageFailure> {
        let mut disk = self.disk();
        disk.has_power()?;
        if let Ok(file) = disk.shown(name) {
            let freed = file.shown().len();
            let ends = disk.burns();
            disk.names.change(Naming::Remove(name));
            disk.space = disk.space.saturating_add(freed);
            if ends {
                return Err(StorageFailure::Io);
            }
        }
        Ok(())
    }

    fn sync_folder(&self) -> Result<(), StorageFailure> {
        let mut disk = self.disk();
        disk.has_power()?;
        disk.count.folder_syncs += 1;
        if disk.burns() {
            return Err(StorageFailure::Io);
        }
        if disk.sync_fails() || disk.has_bad_luck(4) {
            disk.names.forget();
            return Err(StorageFailure::Io);
        }
        if !disk.deaf {
            disk.names.sync();
            disk.drop_nameless();
        }
        Ok(())
    }

    fn lock(&self) -> Result<Box<dyn FolderLock>, StorageFailure> {
        if self.taken.swap(true, Ordering::Relaxed) {
            return Err(StorageFailure::Busy);
        }
        Ok(Box::new(Held(self.taken.clone())))
    }
}

struct Held(Arc<AtomicBool>);

impl FolderLock for Held {}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

#[derive(Clone, Debug)]
struct Disk {
    chance: Chance,
    luck: Luck,
    deaf: bool,
    inodes: BTreeMap<u64, Inode>,
    names: Names,
    next_inode: u64,
    fuse: Option<u64>,
    is_off: bool,
    failing_sync: Option<u64>,
    failing_renames: u64,
    failing_truncates: u64,
    space: usize,
    count: Count,
}

impl Default for Disk {
    fn default() -> Self {
        Self {
            chance: Chance::new(0),
            luck: Luck::Good,
            deaf: false,
            inodes: BTreeMap::new(),
            names: Names::default(),
            next_inode: 0,
            fuse: None,
            is_off: false,
            failing_sync: None,
            failing_renames: 0,
            failing_truncates: 0,
            space: usize::MAX,
            count: Count::default(),
        }
    }
}

impl Disk {
    const fn has_power(&self) -> Result<(), StorageFailure> {
        if self.is_off { Err(StorageFailure::Io) } else { Ok(()) }
    }

    /// Counts a change; whether power goes during it.
    fn burns(&mut self) -> bool {
        self.is_off = self.fuse == Some(0);
        self.fuse = self.fuse.and_then(|left| left.checked_sub(1));
        self.is_off
    }

    fn has_bad_luck(&mut self, one_in: u64) -> bool {
        self.luck == Luck::Bad && self.chance.one_in(one_in)
    }

    fn sync_fails(&mut self) -> bool {
        let fails = self.failing_sync == Some(0);
        self.failing_sync = self.failing_sync.and_then(|left| left.checked_sub(1));
        fails
    }

    fn ensure(&mut self, name: FileName) -> &mut Inode {
        let inode = self.names.get(name).unwrap_or_else(|| {
            self.next_inode += 1;
            self.names.change(Naming::Make(name, self.next_inode));
            self.next_inode
        });
        self.inodes.entry(inode).or_default()
    }

    fn shown(&self, name: FileName) -> Result<&Inode, StorageFailure> {
        self.names.get(name).and_then(|inode| self.inodes.get(&inode)).ok_or(StorageFailure::Io)
    }

    fn shown_mut(&mut self, name: FileName) -> Result<&mut Inode, StorageFailure> {
        self.names.get(name).and_then(|inode| self.inodes.get_mut(&inode)).ok_or(StorageFailure::Io)
    }

    fn restart(&mut self) {
        let mut chance = Chance::new(self.chance.next());
        self.lose_power(Some(&mut chance));
    }

    /// Without `chance`, nothing unsynced arrived.
    fn lose_power(&mut self, mut chance: Option<&mut Chance>) {
        self.names.lose_power(chance.as_deref_mut());
        self.drop_nameless();
        for inode in self.inodes.values_mut() {
            inode.lose_power(chance.as_deref_mut());
        }
        self.power_on();
    }

    fn drop_nameless(&mut self) {
        self.inodes.retain(|inode, _| self.names.name(*inode));
    }

    fn power_on(&mut self) {
        self.fuse = None;
        self.is_off = false;
        self.failing_sync = None;
        self.failing_renames = 0;
        self.failing_truncates = 0;
    }
}
