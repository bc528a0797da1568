//! What is checked at every command, after every moment and after every day.

mod told;

use std::sync::Arc;

use agent_core::ports::Storage;
use agent_core::vault::{MAX_BATCH, MAX_RECORD, Vault};
use agent_logic::command::{Authority, Command, Credential, Effect, Enrol};
use agent_logic::redact::Bytes;
use agent_logic::wire::{InventoryPart, MAX_REPORT, Report};

use super::clock::{DAY, SECOND};
use super::cloud::Csr;
use super::model::{Checked, Day, Violation, contains, hold};
use super::owner::is_question;
use super::run::World;

/// Largest journal: it is compacted above 256 KiB, one batch and one snapshot may come on top.
pub(super) const JOURNAL: u64 = 2 * 1024 * 1024;

/// Requests before the agent comes to rest: an enrolment that is refused, an old report, a new one, three that
/// answers asked for, an indicator set, an enrolment that the first answer made possible again, and its proof.
const REQUESTS: u32 = 9;

/// What signed commands may add, however many: an enrolment and its proof.
const REQUESTS_COMMANDED: u32 = 2;

/// Wakes of a day in which nothing goes wrong, besides the intervals: the fast start.
const QUIET_WAKES: u64 = 16;

/// Wakes that a day adds in which something failed: pauses with full jitter up to an hour, 48 on average.
const OUTAGE_WAKES: u64 = 80;

/// Wakes that each disturbance may add: pauses begin small again.
const WAKES_EACH: u64 = 8;

/// Bytes of a report without apps and threats.
const REPORT_BYTES: u64 = 2_048;

/// Bytes that one app, threat or transition adds.
const ITEM_BYTES: u64 = 400;

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
        match &command.effect {
            Effect::Save(records) => {
                let fits = records.len() <= MAX_BATCH
                    && records.iter().all(|record| record.as_slice().len() <= MAX_RECORD);
                return hold(fits, "a batch fits the journal", || records.len().to_string());
            }
            Effect::Compact(record) => {
                let size = record.as_slice().len();
                return hold(size <= MAX_RECORD, "a snapshot fits the journal", || size.to_string());
            }
            Effect::Erase
            | Effect::MakeKey(_)
            | Effect::MakeRequest(_)
            | Effect::DropKey(_)
            | Effect::Enrol(_)
            | Effect::Send(_)
            | Effect::FetchIndicators { .. }
            | Effect::Match { .. }
            | Effect::HashApps(_)
            | Effect::Collect => {}
        }
        let alone = process.errand.is_none() && process.saving.is_none();
        let alone = alone || is_question(&command.effect);
        hold(alone, "one thing at a time, and nothing while a record is not durable", || {
            name(&command.effect).into()
        })?;
        match &command.effect {
            Effect::Send(exchange) => {
                self.check_speech(&command.effect)?;
                self.check_durable(&exchange.body)?;
                self.check_body(&exchange.body)
            }
            Effect::Enrol(enrol) => {
                self.check_speech(&command.effect)?;
                self.check_durable(&enrol.request)?;
                self.check_enrolment(enrol)
            }
            Effect::FetchIndicators { .. } => self.check_speech(&command.effect),
            Effect::Collect => hold(self.model.consent, "nothing is read before consent", String::new),
            Effect::HashApps(apps) => self.check_hashing(apps),
            Effect::Erase => {
                let told = self.host.leaving || self.host.left || self.cloud.tells_to_leave(self.host.device);
                hold(told, "a device is wiped only when somebody wants it", String::new)
            }
            Effect::Save(_)
            | Effect::Compact(_)
            | Effect::MakeKey(_)
            | Effect::MakeRequest(_)
            | Effect::DropKey(_)
            | Effect::Match { .. } => Ok(()),
        }
    }

    /// Whether anything may be sent now.
    fn check_speech(&mut self, effect: &Effect) -> Checked {
        let now = self.clock.time();
        let model = &mut self.model;
        model.requests += 1;
        model.day.requests += 1;
        self.tally.requests += 1;
        self.tally.most_requests = self.tally.most_requests.max(u64::from(model.requests));
        let seen = || name(effect).into();
        hold(model.consent, "nothing is sent before consent", seen)?;
        hold(model.configured, "nothing is sent before device ID and tenant", seen)?;
        hold(!model.offline, "nothing is sent while offline", seen)?;
        let told = model.told.filter(|told| told.forbids(now));
        hold(told.is_none(), "the cloud's pause is kept", || format!("{told:?} at {now}"))?;
        let (requests, commanded) = (model.requests, model.commanded);
        // What one report cannot hold goes in the next.
        let most = REQUESTS + if commanded { REQUESTS_COMMANDED } else { 0 } + model.crowded;
        hold(requests <= most, "few requests in one wake", || format!("{requests}, commanded {commanded}"))
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
        let held = opened.records.iter().any(|record| contains(record.as_slice(), written.as_bytes()));
        hold(held, rule, || format!("{} records, none holds it", opened.records.len()))
    }

    fn check_body(&mut self, body: &Bytes) -> Checked {
        let size = body.as_slice().len();
        hold(size <= MAX_REPORT, "a report is bounded", || size.to_string())?;
        let report: Report = serde_json::from_slice(body.as_slice())
            .map_err(|error| Violation { rule: "a report is a report", seen: error.to_string() })?;
        let is_new = self.model.chain.sends(&report, body)?;
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
            self.model.crowded += u32::from(count == TRANSITIONS);
            self.model.day.bytes += bytes;
            self.model.day.items = self.model.day.items.max(items);
        }
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

    /// At the end of each day.
    pub(super) fn close_day(&mut self) -> Checked {
        let day = self.model.day;
        let now = self.clock.time();
        if now / DAY == day.number {
            return Ok(());
        }
        let routine = DAY * 10 / 9 / day.interval.max(SECOND);
        let outage = if day.troubled { OUTAGE_WAKES } else { 0 };
        let most = routine + QUIET_WAKES + outage + WAKES_EACH * u64::from(day.disturbances);
        let idle = REPORT_BYTES * u64::from(day.requests);
        let most_bytes = idle + ITEM_BYTES * day.items * (1 + day.reasons);
        let wakes = u64::from(day.wakes);
        self.tally.wakes += wakes;
        self.tally.most_wakes = self.tally.most_wakes.max(wakes);
        self.tally.most_bytes = self.tally.most_bytes.max(day.bytes);
        self.model.day = Day::begin(now, self.cloud.interval(self.model.policy));
        self.model.day.troubled = self.path_failed || self.disk_failed;
        hold(wakes <= most, "few wakes in a day", || format!("{day:?}, at most {most}"))?;
        hold(day.bytes <= most_bytes, "few bytes in a day", || format!("{day:?}, at most {most_bytes}"))
    }

    /// The command as a number, for the replay.
    fn print(&mut self, command: &Command) {
        self.trace.mix_number(command.id.0);
        self.trace.mix_number(command.deadline.0);
        self.trace.mix(name(&command.effect).as_bytes());
        match &command.effect {
            Effect::Save(records) => records.iter().for_each(|record| self.trace.mix(record.as_slice())),
            Effect::Compact(record) => self.trace.mix(record.as_slice()),
            Effect::Enrol(enrol) => self.trace.mix(enrol.request.as_slice()),
            Effect::Send(exchange) => self.trace.mix(exchange.body.as_slice()),
            Effect::Erase
            | Effect::MakeKey(_)
            | Effect::MakeRequest(_)
            | Effect::DropKey(_)
            | Effect::FetchIndicators { .. }
            | Effect::Match { .. }
            | Effect::HashApps(_)
            | Effect::Collect => {}
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

/// The effect in a word.
pub(super) const fn name(effect: &Effect) -> &'static str {
    match effect {
        Effect::Save(_) => "save",
        Effect::Compact(_) => "compact",
        Effect::Erase => "erase",
        Effect::MakeKey(_) => "make key",
        Effect::MakeRequest(_) => "make request",
        Effect::DropKey(_) => "drop key",
        Effect::Enrol(_) => "enrol",
        Effect::Send(_) => "send",
        Effect::FetchIndicators { .. } => "fetch",
        Effect::Match { .. } => "match",
        Effect::Collect => "collect",
        Effect::HashApps(_) => "hash apps",
    }
}
