//! A device's reports, made by hand.

use agent_logic::model::{
    Activation, App, ChainId, Classification, Digest, Level, Protection, Severity, Subject, ThreatId,
};
use agent_logic::time::{Boot, Mono, Stamp, Wall};
use agent_logic::wire::{
    CHECK_IN_PATH, CheckInAnswer, Facts, FactsPart, InventoryPart, OpenThreat, PROTOCOL, Report, Transition,
    TransitionKind, set_digest,
};
use hyper::{Method, StatusCode};

use crate::world::{Answer, Identity, World, digest, request};

/// What a device must remember from one report to the next.
pub(crate) struct Chain {
    id: ChainId,
    sequence: u64,
    previous: Option<Digest>,
}

impl Chain {
    pub(crate) fn new(id: u8) -> Self {
        Self { id: ChainId::new([id; 16]), sequence: 1, previous: None }
    }

    /// The next report; the first is the whole truth with no threat.
    pub(crate) fn report(&self) -> Report {
        let facts = Facts {
            agent_version: "0.1.0".into(),
            os_version: "14".into(),
            platform: "android".into(),
            ..Facts::default()
        };
        let facts_digest = digest(&serde_json::to_vec(&facts).unwrap());
        Report {
            protocol: PROTOCOL,
            chain: self.id,
            sequence: self.sequence,
            previous: self.previous,
            made: stamp(1),
            activation: Activation::Activated,
            protection: Protection::Protected,
            level: Some(Level::Secured),
            facts: FactsPart { digest: facts_digest, value: (self.sequence == 1).then_some(facts) },
            open: (self.sequence == 1).then(Vec::new),
            transitions: Vec::new(),
            inventory: None,
            diagnostics: Vec::new(),
            policy: 0,
            indicators: 0,
        }
    }

    /// What an acknowledgement of `report` leads to.
    pub(crate) fn acknowledged(&mut self, report: &Report) {
        self.sequence += 1;
        self.previous = Some(digest(&serde_json::to_vec(report).unwrap()));
    }
}

impl World {
    /// Sends a report and answers whatever comes.
    pub(crate) async fn report(&self, identity: &Identity, report: &Report) -> Answer {
        let body = serde_json::to_vec(report).unwrap();
        self.send(Some(identity), request(Method::POST, CHECK_IN_PATH, body)).await
    }

    /// Sends a report that must be applied.
    pub(crate) async fn check_in(
        &self,
        identity: &Identity,
        chain: &mut Chain,
        report: &Report,
    ) -> CheckInAnswer {
        let answer = self.report(identity, report).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer.body));
        chain.acknowledged(report);
        serde_json::from_slice(&answer.body).unwrap()
    }
}

pub(crate) fn stamp(at: u64) -> Stamp {
    Stamp { boot: Boot(1), mono: Mono(at), wall: Wall(1_795_000_000_000 + at) }
}

pub(crate) fn transition(ordinal: u64, kind: TransitionKind, threat: u8) -> Transition {
    Transition {
        ordinal,
        kind,
        id: ThreatId::new([threat; 16]),
        classification: Classification::Trojan,
        severity: Severity::High,
        subject: Subject::App { id: "com.example.bad".parse().unwrap() },
        detected: stamp(5),
        at: stamp(ordinal),
    }
}

pub(crate) fn open(threat: u8, classification: Classification) -> OpenThreat {
    OpenThreat {
        id: ThreatId::new([threat; 16]),
        classification,
        severity: classification.default_severity(),
        subject: Subject::Device,
        detected: stamp(5),
        ignored: false,
    }
}

pub(crate) fn app(id: &str) -> App {
    App::new(id.parse().unwrap())
}

pub(crate) fn full(apps: &[App]) -> InventoryPart {
    InventoryPart::Full { digest: set_digest(apps), apps: apps.to_vec() }
}
