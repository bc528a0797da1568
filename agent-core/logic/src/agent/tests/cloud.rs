//! A cloud in memory: takes reports in their chain and rates what they tell.

use crate::failure::SendFailure;
use crate::model::{Activation, Classification, Digest, HealthState, Level, Protection, Security};
use crate::redact::Bytes;
use crate::time::{Now, Wall};
use crate::wire::{
    CheckInAnswer, CloudThreat, CommandDocument, Manifest, Order, Policy, ProblemKind, Reason, Report,
    Transition, TransitionKind,
};

#[derive(Default)]
pub(super) struct Cloud {
    pub(super) transitions: Vec<Transition>,
    pub(super) policy: Option<Policy>,
    pub(super) orders: Vec<Order>,
    pub(super) manifest: Option<Manifest>,
    pub(super) found: Vec<CloudThreat>,
    pub(super) commands: Vec<CommandDocument>,
    pub(super) forged: u32,
    /// What its clock shows, where that is not what the phone's shows.
    pub(super) clock: Option<Wall>,
    last: Option<(Report, Digest)>,
}

impl Cloud {
    pub(super) fn forget_chain(&mut self) {
        self.last = None;
    }

    pub(super) fn reported_level(&self) -> Option<Level> {
        self.last.as_ref().and_then(|(report, _)| report.level)
    }

    /// What it answers to a report, at the phone's time unless it has its own.
    pub(super) fn receive(&mut self, body: &Bytes, now: &Now) -> Result<CheckInAnswer, SendFailure> {
        let report: Report = serde_json::from_slice(body.as_slice()).unwrap();
        let digest = Digest::of(body.as_slice());
        let follows = match &self.last {
            Some((last, held)) if report.chain == last.chain => {
                *held == digest || (report.sequence == last.sequence + 1 && report.previous == Some(*held))
            }
            Some(_) | None => report.sequence == 1 && report.previous.is_none(),
        };
        if !follows {
            return Err(SendFailure::Problem(ProblemKind::ChainBroken));
        }
        for transition in &report.transitions {
            let held = |t: &Transition| (t.id, t.ordinal) == (transition.id, transition.ordinal);
            if !self.transitions.iter().any(held) {
                self.transitions.push(transition.clone());
            }
        }
        let sequence = report.sequence;
        self.last = Some((report, digest));
        Ok(CheckInAnswer {
            server_time: self.clock.unwrap_or(now.wall),
            acknowledged: sequence,
            level: self.level(),
            health: self.health(),
            why: self.why(),
            threats: self.found.clone(),
            policy: None,
            indicators: None,
            orders: self.orders.clone(),
            next: None,
        })
    }

    fn level(&self) -> Level {
        self.why().first().map_or(Level::Secured, |worst| worst.level)
    }

    fn health(&self) -> HealthState {
        let why = self.why();
        let known = |reason: &Reason| reason.classification.parse().is_ok_and(Classification::user_can_fix);
        let security = Security::worst(why.iter().map(|reason| (reason.level, known(reason))));
        HealthState::of(Activation::Activated, Protection::Protected, security)
    }

    fn why(&self) -> Vec<Reason> {
        let counts = |t: &&Transition| {
            let over = |r: &Transition| r.id == t.id && r.kind != TransitionKind::Opened;
            !self.transitions.iter().any(over)
        };
        let told = self.transitions.iter().filter(counts).map(|t| Reason {
            id: t.id,
            classification: t.classification.name().into(),
            level: t.severity.level(),
        });
        let found = self.found.iter().map(|t| Reason {
            id: t.id,
            classification: t.classification.clone(),
            level: t.level,
        });
        let mut why: Vec<Reason> = told.chain(found).collect();
        why.sort_by_key(|reason| std::cmp::Reverse(reason.level));
        why
    }
}
