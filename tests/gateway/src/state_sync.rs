//! What Intune is told (seed 004): the states of devices and of threats. The integration needs both; while one of
//! them is off, the connector's heartbeat says that its setup is not complete, and no device is told of.

use serde::{Deserialize, Serialize};

use crate::store::{Setting, StoreError, Tx};

/// The two switches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StateSync {
    /// The states of devices.
    pub device: bool,
    /// The states of threats.
    pub threat: bool,
}

impl StateSync {
    /// The switches as they are set; both are on unless an administrator says otherwise.
    pub fn read(tx: &Tx<'_>) -> Result<Self, StoreError> {
        let held = tx.find(Setting::StateSync)?;
        let both = Self { device: true, threat: true };
        held.map_or(Ok(both), |text| serde_json::from_str(&text).map_err(|_| StoreError::Corrupt))
    }

    /// Stores them.
    pub fn save(self, tx: &Tx<'_>) -> Result<(), StoreError> {
        tx.set(Setting::StateSync, &serde_json::to_string(&self).map_err(|_| StoreError::Corrupt)?)
    }

    /// Whether Intune is told anything.
    #[must_use]
    pub const fn is_complete(self) -> bool {
        self.device && self.threat
    }
}
