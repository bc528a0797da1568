//! The partner's cloud: applies reports by the rules of `wire.md`, and misbehaves when told.

mod check_in;
mod enrol;
mod indicators;
mod policy;

pub(super) use enrol::{Csr, serial};

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use agent_logic::event::Answer;
use agent_logic::failure::{SendFailure, Unreadable};
use agent_logic::model::{Activation, App, AppId, ChainId, DeviceId, Digest, Level, TenantId, ThreatId};
use agent_logic::time::Wall;
use agent_logic::wire::{CommandDocument, OpenThreat, Order, Policy, SignedCommand, Transition, policy_kind};
use indicators::Published;
pub(super) use indicators::{BY_FILE, Bad};

use super::chance::Chance;
use super::clock::{BEGIN, BUILT, DAY};
use super::{Fault, TENANT};

/// The server's certificate is renewed when so much of its life is left.
const RENEWED_BEFORE: u64 = 5 * DAY;

const TO_2040: u64 = 14 * 365 * DAY;

/// Documents expire then.
const FAR: Wall = Wall(BEGIN + 4_000 * DAY);

/// What the cloud does to the next requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mood {
    #[default]
    Honest,
    /// 429 with a pause, or without.
    Throttling(Option<u64>),
    /// 503 with a pause, or without.
    Unavailable(Option<u64>),
    /// Answers garbage, after or before it applied the report.
    Garbling,
    /// Enrolments wait (202).
    Deliberating(u64),
    /// Refuses certificates and credentials that are good.
    Confused,
    /// Acknowledges another report than the one it got, which it forgets.
    Lying,
}

pub(super) struct Cloud {
    pub(super) memory: Memory,
    backup: Option<Box<Memory>>,
    pub(super) policy: Policy,
    /// Which key signs documents now (D9).
    pub(super) policy_key: u64,
    /// Every policy ever signed, the one in force last.
    pub(super) signed: Vec<Policy>,
    pub(super) mood: Mood,
    /// Its clock shows 2040.
    pub(super) in_2040: bool,
    /// Each of its answers asks for more.
    nags: bool,
    /// Its answers are as long as answers get.
    pub(super) at_length: bool,
    /// Sends along documents that are to be refused.
    pub(super) replays: bool,
    /// The signed commands sent so far; the last one is for now.
    commands: Vec<CommandDocument>,
    /// Repeats the last command.
    pub(super) commanding: bool,
    pub(super) orders: Vec<Order>,
    pub(super) indicators: Vec<Published>,
    /// The life of the server's certificate: nothing before or after is valid to a device that believes its clock.
    pub(super) shows: RangeInclusive<u64>,
    next_serial: u64,
    /// Grows when the cloud forgets what it applied.
    pub(super) generation: u64,
    fault: Option<Fault>,
}

/// What a backup holds.
#[derive(Clone, Default)]
pub(super) struct Memory {
    pub(super) devices: BTreeMap<DeviceId, Record>,
    pub(super) certificates: BTreeMap<u64, Certificate>,
    /// One-time codes and the key that each was used with.
    codes: BTreeMap<String, Option<u64>>,
}

#[derive(Clone, Default)]
pub(super) struct Record {
    pub(super) activation: Option<Activation>,
    head: Option<Head>,
    pub(super) open: BTreeMap<ThreatId, OpenThreat>,
    held: BTreeSet<(ThreatId, u64)>,
    pub(super) inventory: Option<(Digest, BTreeMap<AppId, App>)>,
    facts: Option<Digest>,
    /// Policy kept threats on the device, and it has not told since which are open.
    dropped: bool,
    /// The level that the device gives itself.
    pub(super) level: Option<Level>,
    pub(super) revoked: bool,
}

#[derive(Clone, Copy)]
struct Head {
    chain: ChainId,
    sequence: u64,
    digest: Digest,
}

#[derive(Clone)]
pub(super) struct Certificate {
    pub(super) device: DeviceId,
    pub(super) key: u64,
    pub(super) until: u64,
    /// Replaces this one when it is first used.
    replaces: Option<u64>,
    pub(super) lives: bool,
}

/// What came of a report, for the reference model.
pub(super) struct Received {
    pub(super) answer: Result<Box<Answer>, SendFailure>,
    /// Transitions as the cloud applied them.
    pub(super) applied: Vec<Transition>,
}

impl Cloud {
    pub(super) fn new(fault: Option<Fault>) -> Self {
        let policy = Policy::new(tenant(), 1, FAR);
        Self {
            memory: Memory::default(),
            backup: None,
            signed: vec![policy.clone()],
            policy,
            policy_key: 0,
            mood: Mood::Honest,
            in_2040: false,
            nags: false,
            at_length: false,
            replays: false,
            commands: Vec::new(),
            commanding: false,
            orders: Vec::new(),
            indicators: Vec::new(),
            shows: BUILT..=BEGIN + 30 * DAY,
            next_serial: 0,
            generation: 0,
            fault,
        }
    }

    /// Everything is as it should be; what the cloud remembers stays.
    pub(super) fn calm(&mut self) {
        self.mood = Mood::Honest;
        self.in_2040 = false;
        self.replays = false;
        self.nags = false;
        self.at_length = false;
        self.confirm_policy();
        self.commanding = false;
        self.orders.clear();
        self.memory.devices.values_mut().for_each(|device| device.revoked = false);
    }

    pub(super) fn change_mood(&mut self, chance: &mut Chance) {
        let pause = chance.one_in(2).then(|| match chance.below(4) {
            0 => chance.between(0, 10),
            1 => 100_000,
            _ => chance.between(30, 7_200),
        });
        self.replays = chance.one_in(3);
        self.in_2040 = chance.one_in(8);
        self.nags = chance.one_in(8);
        self.at_length = chance.one_in(8);
        self.mood = match chance.below(12) {
            0 => Mood::Throttling(pause),
            1 => Mood::Unavailable(pause),
            2 | 3 => Mood::Garbling,
            4 => Mood::Deliberating(chance.between(10, 20_000)),
            5 if chance.one_in(4) => Mood::Confused,
            6 => Mood::Lying,
            _ => Mood::Honest,
        };
    }

    /// The server shows another certificate, which begins now and ends later than the one before.
    pub(super) fn rotate_certificate(&mut self, now: u64, chance: &mut Chance) {
        let until = now + chance.between(10, 90) * DAY;
        self.shows = now..=until.max(*self.shows.end() + DAY);
    }

    /// A server does not let its certificate end.
    pub(super) fn keep_certificate(&mut self, now: u64, chance: &mut Chance) {
        if now + RENEWED_BEFORE > *self.shows.end() {
            self.rotate_certificate(now, chance);
        }
    }

    /// The interval of this policy, in seconds; without a policy, the agent's own.
    pub(super) fn interval(&self, version: u64) -> u32 {
        self.signed
            .iter()
            .find(|policy| policy.version == version)
            .map_or(14_400, |policy| policy.check_in_seconds)
    }

    pub(super) fn command(&mut self, device: DeviceId, command: SignedCommand, chance: &mut Chance) {
        self.commands.push(CommandDocument {
            kind: policy_kind::COMMAND.into(),
            tenant: tenant(),
            device,
            nonce: Digest::new(chance.bytes()),
            expires: FAR,
            command,
        });
        self.commanding = true;
    }

    pub(super) fn back_up(&mut self) {
        self.backup = Some(Box::new(self.memory.clone()));
    }

    /// Everything since the backup is forgotten.
    pub(super) fn restore_backup(&mut self) -> bool {
        let backup = self.backup.take();
        let restored = backup.is_some();
        if let Some(backup) = backup {
            self.memory = *backup;
            self.generation += 1;
        }
        restored
    }

    /// What this device ever said is forgotten, not who it is.
    pub(super) fn forget(&mut self, device: DeviceId) {
        if let Some(record) = self.memory.devices.get_mut(&device) {
            let Record { activation, revoked, .. } = *record;
            *record = Record { activation, revoked, ..Record::default() };
            self.generation += 1;
        }
    }

    /// What stands before every request: the mood.
    fn turned_away(&self) -> Option<SendFailure> {
        let pause = |seconds: Option<u64>| seconds.map(std::time::Duration::from_secs);
        match self.mood {
            Mood::Throttling(seconds) => Some(SendFailure::Throttled(pause(seconds))),
            Mood::Unavailable(seconds) => Some(SendFailure::Unavailable(pause(seconds))),
            Mood::Honest | Mood::Garbling | Mood::Deliberating(_) | Mood::Confused | Mood::Lying => None,
        }
    }

    const fn time(&self, now: u64) -> Wall {
        Wall(if self.in_2040 { now + TO_2040 } else { now })
    }
}

fn garbage(chance: &mut Chance) -> SendFailure {
    match chance.below(3) {
        0 => SendFailure::Unreadable(Unreadable::Truncated),
        1 => SendFailure::Unreadable(Unreadable::Malformed),
        _ => SendFailure::Redirected,
    }
}

#[expect(clippy::expect_used, reason = "a constant")]
pub(super) fn tenant() -> TenantId {
    TENANT.parse().expect("well-formed")
}
