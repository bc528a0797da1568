//! [`KeyStore`] in files, for a machine without a key service.
//!
//! Each key is sealed with a key that lies beside it. That keeps a stray copy of one file useless; it does not
//! keep out somebody who can read the folder, so the protection is reported as [`KeyProtection::Sandbox`].

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent_core::folder::Folder;
use agent_core::ports::{FileName, KeyStore, SigningKey, Storage};
use agent_logic::command::Slot;
use agent_logic::failure::{KeyFailure, StorageFailure};
use agent_logic::redact::Secret;
use agent_logic::wire::KeyProtection;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use zeroize::Zeroizing;

/// Keys in a folder of their own.
pub struct SoftwareKeys {
    /// One maker at a time.
    folder: Mutex<Folder>,
}

impl SoftwareKeys {
    /// The keys in `folder`, which is made if it does not exist, 0700 and its files 0600.
    ///
    /// # Errors
    /// As the system reports.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, StorageFailure> {
        Ok(Self { folder: Mutex::new(Folder::open(folder)?) })
    }

    fn files(&self) -> Files<'_> {
        Files(self.folder.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for SoftwareKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SoftwareKeys(…)")
    }
}

impl KeyStore for SoftwareKeys {
    fn find(&self, slot: Slot) -> Result<Option<Arc<dyn SigningKey>>, KeyFailure> {
        match self.files().unseal(name_of(slot))? {
            Some(pkcs8) => Ok(Some(Arc::new(SoftwareKey::parse(&pkcs8)?))),
            None => Ok(None),
        }
    }

    fn make(&self, slot: Slot) -> Result<Arc<dyn SigningKey>, KeyFailure> {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new())
            .map_err(|_| KeyFailure::Busy)?;
        let pkcs8 = Zeroizing::new(pkcs8.as_ref().to_vec());
        let key = SoftwareKey::parse(&pkcs8)?;
        self.files().seal(name_of(slot), &pkcs8)?;
        Ok(Arc::new(key))
    }

    fn destroy(&self, slot: Slot) -> Result<(), KeyFailure> {
        self.files().destroy(name_of(slot))
    }

    fn data_key(&self) -> Result<Secret<[u8; 32]>, KeyFailure> {
        let files = self.files();
        if let Some(key) = files.unseal(DATA_KEY)? {
            let key = key.as_slice().try_into().map_err(|_| KeyFailure::Gone)?;
            return Ok(Secret::new(key));
        }
        let key = Secret::new(random()?);
        files.seal(DATA_KEY, key.reveal())?;
        Ok(key)
    }

    fn destroy_data_key(&self) -> Result<(), KeyFailure> {
        self.files().destroy(DATA_KEY)
    }
}

/// A key as loaded from its file.
struct SoftwareKey {
    pair: EcdsaKeyPair,
}

impl SoftwareKey {
    fn parse(pkcs8: &[u8]) -> Result<Self, KeyFailure> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8, &SystemRandom::new())
            .map_err(|_| KeyFailure::Gone)?;
        Ok(Self { pair })
    }
}

impl fmt::Debug for SoftwareKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SoftwareKey(…)")
    }
}

impl SigningKey for SoftwareKey {
    fn public_key(&self) -> Vec<u8> {
        [SPKI_P256, self.pair.public_key().as_ref()].concat()
    }

    fn protection(&self) -> KeyProtection {
        KeyProtection::Sandbox
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyFailure> {
        let signature = self.pair.sign(&SystemRandom::new(), message);
        signature.map(|signature| signature.as_ref().to_vec()).map_err(|_| KeyFailure::Busy)
    }
}

/// The folder, held against other threads.
struct Files<'a>(MutexGuard<'a, Folder>);

impl Files<'_> {
    fn seal(&self, name: FileName, plain: &[u8]) -> Result<(), KeyFailure> {
        let key = bind(&self.sealing_key()?)?;
        let nonce: [u8; NONCE_LEN] = random()?;
        // Sealed in place, with room for the tag: no copy of the key is left behind.
        let mut sealed = Vec::with_capacity(plain.len().saturating_add(CHACHA20_POLY1305.tag_len()));
        sealed.extend(plain);
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(name.as_bytes()),
            &mut sealed,
        )
        .map_err(|_| KeyFailure::Unsupported)?;
        self.write(name, &[&nonce, sealed.as_slice()].concat())
    }

    fn unseal(&self, name: FileName) -> Result<Option<Zeroizing<Vec<u8>>>, KeyFailure> {
        let Some(file) = self.read(name)? else { return Ok(None) };
        let sealing = self.read(SEALING_KEY)?.ok_or(KeyFailure::Gone)?;
        let sealing: [u8; 32] = sealing.as_slice().try_into().map_err(|_| KeyFailure::Gone)?;
        let (nonce, sealed) = file.split_first_chunk().ok_or(KeyFailure::Gone)?;
        let mut plain = Zeroizing::new(sealed.to_vec());
        let length = bind(&Secret::new(sealing))?
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(name.as_bytes()), &mut plain)
            .map_err(|_| KeyFailure::Gone)?
            .len();
        plain.truncate(length);
        Ok(Some(plain))
    }

    /// The key that seals the others, made at the first call.
    fn sealing_key(&self) -> Result<Secret<[u8; 32]>, KeyFailure> {
        if let Some(key) = self.read(SEALING_KEY)? {
            return Ok(Secret::new(key.as_slice().try_into().map_err(|_| KeyFailure::Gone)?));
        }
        let key = Secret::new(random()?);
        self.write(SEALING_KEY, key.reveal())?;
        Ok(key)
    }

    fn destroy(&self, name: FileName) -> Result<(), KeyFailure> {
        self.0.remove(name).map_err(busy)?;
        // With the last key its seal goes too: nothing is left in the folder.
        let mut rest = [DATA_KEY, name_of(Slot::A), name_of(Slot::B)].into_iter();
        if rest.all(|name| matches!(self.0.read(name, MAX_FILE), Ok(None))) {
            self.0.remove(SEALING_KEY).map_err(busy)?;
        }
        self.0.sync_folder().map_err(busy)
    }

    fn read(&self, name: FileName) -> Result<Option<Zeroizing<Vec<u8>>>, KeyFailure> {
        match self.0.read(name, MAX_FILE) {
            Ok(bytes) => Ok(bytes.map(Zeroizing::new)),
            Err(StorageFailure::Unreadable) => Err(KeyFailure::Gone),
            Err(other) => Err(busy(other)),
        }
    }

    fn write(&self, name: FileName, bytes: &[u8]) -> Result<(), KeyFailure> {
        let write = || {
            self.0.remove(DRAFT)?;
            self.0.append(DRAFT, bytes)?;
            self.0.sync(DRAFT)?;
            self.0.rename(DRAFT, name)?;
            self.0.sync_folder()
        };
        write().map_err(busy)
    }
}

const fn name_of(slot: Slot) -> FileName {
    match slot {
        Slot::A => "key-a",
        Slot::B => "key-b",
    }
}

/// Whatever the disk has today, the key may be there tomorrow.
const fn busy(_: StorageFailure) -> KeyFailure {
    KeyFailure::Busy
}

fn bind(key: &Secret<[u8; 32]>) -> Result<LessSafeKey, KeyFailure> {
    let key = UnboundKey::new(&CHACHA20_POLY1305, key.reveal()).map_err(|_| KeyFailure::Unsupported)?;
    Ok(LessSafeKey::new(key))
}

fn random<const N: usize>() -> Result<[u8; N], KeyFailure> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| KeyFailure::Busy)?;
    Ok(bytes)
}

const DATA_KEY: FileName = "data-key";
const SEALING_KEY: FileName = "sealing-key";
const DRAFT: FileName = "draft";

/// Largest file of the folder, in bytes; a sealed P-256 key takes 166.
const MAX_FILE: u64 = 1024;

/// What stands before the point in a SubjectPublicKeyInfo for P-256 (RFC 5480).
const SPKI_P256: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

#[cfg(test)]
mod tests {
    use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_key_is_found_again_and_signs() {
        let temp = TempDir::new().unwrap();
        let made = SoftwareKeys::open(temp.path()).unwrap().make(Slot::A).unwrap();
        let keys = SoftwareKeys::open(temp.path()).unwrap();
        let found = keys.find(Slot::A).unwrap().unwrap();
        assert_eq!(found.public_key(), made.public_key());
        assert_eq!(found.protection(), KeyProtection::Sandbox);
        let signature = found.sign(b"message").unwrap();
        let point = &made.public_key()[SPKI_P256.len()..];
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(b"message", &signature).unwrap();
        assert!(keys.find(Slot::B).unwrap().is_none());
    }

    #[test]
    fn the_public_key_is_what_rcgen_calls_one() {
        let temp = TempDir::new().unwrap();
        let key = SoftwareKeys::open(temp.path()).unwrap().make(Slot::A).unwrap();
        let pkcs8 = SoftwareKeys::open(temp.path()).unwrap().files().unseal("key-a").unwrap().unwrap();
        let theirs = rcgen::KeyPair::try_from(pkcs8.as_slice()).unwrap();
        assert_eq!(rcgen::PublicKeyData::subject_public_key_info(&theirs), key.public_key());
    }

    #[test]
    fn making_replaces_and_destroying_twice_is_fine() {
        let temp = TempDir::new().unwrap();
        let keys = SoftwareKeys::open(temp.path()).unwrap();
        let first = keys.make(Slot::B).unwrap();
        let second = keys.make(Slot::B).unwrap();
        assert_ne!(first.public_key(), second.public_key());
        assert_eq!(keys.find(Slot::B).unwrap().unwrap().public_key(), second.public_key());
        keys.destroy(Slot::B).unwrap();
        keys.destroy(Slot::B).unwrap();
        assert!(keys.find(Slot::B).unwrap().is_none());
    }

    #[test]
    fn the_data_key_stays_until_it_is_destroyed() {
        let temp = TempDir::new().unwrap();
        let keys = SoftwareKeys::open(temp.path()).unwrap();
        let key = keys.data_key().unwrap();
        assert_eq!(SoftwareKeys::open(temp.path()).unwrap().data_key().unwrap(), key);
        keys.destroy_data_key().unwrap();
        assert_ne!(keys.data_key().unwrap(), key);
    }

    #[test]
    fn altered_swapped_or_without_its_seal_a_key_is_gone() {
        let temp = TempDir::new().unwrap();
        let keys = SoftwareKeys::open(temp.path()).unwrap();
        keys.make(Slot::A).unwrap();
        keys.data_key().unwrap();
        let file = |name: &str| temp.path().join(name);
        std::fs::copy(file("key-a"), file("key-b")).unwrap();
        assert_eq!(keys.find(Slot::B).err(), Some(KeyFailure::Gone));
        let mut bytes = std::fs::read(file("key-a")).unwrap();
        bytes[20] ^= 1;
        std::fs::write(file("key-a"), bytes).unwrap();
        assert_eq!(keys.find(Slot::A).err(), Some(KeyFailure::Gone));
        std::fs::remove_file(file("sealing-key")).unwrap();
        assert_eq!(keys.data_key().err(), Some(KeyFailure::Gone));
        // A new key is no less possible.
        keys.make(Slot::A).unwrap();
        assert!(keys.find(Slot::A).unwrap().is_some());
    }

    #[test]
    fn no_key_stands_readable_in_its_file_or_prints() {
        let temp = TempDir::new().unwrap();
        let keys = SoftwareKeys::open(temp.path()).unwrap();
        let key = keys.make(Slot::A).unwrap();
        let secret = keys.data_key().unwrap();
        let file = std::fs::read(temp.path().join("data-key")).unwrap();
        assert!(!file.windows(32).any(|window| window == secret.reveal()));
        assert_eq!(format!("{keys:?} {key:?}"), "SoftwareKeys(…) SoftwareKey(…)");
    }
}
