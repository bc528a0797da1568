//! Performs commands at once against a cloud in memory. The clock moves only when told.

use std::collections::BTreeMap;
use std::time::Duration;

use data_encoding::BASE64;

use super::cloud::Cloud;
use crate::agent::{Agent, Settings};
use crate::chance::Seed;
use crate::command::{Authority, Command, Credential, Effect, Enrol, Match, Query, Slot};
use crate::event::{
    Answer, Certificate, Collected, Configuration, Enrolled, Event, FetchFailure, KeyMade, Network, Outcome,
    Posture, Reach, Traffic, Verified,
};
use crate::failure::{CollectFailure, EnrolFailure, KeyFailure, SendFailure, StorageFailure};
use crate::model::{App, AppId, Classification, Digest};
use crate::redact::{Bytes, Redacted, Secret};
use crate::time::{Boot, Mono, Now, Wall};
use crate::wire::{Bucket, Facts, IndicatorKind, KeyProtection, Manifest, ProblemKind, Report, policy_kind};

pub(super) const TENANT: &str = "ab0dc123-9843-405f-be28-b2265c59ef97";

/// Life of a certificate.
pub(super) const LIFE: Duration = Duration::from_secs(30 * 86_400);

/// Commands that one event may lead to.
const FUEL: usize = 500;

/// Tells the effect during which something happens.
type Moment = fn(&Effect) -> bool;

/// Where an exchange is cut off.
pub(super) enum Cut {
    AfterApplied,
}

pub(super) struct Bench {
    pub(super) agent: Agent,
    pub(super) now: Now,
    pub(super) cloud: Cloud,
    pub(super) disk: Result<(), StorageFailure>,
    /// How the last part of a wipe ends, when the records are gone.
    pub(super) destroying: Result<(), StorageFailure>,
    pub(super) fail: Option<SendFailure>,
    pub(super) cut: Option<Cut>,
    /// How each download fails.
    pub(super) fetch: Option<FetchFailure>,
    pub(super) fetches: u32,
    /// The cloud names the report before the one it got.
    pub(super) misacknowledge: bool,
    pub(super) enrolment: Option<Enrolled>,
    pub(super) refuse_enrolment: Option<ProblemKind>,
    pub(super) apps: Result<Vec<App>, CollectFailure>,
    pub(super) posture: Posture,
    /// Installation files by app.
    pub(super) hashes: BTreeMap<String, Digest>,
    /// Apps whose file was hashed.
    pub(super) hashed: Vec<String>,
    /// What stands in the indicator set.
    indicators: BTreeMap<(IndicatorKind, String), Classification>,
    pub(super) kill_after: Option<usize>,
    /// Happens once, while such an effect is performed.
    pub(super) meanwhile: Option<(Moment, Event)>,
    pub(super) spoken: Vec<Bytes>,
    pub(super) spoken_as: Vec<Slot>,
    /// The time that the last exchange was to judge certificates by.
    pub(super) trusted: Wall,
    pub(super) enrolled: Vec<Enrol>,
    /// How the store answers who wants a key dropped.
    pub(super) dropping: Result<(), KeyFailure>,
    pub(super) dropped: Vec<Slot>,
    pub(super) collections: usize,
    pub(super) wakes: usize,
    pub(super) erased: bool,
    pub(super) records: Vec<Bytes>,
    /// Every record since the last wipe, none compacted.
    pub(super) log: Vec<Bytes>,
}

impl Bench {
    pub(super) fn new() -> Self {
        let now = Now { boot: Boot(1), mono: Mono(1_000_000), wall: Wall(1_700_000_000_000) };
        Self {
            agent: Agent::restore(settings(), Seed([3; 32]), &[], now).unwrap(),
            now,
            cloud: Cloud::default(),
            disk: Ok(()),
            destroying: Ok(()),
            fail: None,
            cut: None,
            fetch: None,
            fetches: 0,
            misacknowledge: false,
            enrolment: None,
            refuse_enrolment: None,
            apps: Ok(Vec::new()),
            posture: Posture { facts: facts(), ..Posture::default() },
            hashes: BTreeMap::new(),
            hashed: Vec::new(),
            indicators: BTreeMap::new(),
            kill_after: None,
            meanwhile: None,
            spoken: Vec::new(),
            spoken_as: Vec::new(),
            trusted: Wall(0),
            enrolled: Vec::new(),
            dropping: Ok(()),
            dropped: Vec::new(),
            collections: 0,
            wakes: 0,
            erased: false,
            records: Vec::new(),
            log: Vec::new(),
        }
    }

    pub(super) fn activated() -> Self {
        let mut bench = Self::new();
        bench.feed(Event::Network(network(Reach::Online)));
        bench.feed(Event::Consent(true));
        bench.feed(Event::Configured(configuration()));
        bench
    }

    /// The cloud's next answer announces a set with this indicator, besides those it had.
    pub(super) fn list(&mut self, kind: IndicatorKind, value: &str, classification: Classification) {
        self.indicators.insert((kind, value.into()), classification);
        self.cloud.manifest = Some(Manifest {
            kind: policy_kind::INDICATORS.into(),
            tenant: TENANT.parse().unwrap(),
            version: self.indicators.len().try_into().unwrap(),
            expires: Wall(u64::MAX),
            classifications: Vec::new(),
            buckets: vec![Bucket { length: 0, digest: Digest::of(b"") }],
        });
    }

    /// Whether a text stands in a record, as it is or in a body that a record holds.
    pub(super) fn disk_contains(&self, text: &str) -> bool {
        let holds = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(text);
        let bodies = |record: &Bytes| {
            let record = String::from_utf8_lossy(record.as_slice()).into_owned();
            let decoded = record.split('"').filter_map(|text| BASE64.decode(text.as_bytes()).ok());
            decoded.collect::<Vec<_>>()
        };
        self.records
            .iter()
            .any(|record| holds(record.as_slice()) || bodies(record).iter().any(|body| holds(body)))
    }

    /// The phone is switched off and on again, and its calendar says something else.
    pub(super) fn reboot(&mut self, wall: Wall) {
        self.now = Now { boot: Boot(self.now.boot.0 + 1), mono: Mono(30_000), wall };
        self.restart();
        self.feed(Event::Network(network(Reach::Online)));
    }

    /// The process dies and starts again.
    pub(super) fn restart(&mut self) {
        self.agent = Agent::restore(settings(), Seed([4; 32]), &self.records, self.now).unwrap();
    }

    pub(super) fn reports(&self) -> Vec<Report> {
        self.spoken.iter().map(|body| serde_json::from_slice(body.as_slice()).unwrap()).collect()
    }

    pub(super) fn feed(&mut self, event: Event) {
        self.agent.handle(event, self.now);
        let mut fuel = FUEL;
        while let Some(command) = self.agent.poll() {
            fuel = fuel.checked_sub(1).expect("the machine comes to rest");
            if let Some(left) = &mut self.kill_after {
                let Some(rest) = left.checked_sub(1) else { return };
                *left = rest;
            }
            let id = command.id;
            let during = self.meanwhile.take_if(|(at, _)| at(&command.effect));
            let outcome = self.perform(command);
            if let Some((_, event)) = during {
                self.feed(event);
            }
            self.agent.handle(Event::Done(id, outcome), self.now);
        }
    }

    /// Lets time pass, waking the agent when it asks.
    pub(super) fn pass(&mut self, time: Duration) {
        let end = self.now.mono.plus(time);
        while let Some(wake) = self.agent.next_wake().filter(|wake| wake.at <= end) {
            self.move_to(wake.at.max(Mono(self.now.mono.0 + 1)));
            self.wakes += 1;
            self.feed(Event::Woke);
        }
        self.move_to(end);
        self.feed(Event::Woke);
    }

    /// Lets time pass while the OS wakes nobody.
    pub(super) fn sleep(&mut self, time: Duration) {
        self.move_to(self.now.mono.plus(time));
    }

    pub(super) fn move_to(&mut self, mono: Mono) {
        self.now.wall = self.now.wall.plus(mono.since(self.now.mono));
        self.now.mono = mono;
    }

    pub(super) fn perform(&mut self, command: Command) -> Outcome {
        match command.effect {
            Effect::Save(records) => {
                if self.disk.is_ok() {
                    self.log.extend(records.iter().cloned());
                    self.records.extend(records);
                }
                Outcome::Saved(self.disk)
            }
            Effect::Compact(snapshot) => {
                if self.disk.is_ok() {
                    self.records = vec![snapshot];
                }
                Outcome::Saved(self.disk)
            }
            Effect::Erase => {
                self.erased = true;
                self.records.clear();
                self.log.clear();
                Outcome::Saved(self.destroying)
            }
            Effect::MakeKey(_) => Outcome::KeyMade(Ok(KeyMade { protection: KeyProtection::Sandbox })),
            Effect::MakeRequest(spec) => {
                Outcome::RequestMade(Ok(Bytes::new(format!("csr {:?}", spec.slot).into_bytes())))
            }
            Effect::DropKey(slot) => {
                self.dropped.push(slot);
                Outcome::KeyDropped(self.dropping)
            }
            Effect::Enrol(enrol) => self.enrol(enrol),
            Effect::Send(exchange) => {
                self.spoken.push(exchange.body.clone());
                self.spoken_as.push(exchange.contact.identity.slot);
                self.trusted = exchange.contact.trusted;
                Outcome::Answered(self.send(&exchange.body))
            }
            Effect::FetchIndicators { .. } => {
                self.fetches += 1;
                Outcome::Fetched(self.fetch.clone().map_or(Ok(()), Err))
            }
            Effect::Match { queries, .. } => Outcome::Matched(Ok(self.find(queries))),
            Effect::HashApps(apps) => {
                self.hashed.extend(apps.iter().map(|app| app.reveal().to_owned()));
                let hash = |app: AppId| self.hashes.get(app.reveal()).map(|hash| (app, *hash));
                Outcome::Hashed(Ok(apps.into_iter().filter_map(hash).collect()))
            }
            Effect::Collect => {
                self.collections += 1;
                let posture = Ok(self.posture.clone());
                Outcome::Collected(Box::new(Collected { posture, apps: self.apps.clone() }))
            }
        }
    }

    fn find(&self, queries: Vec<Query>) -> Vec<Match> {
        let found = queries.into_iter().filter_map(|query| {
            let key = (query.kind, query.value.reveal().clone());
            let classification = *self.indicators.get(&key)?;
            Some(Match { subject: query.subject, classification })
        });
        found.collect()
    }

    fn enrol(&mut self, enrol: Enrol) -> Outcome {
        let slot = enrol.slot;
        assert!(matches!(enrol.authority, Authority::Credential(_)) || !self.spoken.is_empty());
        self.enrolled.push(enrol);
        if let Some(kind) = self.refuse_enrolment {
            return Outcome::Enrolled(Err(EnrolFailure::Send(SendFailure::Problem(kind))));
        }
        if let Some(failure) = self.fail.clone() {
            return Outcome::Enrolled(Err(EnrolFailure::Send(failure)));
        }
        let issued = Enrolled::Issued(Certificate {
            der: Bytes::new(format!("certificate {slot:?}").into_bytes()),
            not_after: self.cloud.clock.unwrap_or(self.now.wall).plus(LIFE),
        });
        Outcome::Enrolled(Ok(self.enrolment.clone().unwrap_or(issued)))
    }

    fn send(&mut self, body: &Bytes) -> Result<Box<Answer>, SendFailure> {
        if let Some(failure) = self.fail.clone() {
            return Err(failure);
        }
        let mut reply = self.cloud.receive(body, &self.now)?;
        reply.acknowledged = reply.acknowledged.saturating_sub(u64::from(self.misacknowledge));
        if matches!(self.cut, Some(Cut::AfterApplied)) {
            return Err(SendFailure::TimedOut);
        }
        Ok(Box::new(Answer {
            reply,
            policy: self.cloud.policy.clone().map(Verified::assertion),
            manifest: self.cloud.manifest.clone().map(Verified::assertion),
            commands: self.cloud.commands.iter().cloned().map(Verified::assertion).collect(),
            forged: self.cloud.forged,
            traffic: Traffic::default(),
            server_valid_until: Wall(u64::MAX),
        }))
    }
}

pub(super) fn network(reach: Reach) -> Network {
    Network { reach, id: Some(Digest::of(b"wifi")), metered: false }
}

pub(super) fn configuration() -> Configuration {
    Configuration {
        gateway: Some(Redacted::new("https://mtd.example.com".into())),
        device: Some("b9841cd9-9843-405f-be28-b2265c59ef97".parse().unwrap()),
        tenant: Some(TENANT.parse().unwrap()),
        credential: Some(Credential::Code(Secret::new("code".into()))),
        findings: Vec::new(),
    }
}

fn facts() -> Facts {
    Facts { os_version: "14".into(), platform: "linux".into(), ..Facts::default() }
}

pub(super) fn settings() -> Settings {
    Settings { agent_version: "0.1.0".into(), host_suffix: "example.com".into(), built: Wall(0) }
}
