//! The private key stays in the key store: its bytes are neither in the agent's folder, sealed or unsealed, nor in
//! anything that is sent.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "support/front.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod front;
#[path = "support/phone.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod phone;
#[path = "support/world.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod world;

use std::sync::{Arc, Mutex};

use agent_core::folder::Folder;
use agent_core::ports::{KeyStore, SigningKey};
use agent_core::vault::Vault;
use agent_logic::command::Slot;
use agent_logic::failure::KeyFailure;
use agent_logic::model::Activation;
use agent_logic::redact::Secret;
use agent_logic::wire::KeyProtection;
use data_encoding::{BASE64, HEXLOWER};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};

use front::{Fault, Front};
use phone::{check_in, detected};
use world::World;

// R1
#[test]
fn no_byte_of_a_private_key_is_in_the_folder_or_sent() {
    let world = World::open(120);
    let store = Arc::new(OpenStore::default());
    let mut platform = world.phone.platform();
    platform.keys = Arc::<OpenStore>::clone(&store);
    // A front that has nothing reads the request for a certificate, and later a report.
    let refuses = Front::says("HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    world.front.set(refuses.clone());
    let agent = world.phone.start_on(platform.clone());
    world.phone.launch(&agent, world.code());
    let mut sent = world.front.set(Fault::None).requests;
    assert!(sent.iter().any(|request| request.contains("simpleenroll")), "{}", sent.len());
    drop(agent);
    let mut kept = world.kept(&store);
    let agent = world.phone.start_on(platform);
    assert_eq!(check_in(&agent).activation, Activation::Activated);
    world.front.set(refuses);
    agent.send(detected("ROGUE_WIFI")).unwrap();
    check_in(&agent);
    drop(agent);
    sent.extend(world.front.seen().requests);
    assert!(sent.iter().any(|request| request.contains("/v1/check-in")));
    kept.extend(world.kept(&store));

    // The search finds what is there: the public key travels in the request.
    let public = store.key(Slot::A).pair.public_key().as_ref().to_vec();
    let places: Vec<Vec<u8>> = sent.into_iter().map(String::into_bytes).chain(kept).collect();
    assert!(places.iter().any(|place| holds(place, &public)));
    let secrets = store.secrets.lock().unwrap().clone();
    assert!(!secrets.is_empty());
    for secret in secrets {
        assert!(!places.iter().any(|place| holds(place, &secret)));
    }
}

impl World {
    /// Every file of the agent's folder as it is, and every record in it unsealed.
    fn kept(&self, store: &OpenStore) -> Vec<Vec<u8>> {
        let state = self.phone.dir.join("state");
        let files =
            std::fs::read_dir(&state).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
        let mut kept: Vec<Vec<u8>> = files.collect();
        let storage = Arc::new(Folder::open(&state).unwrap());
        let opened = Vault::open(storage, &store.data_key().unwrap()).unwrap();
        assert!(!opened.records.is_empty());
        kept.extend(opened.records.iter().map(|record| record.as_slice().to_vec()));
        kept
    }
}

/// Whether `place` holds `bytes` as they are, in hexadecimal, or in any Base64 that it holds.
fn holds(place: &[u8], bytes: &[u8]) -> bool {
    let inside = |place: &[u8], wanted: &[u8]| place.windows(wanted.len()).any(|window| window == wanted);
    let text = String::from_utf8_lossy(place).replace(['\r', '\n'], "");
    let base64 = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
    let mut bodies = text.split(|c| !base64(c)).flat_map(|word| {
        // Text before a body may run into it: each of the four alignments.
        (0..4).filter_map(|skip| BASE64.decode(word.get(skip..)?.as_bytes()).ok())
    });
    inside(place, bytes)
        || inside(text.to_lowercase().as_bytes(), HEXLOWER.encode(bytes).as_bytes())
        || bodies.any(|body| inside(&body, bytes))
}

/// Keys in memory whose private part the test may see; the agent cannot ask for it.
#[derive(Default)]
struct OpenStore {
    keys: Mutex<[Option<Arc<OpenKey>>; 2]>,
    secrets: Mutex<Vec<Vec<u8>>>,
}

#[derive(Debug)]
struct OpenKey {
    pair: EcdsaKeyPair,
}

impl OpenStore {
    fn key(&self, slot: Slot) -> Arc<OpenKey> {
        self.keys.lock().unwrap().get(place(slot)).cloned().flatten().unwrap()
    }
}

const fn place(slot: Slot) -> usize {
    match slot {
        Slot::A => 0,
        Slot::B => 1,
    }
}

impl KeyStore for OpenStore {
    fn find(&self, slot: Slot) -> Result<Option<Arc<dyn SigningKey>>, KeyFailure> {
        let found = self.keys.lock().unwrap().get(place(slot)).cloned().flatten();
        Ok(found.map(|key| -> Arc<dyn SigningKey> { key }))
    }

    fn make(&self, slot: Slot) -> Result<Arc<dyn SigningKey>, KeyFailure> {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random).unwrap();
        // The scalar is the 32 bytes that make this key together with the public one.
        let scalar = pkcs8.as_ref().windows(32).find(|scalar| {
            let public = pair.public_key().as_ref();
            let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
            EcdsaKeyPair::from_private_key_and_public_key(algorithm, scalar, public, &random).is_ok()
        });
        self.secrets.lock().unwrap().push(scalar.unwrap().to_vec());
        let key = Arc::new(OpenKey { pair });
        if let Some(held) = self.keys.lock().unwrap().get_mut(place(slot)) {
            *held = Some(Arc::clone(&key));
        }
        Ok(key)
    }

    fn destroy(&self, slot: Slot) -> Result<(), KeyFailure> {
        if let Some(held) = self.keys.lock().unwrap().get_mut(place(slot)) {
            *held = None;
        }
        Ok(())
    }

    fn data_key(&self) -> Result<Secret<[u8; 32]>, KeyFailure> {
        Ok(Secret::new([7; 32]))
    }

    fn destroy_data_key(&self) -> Result<(), KeyFailure> {
        Ok(())
    }
}

impl SigningKey for OpenKey {
    fn public_key(&self) -> Vec<u8> {
        [SPKI_P256, self.pair.public_key().as_ref()].concat()
    }

    fn protection(&self) -> KeyProtection {
        KeyProtection::Sandbox
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyFailure> {
        Ok(self.pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec())
    }
}

/// SubjectPublicKeyInfo of a P-256 key up to its point.
const SPKI_P256: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
