//! A disk that forgets: what was not synced may be gone after a power cut, in whole, in part, or torn.
//!
//! Each file has what the system shows and what the platter holds, with the operations between them in order.
//! A sync carries them over. A power cut carries over some of them and may tear the next one. A sync that
//! fails drops them: the system still shows the bytes, and no later sync writes them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

mod platter;

pub use platter::Chance;
use platter::Inode;

use agent_core::ports::{FileName, FolderLock, Storage};
use agent_logic::failure::StorageFailure;

/// See the module page.
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

impl ForgetfulDisk {
    pub fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self { disk: Mutex::new(Disk::new(seed)), taken: Arc::default() })
    }

    /// Power goes in the middle of the `operation`th change from now, counted from 0. From then on every call
    /// fails until [`ForgetfulDisk::restart`].
    pub fn cut_power_at(&self, operation: u64) {
        self.disk().fuse = Some(operation);
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
        self.disk().shown(name).ok().map(|file| file.shown.clone())
    }

    /// Alters the file behind everybody's back, durably.
    pub fn tamper(&self, name: FileName, change: impl FnOnce(&mut Vec<u8>)) {
        let mut disk = self.disk();
        let file = disk.shown_mut(name).unwrap();
        change(&mut file.shown);
        file.platter = file.shown.clone();
        file.between.clear();
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap()
    }
}

impl Storage for ForgetfulDisk {
    fn read(&self, name: FileName, limit: u64) -> Result<Option<Vec<u8>>, StorageFailure> {
        let disk = self.disk();
        disk.has_power()?;
        match disk.shown(name) {
            Ok(file) if file.shown.len() as u64 > limit => Err(StorageFailure::Unreadable),
            Ok(file) => Ok(Some(file.shown.clone())),
            Err(_) => Ok(None),
        }
    }

    fn read_at(&self, name: FileName, offset: u64, length: usize) -> Result<Vec<u8>, StorageFailure> {
        let disk = self.disk();
        disk.has_power()?;
        let shown = &disk.shown(name)?.shown;
        let from = (offset as usize).min(shown.len());
        let to = from.saturating_add(length).min(shown.len());
        Ok(shown[from..to].to_vec())
    }

    fn append(&self, name: FileName, bytes: &[u8]) -> Result<(), StorageFailure> {
        let mut disk = self.disk();
        disk.has_power()?;
        let ends = disk.burns();
        let room = bytes.len().min(disk.space);
        let part = if ends { disk.chance.below(room + 1) } else { room };
        let bytes_in = &bytes[..part];
        let inode = disk.ensure(name);
        disk.count.bytes += part as u64;
        disk.space -= part;
        disk.inodes.get_mut(&inode).unwrap().write(bytes_in);
        match (ends, part < bytes.len()) {
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
        if disk.sync_fails() {
            let mut chance = disk.chance.clone();
            disk.shown_mut(name)?.forget(&mut chance);
            disk.chance = chance;
            return Err(StorageFailure::Io);
        }
        disk.shown_mut(name)?.sync();
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
        let freed = disk.shown_mut(name)?.cut(length as usize);
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
        disk.name(Naming::Rename(from, to));
        if ends { Err(StorageFailure::Io) } else { Ok(()) }
    }

    fn remove(&self, name: FileName) -> Result<(), StorageFailure> {
        let mut disk = self.disk();
        disk.has_power()?;
        if let Ok(file) = disk.shown(name) {
            let freed = file.shown.len();
            let ends = disk.burns();
            disk.name(Naming::Remove(name));
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
        if disk.sync_fails() {
            disk.renamed.clear();
            return Err(StorageFailure::Io);
        }
        for naming in std::mem::take(&mut disk.renamed) {
            naming.apply(&mut disk.kept_names);
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

struct Disk {
    chance: Chance,
    inodes: BTreeMap<u64, Inode>,
    names: BTreeMap<FileName, u64>,
    kept_names: BTreeMap<FileName, u64>,
    /// Not yet in `kept_names`.
    renamed: Vec<Naming>,
    next_inode: u64,
    fuse: Option<u64>,
    is_off: bool,
    failing_sync: Option<u64>,
    failing_renames: u64,
    failing_truncates: u64,
    space: usize,
    count: Count,
}

impl Disk {
    fn new(seed: u64) -> Self {
        Self {
            chance: Chance::new(seed),
            inodes: BTreeMap::new(),
            names: BTreeMap::new(),
            kept_names: BTreeMap::new(),
            renamed: Vec::new(),
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

    fn has_power(&self) -> Result<(), StorageFailure> {
        if self.is_off { Err(StorageFailure::Io) } else { Ok(()) }
    }

    /// Counts a change; whether power goes during it.
    fn burns(&mut self) -> bool {
        self.is_off = self.fuse == Some(0);
        self.fuse = self.fuse.and_then(|left| left.checked_sub(1));
        self.is_off
    }

    fn sync_fails(&mut self) -> bool {
        let fails = self.failing_sync == Some(0);
        self.failing_sync = self.failing_sync.and_then(|left| left.checked_sub(1));
        fails
    }

    fn ensure(&mut self, name: FileName) -> u64 {
        if let Some(inode) = self.names.get(name) {
            return *inode;
        }
        let inode = self.next_inode;
        self.next_inode += 1;
        self.inodes.insert(inode, Inode::default());
        self.name(Naming::Make(name, inode));
        inode
    }

    fn name(&mut self, naming: Naming) {
        naming.apply(&mut self.names);
        self.renamed.push(naming);
    }

    fn shown(&self, name: FileName) -> Result<&Inode, StorageFailure> {
        let inode = self.names.get(name).ok_or(StorageFailure::Io)?;
        self.inodes.get(inode).ok_or(StorageFailure::Io)
    }

    fn shown_mut(&mut self, name: FileName) -> Result<&mut Inode, StorageFailure> {
        let inode = self.names.get(name).ok_or(StorageFailure::Io)?;
        self.inodes.get_mut(inode).ok_or(StorageFailure::Io)
    }

    fn restart(&mut self) {
        let carried = self.chance.below(self.renamed.len() + 1);
        for naming in std::mem::take(&mut self.renamed).into_iter().take(carried) {
            naming.apply(&mut self.kept_names);
        }
        self.names = self.kept_names.clone();
        self.inodes.retain(|inode, _| self.names.values().any(|kept| kept == inode));
        for inode in self.inodes.values_mut() {
            inode.lose_power(&mut self.chance);
        }
        self.power_on();
    }

    fn power_on(&mut self) {
        self.fuse = None;
        self.is_off = false;
        self.failing_sync = None;
        self.failing_renames = 0;
        self.failing_truncates = 0;
    }
}

#[derive(Clone, Copy)]
enum Naming {
    Make(FileName, u64),
    Rename(FileName, FileName),
    Remove(FileName),
}

impl Naming {
    fn apply(self, names: &mut BTreeMap<FileName, u64>) {
        match self {
            Self::Make(name, inode) => {
                names.insert(name, inode);
            }
            Self::Rename(from, to) => {
                if let Some(inode) = names.remove(from) {
                    names.insert(to, inode);
                }
            }
            Self::Remove(name) => {
                names.remove(name);
            }
        }
    }
}
