//! A gateway, a front before it, and a phone that knows the front only.

use std::path::Path;

use agent_logic::command::Credential;
use agent_tests::stage::Stage;

use crate::front::Front;
use crate::phone::{Phone, code};

pub(crate) struct World {
    pub(crate) stage: Stage,
    pub(crate) front: Front,
    pub(crate) phone: Phone,
}

impl World {
    pub(crate) fn open(seed: u64) -> Self {
        let stage = Stage::set(Path::new(env!("CARGO_BIN_EXE_story")), seed).unwrap();
        let gateway = stage.gateway_url().replace("https://localhost", "127.0.0.1").parse().unwrap();
        let front = Front::start(gateway, &stage.cloud());
        let phone = Phone::new(&stage, "phone", &stage.main.id, &front.url());
        Self { stage, front, phone }
    }

    /// A new one-time code for the phone.
    pub(crate) fn code(&self) -> Credential {
        code(&self.stage.code(&self.stage.main).unwrap())
    }

    /// What the gateway holds of the partner's engine's threats, oldest first. The agent's own suspicions of
    /// the path are left out.
    pub(crate) fn arrived(&self) -> Vec<String> {
        let rows = self.stage.transitions(&self.stage.main).unwrap();
        let found = rows.into_iter().filter(|row| row.classification != "ACTIVE_MITM");
        found.map(|row| format!("{} {}", row.classification, row.kind)).collect()
    }
}
