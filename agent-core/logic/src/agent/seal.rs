//! The report: what it tells of the device at this moment, and what it keeps on it.
//!
//! Rules: L5, P6, W1.

use super::inventory::{self, Scope};
use super::state::Record;
use super::{Agent, ledger, outbox};
use crate::code;
use crate::model::{Activation, Digest};
use crate::redact::Bytes;
use crate::wire::{Facts, FactsPart, InventoryPart, PROTOCOL, Report};

impl Agent {
    /// Makes the report that tells everything which is due.
    pub(super) fn seal(&mut self) {
        let over = self.state.threats.outlived(self.now);
        self.record_all(over);
        if self.state.outbox.has_gap() {
            // What is open is told whole: the transition that opened it may be among those that are gone.
            self.record(outbox::Change::Restarted);
        }
        let scope = self.live.apps.as_ref().and_then(|_| Scope::of(self.sharing()));
        if let Some(scope) = scope.filter(|scope| self.state.inventory.scope() != Some(*scope)) {
            self.record(Record::Inventory(inventory::Change::Shared(scope)));
        }
        let leaving = self.state.registration.leaving.is_some();
        let inventory = if leaving { None } else { self.inventory_part() };
        if inventory.is_none() && !leaving && self.shared().is_some() {
            self.hold_bulk();
        }
        let sends_apps = matches!(inventory, Some(InventoryPart::Full { .. } | InventoryPart::Delta { .. }));
        if sends_apps && self.shared().is_some_and(|shared| !shared.is_whole()) {
            self.live.count(code::APPS_OVERFLOWED, 1, self.now);
        }
        let why = self.why();
        let mut diagnostics = self.live.diagnostics.tell();
        diagnostics.extend(self.state.starts.tell());
        let fresh = self.chance.make_chain();
        let place = self.state.outbox.place(fresh);
        let policy = self.state.policy();
        let report = Report {
            protocol: PROTOCOL,
            chain: place.chain,
            sequence: place.sequence,
            previous: place.previous,
            made: self.now,
            activation: if leaving { Activation::Deactivated } else { Activation::Activated },
            protection: self.state.contact.protection(policy, &self.now),
            level: self.live.posture.as_ref().map(|_| self.state.threats.level(policy)),
            facts: self.facts(),
            open: self.state.outbox.at_start().then(|| match self.state.tells_threats() {
                true => self.state.threats.list(policy),
                false => Vec::new(),
            }),
            transitions: self.state.outbox.batch(),
            inventory,
            diagnostics,
            policy: policy.map_or(0, |policy| policy.version),
            indicators: self.state.policies.manifest().map_or(0, |manifest| manifest.version),
        };
        // Cannot fail: every map has text keys.
        let body = Bytes::new(serde_json::to_vec(&report).unwrap_or_default());
        self.record(outbox::Change::Sealed(body));
        self.record(Record::Ledger(ledger::Change::Prepared(why)));
    }

    /// Apps that cannot be read now are not gone (P10).
    fn inventory_part(&self) -> Option<InventoryPart> {
        if self.live.apps.is_none() {
            return self.state.inventory.unread(self.sharing());
        }
        self.state.inventory.part(&self.shared()?, !self.bulk_may_go())
    }

    /// Where policy keeps facts on the device, the version of this library alone travels (P6).
    fn facts(&self) -> FactsPart {
        let mut facts = Facts::default();
        if self.state.policy().is_none_or(|policy| policy.device_state_sync) {
            facts = self.live.posture.as_ref().map_or(facts, |posture| posture.facts.clone());
            facts.key_protection = self.state.registration.key_protection;
        }
        facts.agent_version.clone_from(&self.settings.agent_version);
        let digest = Digest::of(&serde_json::to_vec(&facts).unwrap_or_default());
        let value = (!self.state.outbox.holds_facts(digest)).then_some(facts);
        FactsPart { digest, value }
    }
}
