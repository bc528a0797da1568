//! What is checked at every command, after every moment and after every day.

mod costs;
mod secrets;
mod told;

use std::sync::Arc;

use agent_core::ports::Storage;
use agent_core::vault::{MAX_BATCH, MAX_RECORD, Vault};
use agent_logic::code;
use agent_logic::command::{Authority, Command, Credential, Effect, Enrol, Exchange};
use agent_logic::redact::Bytes;
use agent_logic::wire::{InventoryPart, MAX_REPORT, Report};
use memchr::memmem::Finder;

use super::cloud::Csr;
use super::effect::{Reach, body, name, reach};
use super::model::{Checked, Violation, hold};
use super::owner::is_question;
use super::run::World;
use costs::{ITEM_BYTES, REPORT_BYTES};
pub(super) use secrets::Planted;

/// Largest journal: it is compacted above 256 KiB; a snapshot of all that may wait and one batch come on top.
pub(super) const JOURNAL: u64 = 256 * 1_024 + WAITING + BATCH;

/// As many transitions as the device keeps.
const WAITING: u64 = 5_000 * ITEM_BYTES;

/// What happens at once.
const BATCH: u64 = 1_000 * ITEM_BYTES;

/// Transitions in one report.
const TRANSITIONS: usize = 1_000;

/// One Send in so many is looked for on the disk as a power cut would leave it.
const LOOK_DEEP: u64 = 32;

impl World {
    pub(super) fn check_issue(&mut self, command: &Command) -> Checked {
        self.print(command);
        self.trace.tell(|| format!("  {:?} {}", command.id, name(&command.effect)));
        let Some(process) = &mut self.process else { return Ok(()) };
        let new = process.issued.insert(command.id);
        hold(new, "an id is never used again", || format!("{:?}", command.id))?;
        process.open.insert(command.id);
        let alone = process.errand.is_none() && process.saving.is_none();
        self.check_secrets(command)?;
        let seen = || name(&command.effect).into();
        let size = |record: &Bytes| record.as_slice().len();
        if let Effect::Save(records) = &command.effect {
            let fits = records.len() <= MAX_BATCH && records.iter().all(|record| size(record) <= MAX_RECORD);
            hold(fits, "a batch fits the journal", || records.len().to_string())?;
            return self.check_sealed(records);
        }
        if let Effect::Compact(record) = &command.effect {
            return hold(size(record) <= MAX_RECORD, "a snapshot fits the journal", || {
                size(record).to_string()
            });
        }
        let alone = alone || is_question(&command.effect);
        hold(alone, "one thing at a time, and nothing while a record is not durable", seen)?;
        if reach(&command.effect) == Reach::Cloud {
            self.check_speech(&command.effect)?;
        }
        if let Some(body) = body(&command.effect) {
            self.check_durable(body)?;
        }
        self.check_one(&command.effect)
    }

    fn check_one(&mut self, effect: &Effect) -> Checked {
        match effect {
            Effect::Send(exchange) => self.check_body(exchange),
            Effect::Enrol(enrol) => self.check_enrolment(enrol),
            Effect::Collect => hold(self.model.consent, "nothing is read before consent", String::new),
            Effect::HashApps(apps) => self.check_hashing(apps),
            Effect::Erase => self.check_wipe(),
            Effect::Save(_)
            | Effect::Compact(_)
            | Effect::MakeKey(_)
            | Effect::MakeRequest(_)
            | Effect::DropKey(_)
            | Effect::FetchIndicators { .. }
            | Effect::Match { .. } => Ok(()),
        }
    }

    /// A power cut at this moment must leave what is sent on the disk.
    fn check_durable(&mut self, sent: &Bytes) -> Checked {
        if self.disk.is_durable("journal") && !self.chance.one_in(LOOK_DEEP) {
            return Ok(());
        }
        self.tally.looks += 1;
        let disk: Arc<dyn Storage> = self.disk.after_cut();
        let rule = "what is sent is on the disk";
        let opened = Vault::open(disk, &self.keys.data_key())
            .map_err(|failure| Violation { rule, seen: format!("{failure:?}") })?;
        let written = String::from(sent.clone());
        let written = Finder::new(written.as_bytes());
        let held = opened.records.iter().any(|record| written.find(record.as_slice()).is_some());
        hold(held, rule, || format!("{} records, none holds it", opened.records.len()))
    }

    fn check_body(&mut self, exchange: &Exchange) -> Checked {
        let body = &exchange.body;
        let size = body.as_slice().len();
        hold(size <= MAX_REPORT, "a report is bounded", || size.to_string())?;
        let report: Report = serde_json::from_slice(body.as_slice())
            .map_err(|error| Violation { rule: "a report is a report", seen: error.to_string() })?;
        let is_new = self.model.chain.sends(&report, body)?;
        self.check_budget(exchange, &report)?;
        let count = report.transitions.len();
        hold(count <= TRANSITIONS, "the transitions of a report are bounded", || count.to_string())?;
        let (policy, newest) = (report.policy, self.model.policy);
        hold(policy >= newest, "an older policy is never adopted", || format!("{policy} after {newest}"))?;
        self.model.policy = policy;
        self.model.day.shorten(self.cloud.interval(policy));
        self.trace.tell(|| {
            let (inventory, open) = (report.inventory.as_ref().map(form), report.open.as_ref().map(Vec::len));
            let told = format!("{count} transitions, {open:?} open, {inventory:?}");
            format!("    report {} of {} under policy {policy}, {told}", report.sequence, report.chain)
        });
        let apps = match &report.inventory {
            None | Some(InventoryPart::Digest { .. }) => &[],
            Some(InventoryPart::Delta { set, .. }) => set.as_slice(),
            Some(InventoryPart::Full { apps, .. }) => apps.as_slice(),
        };
        let removed = match &report.inventory {
            Some(InventoryPart::Delta { removed, .. }) => removed.len(),
            Some(InventoryPart::Digest { .. } | InventoryPart::Full { .. }) | None => 0,
        };
        let items = apps.len() + removed + count + report.open.as_ref().map_or(0, Vec::len);
        let items = u64::try_from(items).unwrap_or(u64::MAX);
        let most = REPORT_BYTES + ITEM_BYTES * items;
        let bytes = u64::try_from(size).unwrap_or(u64::MAX);
        hold(bytes <= most, "a report says nothing twice", || format!("{bytes} bytes for {items} items"))?;
        if is_new {
            let says_so = report.diagnostics.iter().any(|told| told.code == code::STARTED_OVER.0);
            let holds = if says_so { self.tally.lost_vaults > 0 } else { !self.model.began_anew };
            hold(holds, "a device that began anew says so, and no other", || {
                format!("{:?}", report.diagnostics)
            })?;
            self.model.crowded += u32::from(count == TRANSITIONS);
            self.model.more += u32::from(count == TRANSITIONS);
            self.model.day.reasons += u64::from(count == TRANSITIONS);
            if report.sequence == 1 {
                // A new chain begins with everything.
                self.model.inventory.refuted();
            }
            self.model.inventory.sends(report.inventory.as_ref())?;
            self.model.day.bytes += bytes;
            self.model.day.items = self.model.day.items.max(items);
        }
        // The one that was made before tells nothing of this wake.
        self.model.more += u32::from(!is_new || !self.model.sealed);
        self.tally.bytes += bytes;
        self.check_told(&report)
    }

    /// One credential makes one device, as long as its key is there.
    fn check_enrolment(&mut self, enrol: &Enrol) -> Checked {
        let now = self.clock.time();
        let told = self.model.told_request.as_ref().filter(|(request, _)| *request == enrol.request);
        let forbids = told.is_some_and(|(_, told)| told.forbids(now));
        hold(!forbids, "the CA's pause is kept", || now.to_string())?;
        let csr = Csr::read(&enrol.request);
        let Some(csr) = csr.filter(|csr| csr.device == self.host.device) else {
            return Err(Violation {
                rule: "a request names the configured device",
                seen: format!("{csr:?}"),
            });
        };
        let Authority::Credential(Credential::Code(secret) | Credential::Token(secret)) = &enrol.authority
        else {
            return Ok(());
        };
        let key = self.model.credentials.entry(secret.reveal().clone()).or_insert(csr.key);
        if !self.keys.holds(*key) {
            *key = csr.key;
        }
        let key = *key;
        hold(key == csr.key, "one credential never makes a second device", || {
            format!("key {} after {key}", csr.key)
        })
    }

    /// After each moment.
    pub(super) fn after_moment(&mut self) -> Checked {
        let Some(process) = &self.process else { return Ok(()) };
        let busy = process.errand.is_some();
        if !busy && !process.agent.is_quiet() {
            // It waits for the disk: nothing else may hold it up.
            let waits = process.agent.next_wake().is_some();
            return hold(waits, "an agent that is not quiet waits for something", String::new);
        }
        Ok(())
    }

    /// The command as a number, for the replay.
    fn print(&mut self, command: &Command) {
        self.trace.mix_number(command.id.0);
        self.trace.mix_number(command.deadline.0);
        self.trace.mix(name(&command.effect).as_bytes());
        if let Effect::Save(records) = &command.effect {
            records.iter().for_each(|record| self.trace.mix(record.as_slice()));
        } else if let Effect::Compact(record) = &command.effect {
            self.trace.mix(record.as_slice());
        } else if let Some(body) = body(&command.effect) {
            self.trace.mix(body.as_slice());
        }
    }
}

const fn form(part: &InventoryPart) -> &'static str {
    match part {
        InventoryPart::Digest { .. } => "digest",
        InventoryPart::Delta { .. } => "delta",
        InventoryPart::Full { .. } => "full",
    }
}
