//! Keys in memory that count what they are asked to sign.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use agent_core::ports::{KeyStore, SigningKey};
use agent_logic::command::Slot;
use agent_logic::failure::KeyFailure;
use agent_logic::redact::Secret;
use agent_logic::wire::KeyProtection;
use rcgen::{KeyPair, PublicKeyData as _, SigningKey as _};

/// The keys, shared by all clones.
#[derive(Clone, Default)]
pub(super) struct CountingKeys(Arc<Inner>);

#[derive(Default)]
struct Inner {
    slots: Mutex<[Option<Arc<KeyPair>>; 2]>,
    signatures: AtomicU64,
}

struct CountingKey {
    pair: Arc<KeyPair>,
    keys: CountingKeys,
}

impl CountingKeys {
    /// Signatures since the last call.
    pub(super) fn signatures(&self) -> u64 {
        self.0.signatures.swap(0, Ordering::Relaxed)
    }

    /// The key in `slot`, PEM.
    pub(super) fn pem(&self, slot: Slot) -> Option<String> {
        self.with(slot, |key| key.as_ref().map(|pair| pair.serialize_pem()))
    }

    fn with<T>(&self, slot: Slot, work: impl FnOnce(&mut Option<Arc<KeyPair>>) -> T) -> T {
        let mut slots = self.0.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let [a, b] = &mut *slots;
        match slot {
            Slot::A => work(a),
            Slot::B => work(b),
        }
    }

    fn key(&self, pair: Arc<KeyPair>) -> Arc<dyn SigningKey> {
        Arc::new(CountingKey { pair, keys: self.clone() })
    }
}

impl KeyStore for CountingKeys {
    fn find(&self, slot: Slot) -> Result<Option<Arc<dyn SigningKey>>, KeyFailure> {
        Ok(self.with(slot, |key| key.clone()).map(|pair| self.key(pair)))
    }

    fn make(&self, slot: Slot) -> Result<Arc<dyn SigningKey>, KeyFailure> {
        let pair = Arc::new(KeyPair::generate().map_err(|_| KeyFailure::Busy)?);
        self.with(slot, |key| *key = Some(Arc::clone(&pair)));
        Ok(self.key(pair))
    }

    fn destroy(&self, slot: Slot) -> Result<(), KeyFailure> {
        self.with(slot, |key| *key = None);
        Ok(())
    }

    fn data_key(&self) -> Result<Secret<[u8; 32]>, KeyFailure> {
        Ok(Secret::new([7; 32]))
    }

    fn destroy_data_key(&self) -> Result<(), KeyFailure> {
        Ok(())
    }
}

impl SigningKey for CountingKey {
    fn public_key(&self) -> Vec<u8> {
        self.pair.subject_public_key_info()
    }

    fn protection(&self) -> KeyProtection {
        KeyProtection::Sandbox
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyFailure> {
        self.keys.0.signatures.fetch_add(1, Ordering::Relaxed);
        self.pair.sign(message).map_err(|_| KeyFailure::Busy)
    }
}

impl fmt::Debug for CountingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CountingKey(…)")
    }
}
