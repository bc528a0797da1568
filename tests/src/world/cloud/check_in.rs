//! Check-ins: the chain decides whether a report is applied.

use agent_logic::event::{Answer, Traffic, Verified};
use agent_logic::failure::SendFailure;
use agent_logic::model::{Activation, App, AppId, DeviceId, Digest, HealthState, Level};
use agent_logic::time::Wall;
use agent_logic::wire::{
    CheckInAnswer, InventoryPart, NextContact, OpenThreat, Order, Policy, ProblemKind, Reason, Report,
    Transition, TransitionKind, set_digest,
};
use std::collections::BTreeMap;

use super::enrol::serial;
use super::{Cloud, Head, Mood, Received, Record, garbage};
use crate::world::Fault;
use crate::world::chance::Chance;
use agent_logic::command::Exchange;

impl Cloud {
    pub(in crate::world) fn receive(
        &mut self,
        exchange: &Exchange,
        now: u64,
        chance: &mut Chance,
    ) -> Received {
        let mut applied = Vec::new();
        let answer = self.take(exchange, now, chance, &mut applied);
        Received { answer, applied }
    }

    fn take(
        &mut self,
        exchange: &Exchange,
        now: u64,
        chance: &mut Chance,
        applied: &mut Vec<Transition>,
    ) -> Result<Box<Answer>, SendFailure> {
        if let Some(failure) = self.turned_away() {
            return Err(failure);
        }
        if self.mood == Mood::Confused && chance.one_in(3) {
            return Err(SendFailure::CertificateRefused);
        }
        let held = serial(&exchange.contact.identity.certificate);
        self.check(held, now)?;
        if self.mood == Mood::Garbling && chance.one_in(2) {
            return Err(garbage(chance));
        }
        let report: Report = serde_json::from_slice(exchange.body.as_slice())
            .map_err(|_| SendFailure::Problem(ProblemKind::ReportInvalid))?;
        let digest = Digest::of(exchange.body.as_slice());
        if self.mood == Mood::Lying {
            let acknowledged = if chance.one_in(2) { report.sequence - 1 } else { report.sequence + 1 };
            let mut answer = self.answer(&report, Level::Secured, Vec::new(), now, chance);
            answer.reply.acknowledged = acknowledged;
            return Ok(Box::new(answer));
        }
        let policy = &self.policy;
        let Some(certificate) = held.and_then(|held| self.memory.certificates.get(&held)) else {
            return Err(SendFailure::CertificateRefused);
        };
        let (device, replaces) = (certificate.device, certificate.replaces);
        if let Some(old) = replaces.and_then(|old| self.memory.certificates.get_mut(&old)) {
            old.lives = false;
        }
        let record = self.memory.devices.entry(device).or_default();
        let mut orders = std::mem::take(&mut self.orders);
        if self.nags {
            orders.extend([Order::Rescan, Order::FullInventory, Order::Resync]);
        }
        match record.place(&report, digest) {
            Place::Broken => return Err(SendFailure::Problem(ProblemKind::ChainBroken)),
            Place::Duplicate => {
                if self.fault == Some(Fault::DoublingCloud) {
                    applied.extend(report.transitions.iter().cloned());
                }
            }
            Place::Next => {
                if self.fault != Some(Fault::CarelessCloud) || !chance.one_in(4) {
                    orders.extend(record.apply(&report, policy, applied));
                }
                record.head = Some(Head { chain: report.chain, sequence: report.sequence, digest });
            }
        }
        if record.activation == Some(Activation::Deactivated) {
            let all = self.memory.certificates.values_mut();
            all.filter(|held| held.device == device).for_each(|held| held.lives = false);
        }
        if self.mood == Mood::Garbling {
            return Err(garbage(chance));
        }
        let (level, why) = (self.level(device), self.why(device));
        let mut answer = self.answer(&report, level, orders, now, chance);
        answer.reply.why = why;
        if self.replays && chance.one_in(4) {
            answer.commands.push(Verified::assertion(self.unfit_command(device, chance)));
        }
        Ok(Box::new(answer))
    }

    /// The level in force: the worst open threat that counts; the device's word where threats stay there.
    pub(in crate::world) fn level(&self, device: DeviceId) -> Level {
        let named = self.why(device).iter().map(|reason| reason.level).max();
        let record = self.memory.devices.get(&device).filter(|_| !self.policy.threat_state_sync);
        named.max(record.and_then(|record| record.level)).unwrap_or(Level::Secured)
    }

    fn why(&self, device: DeviceId) -> Vec<Reason> {
        let open = self.memory.devices.get(&device).into_iter().flat_map(|record| record.open.values());
        let counted = open.filter(|threat| !threat.ignored || !self.policy.may_ignore(threat.classification));
        let reasons = counted.map(|threat| Reason {
            id: threat.id,
            classification: threat.classification.name().into(),
            level: self.policy.severity(threat.classification).level(),
        });
        reasons.filter(|reason| reason.level > Level::Secured).collect()
    }

    fn answer(
        &mut self,
        report: &Report,
        level: Level,
        orders: Vec<Order>,
        now: u64,
        chance: &mut Chance,
    ) -> Answer {
        let mut policy = (self.policy.version > report.policy).then(|| self.policy.clone());
        if self.replays && policy.is_none() {
            let unfit = chance.one_in(2);
            policy = if unfit { Some(self.unfit_policy(chance)) } else { chance.pick(&self.signed).cloned() };
        }
        let newest = self.indicators.last().map(|set| &set.manifest);
        let mut manifest = newest.filter(|set| set.version > report.indicators).cloned();
        if self.replays && chance.one_in(4) {
            manifest = Some(self.unfit_set(chance));
        }
        let last = self.commands.last().filter(|_| self.commanding).cloned();
        let old = if self.replays { chance.pick(&self.commands).cloned() } else { None };
        let next = (self.replays && chance.one_in(4)).then_some(NextContact { after_seconds: 7_200 });
        let reply = CheckInAnswer {
            server_time: self.time(now),
            acknowledged: report.sequence,
            level,
            health: HealthState::of_level(level),
            why: Vec::new(),
            threats: Vec::new(),
            policy: None,
            indicators: None,
            orders,
            next,
        };
        Answer {
            reply,
            policy: policy.map(Verified::assertion),
            manifest: manifest.map(Verified::assertion),
            commands: last.into_iter().chain(old).map(Verified::assertion).collect(),
            forged: u32::from(self.replays && chance.one_in(4)),
            traffic: Traffic::default(),
            server_valid_until: Wall(*self.shows.end()),
        }
    }
}

enum Place {
    Next,
    Duplicate,
    Broken,
}

impl Record {
    fn place(&self, report: &Report, digest: Digest) -> Place {
        match self.head {
            Some(head) if head.chain == report.chain => {
                if head.sequence + 1 == report.sequence && report.previous == Some(head.digest) {
                    Place::Next
                } else if head.sequence == report.sequence && head.digest == digest {
                    Place::Duplicate
                } else {
                    Place::Broken
                }
            }
            Some(_) | None if report.sequence == 1 && report.previous.is_none() => Place::Next,
            Some(_) | None => Place::Broken,
        }
    }

    fn apply(&mut self, report: &Report, policy: &Policy, applied: &mut Vec<Transition>) -> Vec<Order> {
        let mut orders = Vec::new();
        for transition in &report.transitions {
            if self.held.insert((transition.id, transition.ordinal)) {
                if policy.threat_state_sync {
                    self.change(transition);
                }
                applied.push(transition.clone());
            }
        }
        self.level = report.level.or(self.level);
        if !policy.threat_state_sync {
            // What policy keeps on a device is not kept here, whoever sent it.
            self.open.clear();
            self.dropped = true;
        } else if let Some(open) = &report.open {
            self.open = open.iter().map(|threat| (threat.id, threat.clone())).collect();
            self.dropped = false;
        } else if self.dropped {
            orders.push(Order::Resync);
        }
        if report.facts.value.is_some() {
            self.facts = Some(report.facts.digest);
        } else if self.facts != Some(report.facts.digest) {
            orders.push(Order::Resync);
        }
        self.activation = Some(report.activation);
        if report.activation == Activation::Deactivated || !policy.app_sync {
            self.inventory = None;
        } else if !self.take_inventory(report.inventory.as_ref()) {
            orders.push(Order::FullInventory);
        }
        orders
    }

    fn change(&mut self, transition: &Transition) {
        match transition.kind {
            TransitionKind::Resolved => {
                self.open.remove(&transition.id);
            }
            TransitionKind::Opened | TransitionKind::Ignored => {
                let threat = OpenThreat {
                    id: transition.id,
                    classification: transition.classification,
                    severity: transition.severity,
                    subject: transition.subject.clone(),
                    detected: transition.detected,
                    ignored: transition.kind == TransitionKind::Ignored,
                };
                self.open.insert(transition.id, threat);
            }
        }
    }

    /// Whether the inventory held is in step afterwards.
    fn take_inventory(&mut self, part: Option<&InventoryPart>) -> bool {
        let Some(part) = part else {
            self.inventory = None;
            return true;
        };
        let held = self.inventory.as_ref().map(|(digest, _)| *digest);
        let (digest, apps) = match part {
            InventoryPart::Digest { digest } => return held == Some(*digest),
            InventoryPart::Full { digest, apps } => (*digest, by_id(apps)),
            InventoryPart::Delta { base, digest, set, removed } => {
                let Some((_, held)) = self.inventory.as_ref().filter(|(held, _)| held == base) else {
                    return false;
                };
                let mut apps = held.clone();
                removed.iter().for_each(|gone| drop(apps.remove(gone)));
                apps.extend(by_id(set));
                (*digest, apps)
            }
        };
        let in_step = set_digest(apps.values()) == digest;
        if in_step {
            self.inventory = Some((digest, apps));
        }
        in_step
    }
}

fn by_id(apps: &[App]) -> BTreeMap<AppId, App> {
    apps.iter().map(|app| (app.id.clone(), app.clone())).collect()
}
