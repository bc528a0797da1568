//! What is known now and forgotten with the process.

use super::diagnostics::Diagnostics;
use super::reading::Readings;
use super::target::ConfigurationFault;
use super::web::Questions;
use crate::command::Slot;
use crate::configuration::Finding;
use crate::event::{Network, Posture, Power};
use crate::failure::Code;
use crate::model::{App, AppId, Level};
use crate::sorted::Sorted;
use crate::time::{Stamp, Timer};
use crate::wire::Manifest;

/// Exchanges that one wake may add to the one it was for: a report that the answer itself asked for.
pub(crate) const MAX_FOLLOW_UPS: u32 = 3;

/// Findings that are kept: more than the keys that one reading knows.
pub(crate) const MAX_FINDINGS: usize = 64;

/// What is being done. One thing at a time.
#[derive(Debug)]
pub(crate) enum Job {
    Collect,
    Match,
    Hash(Vec<AppId>),
    MakeKey(Slot),
    MakeRequest(Slot),
    DropKey,
    Enrol,
    Send,
    Fetch(Box<Manifest>),
    Erase,
}

#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) network: Network,
    pub(crate) power: Power,
    pub(crate) posture: Option<Posture>,
    pub(crate) apps: Option<Vec<App>>,
    pub(crate) readings: Readings,
    /// Apps whose file was asked for in this process.
    pub(crate) unhashable: Sorted<AppId, ()>,
    pub(crate) questions: Questions,
    /// The start is recorded as one that came to rest.
    pub(crate) rested: bool,
    /// The sensors are to be read.
    pub(crate) collect: bool,
    /// The apps are to be matched with the indicators.
    pub(crate) match_apps: bool,
    /// Somebody asked for contact now.
    pub(crate) asked: bool,
    /// The cloud's answer asks for another report in this wake.
    pub(crate) follow_up: bool,
    pub(crate) follow_ups: u32,
    pub(crate) key_ready: Option<Slot>,
    /// Our own pause after a failure.
    pub(crate) retry: Option<Timer>,
    pub(crate) failures: u32,
    /// The key store is locked until the first unlock.
    pub(crate) locked: bool,
    /// The key was gone once; twice is believed.
    pub(crate) key_gone: bool,
    /// The cloud said something that only a later version, or the administrator, can mend.
    pub(crate) stopped: bool,
    pub(crate) last_failure: Option<Code>,
    pub(crate) fault: Option<ConfigurationFault>,
    pub(crate) announced: Option<Manifest>,
    /// The level that the chain before this one told. A new chain does not make it news: a cloud that asks for one in
    /// each answer would have one report after the other.
    pub(crate) told_level: Option<Level>,
    pub(crate) erase: bool,
    /// Everything is wiped; the agent does nothing any more.
    pub(crate) left: bool,
    /// The status differs from what the host was told.
    pub(crate) changed: bool,
    /// What is wrong with the configuration.
    pub(crate) findings: Vec<Finding>,
    /// The user wanted to leave, which the policy prevents.
    pub(crate) leave_refused: bool,
    pub(crate) diagnostics: Diagnostics,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            network: Network::default(),
            power: Power::default(),
            posture: None,
            apps: None,
            readings: Readings::default(),
            unhashable: Sorted::new(),
            questions: Questions::default(),
            rested: false,
            // The truth is read anew at each start.
            collect: true,
            match_apps: false,
            asked: false,
            follow_up: false,
            follow_ups: 0,
            key_ready: None,
            retry: None,
            failures: 0,
            locked: false,
            key_gone: false,
            stopped: false,
            last_failure: None,
            fault: None,
            announced: None,
            told_level: None,
            erase: false,
            left: false,
            changed: true,
            findings: Vec::new(),
            leave_refused: false,
            diagnostics: Diagnostics::default(),
        }
    }
}

impl Live {
    /// Everything is wiped.
    pub(crate) fn after_leaving() -> Self {
        Self { left: true, rested: true, ..Self::default() }
    }

    /// Somebody wants contact: the truth is read again, our own pauses end, the server's do not.
    pub(crate) const fn ask(&mut self) {
        self.asked = true;
        self.collect = true;
        self.retry = None;
        self.changed |= self.locked || self.stopped;
        self.locked = false;
        self.stopped = false;
        self.follow_ups = 0;
    }

    /// A job meets what was wanted before it began. What is wanted meanwhile may be about something that it did not
    /// see, and wants another.
    pub(crate) const fn begun(&mut self, job: &Job) {
        match job {
            Job::Collect => self.collect = false,
            Job::Send => {
                self.asked = false;
                self.follow_up = false;
            }
            Job::Match
            | Job::Hash(_)
            | Job::MakeKey(_)
            | Job::MakeRequest(_)
            | Job::DropKey
            | Job::Enrol
            | Job::Fetch(_)
            | Job::Erase => {}
        }
    }

    pub(crate) fn network_changed(&mut self, network: Network) {
        if self.network != network {
            self.network = network;
            self.changed = true;
            self.retry = None;
            self.failures = 0;
        }
    }

    pub(crate) const fn unlocked(&mut self) {
        self.changed |= self.locked;
        self.locked = false;
        self.retry = None;
    }

    /// The device has a new identity: what was learnt for the old one does not count.
    pub(crate) fn forget(&mut self) {
        let (network, power) = (std::mem::take(&mut self.network), self.power);
        let questions = std::mem::take(&mut self.questions);
        *self = Self {
            network,
            power,
            questions,
            posture: self.posture.take(),
            asked: self.asked,
            erase: self.erase,
            ..Self::default()
        };
    }

    /// The files of `apps` are not asked for again in this process.
    pub(crate) fn not_again(&mut self, apps: &[AppId]) {
        self.unhashable.extend(apps.iter().map(|id| (id.clone(), ())));
    }

    /// An answer wants another report in this wake.
    pub(crate) const fn follow(&mut self) {
        if self.follow_ups < MAX_FOLLOW_UPS {
            self.follow_ups = self.follow_ups.saturating_add(1);
            self.follow_up = true;
        }
    }

    pub(crate) fn note(&mut self, code: Code, at: Stamp) {
        self.last_failure = Some(code);
        self.changed = true;
        self.diagnostics.count(code, 1, at);
    }

    /// Counts what is no failure of ours: it is told, and stops nothing.
    pub(crate) fn count(&mut self, code: Code, times: u32, at: Stamp) {
        self.changed |= times > 0;
        self.diagnostics.count(code, times, at);
    }

    pub(crate) fn reached(&mut self) {
        self.failures = 0;
        self.retry = None;
        self.key_gone = false;
        self.last_failure = None;
    }
}
