//! What the sensors say, which is not always what is there.

use agent_logic::event::{Collected, Outcome};
use agent_logic::failure::CollectFailure;
use agent_logic::model::{App, AppId};

use super::Fault;
use super::chance::Chance;
use super::phone::{file, is_hashable};
use super::run::World;

/// Apps that a busy PackageManager shows, whatever is installed.
const HANDFUL: usize = 6;

/// Readings of a handful in a row. The fifth that differs is believed (P10).
const IN_A_ROW: usize = 3;

/// What PackageManager and the posture sensors do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sight {
    #[default]
    Clear,
    /// A handful of the apps in this reading and the next.
    Handful { shown: usize },
    /// The apps are denied.
    Denied,
    /// PackageManager dies: a reading never ends.
    Dying,
    /// Nothing can be read.
    Blind,
}

impl Sight {
    pub(super) fn change(&mut self, chance: &mut Chance) {
        *self = match (*self, chance.below(8)) {
            (Self::Handful { shown }, _) => Self::Handful { shown },
            (Self::Clear, 0..=3) => Self::Handful { shown: 0 },
            (_, 4) => Self::Denied,
            (_, 5) => Self::Dying,
            (_, 6) => Self::Blind,
            (Self::Clear | Self::Denied | Self::Dying | Self::Blind, _) => Self::Clear,
        };
    }
}

impl World {
    pub(super) fn collect(&mut self) -> Collected {
        if self.sight == Sight::Blind {
            return Collected { posture: Err(CollectFailure::Failed), apps: Err(CollectFailure::Denied) };
        }
        let apps = if self.sight == Sight::Denied { Err(CollectFailure::Denied) } else { Ok(self.list()) };
        Collected { posture: Ok(self.phone.posture()), apps }
    }

    fn list(&mut self) -> Vec<App> {
        let all = self.phone.apps.len();
        let read = self.model.inventory.read();
        // A device of few apps, or one that lost most of them, is not to be told from a system that is busy.
        let believed = read.is_none_or(|read| read < 20 || HANDFUL * 2 >= read || all * 2 < read);
        if let Sight::Handful { shown } = self.sight {
            self.sight = if shown < IN_A_ROW { Sight::Handful { shown: shown + 1 } } else { Sight::Clear };
            if shown < IN_A_ROW && !believed {
                self.tally.handfuls += 1;
                let others = self.phone.apps.values().cycle().skip(shown * HANDFUL);
                return others.take(HANDFUL.min(all)).cloned().collect();
            }
        }
        if read.is_some_and(|read| all * 2 >= read) {
            self.phone.unread.clear();
        }
        let mut apps: Vec<App> = self.phone.apps.values().cloned().collect();
        if self.plan.fault == Some(Fault::LyingSensors) {
            apps.iter_mut().for_each(|app| app.managed = Some(true));
        }
        apps
    }

    /// The digests of installation files (P5); some cannot be read.
    pub(super) fn hash(&mut self, apps: &[AppId]) -> Outcome {
        if self.sight != Sight::Clear {
            return Outcome::Hashed(Err(CollectFailure::Failed));
        }
        self.tally.hashed += 1;
        let apps = apps.iter().filter_map(|id| self.phone.apps.get(id));
        let readable = apps.filter(|app| is_hashable(app));
        Outcome::Hashed(Ok(readable.map(|app| (app.id.clone(), file(app))).collect()))
    }
}
