//! The Keychain as the agent's key store.

use std::fmt;
use std::sync::Arc;

use agent_core::ports::{KeyStore, SigningKey};
use agent_logic::command::Slot;
use agent_logic::failure::KeyFailure;
use agent_logic::model::Digest;
use agent_logic::redact::Secret;
use agent_logic::wire::KeyProtection;

use super::items::{self, Place};
use super::{meaning, point};

/// The system's key store: the app's own items in its default access group.
pub(crate) struct Keychain;

struct Key {
    place: Place,
    slot: Slot,
    /// SubjectPublicKeyInfo, DER.
    public: Vec<u8>,
}

impl KeyStore for Keychain {
    fn find(&self, slot: Slot) -> Result<Option<Arc<dyn SigningKey>>, KeyFailure> {
        for place in Place::ALL {
            if let Some(key) = Key::find(place, slot)? {
                return Ok(Some(Arc::new(key)));
            }
        }
        Ok(None)
    }

    fn make(&self, slot: Slot) -> Result<Arc<dyn SigningKey>, KeyFailure> {
        self.destroy(slot)?;
        let made = match items::make(Place::Enclave, slot) {
            Err(failure) if meaning::falls_back(failure) => {
                items::make(Place::Keychain, slot).map(|()| Place::Keychain)
            }
            other => other.map(|()| Place::Enclave),
        };
        let key = Key::find(made?, slot)?.ok_or(KeyFailure::Busy)?;
        Ok(Arc::new(key))
    }

    fn destroy(&self, slot: Slot) -> Result<(), KeyFailure> {
        Place::ALL.into_iter().try_for_each(|place| items::destroy(place, slot))
    }

    fn data_key(&self) -> Result<Secret<[u8; 32]>, KeyFailure> {
        items::secret().map(|secret| Secret::new(*secret))
    }

    fn destroy_data_key(&self) -> Result<(), KeyFailure> {
        items::destroy_secret()
    }
}

impl Key {
    fn find(place: Place, slot: Slot) -> Result<Option<Self>, KeyFailure> {
        let Some(key) = items::key(place, slot)? else { return Ok(None) };
        let public = point::spki(&items::point(place, slot, &key)?).ok_or(KeyFailure::Unsupported)?;
        Ok(Some(Self { place, slot, public }))
    }
}

impl SigningKey for Key {
    fn public_key(&self) -> Vec<u8> {
        self.public.clone()
    }

    fn protection(&self) -> KeyProtection {
        match self.place {
            Place::Enclave => KeyProtection::SecureHardware,
            Place::Keychain => KeyProtection::System,
        }
    }

    /// Looks the key up each time: what is held would outlive its end.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyFailure> {
        let key = items::key(self.place, self.slot)?.ok_or(KeyFailure::Gone)?;
        items::sign(&key, message, Digest::of(message).as_bytes())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?}, {:?})", self.place, self.slot)
    }
}
