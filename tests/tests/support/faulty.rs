//! Parts of a platform that do something of their own before they do what they should.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use agent_core::ports::{Host, KeyStore, Sensors, SigningKey};
use agent_logic::agent::{Status, WebAnswer};
use agent_logic::command::Slot;
use agent_logic::event::Posture;
use agent_logic::failure::{CollectFailure, KeyFailure};
use agent_logic::model::App;
use agent_logic::redact::Secret;
use agent_logic::wire::KeyProtection;
use agent_tests::device::keys::SoftwareKeys;
use agent_tests::device::sensors::LinuxSensors;

/// What is done first.
pub(crate) type Before = Arc<dyn Fn() + Send + Sync>;

/// A panic while `armed`.
pub(crate) fn panics(armed: &Arc<AtomicBool>) -> Before {
    let armed = Arc::clone(armed);
    Arc::new(move || assert!(!armed.load(Ordering::Relaxed), "a part of the platform panics"))
}

/// Before apps are read.
pub(crate) struct FaultySensors(pub(crate) LinuxSensors, pub(crate) Before);

impl Sensors for FaultySensors {
    fn posture(&self) -> Result<Posture, CollectFailure> {
        self.0.posture()
    }

    fn apps(&self) -> Result<Vec<App>, CollectFailure> {
        (self.1)();
        self.0.apps()
    }
}

/// Before a key is made, and before one signs.
pub(crate) struct FaultyKeys(pub(crate) SoftwareKeys, pub(crate) Before);

impl FaultyKeys {
    fn wrap(&self, key: Arc<dyn SigningKey>) -> Arc<dyn SigningKey> {
        Arc::new(FaultyKey(key, Arc::clone(&self.1)))
    }
}

impl KeyStore for FaultyKeys {
    fn find(&self, slot: Slot) -> Result<Option<Arc<dyn SigningKey>>, KeyFailure> {
        Ok(self.0.find(slot)?.map(|key| self.wrap(key)))
    }

    fn make(&self, slot: Slot) -> Result<Arc<dyn SigningKey>, KeyFailure> {
        (self.1)();
        Ok(self.wrap(self.0.make(slot)?))
    }

    fn destroy(&self, slot: Slot) -> Result<(), KeyFailure> {
        self.0.destroy(slot)
    }

    fn data_key(&self) -> Result<Secret<[u8; 32]>, KeyFailure> {
        self.0.data_key()
    }

    fn destroy_data_key(&self) -> Result<(), KeyFailure> {
        self.0.destroy_data_key()
    }
}

struct FaultyKey(Arc<dyn SigningKey>, Before);

impl SigningKey for FaultyKey {
    fn public_key(&self) -> Vec<u8> {
        self.0.public_key()
    }

    fn protection(&self) -> KeyProtection {
        self.0.protection()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyFailure> {
        (self.1)();
        self.0.sign(message)
    }
}

impl fmt::Debug for FaultyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FaultyKey(…)")
    }
}

/// Blocks each caller until it is opened, and counts who came.
#[derive(Default)]
pub(crate) struct Barrier {
    open: Mutex<bool>,
    opened: Condvar,
    pub(crate) calls: AtomicU32,
}

impl Barrier {
    pub(crate) fn wait(&self) {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let open = self.open.lock().unwrap();
        drop(self.opened.wait_while(open, |open| !*open).unwrap());
    }

    pub(crate) fn open(&self) {
        *self.open.lock().unwrap() = true;
        self.opened.notify_all();
    }
}

/// Waits at the first before it tells what the device is, at the second before it lists the apps.
pub(crate) struct HangingSensors(pub(crate) Arc<Barrier>, pub(crate) Arc<Barrier>);

impl Sensors for HangingSensors {
    fn posture(&self) -> Result<Posture, CollectFailure> {
        self.0.wait();
        Ok(Posture::default())
    }

    fn apps(&self) -> Result<Vec<App>, CollectFailure> {
        self.1.wait();
        Ok(Vec::new())
    }
}

/// A host that keeps the answers about domains.
#[derive(Default)]
pub(crate) struct Reader(pub(crate) Mutex<Vec<WebAnswer>>);

impl Host for Reader {
    fn status_changed(&self, _: &Status) {}

    fn web_verdict(&self, answer: &WebAnswer) {
        self.0.lock().unwrap().push(answer.clone());
    }

    fn inert(&self) {}
}

/// A host that panics whenever it is told something, once it is armed.
#[derive(Default)]
pub(crate) struct Careless {
    pub(crate) armed: AtomicBool,
    /// Times it was told that the agent is inert.
    pub(crate) inert: AtomicU32,
}

impl Host for Careless {
    fn status_changed(&self, _: &Status) {
        assert!(!self.armed.load(Ordering::Relaxed), "the host panics");
    }

    fn inert(&self) {
        self.inert.fetch_add(1, Ordering::Relaxed);
        assert!(!self.armed.load(Ordering::Relaxed), "the host panics again");
    }
}
