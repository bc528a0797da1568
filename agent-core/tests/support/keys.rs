//! A key store in memory that counts and can fail.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use agent_core::ports::{KeyStore, SigningKey};
use agent_logic::command::Slot;
use agent_logic::failure::KeyFailure;
use agent_logic::redact::Secret;
use agent_logic::wire::KeyProtection;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

/// P-256 keys in memory.
#[derive(Default)]
pub struct MemoryKeys {
    keys: Mutex<BTreeMap<Slot, Arc<MemoryKey>>>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    signatures: AtomicUsize,
    find_fails: Mutex<Option<KeyFailure>>,
    sign_fails: Mutex<Option<KeyFailure>>,
}

pub struct MemoryKey {
    pair: EcdsaKeyPair,
    state: Arc<State>,
}

impl MemoryKeys {
    /// With a key in slot A.
    pub fn with_key() -> Arc<Self> {
        let keys = Arc::new(Self::default());
        keys.make(Slot::A).unwrap();
        keys
    }

    pub fn spki(&self, slot: Slot) -> Vec<u8> {
        self.keys.lock().unwrap().get(&slot).unwrap().public_key()
    }

    pub fn signatures(&self) -> usize {
        self.state.signatures.load(Ordering::SeqCst)
    }

    pub fn fail_to_sign(&self, failure: Option<KeyFailure>) {
        *self.state.sign_fails.lock().unwrap() = failure;
    }

    pub fn fail_to_find(&self, failure: Option<KeyFailure>) {
        *self.state.find_fails.lock().unwrap() = failure;
    }
}

impl KeyStore for MemoryKeys {
    fn find(&self, slot: Slot) -> Result<Option<Arc<dyn SigningKey>>, KeyFailure> {
        if let Some(failure) = *self.state.find_fails.lock().unwrap() {
            return Err(failure);
        }
        let keys = self.keys.lock().unwrap();
        Ok(keys.get(&slot).map(|key| -> Arc<dyn SigningKey> { Arc::<MemoryKey>::clone(key) }))
    }

    fn make(&self, slot: Slot) -> Result<Arc<dyn SigningKey>, KeyFailure> {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
        let state = Arc::clone(&self.state);
        let key = Arc::new(MemoryKey { pair, state });
        self.keys.lock().unwrap().insert(slot, Arc::clone(&key));
        Ok(key)
    }

    fn destroy(&self, slot: Slot) -> Result<(), KeyFailure> {
        self.keys.lock().unwrap().remove(&slot);
        Ok(())
    }

    fn data_key(&self) -> Result<Secret<[u8; 32]>, KeyFailure> {
        Ok(Secret::new([7; 32]))
    }

    fn destroy_data_key(&self) -> Result<(), KeyFailure> {
        Ok(())
    }
}

impl SigningKey for MemoryKey {
    fn public_key(&self) -> Vec<u8> {
        [P256_SPKI, self.pair.public_key().as_ref()].concat()
    }

    fn protection(&self) -> KeyProtection {
        KeyProtection::Sandbox
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyFailure> {
        if let Some(failure) = *self.state.sign_fails.lock().unwrap() {
            return Err(failure);
        }
        self.state.signatures.fetch_add(1, Ordering::SeqCst);
        let signature = self.pair.sign(&SystemRandom::new(), message).unwrap();
        Ok(signature.as_ref().to_vec())
    }
}

impl fmt::Debug for MemoryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryKey")
    }
}

/// What stands before an uncompressed point in a SubjectPublicKeyInfo of P-256.
const P256_SPKI: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
