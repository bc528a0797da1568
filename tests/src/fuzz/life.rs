//! A machine with a shell that says yes, and the records it leaves behind.

use agent_logic::agent::{Agent, Settings};
use agent_logic::chance::Seed;
use agent_logic::command::{Command, CommandId, Effect, Origin};
use agent_logic::event::{
    Answer, Collected, Configuration, Event, KeyMade, Network, Outcome, Posture, Reach, Traffic,
};
use agent_logic::failure::{CollectFailure, SendFailure};
use agent_logic::redact::Bytes;
use agent_logic::time::{Boot, Mono, Now, Wall};
use agent_logic::wire::{CheckInAnswer, KeyProtection};

use super::{broken, world};

/// A device whose name the configuration may lie under.
pub(super) const SUFFIX: &str = "localhost";

const ACTIVATED: &[u8] = include_bytes!("../../fuzz/world/activated.records");

/// One life of the machine.
pub(super) struct Life {
    agent: Agent,
    now: Now,
    /// The journal, were there one.
    records: Vec<Bytes>,
    answers: Vec<CheckInAnswer>,
    /// Where it wanted to go.
    pub(super) origins: Vec<Origin>,
}

impl Life {
    /// A life that goes on from `records`; `None` if they are none.
    pub(super) fn of(records: Vec<Bytes>) -> Option<Self> {
        let now = Now { boot: Boot(7), mono: Mono(1_000), wall: world::now() };
        let agent = Agent::restore(settings(), Seed([3; 32]), &records, now).ok()?;
        Some(Self { agent, now, records, answers: Vec::new(), origins: Vec::new() })
    }

    /// A device that has its certificate.
    pub(super) fn activated() -> Self {
        Self::of(split(ACTIVATED)).unwrap_or_else(|| broken("tests/fuzz/world is not whole"))
    }

    /// Configured, agreed to and on line.
    pub(super) fn configure(&mut self, configuration: Configuration) {
        self.online();
        self.happens(Event::Configured(configuration));
        self.happens(Event::Consent(true));
    }

    /// The cloud gives `answer` to the next report.
    pub(super) fn check_in(&mut self, answer: CheckInAnswer) {
        self.answers.push(answer);
        self.online();
        self.happens(Event::CheckIn);
        assert!(self.answers.is_empty(), "no report was sent");
    }

    /// Time passes, and consent is withdrawn: every emitted record and the snapshot are read again.
    pub(super) fn judge(mut self) {
        for _ in 0..3 {
            let Some(wake) = self.agent.next_wake() else { break };
            self.now.mono = wake.at.max(self.now.mono);
            self.happens(Event::Woke);
        }
        let before = self.records.clone();
        assert!(Self::of(before).is_some(), "emitted records cannot be read");
        self.happens(Event::Consent(true));
        self.happens(Event::Consent(false));
        let after = std::mem::take(&mut self.records);
        assert!(Self::of(after).is_some(), "an emitted snapshot cannot be read");
        let _status = format!("{:?}", self.agent.status());
    }

    fn online(&mut self) {
        self.happens(Event::Network(Network { reach: Reach::Online, id: None, metered: false }));
    }

    fn happens(&mut self, event: Event) {
        self.agent.handle(event, self.now);
        for _ in 0..MOST_COMMANDS {
            let Some(command) = self.agent.poll() else { return };
            let (id, outcome) = self.perform(command);
            self.now.mono = Mono(self.now.mono.0.saturating_add(1));
            self.agent.handle(Event::Done(id, outcome), self.now);
        }
        assert!(self.agent.poll().is_none(), "commands without end");
    }

    fn perform(&mut self, command: Command) -> (CommandId, Outcome) {
        let outcome = match command.effect {
            Effect::Save(records) => {
                self.records.extend(records);
                Outcome::Saved(Ok(()))
            }
            Effect::Compact(snapshot) => {
                self.records = vec![snapshot];
                Outcome::Saved(Ok(()))
            }
            Effect::Erase => {
                self.records.clear();
                Outcome::Saved(Ok(()))
            }
            Effect::MakeKey(_) => Outcome::KeyMade(Ok(KeyMade { protection: KeyProtection::Sandbox })),
            Effect::MakeRequest(_) => Outcome::RequestMade(Ok(Bytes::new(vec![0x30, 0]))),
            Effect::DropKey(_) => Outcome::KeyDropped(Ok(())),
            Effect::Enrol(enrol) => {
                self.origins.push(enrol.origin);
                Outcome::Lost
            }
            Effect::Send(exchange) => {
                self.origins.push(exchange.contact.origin);
                let report = exchange.body.as_slice();
                assert!(agent_logic::json::read::<agent_logic::wire::Report>(report).is_ok());
                Outcome::Answered(self.answers.pop().map(Self::answer).ok_or(SendFailure::Offline))
            }
            Effect::FetchIndicators { contact, .. } => {
                self.origins.push(contact.origin);
                Outcome::Lost
            }
            Effect::Match { .. } => Outcome::Matched(Ok(Vec::new())),
            Effect::HashApps(_) => Outcome::Hashed(Err(CollectFailure::Denied)),
            Effect::Collect => Outcome::Collected(Box::new(Collected {
                posture: Ok(Posture::default()),
                apps: Err(CollectFailure::Denied),
            })),
        };
        (command.id, outcome)
    }

    fn answer(reply: CheckInAnswer) -> Box<Answer> {
        Box::new(Answer {
            reply,
            policy: None,
            manifest: None,
            commands: Vec::new(),
            forged: 0,
            traffic: Traffic::default(),
            server_valid_until: Wall(u64::MAX),
        })
    }
}

/// One record a line.
pub(super) fn split(data: &[u8]) -> Vec<Bytes> {
    let lines = data.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| Bytes::new(line.to_vec())).collect()
}

fn settings() -> Settings {
    Settings { agent_version: "0.1.0".into(), host_suffix: SUFFIX.into(), built: Wall(1_700_000_000_000) }
}

/// Far more than one event leads to.
const MOST_COMMANDS: usize = 200;
