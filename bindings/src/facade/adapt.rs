//! The host's traits as the agent's ports. What a host throws here costs one errand, not the agent.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::ThreadId;

use agent_buffer::apps;
use agent_core::ports::{Host, KeyStore, Sensors, SigningKey};
use agent_logic::agent::{Status, WebAnswer};
use agent_logic::command::Slot;
use agent_logic::event::Posture;
use agent_logic::failure::{CollectFailure, KeyFailure};
use agent_logic::model::{App, AppId, Digest};
use agent_logic::redact::Secret;
use agent_logic::text::Language;
use agent_logic::wire::{Facts, KeyProtection};
use zeroize::Zeroizing;

use super::error::MtdError;
use super::host::{
    MtdKeyFault, MtdKeyProtection, MtdKeyStore, MtdListener, MtdPosture, MtdPublicKey, MtdSensors, MtdSlot,
};
use super::status::MtdStatus;
use super::web::MtdWebAnswer;
use crate::guard;

/// The host's key store.
pub(super) struct HostKeys(pub(super) Arc<dyn MtdKeyStore>);

/// One key in it.
struct HostKey {
    store: Arc<dyn MtdKeyStore>,
    slot: MtdSlot,
    public: MtdPublicKey,
}

/// The host's sensors.
pub(super) struct HostSensors(pub(super) Arc<dyn MtdSensors>);

/// The host's listener, the thread it is called on, and the language it is told in.
pub(super) struct Listener {
    pub(super) host: Arc<dyn MtdListener>,
    language: Mutex<Language>,
    thread: OnceLock<ThreadId>,
}

impl HostKeys {
    fn key(&self, slot: MtdSlot, public: MtdPublicKey) -> Arc<dyn SigningKey> {
        Arc::new(HostKey { store: Arc::clone(&self.0), slot, public })
    }
}

impl KeyStore for HostKeys {
    fn find(&self, slot: Slot) -> Result<Option<Arc<dyn SigningKey>>, KeyFailure> {
        let slot = slot_of(slot);
        let found = ask("find", || self.0.find(slot))?;
        Ok(found.map(|public| self.key(slot, public)))
    }

    fn make(&self, slot: Slot) -> Result<Arc<dyn SigningKey>, KeyFailure> {
        let slot = slot_of(slot);
        let public = ask("make", || self.0.make(slot))?;
        Ok(self.key(slot, public))
    }

    fn destroy(&self, slot: Slot) -> Result<(), KeyFailure> {
        ask("destroy", || self.0.destroy(slot_of(slot)))
    }

    fn data_key(&self) -> Result<Secret<[u8; 32]>, KeyFailure> {
        let bytes = Zeroizing::new(ask("data_key", || self.0.data_key())?);
        // Not "gone": a store that gives nonsense once may give the key the next time.
        let key = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| KeyFailure::Busy)?;
        Ok(Secret::new(key))
    }

    fn destroy_data_key(&self) -> Result<(), KeyFailure> {
        ask("destroy_data_key", || self.0.destroy_data_key())
    }
}

impl SigningKey for HostKey {
    fn public_key(&self) -> Vec<u8> {
        self.public.spki.clone()
    }

    fn protection(&self) -> KeyProtection {
        match self.public.protection {
            MtdKeyProtection::SecureHardware => KeyProtection::SecureHardware,
            MtdKeyProtection::System => KeyProtection::System,
            MtdKeyProtection::Sandbox => KeyProtection::Sandbox,
        }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyFailure> {
        ask("sign", || self.store.sign(self.slot, message.to_vec()))
    }
}

impl fmt::Debug for HostKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostKey(…)")
    }
}

impl Sensors for HostSensors {
    fn posture(&self) -> Result<Posture, CollectFailure> {
        let read = guard::contain("posture", || self.0.posture()).map_err(|_| CollectFailure::Failed)?;
        posture(read?).ok_or(CollectFailure::Failed)
    }

    fn apps(&self) -> Result<Vec<App>, CollectFailure> {
        let read = guard::contain("apps", || self.0.apps()).map_err(|_| CollectFailure::Failed)?;
        apps::parse(&read?).map_err(|_| CollectFailure::Failed)
    }

    fn hash(&self, app: &AppId) -> Result<Digest, CollectFailure> {
        let read = guard::contain("hash", || self.0.hash(app.reveal().to_owned()));
        let bytes = read.map_err(|_| CollectFailure::Failed)??;
        bytes.try_into().map(Digest::new).map_err(|_| CollectFailure::Failed)
    }
}

impl Listener {
    pub(super) fn new(host: Arc<dyn MtdListener>) -> Self {
        Self { host, language: Mutex::default(), thread: OnceLock::new() }
    }

    pub(super) fn speak(&self, language: Language) {
        *self.language.lock().unwrap_or_else(PoisonError::into_inner) = language;
    }

    pub(super) fn language(&self) -> Language {
        *self.language.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn arrive(&self) {
        self.thread.get_or_init(|| std::thread::current().id());
    }

    /// Whether this is the thread that the listener is called on.
    pub(super) fn is_here(&self) -> bool {
        self.thread.get() == Some(&std::thread::current().id())
    }

    pub(super) fn fault(&self) {
        let _host_fault = guard::contain("inert", || self.host.inert(MtdError::internal()));
    }
}

impl Host for Listener {
    fn status_changed(&self, status: &Status) {
        self.arrive();
        let status = MtdStatus::of(status, self.language());
        let _host_fault = guard::contain("status_changed", || self.host.status_changed(status));
    }

    fn web_verdict(&self, answer: &WebAnswer) {
        self.arrive();
        let answer = MtdWebAnswer::of(answer);
        let _host_fault = guard::contain("web_verdict", || self.host.web_verdict(answer));
    }

    fn inert(&self) {
        self.fault();
    }
}

/// A host that throws is busy: only a store that says so has lost a key.
fn ask<T>(entry: &'static str, host: impl FnOnce() -> Result<T, MtdKeyFault>) -> Result<T, KeyFailure> {
    guard::contain(entry, host).map_err(|_| KeyFailure::Busy)?.map_err(KeyFailure::from)
}

/// A finding with a name that is not in the table would be lost in silence: the posture is refused instead.
fn posture(read: MtdPosture) -> Option<Posture> {
    let classifications =
        |names: &[String]| names.iter().map(|name| name.parse().ok()).collect::<Option<_>>();
    let (findings, unknown) = (classifications(&read.findings)?, classifications(&read.unknown)?);
    let facts = Facts {
        platform: read.platform,
        os_version: read.os_version,
        model: read.model,
        patch_level: read.patch_level,
        ..Facts::default()
    };
    Some(Posture { facts, findings, unknown })
}

const fn slot_of(slot: Slot) -> MtdSlot {
    match slot {
        Slot::A => MtdSlot::A,
        Slot::B => MtdSlot::B,
    }
}
