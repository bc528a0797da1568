//! What a day costs: wakes, requests, bytes.

use agent_logic::command::{Effect, Exchange};
use agent_logic::event::Event;
use agent_logic::model::Activation;
use agent_logic::redact::Bytes;
use agent_logic::wire::{InventoryPart, Report};

use crate::world::clock::{DAY, SECOND};
use crate::world::effect::name;
use crate::world::model::{Checked, Day, hold, sealed};
use crate::world::owner::KEPT;
use crate::world::run::World;

/// One request a wake carries everything due (design D5): whatever is due when it is made. Each more is for what came up
/// afterwards.
const REQUESTS_A_WAKE: u32 = 1;

/// And however much comes up: an enrolment that is refused, an old report, a new one, three that
/// answers asked for, an indicator set, an enrolment that the first answer made possible again, and its proof.
const REQUESTS: u32 = 9;

/// What signed commands may add, however many: an enrolment and its proof.
const REQUESTS_COMMANDED: u32 = 2;

/// Wakes of a day in which nothing goes wrong, besides the intervals: the fast start, 5 in its first 15 minutes and 8 in
/// two hours (design §4), a renewal, a budget that ends and a list of apps that is read again.
const QUIET_WAKES: u64 = 16;

/// Wakes that a day adds in which something failed: pauses with full jitter up to an hour, 48 on average.
const OUTAGE_WAKES: u64 = 80;

/// Wakes that each disturbance may add: pauses begin small again.
const WAKES_EACH: u64 = 8;

/// Bytes of a report without apps and threats: below what the design gives an idle check-in, handshake included (§9).
pub(super) const REPORT_BYTES: u64 = 2_048;

/// Bytes that one app, threat or transition adds: what the design gives the durable record of a threat (§9).
pub(super) const ITEM_BYTES: u64 = 400;

/// The rule about bulk.
const BULK: &str = "bulk waits for a network that costs nothing";

impl World {
    /// The agent is woken at the moment that it asked for.
    pub(in crate::world) fn wake(&mut self) -> Checked {
        self.model.day.wakes += 1;
        let now = self.clock.time();
        let held = self.model.told.is_some_and(|told| told.forbids(now));
        let why = self.process.as_ref().and_then(|process| process.agent.next_wake()).map(|wake| wake.why);
        // A calendar that jumped since, or a disk that fails, may have taken away what the wake was for.
        let excused = self.jumped || self.disk_failed;
        let before = self.tally.commands;
        self.feed(Event::Woke)?;
        let idle = self.tally.commands == before;
        hold(!idle || excused, "a wake that the agent asked for is for something", || {
            format!("{why:?}, told to wait: {held}")
        })
    }

    /// Whether anything may be sent now.
    pub(super) fn check_speech(&mut self, effect: &Effect) -> Checked {
        let now = self.clock.time();
        let model = &mut self.model;
        model.requests += 1;
        // A certificate or a set is asked for apart from reports.
        model.more += u32::from(!matches!(effect, Effect::Send(_)));
        model.day.requests += 1;
        self.tally.requests += 1;
        self.tally.most_requests = self.tally.most_requests.max(u64::from(model.requests));
        let seen = || name(effect).into();
        hold(model.consent, "nothing is sent before consent", seen)?;
        hold(model.configured, "nothing is sent before device ID and tenant", seen)?;
        hold(!model.offline, "nothing is sent while offline", seen)?;
        let told = model.told.filter(|told| told.forbids(now));
        hold(told.is_none(), "the cloud's pause is kept", || format!("{told:?} at {now}"))?;
        let fetches = matches!(effect, Effect::FetchIndicators { .. });
        let used_up = model.budget.is_used_up(now) && fetches;
        hold(!used_up, "no set is downloaded beyond the day's budget", || format!("{:?}", model.budget))?;
        hold(!fetches || model.bulk_may_go(now), BULK, || "an indicator set".into())?;
        let seen = || format!("{}, {} came up: {}", model.requests, model.more, name(effect));
        hold(model.requests <= REQUESTS_A_WAKE + model.more, "one request a wake carries what is due", seen)?;
        let (requests, commanded) = (model.requests, model.commanded);
        // What one report cannot hold goes in the next.
        let most = REQUESTS + if commanded { REQUESTS_COMMANDED } else { 0 } + model.crowded;
        hold(requests <= most, "few requests in one wake", || format!("{requests}, commanded {commanded}"))
    }

    /// A whole inventory is bulk when it is put into a report (L8). A write that is tried again tells of an earlier
    /// moment.
    pub(super) fn check_sealed(&self, records: &[Bytes]) -> Checked {
        let may = self.disk_failed || self.model.bulk_may_go(self.clock.time());
        let mut sealed = records.iter().filter(|_| !may).filter_map(sealed);
        let whole = sealed.any(|report| matches!(report.inventory, Some(InventoryPart::Full { .. })));
        hold(!whole, BULK, || "a whole inventory".into())
    }

    /// Beyond the day's budget goes what counts: threats, another level, a farewell, a certificate to prove (L7).
    pub(super) fn check_budget(&mut self, exchange: &Exchange, report: &Report) -> Checked {
        if !self.model.budget.is_used_up(self.clock.time()) {
            return Ok(());
        }
        let waiting = self.process.as_ref().map_or(0, |process| process.agent.status().unacknowledged);
        let policy = self.cloud.signed.iter().find(|policy| policy.version == report.policy);
        let counts = !report.transitions.is_empty()
            || waiting > 0
            || report.activation == Activation::Deactivated
            || self.model.proved.as_ref() != Some(&exchange.contact.identity.certificate)
            || policy.is_some_and(|policy| !policy.threat_state_sync);
        hold(counts, "beyond the day's budget goes only what counts", || format!("{:?}", self.model.budget))
    }

    /// At the end of each day.
    pub(in crate::world) fn close_day(&mut self) -> Checked {
        let day = self.model.day;
        let now = self.clock.time();
        if now / DAY == day.number {
            return Ok(());
        }
        self.tally.overspent += u64::from(self.model.budget.is_used_up(now));
        let routine = DAY * 10 / 9 / day.interval.max(SECOND);
        let outage = if day.troubled { OUTAGE_WAKES } else { 0 };
        // While the cloud's pause runs, nothing is tried and nothing is routine.
        let free = (routine + outage) * DAY.saturating_sub(day.held) / DAY;
        let most = free + QUIET_WAKES + WAKES_EACH * u64::from(day.disturbances);
        let idle = REPORT_BYTES * u64::from(day.requests);
        let most_bytes = idle + ITEM_BYTES * day.items * (1 + day.reasons);
        let wakes = u64::from(day.wakes);
        self.tally.wakes += wakes;
        self.tally.most_wakes = self.tally.most_wakes.max(wakes);
        self.tally.most_bytes = self.tally.most_bytes.max(day.bytes);
        self.model.day = Day::begin(now, self.cloud.interval(self.model.policy));
        self.model.day.troubled = self.path_failed || self.disk_failed;
        let waiting = self.process.as_ref().map_or(0, |process| process.agent.status().unacknowledged);
        hold(waiting <= KEPT, "what waits is bounded", || waiting.to_string())?;
        hold(wakes <= most, "few wakes in a day", || format!("{day:?}, at most {most}"))?;
        hold(day.bytes <= most_bytes, "few bytes in a day", || format!("{day:?}, at most {most_bytes}"))?;
        self.check_logs()
    }
}
