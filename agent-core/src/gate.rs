//! The platform's slow parts as the errand threads see them: shut once the agent is stopped.
//!
//! A call that hangs outlives the agent, since nobody can end it. What it returns then comes to nothing: no other call
//! into the host is begun, nothing is signed, nothing is written.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use agent_logic::command::Slot;
use agent_logic::event::Posture;
use agent_logic::failure::{CollectFailure, KeyFailure, StorageFailure};
use agent_logic::model::{App, AppId, Digest};
use agent_logic::redact::Secret;
use agent_logic::wire::KeyProtection;

use crate::ports::{FileName, FolderLock, KeyStore, Sensors, SigningKey, Storage};

/// Open until the agent is stopped.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gate(Arc<AtomicBool>);

impl Gate {
    pub(crate) fn shut(&self) {
        self.0.store(true, Ordering::Release);
    }

    pub(crate) fn is_shut(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// What `call` returns, unless the gate is shut before or meanwhile.
    fn pass<T, F>(&self, shut: F, call: impl FnOnce() -> Result<T, F>) -> Result<T, F> {
        if self.is_shut() {
            return Err(shut);
        }
        let result = call();
        if self.is_shut() { Err(shut) } else { result }
    }
}

/// Behind a gate.
pub(crate) struct Gated<T: ?Sized> {
    pub(crate) part: Arc<T>,
    pub(crate) gate: Gate,
}

impl KeyStore for Gated<dyn KeyStore> {
    fn find(&self, slot: Slot) -> Result<Option<Arc<dyn SigningKey>>, KeyFailure> {
        let found = self.gate.pass(KeyFailure::Busy, || self.part.find(slot))?;
        Ok(found.map(|key| GatedKey::of(key, &self.gate)))
    }

    fn make(&self, slot: Slot) -> Result<Arc<dyn SigningKey>, KeyFailure> {
        let key = self.gate.pass(KeyFailure::Busy, || self.part.make(slot))?;
        Ok(GatedKey::of(key, &self.gate))
    }

    fn destroy(&self, slot: Slot) -> Result<(), KeyFailure> {
        self.gate.pass(KeyFailure::Busy, || self.part.destroy(slot))
    }

    fn data_key(&self) -> Result<Secret<[u8; 32]>, KeyFailure> {
        self.gate.pass(KeyFailure::Busy, || self.part.data_key())
    }

    fn destroy_data_key(&self) -> Result<(), KeyFailure> {
        self.gate.pass(KeyFailure::Busy, || self.part.destroy_data_key())
    }
}

/// A key; what never changes of it is read once.
struct GatedKey {
    key: Arc<dyn SigningKey>,
    public: Vec<u8>,
    protection: KeyProtection,
    gate: Gate,
}

impl GatedKey {
    fn of(key: Arc<dyn SigningKey>, gate: &Gate) -> Arc<dyn SigningKey> {
        let (public, protection) = (key.public_key(), key.protection());
        Arc::new(Self { key, public, protection, gate: gate.clone() })
    }
}

impl SigningKey for GatedKey {
    fn public_key(&self) -> Vec<u8> {
        self.public.clone()
    }

    fn protection(&self) -> KeyProtection {
        self.protection
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyFailure> {
        self.gate.pass(KeyFailure::Busy, || self.key.sign(message))
    }
}

impl fmt::Debug for GatedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(f)
    }
}

impl Sensors for Gated<dyn Sensors> {
    fn posture(&self) -> Result<Posture, CollectFailure> {
        self.gate.pass(CollectFailure::Failed, || self.part.posture())
    }

    fn apps(&self) -> Result<Vec<App>, CollectFailure> {
        self.gate.pass(CollectFailure::Failed, || self.part.apps())
    }

    fn hash(&self, app: &AppId) -> Result<Digest, CollectFailure> {
        self.gate.pass(CollectFailure::Failed, || self.part.hash(app))
    }
}

impl Storage for Gated<dyn Storage> {
    fn read(&self, name: FileName, limit: u64) -> Result<Option<Vec<u8>>, StorageFailure> {
        self.gate.pass(StorageFailure::Io, || self.part.read(name, limit))
    }

    fn read_at(&self, name: FileName, offset: u64, length: usize) -> Result<Vec<u8>, StorageFailure> {
        self.gate.pass(StorageFailure::Io, || self.part.read_at(name, offset, length))
    }

    fn append(&self, name: FileName, bytes: &[u8]) -> Result<(), StorageFailure> {
        self.gate.pass(StorageFailure::Io, || self.part.append(name, bytes))
    }

    fn sync(&self, name: FileName) -> Result<(), StorageFailure> {
        self.gate.pass(StorageFailure::Io, || self.part.sync(name))
    }

    fn truncate(&self, name: FileName, length: u64) -> Result<(), StorageFailure> {
        self.gate.pass(StorageFailure::Io, || self.part.truncate(name, length))
    }

    fn rename(&self, from: FileName, to: FileName) -> Result<(), StorageFailure> {
        self.gate.pass(StorageFailure::Io, || self.part.rename(from, to))
    }

    fn remove(&self, name: FileName) -> Result<(), StorageFailure> {
        self.gate.pass(StorageFailure::Io, || self.part.remove(name))
    }

    fn sync_folder(&self) -> Result<(), StorageFailure> {
        self.gate.pass(StorageFailure::Io, || self.part.sync_folder())
    }

    fn lock(&self) -> Result<Box<dyn FolderLock>, StorageFailure> {
        self.gate.pass(StorageFailure::Io, || self.part.lock())
    }
}
