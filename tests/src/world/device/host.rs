//! What the partner's app and its user want.

use std::collections::BTreeSet;

use agent_logic::command::Credential;
use agent_logic::event::Configuration;
use agent_logic::model::DeviceId;
use agent_logic::redact::Redacted;

use crate::world::cloud::tenant;
use crate::world::phone::Kind;

/// The partner's app and its user.
#[derive(Debug)]
pub(in crate::world) struct Host {
    pub(in crate::world) device: DeviceId,
    pub(in crate::world) moves: u64,
    pub(in crate::world) credential: Option<Credential>,
    pub(in crate::world) consent: bool,
    pub(in crate::world) configured: bool,
    /// The user wants to leave.
    pub(in crate::world) leaving: bool,
    /// Everything is wiped.
    pub(in crate::world) left: bool,
    /// The key that seals the files is there before the first unlock.
    pub(in crate::world) early_data_key: bool,
    /// Threats that the owner was allowed to ignore at some time.
    pub(in crate::world) ignored: BTreeSet<Kind>,
    /// The newest policy key that the app was built with.
    pub(in crate::world) policy_key: u64,
    /// The charger is plugged in.
    pub(in crate::world) charging: bool,
    /// The app does not start by itself before.
    pub(in crate::world) start_at: Option<u64>,
}

impl Host {
    pub(in crate::world) fn configuration(&self) -> Configuration {
        Configuration {
            gateway: Some(Redacted::new("https://mtd.example.com".into())),
            device: self.configured.then_some(self.device),
            tenant: Some(tenant()),
            credential: self.credential.clone(),
            findings: Vec::new(),
        }
    }
}

#[expect(clippy::expect_used, reason = "the form of a GUID is fixed")]
pub(in crate::world) fn device(number: u64) -> DeviceId {
    format!("b9841cd9-9843-405f-be28-{number:012x}").parse().expect("well-formed")
}
