//! When to be in contact: the interval, the pauses, the budget of a day, the trusted time, and the cloud's last word.
//!
//! Rules: L4, L6, L7, R15, R20.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::event::Traffic;
use crate::model::{HealthState, Level, Protection};
use crate::time::{Now, Stamp, Timer, Wall};
use crate::wire::{CheckInAnswer, CloudThreat, Policy, Reason};

/// Check-in interval when no policy says otherwise (design: 4 h, 15 min to 24 h).
const INTERVAL: Duration = Duration::from_secs(4 * 3_600);
const INTERVAL_SECONDS: std::ops::RangeInclusive<u32> = 900..=86_400;

/// After activation the interval is short for a while (domain.md §2.4, Android's shape): every 3 minutes for
/// 15 minutes, then every 15 minutes for 2 hours.
const FAST: [(Duration, Duration); 2] = [
    (Duration::from_secs(15 * 60), Duration::from_secs(3 * 60)),
    (Duration::from_secs(15 * 60 + 2 * 3_600), Duration::from_secs(15 * 60)),
];

/// Check-ins of a fast start: the calendar alone must not end it, for it may jump back by years.
const FAST_ANSWERS: u32 = 5 + 8;

/// Days without contact until disconnected when no policy says otherwise (1 to 90, seed 004).
const DISCONNECTED_DAYS: u16 = 7;

/// First pause after a failure, doubled each time, with full jitter.
const BACKOFF: Duration = Duration::from_secs(30);
const BACKOFF_MOST: Duration = Duration::from_secs(3_600);

/// A server's pause counts within these bounds.
const TOLD: std::ops::RangeInclusive<Duration> = Duration::from_secs(5)..=Duration::from_secs(86_400);

/// A wake this long after the planned one is still the OS's to choose.
const GRACE: Duration = Duration::from_secs(15 * 60);

/// Exchanges of a day after which only what counts still goes: 100 at the shortest interval and a fast start, and
/// half as many again for users who check.
const EXCHANGES_A_DAY: u32 = 150;

/// Bytes of a day after which only what counts still goes: 1,000 idle check-ins, or three indicator sets.
const BYTES_A_DAY: u64 = 4 * 1_024 * 1_024;

const DAY: Duration = Duration::from_secs(86_400);

/// Bulk (a whole inventory, an indicator set) waits so long for a network that costs nothing.
const BULK_WAIT: Duration = Duration::from_secs(3 * 86_400);

/// Whether contact happens when it is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lateness {
    /// The planned contact is to come, or just passed.
    OnTime,
    /// The planned contact passed and nothing was tried: the OS did not wake us.
    LateByOs,
    /// The planned contact passed, and what was tried failed.
    Unreachable,
}

/// What a day has cost. Durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Spent {
    day: Option<Timer>,
    exchanges: u32,
    bytes: u64,
}

/// Durable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Contact {
    activated: Option<Stamp>,
    /// Check-ins answered since, counted as far as the fast start needs.
    #[serde(default)]
    answers: u32,
    last: Option<Stamp>,
    /// The next routine check-in.
    next: Option<Timer>,
    /// The server said: not before.
    told: Option<Timer>,
    server: Option<ServerTime>,
    /// The first failed attempt since the cloud was last reached.
    tried: Option<Stamp>,
    spent: Spent,
    /// Bulk waits for a network that costs nothing, until then.
    bulk: Option<Timer>,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) traffic: Traffic,
}

/// What the cloud's clock said, and until when that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ServerTime {
    said: Wall,
    heard: Stamp,
    counts_until: Wall,
}

/// The cloud's last word on the level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The level in force.
    pub level: Level,
    /// Graph's health state.
    pub health: HealthState,
    /// The threats that make the level.
    pub why: Vec<Reason>,
    /// Threats that the cloud found.
    pub cloud_threats: Vec<CloudThreat>,
}

/// What changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Change {
    /// An authenticated answer came.
    Reached {
        at: Stamp,
        server_time: Wall,
        counts_until: Wall,
        verdict: Verdict,
        traffic: Traffic,
        next: Timer,
    },
    /// The server said when to come again.
    Told(Timer),
    /// An exchange failed.
    Failed { at: Stamp },
    /// An indicator set was downloaded, or tried to be.
    Downloaded { at: Stamp, bytes: u64 },
    /// Bulk waits, or no longer does.
    Bulk(Option<Timer>),
}

impl Contact {
    /// The change that an answer makes. `pause` is the jittered time to the next routine check-in.
    pub(crate) fn reached(
        reply: &CheckInAnswer,
        counts_until: Wall,
        traffic: Traffic,
        pause: Duration,
        now: &Now,
    ) -> Change {
        let verdict = Verdict {
            level: reply.level,
            health: reply.health,
            why: reply.why.clone(),
            cloud_threats: reply.threats.clone(),
        };
        let next = Timer::new(*now, pause);
        Change::Reached { at: *now, server_time: reply.server_time, counts_until, verdict, traffic, next }
    }

    /// A server's pause, within bounds.
    pub(crate) fn within_bounds(pause: Duration) -> Duration {
        pause.clamp(*TOLD.start(), *TOLD.end())
    }

    /// The server said to wait.
    pub(crate) fn told(pause: Duration, now: &Now) -> Change {
        Change::Told(Timer::new(*now, pause))
    }

    /// Bulk begins to wait.
    pub(crate) fn bulk_waits(now: &Now) -> Change {
        Change::Bulk(Some(Timer::new(*now, BULK_WAIT)))
    }

    /// Takes in a change.
    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::Reached { at, server_time, counts_until, verdict, traffic, next } => {
                self.activated = self.activated.or(Some(at));
                self.answers = self.answers.saturating_add(1).min(FAST_ANSWERS);
                self.last = Some(at);
                self.next = Some(next);
                self.told = None;
                self.tried = None;
                self.spent.add(at, 1, traffic.up.saturating_add(traffic.down));
                self.server = Some(ServerTime { said: server_time, heard: at, counts_until });
                self.verdict = Some(verdict);
                self.traffic = traffic;
            }
            Change::Told(timer) => self.told = Some(timer),
            Change::Failed { at } => {
                self.tried = self.tried.or(Some(at));
                self.spent.add(at, 1, 0);
            }
            Change::Downloaded { at, bytes } => self.spent.add(at, 1, bytes),
            Change::Bulk(timer) => self.bulk = timer,
        }
    }

    /// The interval in force: the policy's, shorter after activation.
    pub(crate) fn interval(&self, policy: Option<&Policy>, now: &Now) -> Duration {
        let routine = policy.map_or(INTERVAL, |policy| {
            let seconds = policy.check_in_seconds.clamp(*INTERVAL_SECONDS.start(), *INTERVAL_SECONDS.end());
            Duration::from_secs(u64::from(seconds))
        });
        let since = self.activated.map_or(Duration::ZERO, |activated| now.since(&activated));
        let fast = FAST.iter().find(|(until, _)| since < *until && self.answers < FAST_ANSWERS);
        let fast = fast.map(|(_, every)| *every);
        fast.map_or(routine, |every| every.min(routine))
    }

    /// The most that the pause after the nth failure in a row lasts.
    pub(crate) fn backoff(failures: u32) -> Duration {
        BACKOFF.saturating_mul(2_u32.saturating_pow(failures.min(16))).min(BACKOFF_MOST)
    }

    /// What the server said of the time, and nothing else: its pause and its clock (D12).
    pub(crate) fn times_alone(self) -> Self {
        Self { told: self.told, server: self.server, ..Self::default() }
    }

    /// The server's pause, while it runs.
    pub(crate) fn held_back(&self, now: &Now) -> Option<Timer> {
        self.told.filter(|told| !told.is_over(now))
    }

    /// Whether a routine check-in is due. Where nobody knows how much time passed, it is (R20).
    pub(crate) fn is_due(&self, now: &Now) -> bool {
        self.next.is_none_or(|next| is_over(next, now))
    }

    /// The rest of the day, when its budget is used up.
    pub(crate) fn overspent(&self, now: &Now) -> Option<Timer> {
        let used_up = self.spent.exchanges >= EXCHANGES_A_DAY || self.spent.bytes >= BYTES_A_DAY;
        self.spent.day.filter(|day| used_up && !is_over(*day, now))
    }

    /// Until when bulk waits for a network that costs nothing.
    pub(crate) const fn bulk(&self) -> Option<Timer> {
        self.bulk
    }

    /// Whether contact happens when it is planned. `offline`: there is no network to try.
    pub(crate) fn lateness(&self, offline: bool, now: &Now) -> Lateness {
        let late = self.next.is_some_and(|next| next.overdue(now) > GRACE);
        match (late, offline || self.tried.is_some()) {
            (false, _) => Lateness::OnTime,
            (true, true) => Lateness::Unreachable,
            (true, false) => Lateness::LateByOs,
        }
    }

    /// When the next routine check-in is.
    pub(crate) const fn next(&self) -> Option<Timer> {
        self.next
    }

    /// When the cloud was last reached.
    pub(crate) const fn last(&self) -> Option<Stamp> {
        self.last
    }

    /// In contact within the days that the policy allows, or not.
    pub(crate) fn protection(&self, policy: Option<&Policy>, now: &Now) -> Protection {
        let days = policy.map_or(DISCONNECTED_DAYS, |policy| policy.disconnected_days.clamp(1, 90));
        let allowed = Duration::from_secs(u64::from(days).saturating_mul(86_400));
        match self.last {
            Some(last) if now.since(&last) >= allowed => Protection::Disconnected,
            Some(_) | None => Protection::Protected,
        }
    }

    /// The time that certificates and documents are judged by: the latest of the system's, the build's and
    /// the server's, the last only up to the end of the certificate it came over (D12).
    pub(crate) fn trusted(&self, build: Wall, now: &Now) -> Wall {
        let server = self
            .server
            .map_or(Wall(0), |server| server.said.plus(now.since(&server.heard)).min(server.counts_until));
        now.wall.max(build).max(server)
    }
}

/// Where nobody knows how much time passed, it passed.
fn is_over(timer: Timer, now: &Now) -> bool {
    timer.is_over(now) || timer.is_doubtful(now)
}

impl Spent {
    fn add(&mut self, at: Stamp, exchanges: u32, bytes: u64) {
        if self.day.is_none_or(|day| is_over(day, &at)) {
            *self = Self { day: Some(Timer::new(at, DAY)), ..Self::default() };
        }
        self.exchanges = self.exchanges.saturating_add(exchanges);
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

#[cfg(test)]
mod tests;
