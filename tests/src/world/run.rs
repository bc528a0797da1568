//! One history from one seed; many histories on every core.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use agent_logic::command::Exchange;

use super::Fault;
use super::chance::Chance;
use super::clock::{BEGIN, Clock, DAY, HOUR};
use super::cloud::Cloud;
use super::device::{Host, Process, device};
use super::disk::Disk;
use super::invariants::Planted;
use super::keys::Keys;
use super::model::{Checked, Day, Model, Violation};
use super::network::Network;
use super::phone::Phone;
use super::sensors::Sight;
use super::step::Temper;
use super::tally::Tally;
use super::trace::Trace;

/// Days between two calms.
const STORM: u64 = 10;

/// What is to be lived.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Everything comes from it.
    pub seed: u64,
    /// How long.
    pub days: u64,
    /// What is wrong with the world itself.
    pub fault: Option<Fault>,
    /// Power goes in the middle of a write soon after each start of the process.
    pub cuts: bool,
    /// Whether the steps are told.
    pub told: bool,
}

impl Plan {
    /// A life of `days` from `seed`, in a world that is as it should be.
    #[must_use]
    pub const fn new(seed: u64, days: u64) -> Self {
        Self { seed, days, fault: None, cuts: false, told: false }
    }
}

/// How a history ended.
#[derive(Clone, Debug)]
pub struct End {
    /// The rule that did not hold, after how many moments.
    pub broken: Option<(Violation, u64)>,
    /// A fingerprint of every command.
    pub print: u64,
    /// What it contained.
    pub tally: Tally,
    /// The steps in words, if they were to be told.
    pub lines: Vec<String>,
}

pub(super) struct World {
    pub(super) plan: Plan,
    pub(super) chance: Chance,
    pub(super) clock: Clock,
    pub(super) network: Network,
    pub(super) cloud: Cloud,
    pub(super) disk: Arc<Disk>,
    pub(super) keys: Keys,
    pub(super) phone: Phone,
    pub(super) host: Host,
    pub(super) process: Option<Process>,
    pub(super) model: Model,
    pub(super) trace: Trace,
    /// What is looked for where it must not be.
    pub(super) planted: Planted,
    pub(super) tally: Tally,
    /// What the sensors do.
    pub(super) sight: Sight,
    /// The last write failed.
    pub(super) disk_failed: bool,
    /// The last compaction failed: until one succeeds the journal grows.
    pub(super) compaction_failed: bool,
    /// The last exchange failed.
    pub(super) path_failed: bool,
    /// Commands until the process dies.
    pub(super) fuse: Option<u64>,
    pub(super) doze_until: u64,
    /// Reports that are still under way when nobody waits for them.
    pub(super) late: Vec<(u64, Exchange)>,
    /// The calendar jumped since the agent was last told anything.
    pub(super) jumped: bool,
    /// The host repeats what it told before.
    pub(super) telling: bool,
    /// Times that the user will ask again, seconds apart.
    pub(super) insists: u32,
    /// Networks that the phone will come through, seconds apart.
    pub(super) roams: u64,
    /// Counts registrations of this phone.
    pub(super) registration: u64,
    temper: Temper,
    pub(super) next_step: u64,
    moments: u64,
}

/// Lives one history.
#[must_use]
pub fn run(plan: Plan) -> End {
    let mut world = World::new(plan);
    let broken = world.live_through().err().map(|violation| (violation, world.moments));
    world.tally.hours = world.clock.time().saturating_sub(BEGIN) / HOUR;
    world.tally.transitions = u64::try_from(world.model.ledger.count()).unwrap_or(u64::MAX);
    let print = world.trace.print();
    End { broken, print, tally: world.tally, lines: world.trace.lines.unwrap_or_default() }
}

/// What came of many histories.
#[derive(Clone, Debug, Default)]
pub struct Fleet {
    /// Seeds whose history broke a rule.
    pub broken: BTreeMap<u64, (Violation, u64)>,
    /// Everything together.
    pub tally: Tally,
}

/// Lives `plan` for each seed, on every core.
#[must_use]
pub fn fleet(seeds: Range<u64>, plan: Plan) -> Fleet {
    let next = AtomicU64::new(seeds.start);
    let fleet = Mutex::new(Fleet::default());
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    let end = run(Plan { seed, ..plan });
                    let mut fleet = fleet.lock().unwrap_or_else(PoisonError::into_inner);
                    fleet.tally.add(&end.tally);
                    fleet.broken.extend(end.broken.map(|broken| (seed, broken)));
                }
            });
        }
    });
    fleet.into_inner().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    fn new(plan: Plan) -> Self {
        let mut chance = Chance::new(plan.seed);
        let pace = if plan.fault == Some(Fault::HastyClock) { 2 } else { 1 };
        let clock = Clock::new(pace);
        let mut world = Self {
            disk: Disk::new(chance.next()),
            network: Network::new(),
            cloud: Cloud::new(plan.fault),
            keys: Keys::default(),
            phone: Phone::new(&mut chance),
            host: Host {
                device: device(0),
                moves: 0,
                credential: None,
                consent: false,
                configured: false,
                leaving: false,
                left: false,
                early_data_key: true,
                ignored: BTreeSet::new(),
                policy_key: 0,
                charging: false,
                start_at: Some(clock.time()),
            },
            process: None,
            model: Model { day: Day::begin(clock.time(), 900), ..Model::default() },
            trace: Trace::new(plan.told),
            planted: Planted::default(),
            tally: Tally::default(),
            sight: Sight::Clear,
            disk_failed: false,
            compaction_failed: false,
            path_failed: false,
            fuse: None,
            doze_until: 0,
            late: Vec::new(),
            jumped: false,
            telling: false,
            insists: 0,
            roams: 0,
            registration: 0,
            temper: Temper::new(&mut chance),
            next_step: clock.time() + 1,
            moments: 0,
            plan,
            chance,
            clock,
        };
        if plan.fault == Some(Fault::DeafDisk) {
            world.disk.deafen();
        }
        world.bring_credential();
        world
    }

    fn live_through(&mut self) -> Checked {
        let mut left = self.plan.days;
        while left > 0 {
            let storm = left.min(STORM);
            left -= storm;
            self.next_step = self.clock.time() + 1;
            self.live(self.clock.time() + storm * DAY)?;
            self.next_step = u64::MAX;
            self.calm()?;
        }
        Ok(())
    }

    /// Lets time pass until then.
    pub(super) fn live(&mut self, until: u64) -> Checked {
        loop {
            let wake = self.wake_at();
            let errand = self.process.as_ref().and_then(|process| process.errand.as_ref()).map(|e| e.ends);
            let late = self.late.iter().map(|(when, _)| *when).min();
            let start = self.host.start_at.filter(|_| self.process.is_none());
            let moments = [wake, errand, late, start, Some(self.next_step)];
            let next = moments.into_iter().flatten().min().unwrap_or(until).min(until);
            let before = self.clock.time();
            self.clock.pass_to(next);
            let told = self.model.told.filter(|told| told.forbids(next));
            let midnight = (self.model.day.number + 1) * DAY;
            self.model.day.held += told.map_or(0, |_| next.min(midnight).saturating_sub(before));
            let now = self.clock.time();
            let due = |moment: Option<u64>| moment.is_some_and(|moment| moment <= now);
            self.close_day()?;
            if now >= until {
                return Ok(());
            }
            self.moments += 1;
            if due(start) {
                self.trace_moment("the app starts");
                self.start()?;
            } else if due(errand) {
                self.finish_errand()?;
            } else if due(late) {
                self.arrive_late()?;
            } else if due(wake) {
                self.trace_moment("wakes");
                self.wake()?;
            } else {
                if self.goes_on()? {
                    continue;
                }
                let step = self.temper.next(&mut self.chance);
                self.next_step = now + self.temper.pause(&mut self.chance);
                self.tally.steps += 1;
                self.trace.tell(|| format!("{} {step:?}", self.moments));
                self.happen(step)?;
            }
        }
    }

    /// Whether things happen.
    pub(super) const fn storms(&self) -> bool {
        self.next_step < u64::MAX
    }

    /// When the agent wants to be woken; a phone that dozes does it later.
    fn wake_at(&self) -> Option<u64> {
        let process = self.process.as_ref().filter(|process| process.errand.is_none())?;
        let wake = process.agent.next_wake()?;
        Some(self.clock.true_time(wake.at).max(self.doze_until))
    }

    fn trace_moment(&mut self, what: &'static str) {
        let (moment, now) = (self.moments, self.clock.now());
        self.trace.tell(|| format!("{moment} {what} at {} of boot {}", now.mono.0, now.boot.0));
    }
}
