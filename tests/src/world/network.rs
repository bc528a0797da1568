//! The path between the device and its cloud.

use agent_logic::event::{self, Reach};
use agent_logic::failure::{Distrust, DistrustReason, SendFailure};
use agent_logic::model::Digest;

use super::chance::Chance;
use super::clock::SECOND;
use super::model::Checked;
use super::run::World;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Path {
    Good,
    Offline,
    /// Answers come after the deadline, or not at all.
    Slow,
    /// A portal answers instead of the cloud.
    Captive,
    /// Somebody with a certificate of another CA.
    Intercepted,
    /// The organisation's own inspection.
    Inspected,
}

#[derive(Debug)]
pub(super) struct Network {
    pub(super) path: Path,
    pub(super) id: u64,
    pub(super) metered: bool,
    /// The system noticed the portal, or that there is no network.
    pub(super) noticed: bool,
}

/// What becomes of a request.
#[derive(Debug)]
pub(super) enum Fate {
    /// It never arrives; known after this many milliseconds.
    Fails(SendFailure, u64),
    /// It arrives and is answered after this many milliseconds.
    Answered(u64),
    /// It arrives, the answer does not; or it arrives long after nobody waits.
    Unanswered { late: Option<u64> },
}

impl Network {
    pub(super) const fn new() -> Self {
        Self { path: Path::Good, id: 1, metered: false, noticed: true }
    }

    /// The phone comes to another network, or the same one changes.
    pub(super) fn change(&mut self, chance: &mut Chance) {
        if chance.one_in(2) {
            self.id = chance.between(1, 5);
        }
        self.metered = chance.one_in(3);
        self.noticed = !chance.one_in(4);
        self.path = match chance.below(10) {
            0 | 1 => Path::Offline,
            2 => Path::Slow,
            3 => Path::Captive,
            4 => Path::Intercepted,
            5 => Path::Inspected,
            _ => Path::Good,
        };
    }

    /// A phone abroad: another operator's network, or a gap between two, and each byte costs.
    pub(super) fn roam(&mut self, chance: &mut Chance) {
        self.id = chance.between(100, 200);
        self.metered = true;
        self.noticed = chance.one_in(2);
        self.path = match chance.below(4) {
            0 => Path::Offline,
            1 => Path::Slow,
            _ => Path::Good,
        };
    }

    /// As the system tells it.
    pub(super) fn told(&self) -> event::Network {
        let reach = match self.path {
            Path::Offline if self.noticed => Reach::Offline,
            Path::Captive if self.noticed => Reach::Captive,
            Path::Good | Path::Offline | Path::Slow | Path::Captive | Path::Intercepted | Path::Inspected => {
                Reach::Online
            }
        };
        event::Network { reach, id: Some(Digest::of(&self.id.to_be_bytes())), metered: self.metered }
    }

    pub(super) fn carry(&self, chance: &mut Chance) -> Fate {
        match self.path {
            Path::Good => match chance.below(200) {
                0 => Fate::Unanswered { late: None },
                1 => Fate::Fails(SendFailure::ConnectionRefused, SECOND),
                _ => Fate::Answered(chance.between(50, 2 * SECOND)),
            },
            Path::Offline => Fate::Fails(SendFailure::Offline, 20),
            Path::Slow => match chance.below(4) {
                0 => Fate::Answered(chance.between(5 * SECOND, 29 * SECOND)),
                1 => Fate::Unanswered { late: Some(chance.between(31 * SECOND, 600 * SECOND)) },
                2 => Fate::Fails(SendFailure::TimedOut, 29 * SECOND),
                _ => Fate::Unanswered { late: None },
            },
            Path::Captive => match chance.below(3) {
                0 => Fate::Fails(SendFailure::TimedOut, 10 * SECOND),
                _ => Fate::Fails(distrust(b"portal", DistrustReason::WrongName), SECOND),
            },
            Path::Intercepted => Fate::Fails(distrust(b"mitm", DistrustReason::UnknownIssuer), SECOND),
            Path::Inspected => {
                let failure = SendFailure::NotTrusted(Distrust {
                    reason: DistrustReason::UnknownIssuer,
                    presented: vec![Digest::of(b"leaf"), inspector()],
                });
                Fate::Fails(failure, SECOND)
            }
        }
    }
}

impl World {
    /// The phone comes to the next network abroad.
    pub(super) fn roam(&mut self) -> Checked {
        self.network.roam(&mut self.chance);
        self.network_changed()
    }

    pub(super) fn network_changed(&mut self) -> Checked {
        self.model.day.disturbances += 1;
        self.hand_over();
        self.feed(event::Event::Network(self.network.told()))
    }
}

/// The organisation's inspecting CA.
pub(super) fn inspector() -> Digest {
    Digest::of(b"inspecting CA")
}

/// The device's idea of time lies outside the server certificate's life.
pub(super) fn out_of_date() -> SendFailure {
    distrust(b"cloud", DistrustReason::Validity)
}

fn distrust(who: &[u8], reason: DistrustReason) -> SendFailure {
    SendFailure::NotTrusted(Distrust { reason, presented: vec![Digest::of(who)] })
}
