//! What may happen, and how often.

mod happen;

use super::chance::Chance;
use super::clock::{HOUR, MINUTE, SECOND};
use super::model::Violation;
use super::run::World;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    NetworkChanges,
    Roams,
    UserAsks,
    UserInsists,
    HostLooks,
    SpuriousWake,
    SettingToggles,
    EngineReports,
    AppsCome,
    AppsGo,
    AppUpdates,
    HundredsOfApps,
    SensorsFail,
    Charges,
    Visits,
    LeavesPage,
    Ignores,
    Cloud(CloudStep),
    Kill,
    PowerCut,
    Boot,
    Unlock,
    DiskTrouble,
    KeyTrouble,
    KeysLost,
    DataKeyLost,
    Flood,
    AppOfOursUpdates,
    CalendarJumps,
    Doze,
    ConsentChanges,
    Leaves,
    Rejoins,
    Moves,
}

/// What happens in the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CloudStep {
    Mood,
    SignsPolicy,
    PublishesIndicators,
    Orders,
    Commands,
    BacksUp,
    Restores,
    Forgets,
    RotatesKey,
    RotatesCertificate,
    Revokes,
}

/// How often each happens, before a seed's temper.
const STEPS: [(Step, u64); 44] = [
    (Step::NetworkChanges, 40),
    (Step::Roams, 10),
    (Step::UserAsks, 15),
    (Step::UserInsists, 1),
    (Step::HostLooks, 40),
    (Step::SpuriousWake, 10),
    (Step::SettingToggles, 30),
    (Step::EngineReports, 25),
    (Step::AppsCome, 15),
    (Step::AppsGo, 15),
    (Step::AppUpdates, 15),
    (Step::HundredsOfApps, 1),
    (Step::SensorsFail, 12),
    (Step::Charges, 12),
    (Step::Visits, 10),
    (Step::LeavesPage, 6),
    (Step::Ignores, 50),
    (Step::Cloud(CloudStep::Mood), 25),
    (Step::Cloud(CloudStep::SignsPolicy), 20),
    (Step::Cloud(CloudStep::PublishesIndicators), 6),
    (Step::Cloud(CloudStep::Orders), 10),
    (Step::Cloud(CloudStep::Commands), 3),
    (Step::Cloud(CloudStep::BacksUp), 5),
    (Step::Cloud(CloudStep::Restores), 4),
    (Step::Cloud(CloudStep::Forgets), 2),
    (Step::Cloud(CloudStep::RotatesKey), 1),
    (Step::Cloud(CloudStep::RotatesCertificate), 4),
    (Step::Cloud(CloudStep::Revokes), 2),
    (Step::Kill, 30),
    (Step::PowerCut, 10),
    (Step::Boot, 8),
    (Step::Unlock, 30),
    (Step::DiskTrouble, 10),
    (Step::KeyTrouble, 10),
    (Step::KeysLost, 1),
    (Step::DataKeyLost, 1),
    (Step::Flood, 1),
    (Step::AppOfOursUpdates, 3),
    (Step::CalendarJumps, 8),
    (Step::Doze, 15),
    (Step::ConsentChanges, 6),
    (Step::Leaves, 1),
    (Step::Rejoins, 20),
    (Step::Moves, 1),
];

/// What kind of life a seed has: which steps, how often.
#[derive(Debug)]
pub(super) struct Temper {
    steps: Vec<(Step, u64)>,
    total: u64,
    /// Mean time between steps.
    every: u64,
}

impl Temper {
    pub(super) fn new(chance: &mut Chance) -> Self {
        let steps: Vec<(Step, u64)> = STEPS
            .iter()
            .map(|(step, weight)| {
                let factor = match chance.below(6) {
                    0 if !step.heals() => 0,
                    1 => 3,
                    _ => 1,
                };
                (*step, weight * factor)
            })
            .collect();
        let total = steps.iter().map(|(_, weight)| weight).sum();
        let every = chance.pick(&[HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR]).copied().unwrap_or(HOUR);
        Self { steps, total, every }
    }

    /// The time to the next step.
    pub(super) fn pause(&self, chance: &mut Chance) -> u64 {
        if chance.one_in(4) { chance.between(1, MINUTE) } else { chance.between(1, 2 * self.every) }
    }

    pub(super) fn next(&self, chance: &mut Chance) -> Step {
        let mut at = chance.below(self.total);
        for (step, weight) in &self.steps {
            match at.checked_sub(*weight) {
                Some(rest) => at = rest,
                None => return *step,
            }
        }
        Step::SpuriousWake
    }
}

impl Step {
    /// Without it a life stands still.
    const fn heals(self) -> bool {
        matches!(self, Self::HostLooks | Self::Unlock | Self::Rejoins | Self::NetworkChanges)
    }
}

/// A user who insists asks again after so long.
const INSISTS_EVERY: u64 = 5 * SECOND;

/// A phone that roams comes to the next network after so long at most.
const ROAMS_EVERY: u64 = 40 * SECOND;

impl World {
    /// The next part of what takes more than one step, if there is such a thing.
    pub(super) fn goes_on(&mut self) -> Result<bool, Violation> {
        let now = self.clock.time();
        if let Some(left) = self.insists.checked_sub(1) {
            self.insists = left;
            self.next_step = now + INSISTS_EVERY;
            self.happen(Step::UserAsks)?;
        } else if let Some(left) = self.roams.checked_sub(1) {
            self.roams = left;
            self.next_step = now + self.chance.between(SECOND, ROAMS_EVERY);
            self.roam()?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }
}
