//! A device under test: key store, identity, transport.

use std::sync::Arc;
use std::time::Duration;

use agent_core::ports::KeyStore;
use agent_core::transport::Transport;
use agent_core::trust::Trust;
use agent_logic::command::{Contact, Exchange, Identity, Origin, Slot};
use agent_logic::model::{DeviceId, Digest};
use agent_logic::redact::Bytes;

use super::keys::MemoryKeys;
use super::pki::{Ca, NOW};

pub const DEADLINE: Duration = Duration::from_secs(20);

pub struct Device {
    pub keys: Arc<MemoryKeys>,
    pub identity: Identity,
    pub transport: Transport,
}

pub fn device_id() -> DeviceId {
    "b9841cd9-9843-405f-be28-b2265c59ef97".parse().unwrap()
}

impl Device {
    /// Enrolled with `ca`, which is all it trusts.
    pub fn of(ca: &Ca) -> Self {
        Self::trusting(ca, Vec::new(), Vec::new())
    }

    pub fn trusting(ca: &Ca, pins: Vec<Digest>, policy_keys: Vec<Vec<u8>>) -> Self {
        let keys = MemoryKeys::with_key();
        let certificate = ca.device(&keys.spki(Slot::A), &device_id());
        let trust = Trust::new(vec![ca.der()], pins, policy_keys, "localhost".into()).unwrap();
        let store: Arc<dyn KeyStore> = Arc::<MemoryKeys>::clone(&keys);
        Self {
            identity: Identity { slot: Slot::A, certificate: Bytes::new(certificate) },
            transport: Transport::new(trust, store).unwrap(),
            keys,
        }
    }

    pub fn contact(&self, origin: &Origin) -> Contact {
        Contact { origin: origin.clone(), identity: self.identity.clone(), trusted: NOW }
    }

    pub fn exchange(&self, origin: &Origin, body: &str) -> Exchange {
        Exchange { contact: self.contact(origin), body: Bytes::new(body.as_bytes().to_vec()) }
    }
}
