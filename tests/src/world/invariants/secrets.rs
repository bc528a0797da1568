//! What may not be in a log, in a body on the wire, or on the disk as it is: credentials, private keys and the key that
//! seals the journal (R13). A private key is here to be looked for: no part of the agent is given it.

use agent_logic::command::{Command, Credential};
use agent_logic::event::Event;
use agent_logic::redact::Bytes;
use memchr::memmem::Finder;

use crate::world::effect::body;
use crate::world::model::{Checked, hold};
use crate::world::run::World;

/// Every secret of this moment, in every form that it may be written in.
#[derive(Debug, Default)]
pub(in crate::world) struct Planted {
    forms: Vec<Finder<'static>>,
}

impl Planted {
    fn new<'a>(raw: impl Iterator<Item = &'a [u8]>, text: impl Iterator<Item = &'a [u8]>) -> Self {
        let forms = raw.flat_map(|raw| {
            let hex: String = raw.iter().map(|byte| format!("{byte:02x}")).collect();
            let base64 = String::from(Bytes::new(raw.to_vec()));
            [raw.to_vec(), base64.into_bytes(), format!("{raw:?}").into_bytes(), hex.into_bytes()]
        });
        let forms = forms.chain(text.map(<[u8]>::to_vec));
        Self { forms: forms.map(|form| Finder::new(&form).into_owned()).collect() }
    }

    /// The first that stands in `text`.
    fn find(&self, text: &[u8]) -> Option<usize> {
        self.forms.iter().position(|form| form.find(text).is_some())
    }
}

impl World {
    /// There are other secrets from now on.
    pub(in crate::world) fn plant(&mut self) {
        let data_key = self.keys.data_key();
        let raw = std::iter::once(data_key.reveal().as_slice()).chain(self.keys.private());
        let credential = self.host.credential.as_ref().map(|credential| match credential {
            Credential::Code(secret) | Credential::Token(secret) | Credential::EnrolmentKey(secret) => {
                secret.reveal().as_bytes()
            }
        });
        self.planted = Planted::new(raw, credential.into_iter());
    }

    /// Before it is performed.
    pub(super) fn check_secrets(&mut self, command: &Command) -> Checked {
        if let Some(body) = body(&command.effect) {
            self.hides(body.as_slice(), "no secret is in what is sent")?;
        }
        self.hides(format!("{command:?}").as_bytes(), LOG)
    }

    /// As a log would write what happens to the agent.
    pub(in crate::world) fn check_event(&self, event: &Event) -> Checked {
        self.hides(format!("{event:?}").as_bytes(), LOG)
    }

    /// What a host may print, and what lies on the disk.
    pub(super) fn check_logs(&self) -> Checked {
        let Some(process) = &self.process else { return Ok(()) };
        let printed =
            format!("{:?} {:?} {:?}", process.agent.status(), process.vault, self.host.configuration());
        self.hides(printed.as_bytes(), LOG)?;
        let file = self.disk.show("journal").unwrap_or_default();
        self.hides(&file, "no secret is on the disk as it is")
    }

    fn hides(&self, text: &[u8], rule: &'static str) -> Checked {
        let found = self.planted.find(text);
        hold(found.is_none(), rule, || format!("secret {found:?} in {} bytes", text.len()))
    }
}

const LOG: &str = "no secret is in a log";
