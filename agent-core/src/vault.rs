//! A sealed journal of opaque records: what was acknowledged survives a kill, a power cut and a full disk.
//!
//! ```text
//!           append                      append fails
//! (absent) ────────▶ Sound ─────────────────────────────▶ TailInDoubt ──┐
//!                    ▲  │ compact fails at its rename                   │ cut back to the last
//!                    │  └─────────────▶ NameInDoubt ──┐                 │ acknowledged byte
//!                    └── written anew ────────────────┴─────────────────┘
//! ```
//!
//! * A batch is one frame: all of its records are there, or none.
//! * A failed `fdatasync` says nothing about the pages it was for, and a later success says nothing either. So
//!   nothing written before a failure is ever acknowledged: it is cut off, and the batch is written again.
//! * A batch that failed may still be found by the next [`Vault::open`], if the process dies before the cut. It
//!   is made durable there, with one gap: when its `fdatasync` itself had failed, and the process died in the
//!   microseconds before the cut, the system shows bytes that no sync writes any more. A batch that an open did
//!   not find never comes back: each open cuts the file where it ends, and makes that durable.
//! * A failed sync of the folder says nothing about names, and a later success says nothing either. A name in doubt is
//!   given anew to another file: by the next append, or by the next [`Vault::open`] if the process died before.
//! * Cutting whole frames off the end of the file, or putting back an old copy of it, leaves no trace here:
//!   the chain of reports shows it to the cloud.

mod frame;
mod scan;

use std::fmt;
use std::sync::Arc;

use agent_logic::failure::StorageFailure;
use agent_logic::redact::{Bytes, Secret};

use crate::ports::{FileName, FolderLock, Storage};
use frame::{HEADER, Seal, frame_size, is_newer};
use scan::{Scan, scan};

/// The journal. One in a folder, and one writer.
pub struct Vault {
    storage: Arc<dyn Storage>,
    key: Secret<[u8; 32]>,
    journal: Option<Journal>,
    _lock: Box<dyn FolderLock>,
}

/// A vault, and what it held.
#[derive(Debug)]
pub struct Opened {
    /// The vault.
    pub vault: Vault,
    /// Every record, in the order of their appends; after a compaction the snapshot is the first.
    pub records: Vec<Bytes>,
    /// An append that had not been acknowledged was found in part and cut off.
    pub torn: bool,
}

impl Vault {
    /// Takes the folder and reads the journal. No journal is an empty one.
    ///
    /// # Errors
    /// [`StorageFailure::Busy`] if the folder is taken; [`StorageFailure::Newer`] or
    /// [`StorageFailure::Unreadable`] with the file left as it is; [`StorageFailure::Full`] if the name is in doubt and
    /// there is no space to write the journal anew; others as the system reports.
    pub fn open(storage: Arc<dyn Storage>, key: &Secret<[u8; 32]>) -> Result<Opened, StorageFailure> {
        let lock = storage.lock()?;
        let scan = match read(&*storage)? {
            Some(bytes) => Some(scan(&bytes, key)?),
            None => None,
        };
        storage.remove(DRAFT)?;
        // A killed process may have left bytes or a name that no power cut has tried yet: they are made
        // durable before anything is done because of them.
        if let Some(scan) = &scan {
            // Whole or torn: a cut of before may be one that a failed sync dropped.
            storage.truncate(JOURNAL, wide(scan.end))?;
            storage.sync(JOURNAL)?;
            storage.sync_folder()?;
        }
        let in_doubt = storage.read(DOUBT, 0)?.is_some();
        let (journal, records, torn) = match scan {
            Some(scan) => {
                let torn = scan.torn;
                let (journal, records) = Journal::of(scan);
                (Some(journal), records, torn)
            }
            None => (None, Vec::new(), false),
        };
        let mut vault = Self { storage, key: key.clone(), journal, _lock: lock };
        if in_doubt {
            vault.name_again()?;
        }
        Ok(Opened { vault, records, torn })
    }

    /// An empty vault in the place of one that can never be read again. What was there stays until the first append
    /// replaces it, in one step: a kill before is as if nothing had happened.
    ///
    /// # Errors
    /// As the system reports.
    pub fn anew(
        storage: Arc<dyn Storage>,
        lock: Box<dyn FolderLock>,
        key: &Secret<[u8; 32]>,
    ) -> Result<Self, StorageFailure> {
        [DRAFT, ASIDE].into_iter().try_for_each(|name| storage.remove(name))?;
        storage.sync_folder()?;
        Ok(Self { storage, key: key.clone(), journal: None, _lock: lock })
    }

    /// Moves a journal that cannot be read out of the way, for the next [`Vault::open`] to begin a new one.
    /// It stays in the folder until [`Vault::erase`].
    ///
    /// # Errors
    /// [`StorageFailure::Busy`] if the folder is taken; others as the system reports.
    pub fn set_aside(storage: &dyn Storage) -> Result<(), StorageFailure> {
        let _lock = storage.lock()?;
        storage.rename(JOURNAL, ASIDE)?;
        storage.sync_folder()
    }

    /// Appends `records` and makes them durable, with one `fdatasync`. All or nothing.
    ///
    /// # Errors
    /// [`StorageFailure::Full`] without space, or beyond [`MAX_RECORD`], [`MAX_BATCH`] or [`MAX_FILE`]; others
    /// as the system reports. What was held before is held still.
    pub fn append(&mut self, records: &[Bytes]) -> Result<(), StorageFailure> {
        if records.is_empty() {
            return Ok(());
        }
        self.settle()?;
        let Some(journal) = &mut self.journal else {
            return self.replace(records);
        };
        check(records, journal.end)?;
        let frame = journal.seal.close(journal.next, records)?;
        let written = self.storage.append(JOURNAL, &frame).and_then(|()| self.storage.sync(JOURNAL));
        match written {
            Ok(()) => {
                journal.end = journal.end.saturating_add(frame.len());
                journal.next = journal.next.saturating_add(1);
            }
            Err(_) => {
                journal.standing = Standing::TailInDoubt;
                // Now, while the process lives. If this fails too, the next append tries again.
                let _ = self.settle();
            }
        }
        written
    }

    /// Replaces every record by `snapshot`. All or nothing.
    ///
    /// # Errors
    /// As [`Vault::append`]. The records of before or the snapshot are held, whichever it is.
    pub fn compact(&mut self, snapshot: &Bytes) -> Result<(), StorageFailure> {
        self.replace(std::slice::from_ref(snapshot))
    }

    /// Removes every file of the vault. What is appended from then on begins a new one.
    ///
    /// # Errors
    /// As the system reports; some files may be gone.
    pub fn erase(&mut self) -> Result<(), StorageFailure> {
        self.journal = None;
        let in_doubt = self.storage.read(DOUBT, 0)?.is_some();
        self.remove_files()?;
        if in_doubt {
            // What shows no name may have one after a power cut, and no later sync helps: a new file takes it first.
            self.replace(&[])?;
            self.journal = None;
            self.remove_files()?;
        }
        self.storage.sync_folder()?;
        self.no_doubt();
        Ok(())
    }

    fn remove_files(&self) -> Result<(), StorageFailure> {
        // Without space for it the files go all the same.
        let _ = self.storage.append(DOUBT, &[]);
        [JOURNAL, DRAFT, ASIDE].into_iter().try_for_each(|name| self.storage.remove(name))
    }

    /// Bytes of the journal file, up to its last acknowledged record.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.journal.as_ref().map_or(0, |journal| wide(journal.end))
    }

    /// Gets rid of what a failure left in doubt.
    fn settle(&mut self) -> Result<(), StorageFailure> {
        let Some(journal) = &mut self.journal else {
            return Ok(());
        };
        match journal.standing {
            Standing::Sound => Ok(()),
            Standing::TailInDoubt => {
                self.storage.truncate(JOURNAL, wide(journal.end))?;
                journal.standing = Standing::Sound;
                Ok(())
            }
            Standing::NameInDoubt => self.rewrite(),
        }
    }

    /// Writes the file that has the name now into a new one, whose name is then made durable.
    fn rewrite(&mut self) -> Result<(), StorageFailure> {
        let bytes = read(&*self.storage)?.ok_or(StorageFailure::Unreadable)?;
        let (mut there, _) = Journal::of(scan(&bytes, &self.key)?);
        if let Some(known) = &self.journal
            && known.seal.header() == there.seal.header()
        {
            // The file of before: what a failed append left behind its end is not to be believed.
            there.end = known.end;
            there.next = known.next;
        }
        let held = bytes.get(..there.end).ok_or(StorageFailure::Unreadable)?;
        self.write_draft(held)?;
        self.give_name()?;
        self.journal = Some(there);
        Ok(())
    }

    /// A process before died while the name was changed, or after the folder's sync had failed: what shows may be
    /// gone after a power cut, and no later sync helps. A new file takes the name.
    fn name_again(&mut self) -> Result<(), StorageFailure> {
        if self.journal.is_some() { self.rewrite() } else { self.replace(&[]) }
    }

    /// Puts a new file that holds `records` in the place of the journal.
    fn replace(&mut self, records: &[Bytes]) -> Result<(), StorageFailure> {
        check(records, HEADER)?;
        let seal = Seal::make(&self.key)?;
        let mut bytes = seal.header().to_vec();
        bytes.extend(seal.close(0, records)?);
        self.write_draft(&bytes)?;
        if let Err(failure) = self.give_name() {
            // Without a journal of before there is nothing to doubt: the next append replaces this one.
            if let Some(journal) = &mut self.journal {
                journal.standing = Standing::NameInDoubt;
            }
            return Err(failure);
        }
        self.journal = Some(Journal { seal, end: bytes.len(), next: 1, standing: Standing::Sound });
        Ok(())
    }

    fn write_draft(&self, bytes: &[u8]) -> Result<(), StorageFailure> {
        self.storage.remove(DRAFT)?;
        let written = self.storage.append(DRAFT, bytes).and_then(|()| self.storage.sync(DRAFT));
        if written.is_err() {
            // Its space may be what the next append lacks.
            let _ = self.storage.remove(DRAFT);
        }
        written
    }

    fn give_name(&self) -> Result<(), StorageFailure> {
        self.storage.append(DOUBT, &[])?;
        self.storage.rename(DRAFT, JOURNAL)?;
        self.storage.sync_folder()?;
        self.no_doubt();
        Ok(())
    }

    /// Left behind, or back after a power cut, it costs the next open one more writing.
    fn no_doubt(&self) {
        let _ = self.storage.remove(DOUBT).and_then(|()| self.storage.sync_folder());
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({})", self.size())
    }
}

/// The file as this process knows it.
struct Journal {
    seal: Seal,
    /// Its length up to the last acknowledged frame.
    end: usize,
    /// Index of the next frame.
    next: u32,
    standing: Standing,
}

enum Standing {
    /// It ends at `end`, and its name is durable.
    Sound,
    /// Something may stand behind `end`.
    TailInDoubt,
    /// A compaction failed at its rename: either file may have the name, now and after a power cut.
    NameInDoubt,
}

impl Journal {
    fn of(scan: Scan) -> (Self, Vec<Bytes>) {
        let journal = Self { seal: scan.seal, end: scan.end, next: scan.next, standing: Standing::Sound };
        (journal, scan.records)
    }
}

fn read(storage: &dyn Storage) -> Result<Option<Vec<u8>>, StorageFailure> {
    match storage.read(JOURNAL, wide(MAX_FILE)) {
        // A later version may write larger files.
        Err(StorageFailure::Unreadable) if is_newer(&storage.read_at(JOURNAL, 0, HEADER)?) => {
            Err(StorageFailure::Newer)
        }
        other => other,
    }
}

fn check(records: &[Bytes], end: usize) -> Result<(), StorageFailure> {
    let fits = records.len() <= MAX_BATCH
        && records.iter().all(|record| record.as_slice().len() <= MAX_RECORD)
        && end.saturating_add(frame_size(records)) <= MAX_FILE;
    if fits { Ok(()) } else { Err(StorageFailure::Full) }
}

/// The records in a frame's content, for fuzz targets: a fuzzer cannot seal.
#[cfg(feature = "dangerous-fuzzing")]
pub(crate) fn records_in(content: &[u8]) -> Option<Vec<Bytes>> {
    frame::split(content)
}

fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Largest record, in bytes. A snapshot with 2,000 apps and 500 queued transitions fits.
pub const MAX_RECORD: usize = 4 * 1024 * 1024;

/// Largest journal file, in bytes: it is read into memory at open.
pub const MAX_FILE: usize = 16 * 1024 * 1024;

/// Records in one append.
pub const MAX_BATCH: usize = 4096;

const JOURNAL: FileName = "journal";
/// The next journal, until it is renamed.
const DRAFT: FileName = "journal.new";
/// Empty. It is there while the journal's name is changed, until the folder is synced. It needs no sync of its own:
/// after a power cut the names are what they are.
const DOUBT: FileName = "journal.doubt";
/// A journal that could not be read.
const ASIDE: FileName = "journal.aside";
