//! What an authenticated answer changes.

use std::time::Duration;

use super::path::Path;
use super::policies::Refusal;
use super::registration::{self, Candidate, Registration};
use super::state::{PATH, Record};
use super::{Agent, contact, inventory};
use crate::code;
use crate::event::Answer;
use crate::failure::Remedy;
use crate::model::Activation;
use crate::time::{Timer, Wall};
use crate::wire::{InventoryPart, Order, Policy, Report, SignedCommand};

impl Agent {
    pub(super) fn answered(&mut self, answer: Answer) {
        if !self.state.outbox.is_acknowledged_by(answer.reply.acknowledged) {
            // Authenticated or not: what it does not acknowledge is not deleted (W3).
            self.live.note(code::ANSWER_MALFORMED, self.now);
            return self.exchange_failed(Remedy::Retry(None));
        }
        let report = self.acknowledge();
        let whole = report.as_ref().and_then(|report| report.inventory.as_ref());
        if matches!(whole, Some(InventoryPart::Full { .. })) && self.live.announced.is_none() {
            self.bulk_went();
        }
        let first = self.state.contact.last().is_none();
        self.live.reached();
        self.live.count(code::DOCUMENT_FORGED, answer.forged, self.now);
        self.adopt(&answer, first);
        self.prove(answer.reply.server_time);
        self.walk_path(report.as_ref());
        self.obey(answer);
        if report.is_some_and(|report| report.activation == Activation::Deactivated) {
            self.live.erase = true;
        }
    }

    /// Policy first: it decides the interval and the ratings of what follows.
    fn adopt(&mut self, answer: &Answer, first: bool) {
        let Some(tenant) = self.state.registration.target.as_ref().map(|target| target.tenant) else {
            return;
        };
        let trusted = self.state.contact.trusted(self.settings.built, &self.now);
        if let Some(policy) = answer.policy.clone()
            && let Some(change) = self.believe(self.state.policies.accept(policy, tenant, trusted))
        {
            let before = self.state.policy().cloned();
            self.record(change);
            self.follow_policy(before.as_ref());
            if !self.state.inventory.holds(self.shared().as_ref()) {
                self.live.follow();
            }
        }
        if let Some(manifest) = answer.manifest.clone() {
            self.live.announced =
                self.believe(self.state.policies.accept_manifest(manifest, tenant, trusted));
        }
        let interval = self.state.contact.interval(self.state.policy(), &self.now);
        let asked = answer.reply.next.map_or(interval, |next| {
            let after = Duration::from_secs(u64::from(next.after_seconds));
            interval.max(contact::Contact::within_bounds(after))
        });
        // Full jitter over the first interval spreads a fleet that was activated, or came back, at once.
        let pause = if first { self.chance.jitter(asked) } else { self.chance.around(asked) };
        let reached = contact::Contact::reached(
            &answer.reply,
            answer.server_valid_until,
            answer.traffic,
            pause,
            &self.now,
        );
        self.record(reached);
    }

    /// What a new policy changes besides ratings, which follow it by themselves.
    fn follow_policy(&mut self, before: Option<&Policy>) {
        let Some(policy) = self.state.policy() else { return };
        let resumed = policy.threat_state_sync && before.is_some_and(|before| !before.threat_state_sync);
        let switched = before.is_none_or(|before| before.modes != policy.modes);
        let closed = self.state.threats.switched_off(self.now, policy);
        self.record_all(closed);
        if resumed {
            let told = self.state.threats.told_again(self.now);
            self.record_all(told);
            // What ended meanwhile was told by nobody: the cloud hears whole what is open.
            self.restart_chain();
            self.live.follow();
        }
        if switched {
            self.observe_posture();
            self.live.match_apps = true;
        }
    }

    /// A document that is refused is counted for the administrator.
    fn believe<T>(&mut self, document: Result<T, Refusal>) -> Option<T> {
        if let Some(code) = document.as_ref().err().and_then(Refusal::code) {
            self.live.count(code, 1, self.now);
        }
        document.ok()
    }

    /// A candidate that the cloud answered becomes the identity.
    fn prove(&mut self, server_time: Wall) {
        let Some(Candidate::Unproven { certificate, .. }) = &self.state.registration.candidate else {
            if self.state.registration.outlived {
                // The cloud accepts the old identity again.
                self.record(registration::Change::Accepted);
            }
            return;
        };
        let pause = Registration::renewal_pause(certificate, [server_time, self.now.wall]);
        let renewal = Timer::new(self.now, self.chance.around(pause));
        self.record(registration::Change::Proved { renewal });
    }

    fn walk_path(&mut self, report: Option<&Report>) {
        let before = self.state.path;
        let (source, classification, subject) = PATH;
        // Where policy keeps threats on the device, the level tells it; where it is not looked for, nothing does.
        let acknowledged = report.is_some() && !self.has_news();
        let after = before.answered(&self.live.network, self.state.policy(), acknowledged);
        if after == before {
            return;
        }
        self.record(Record::Path(after));
        if after == Path::Clean {
            let resolved = self.state.threats.resolve_one(source, classification, &subject, self.now);
            self.record_all(resolved);
        }
    }

    fn obey(&mut self, answer: Answer) {
        for order in &answer.reply.orders {
            match order {
                Order::Rescan => self.live.collect = true,
                Order::Resync => {
                    self.restart_chain();
                    self.live.follow();
                }
                Order::FullInventory => {
                    self.record(Record::Inventory(inventory::Change::Forgotten));
                    self.live.follow();
                }
                Order::Signed { .. } | Order::Unknown => {}
            }
        }
        let Some(target) = self.state.registration.target.clone() else {
            return;
        };
        let trusted = self.state.contact.trusted(self.settings.built, &self.now);
        for document in answer.commands {
            let obeyed = self.state.policies.obey(document, target.tenant, target.device, trusted);
            let Some((command, change)) = self.believe(obeyed) else { continue };
            if command == SignedCommand::ReEnrol && self.state.registration.is_fresh(&self.now) {
                // Not obeyed and not remembered: it counts when it comes again.
                continue;
            }
            self.record(change);
            match command {
                SignedCommand::Deactivate => self.leave(),
                SignedCommand::ReEnrol => {
                    let at = Timer::new(self.now, Duration::ZERO);
                    self.record(registration::Change::RenewNow { at });
                }
            }
        }
    }
}
