//! A life of the machine alone, with everything that goes in and comes out printed.

use std::time::Duration;

use agent_logic::agent::{Agent, Settings};
use agent_logic::chance::Seed;
use agent_logic::command::{Credential, Effect, Match};
use agent_logic::event::{
    Answer, Certificate, Collected, Configuration, Detection, Enrolled, Event, KeyMade, Outcome, Posture,
    Traffic, Verified,
};
use agent_logic::model::{App, Classification, Digest, Ownership, Subject};
use agent_logic::redact::{Bytes, Redacted, Secret};
use agent_logic::time::{Boot, Mono, Now, Wall};
use agent_logic::wire::{KeyProtection, Manifest, Policy, Report};
use data_encoding::BASE64URL_NOPAD;
use serde_json::json;

pub(crate) const CODE: &str = "marker-one-time-code";
pub(crate) const HOST: &str = "marker.gateway.example";

/// The year 2100.
const FAR: Wall = Wall(4_102_444_800_000);

/// Configuration, enrolment, check-ins with policy and indicators, a known app, the partner's engine, leaving.
pub(crate) fn life(device: &str, tenant: &str, app: &str, name: &str) -> Vec<String> {
    let settings = Settings { agent_version: "1".into(), host_suffix: HOST.into(), built: Wall(0) };
    let agent = Agent::restore(settings, Seed([7; 32]), &[], now(0)).unwrap();
    let mut found = App::new(app.parse().unwrap());
    found.name = Some(Redacted::new(name.into()));
    let world = World { device: device.into(), tenant: tenant.into(), app: found };
    let mut life = Life { agent, world, printed: Vec::new(), second: 0 };
    life.take(Event::Consent(true));
    life.take(Event::Configured(Configuration {
        gateway: Some(Redacted::new(format!("https://{HOST}"))),
        device: Some(device.parse().unwrap()),
        tenant: Some(tenant.parse().unwrap()),
        credential: Some(Credential::Code(Secret::new(CODE.into()))),
        findings: Vec::new(),
    }));
    life.take(Event::CheckIn);
    let detection = Detection { classification: Classification::Adware, app: Some(app.parse().unwrap()) };
    life.take(Event::Detected(detection.clone()));
    life.take(Event::Cleared(detection));
    life.take(Event::Deactivate);
    life.printed
}

struct Life {
    agent: Agent,
    world: World,
    printed: Vec<String>,
    second: u64,
}

impl Life {
    fn take(&mut self, event: Event) {
        self.second += 1;
        self.printed.push(format!("{event:?}"));
        self.agent.handle(event, now(self.second));
        while let Some(command) = self.agent.poll() {
            self.printed.push(format!("{command:?}"));
            let ended = Event::Done(command.id, self.world.answer(&command.effect));
            self.printed.push(format!("{ended:?}"));
            self.agent.handle(ended, now(self.second));
        }
        self.printed.push(format!("{:?}", self.agent.status()));
    }
}

/// What the world answers.
struct World {
    device: String,
    tenant: String,
    app: App,
}

impl World {
    fn answer(&self, effect: &Effect) -> Outcome {
        match effect {
            Effect::Save(_) | Effect::Compact(_) | Effect::Erase => Outcome::Saved(Ok(())),
            Effect::MakeKey(_) => Outcome::KeyMade(Ok(KeyMade { protection: KeyProtection::Sandbox })),
            Effect::MakeRequest(_) => Outcome::RequestMade(Ok(self.named())),
            Effect::DropKey(_) => Outcome::KeyDropped(Ok(())),
            Effect::Enrol(_) => {
                let certificate = Certificate { der: self.named(), not_after: FAR };
                Outcome::Enrolled(Ok(Enrolled::Issued(certificate)))
            }
            Effect::Send(exchange) => {
                let report: Report = serde_json::from_slice(exchange.body.as_slice()).unwrap();
                Outcome::Answered(Ok(Box::new(self.checked_in(report.sequence))))
            }
            Effect::FetchIndicators { .. } => Outcome::Fetched(Ok(())),
            Effect::Match { .. } => {
                let classification = Classification::Surveillanceware;
                Outcome::Matched(Ok(vec![Match {
                    subject: Subject::App { id: self.app.id.clone() },
                    classification,
                }]))
            }
            Effect::HashApps(apps) => {
                let hashed = apps.iter().map(|app| (app.clone(), Digest::of(b"file")));
                Outcome::Hashed(Ok(hashed.collect()))
            }
            Effect::Collect => Outcome::Collected(Box::new(Collected {
                posture: Ok(Posture::default()),
                apps: Ok(vec![self.app.clone()]),
            })),
        }
    }

    fn checked_in(&self, acknowledged: u64) -> Answer {
        let mut policy = Policy::new(self.tenant.parse().unwrap(), 1, FAR);
        policy.app_sync = true;
        policy.ownership = Ownership::Company;
        let manifest: Manifest = serde_json::from_value(json!({
            "kind": "indicators", "tenant": self.tenant, "version": 1, "expires": FAR,
            "classifications": [], "buckets": [],
        }))
        .unwrap();
        let jws = |document: &str| format!("e30.{}.c2ln", BASE64URL_NOPAD.encode(document.as_bytes()));
        let reply = json!({
            "serverTime": 1_800_000_000_000_u64, "acknowledged": acknowledged, "level": "secured", "health": "secured",
            "policy": jws(&serde_json::to_string(&policy).unwrap()),
            "indicators": jws(&serde_json::to_string(&manifest).unwrap()),
            "orders": [{ "order": "signed", "jws": jws(&format!(r#"{{"device":"{}"}}"#, self.device)) }],
        });
        Answer {
            reply: serde_json::from_value(reply).unwrap(),
            policy: Some(Verified::assertion(policy)),
            manifest: Some(Verified::assertion(manifest)),
            commands: Vec::new(),
            forged: 0,
            traffic: Traffic::default(),
            server_valid_until: FAR,
        }
    }

    fn named(&self) -> Bytes {
        Bytes::new(format!("CN={}", self.device).into_bytes())
    }
}

fn now(second: u64) -> Now {
    let begun = Wall(1_800_000_000_000);
    let run = Duration::from_secs(second);
    Now { boot: Boot(1), mono: Mono(0).plus(run), wall: begun.plus(run) }
}
