//! What may not be in a log, in a body on the wire, or on the disk as it is: credentials and the key that seals the
//! journal (R13). Private keys are not in this world's agent at all: the key store gives none away.

use agent_logic::command::{Command, Credential};
use agent_logic::redact::Bytes;

use crate::world::effect::body;
use crate::world::model::{Checked, contains, hold};
use crate::world::run::World;

/// One command in so many is written as a log would write it.
const LOOK_AT_LOGS: u64 = 16;

impl World {
    /// Before it is performed.
    pub(super) fn check_secrets(&mut self, command: &Command) -> Checked {
        if let Some(body) = body(&command.effect) {
            self.hides(body.as_slice(), "no secret is in what is sent")?;
        }
        if self.chance.one_in(LOOK_AT_LOGS) {
            self.hides(format!("{command:?}").as_bytes(), "no secret is in a log")?;
        }
        Ok(())
    }

    /// What a host may print, and what lies on the disk.
    pub(super) fn check_logs(&self) -> Checked {
        let Some(process) = &self.process else { return Ok(()) };
        let printed =
            format!("{:?} {:?} {:?}", process.agent.status(), process.vault, self.host.configuration());
        self.hides(printed.as_bytes(), "no secret is in a log")?;
        let file = self.disk.show("journal").unwrap_or_default();
        self.hides(&file, "no secret is on the disk as it is")
    }

    fn hides(&self, text: &[u8], rule: &'static str) -> Checked {
        let key = self.keys.data_key();
        let raw = key.reveal().as_slice();
        let written = String::from(Bytes::new(raw.to_vec()));
        let listed = format!("{raw:?}");
        let credential = self.host.credential.as_ref().map(|credential| match credential {
            Credential::Code(secret) | Credential::Token(secret) | Credential::EnrolmentKey(secret) => {
                secret.reveal().as_bytes()
            }
        });
        let secrets = [Some(raw), Some(written.as_bytes()), Some(listed.as_bytes()), credential];
        let found = secrets.into_iter().flatten().position(|secret| contains(text, secret));
        hold(found.is_none(), rule, || format!("secret {found:?} in {} bytes", text.len()))
    }
}
