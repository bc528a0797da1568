//! The reference model: what must be true, kept apart from the agent and from the cloud.

mod budget;
mod chain;
mod day;
mod durable;
mod inventory;
mod ledger;
mod record;

use std::collections::{BTreeMap, BTreeSet};

use agent_logic::model::ThreatId;
use agent_logic::redact::Bytes;

use budget::Budget;
pub(super) use chain::Chain;
pub(super) use day::Day;
pub(super) use durable::Durable;
use inventory::Inventory;
pub(super) use ledger::Ledger;
pub(super) use record::sealed;
use record::{Record, Threat};

use super::clock::{Clock, DAY, HOUR};

/// Starts that never came to rest, after which the machine may drop what is untold.
const PATIENCE: u32 = 12;

/// How long bulk waits for a network that costs nothing.
const BULK_WAIT: u64 = 3 * DAY;

/// How long a device that leaves tries to tell the cloud.
const FAREWELL: u64 = HOUR;

/// The agent adds up to this part of a pause.
const SPREAD: u64 = 8;

/// A rule that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule, in words.
    pub rule: &'static str,
    /// What was seen.
    pub seen: String,
}

/// Whether the rules hold.
pub(super) type Checked = Result<(), Violation>;

pub(super) fn hold(holds: bool, rule: &'static str, seen: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(Violation { rule, seen: seen() }) }
}

#[derive(Debug, Default)]
pub(super) struct Model {
    /// What the agent was told in this process.
    pub(super) consent: bool,
    pub(super) configured: bool,
    pub(super) offline: bool,
    pub(super) ledger: Ledger,
    pub(super) durable: Durable,
    pub(super) inventory: Inventory,
    pub(super) charging: bool,
    /// Bytes cost money on the network as the agent knows it.
    pub(super) metered: bool,
    /// Bulk waits for a network that costs nothing, so long (L8).
    pub(super) bulk: Option<Told>,
    /// The device leaves, and may do so untold when this is over.
    pub(super) leaving: Option<Told>,
    /// A wipe began that somebody wanted.
    pub(super) wiping: bool,
    /// What went wrong in this process since the cloud last answered.
    pub(super) failures: u32,
    /// Its wait began then; the record is not durable yet.
    pub(super) bulk_held: Option<u64>,
    pub(super) budget: Budget,
    /// The certificate that the cloud last answered to.
    pub(super) proved: Option<Bytes>,
    /// As the disk knows it.
    pub(super) proved_durably: Option<Bytes>,
    /// Threats that the owner ignored, by the records.
    pub(super) ignored: BTreeSet<ThreatId>,
    pub(super) chain: Chain,
    /// What was stored was given up, and the cloud has not acknowledged that it was told.
    pub(super) began_anew: bool,
    /// The server said: not before.
    pub(super) told: Option<Told>,
    /// It said so to the last process, and the disk may know it.
    pub(super) told_in_doubt: Option<Told>,
    /// The CA said: this request not before.
    pub(super) told_request: Option<(Bytes, Told)>,
    /// The newest policy that a report named.
    pub(super) policy: u64,
    /// Which key each credential was used with.
    pub(super) credentials: BTreeMap<String, u64>,
    /// Starts since the agent last came to rest and the disk knows it.
    pub(super) restless: u32,
    /// What came up since the agent last came to rest, each with a request of its own.
    pub(super) more: u32,
    /// A report was made since then.
    pub(super) sealed: bool,
    /// Requests since the agent last came to rest.
    pub(super) requests: u32,
    /// It heard a signed command since then.
    pub(super) commanded: bool,
    /// Reports since then that told as many transitions as one may.
    pub(super) crowded: u32,
    pub(super) day: Day,
}

/// A pause that somebody else decided.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    until: u64,
    /// What the agent may add, so that a fleet that was told the same does not come at once.
    spread: u64,
    /// On the disk.
    firm: bool,
    rebooted: bool,
    jumped: bool,
}

impl Told {
    pub(super) const fn new(until: u64) -> Self {
        Self { until, spread: 0, firm: false, rebooted: false, jumped: false }
    }

    /// The cloud said `pause`, now.
    pub(super) const fn paused(now: u64, pause: u64) -> Self {
        Self { spread: pause / SPREAD, ..Self::new(now + pause) }
    }

    /// Whether a request at `time` breaks it. Across a boot only the calendar tells, and it may have jumped.
    pub(super) const fn forbids(&self, time: u64) -> bool {
        time < self.until && !self.is_doubtful()
    }

    /// Whether the agent may still wait at `time`.
    pub(super) const fn may_forbid(&self, time: u64) -> bool {
        time < self.until + self.spread || self.is_doubtful()
    }

    const fn is_doubtful(&self) -> bool {
        self.rebooted && self.jumped
    }
}

impl Model {
    /// The process died: what was not on the disk is not known any more.
    pub(super) fn process_died(&mut self) {
        self.consent = false;
        self.offline = false;
        self.charging = false;
        self.metered = false;
        self.wiping = false;
        self.failures = 0;
        self.bulk_held = None;
        self.inventory.process_died();
        self.budget.process_died();
        self.proved.clone_from(&self.proved_durably);
        self.told_in_doubt = self.told.filter(|told| !told.firm);
        self.told = self.told.filter(|told| told.firm);
        self.told_request = self.told_request.take().filter(|(_, told)| told.firm);
    }

    pub(super) fn rebooted(&mut self) {
        self.budget.rebooted();
        self.each_told(|told| told.rebooted = true);
    }

    pub(super) fn calendar_jumped(&mut self) {
        self.budget.calendar_jumped();
        self.each_told(|told| told.jumped = true);
    }

    /// A write succeeded: everything said before is on the disk.
    pub(super) fn saved(&mut self) {
        self.budget.saved();
        self.proved_durably.clone_from(&self.proved);
        self.inventory.saved();
        self.each_told(|told| told.firm = true);
    }

    /// These records are on the disk, or may be. The machine may drop what is untold after starts that never rested.
    pub(super) fn wrote(&mut self, records: &[Bytes], done: bool, clock: &Clock) -> Checked {
        for bytes in records {
            self.inventory.wrote(bytes, done);
            let record = Record::read(bytes)?;
            match &record {
                // Written again, it was made before.
                Record::Sealed(_) => self.sealed |= !self.durable.is_in_doubt(bytes),
                Record::Threat(Threat::Ignored { id }) => drop(self.ignored.insert(*id)),
                Record::Rested if done => self.restless = 0,
                Record::Emptied => {
                    let restless = self.restless;
                    let rule = "state is dropped only after starts that never came to rest";
                    hold(restless > PATIENCE, rule, || restless.to_string())?;
                    self.budget.forget();
                }
                Record::Bulk(true) => {
                    let began = *self.bulk_held.get_or_insert(clock.time());
                    if done {
                        self.bulk_held = None;
                        self.bulk = Some(Told::new(began + BULK_WAIT));
                    }
                }
                Record::Bulk(false) if done => self.bulk = None,
                // It cannot be older than this boot: what is not on the disk dies with the process.
                Record::Leaving(since) => {
                    let until = clock.true_time(*since) + FAREWELL;
                    self.leaving = self.leaving.or(Some(Told::new(until)));
                }
                Record::Threat(_)
                | Record::Policy { .. }
                | Record::Acknowledged
                | Record::Moved(_)
                | Record::Rested
                | Record::Told
                | Record::Bulk(false)
                | Record::Other => {}
            }
            if done {
                self.ledger.recorded(&record)?;
            }
            // What happened to a threat meanwhile goes at once, and a farewell follows the report that was made before it.
            self.more += u32::from(matches!(record, Record::Threat(_) | Record::Leaving(_)));
        }
        Ok(())
    }

    /// These records of a write that failed were found all the same by the next start.
    pub(super) fn found(&mut self, records: &[Bytes]) -> Checked {
        for bytes in records {
            let record = Record::read(bytes)?;
            match &record {
                // Nobody but the agent knows since when.
                Record::Bulk(waits) => self.bulk = waits.then_some(Told::new(0)),
                Record::Told => {
                    self.told = self.told_in_doubt.map(|told| Told { firm: true, ..told }).or(self.told);
                }
                Record::Threat(_)
                | Record::Policy { .. }
                | Record::Sealed(_)
                | Record::Acknowledged
                | Record::Moved(_)
                | Record::Rested
                | Record::Emptied
                | Record::Leaving(_)
                | Record::Other => {}
            }
            self.ledger.recorded(&record)?;
        }
        Ok(())
    }

    /// The registration begins anew.
    pub(super) fn forget_registration(&mut self) {
        self.inventory = Inventory::default();
        self.budget = Budget::default();
        self.told = None;
        self.told_request = None;
        self.bulk = None;
        self.leaving = None;
        self.policy = 0;
    }

    /// Whether bulk may go: it costs nothing, or it waited long enough.
    pub(super) fn bulk_may_go(&self, now: u64) -> bool {
        !self.metered || self.bulk.is_some_and(|wait| !wait.forbids(now))
    }

    fn each_told(&mut self, change: impl Fn(&mut Told)) {
        self.told.iter_mut().chain(&mut self.told_in_doubt).for_each(&change);
        self.bulk.iter_mut().for_each(&change);
        self.leaving.iter_mut().for_each(&change);
        self.told_request.iter_mut().for_each(|(_, told)| change(told));
    }
}
