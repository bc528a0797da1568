//! What the agent last saw in this process. It may be long gone when the sensors do not answer.

use std::collections::BTreeSet;

use agent_logic::event::Collected;
use agent_logic::model::{AppId, Classification};

#[derive(Debug, Default)]
pub(in crate::world) struct Look {
    pub(in crate::world) findings: BTreeSet<Classification>,
    pub(in crate::world) apps: BTreeSet<AppId>,
}

impl Look {
    pub(in crate::world) fn again(&mut self, collected: &Collected) {
        if let Ok(posture) = &collected.posture {
            self.findings.clone_from(&posture.findings);
        }
        if let Ok(apps) = &collected.apps {
            // What is missing from a list that is doubted is held still.
            if apps.len() * 2 >= self.apps.len() {
                self.apps.clear();
            }
            self.apps.extend(apps.iter().map(|app| app.id.clone()));
        }
    }
}
