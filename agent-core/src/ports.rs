//! What the platform gives the agent. Implementations say where (`AndroidKeys`), fakes say how (`FailingKeys`).
//!
//! No call may unwind into the agent; each may block for as long as its page says.
//!
//! Rules: R1.

use std::fmt;
use std::sync::Arc;

use agent_logic::agent::{Status, WebAnswer};
use agent_logic::command::Slot;
use agent_logic::event::Posture;
use agent_logic::failure::{CollectFailure, KeyFailure, StorageFailure};
use agent_logic::model::{App, AppId, Digest};
use agent_logic::redact::Secret;
use agent_logic::time::Now;
use agent_logic::wire::KeyProtection;

/// Reads both clocks. Returns at once.
pub trait Clock: Send + Sync {
    /// One reading. `mono` counts sleep: `CLOCK_BOOTTIME`, or the next best the system has.
    fn now(&self) -> Now;
}

/// A P-256 private key held by the platform. It can be asked to sign; it can never be seen.
pub trait SigningKey: fmt::Debug + Send + Sync {
    /// SubjectPublicKeyInfo, DER.
    fn public_key(&self) -> Vec<u8>;

    /// How the store keeps it, reported and never assumed.
    fn protection(&self) -> KeyProtection;

    /// Signs the unhashed `message` with ECDSA over P-256 and SHA-256; the signature is DER (X9.62).
    /// May take seconds.
    ///
    /// # Errors
    /// [`KeyFailure`] as the store reports it.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyFailure>;
}

/// Keeps the agent's keys. May take seconds.
pub trait KeyStore: Send + Sync {
    /// The key in `slot`, if there is one.
    ///
    /// # Errors
    /// [`KeyFailure::Locked`] while it cannot be known whether there is one.
    fn find(&self, slot: Slot) -> Result<Option<Arc<dyn SigningKey>>, KeyFailure>;

    /// Makes a key in `slot` in place of the one there.
    ///
    /// # Errors
    /// [`KeyFailure`] as the store reports it.
    fn make(&self, slot: Slot) -> Result<Arc<dyn SigningKey>, KeyFailure>;

    /// Destroys the key in `slot`. No key there is a success.
    ///
    /// # Errors
    /// [`KeyFailure`] as the store reports it.
    fn destroy(&self, slot: Slot) -> Result<(), KeyFailure>;

    /// The key that seals the agent's files, made at the first call.
    ///
    /// # Errors
    /// [`KeyFailure::Gone`] when it existed and cannot be had back.
    fn data_key(&self) -> Result<Secret<[u8; 32]>, KeyFailure>;

    /// Destroys the key that seals the agent's files: what it sealed is unreadable from then on.
    ///
    /// # Errors
    /// [`KeyFailure`] as the store reports it.
    fn destroy_data_key(&self) -> Result<(), KeyFailure>;
}

/// Name of a file in the agent's folder: a constant of this crate, never from outside.
pub type FileName = &'static str;

/// File operations in the agent's own folder, which is excluded from backups. The journal's own code runs
/// on top of them, here and in the simulated world.
pub trait Storage: Send + Sync {
    /// The whole file; `None` if it does not exist. Files above `limit` bytes are [`StorageFailure::Unreadable`].
    ///
    /// # Errors
    /// As the system reports.
    fn read(&self, name: FileName, limit: u64) -> Result<Option<Vec<u8>>, StorageFailure>;

    /// `length` bytes from `offset`; fewer at the end of the file.
    ///
    /// # Errors
    /// As the system reports; [`StorageFailure::Io`] if the file does not exist.
    fn read_at(&self, name: FileName, offset: u64, length: usize) -> Result<Vec<u8>, StorageFailure>;

    /// Appends to the file, which is made if it does not exist. May have written a part when it fails.
    ///
    /// # Errors
    /// As the system reports.
    fn append(&self, name: FileName, bytes: &[u8]) -> Result<(), StorageFailure>;

    /// Makes the file's content durable (`fdatasync`).
    ///
    /// # Errors
    /// As the system reports. What was not durable before may be lost, even if a later call succeeds.
    fn sync(&self, name: FileName) -> Result<(), StorageFailure>;

    /// Cuts the file to `length` bytes.
    ///
    /// # Errors
    /// As the system reports.
    fn truncate(&self, name: FileName, length: u64) -> Result<(), StorageFailure>;

    /// Puts `from` in the place of `to`, atomically.
    ///
    /// # Errors
    /// As the system reports.
    fn rename(&self, from: FileName, to: FileName) -> Result<(), StorageFailure>;

    /// Removes the file. No file there is a success.
    ///
    /// # Errors
    /// As the system reports.
    fn remove(&self, name: FileName) -> Result<(), StorageFailure>;

    /// Makes renames, removals and new names durable.
    ///
    /// # Errors
    /// As the system reports.
    fn sync_folder(&self) -> Result<(), StorageFailure>;

    /// Takes the folder for this process; held until dropped.
    ///
    /// # Errors
    /// [`StorageFailure::Busy`] if another process, or another agent in this one, holds it.
    fn lock(&self) -> Result<Box<dyn FolderLock>, StorageFailure>;
}

/// The folder is ours while this lives.
pub trait FolderLock: Send {}

/// Reads posture and apps. May take seconds.
pub trait Sensors: Send + Sync {
    /// What the device is, and what is wrong with its settings.
    ///
    /// # Errors
    /// [`CollectFailure`] when the system does not tell.
    fn posture(&self) -> Result<Posture, CollectFailure>;

    /// Every app the system shows.
    ///
    /// # Errors
    /// [`CollectFailure::Denied`] where the system or the user does not allow it.
    fn apps(&self) -> Result<Vec<App>, CollectFailure>;

    /// SHA-256 of an app's installation file. A system without such files keeps this default.
    ///
    /// # Errors
    /// [`CollectFailure::Denied`] where the file cannot be read.
    fn hash(&self, app: &AppId) -> Result<Digest, CollectFailure> {
        let _not_here = app;
        Err(CollectFailure::Denied)
    }
}

/// The partner's app.
pub trait Host: Send + Sync {
    /// The status changed. Called on the agent's thread; must return soon and must not call back into the agent's
    /// blocking functions.
    fn status_changed(&self, status: &Status);

    /// The answer to a visit that the host asked about. Called as [`Host::status_changed`] is. A host that never
    /// asks keeps this default.
    fn web_verdict(&self, answer: &WebAnswer) {
        let _not_asked = answer;
    }

    /// The agent does nothing any more after a fault of its own; the app keeps running.
    fn inert(&self);
}
