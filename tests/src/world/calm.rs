//! The calm: everything works for a while. Then cloud and device must agree, whatever came before.

use std::collections::BTreeMap;

use agent_logic::command::Credential;
use agent_logic::event::Event;
use agent_logic::model::{Activation, App, AppId, Level, Mode, Subject};
use agent_logic::redact::Secret;

use super::clock::HOUR;
use super::cloud::BY_FILE;
use super::disk::Trouble;
use super::keys::Mood;
use super::model::{Checked, Violation};
use super::network::Path;
use super::phone::{Kind, file};
use super::run::World;
use super::sensors::Sight;

/// Hours that a calm may take: a server's pause counts up to a day.
const HOURS: u64 = 40;

impl World {
    pub(super) fn calm(&mut self) -> Checked {
        self.trace.tell(|| "calm".into());
        self.settle_the_world();
        let mut apart = String::new();
        for _ in 0..HOURS {
            self.help()?;
            self.live(self.clock.time() + HOUR)?;
            match self.agree() {
                Ok(()) => {
                    self.tally.calms += 1;
                    return Ok(());
                }
                Err(difference) => apart = difference,
            }
        }
        Err(Violation { rule: "after a calm, cloud and device agree", seen: apart })
    }

    fn settle_the_world(&mut self) {
        self.network.path = Path::Good;
        self.network.noticed = true;
        self.network.metered = false;
        self.network.id += 10;
        Trouble::None.befall(&self.disk, &mut self.chance);
        self.disk.spare();
        self.keys.mood = Mood::Good;
        self.keys.locked = false;
        self.clock.set_right();
        self.model.calendar_jumped();
        self.cloud.calm();
        self.sight = Sight::Clear;
        self.host.charging = true;
        self.host.policy_key = self.cloud.policy_key;
        self.doze_until = 0;
        self.fuse = None;
        self.host.consent = true;
        self.host.configured = true;
    }

    /// The user and the host do what they can.
    fn help(&mut self) -> Checked {
        if self.host.left && self.process.is_none() {
            self.rejoin();
        }
        if self.process.is_none() {
            self.host.start_at = Some(self.clock.time());
            self.live(self.clock.time() + 1)?;
        }
        self.model.day.disturbances += 2;
        self.feed(Event::Unlocked)?;
        self.tell_everything()?;
        self.leave_every_page()?;
        let need = self.process.as_ref().and_then(|process| process.agent.status().need);
        if matches!(need, Some(agent_logic::agent::Need::Credential(_))) {
            self.host.credential =
                Some(Credential::Code(Secret::new(self.cloud.make_code(&mut self.chance))));
            self.plant();
            self.feed(Event::Configured(self.host.configuration()))?;
        }
        self.feed(Event::CheckIn)
    }

    /// Whether the cloud knows what is true, and the device knows that.
    fn agree(&self) -> Result<(), String> {
        let process = self.process.as_ref().ok_or("no process")?;
        let status = process.agent.status();
        let record =
            self.cloud.memory.devices.get(&self.host.device).ok_or("the cloud has no such device")?;
        let activation = (status.activation, record.activation);
        if activation != (Activation::Activated, Some(Activation::Activated)) {
            return Err(format!("{activation:?}, needs {:?}", status.need));
        }
        if status.unacknowledged > 0 {
            return Err(format!("{} transitions wait", status.unacknowledged));
        }
        if self.host.leaving {
            return Err("it was to leave".into());
        }
        let owed = self.model.ledger.owed();
        if owed > 0 || self.model.began_anew {
            return Err(format!(
                "{owed} transitions owed, untold that it began anew: {}",
                self.model.began_anew
            ));
        }
        let policy = &self.cloud.policy;
        let mut truth = self.phone.threats(&self.cloud.bad());
        truth.retain(|(class, _)| policy.mode(*class) != Mode::Off);
        let mut known: Vec<Kind> =
            record.open.values().map(|threat| (threat.classification, threat.subject.clone())).collect();
        known.sort();
        // A file that could not be hashed once is not tried again by the same process.
        let is_known = |kind: &Kind| kind.0 != BY_FILE || self.is_hashed(kind) || known.contains(kind);
        let possible = truth.clone();
        truth.retain(is_known);
        let told = if policy.threat_state_sync { truth.as_slice() } else { &[] };
        if known != told {
            let names =
                |kinds: &[Kind]| -> Vec<&str> { kinds.iter().map(|(class, _)| class.name()).collect() };
            return Err(format!("the cloud holds {:?}, there is {:?}", names(&known), names(told)));
        }
        // What came again after it was ignored counts again: both are possible.
        let may = |kind: &&Kind| !policy.may_ignore(kind.0) || !self.host.ignored.contains(*kind);
        let level = |kind: &Kind| policy.severity(kind.0).level();
        let least = truth.iter().filter(may).map(level).max().unwrap_or(Level::Secured);
        let most = possible.iter().map(level).max().unwrap_or(Level::Secured);
        let cloud = self.cloud.level(self.host.device);
        let says = (status.level, record.level);
        if says != (Some(cloud), Some(cloud)) || cloud < least || cloud > most {
            return Err(format!("{least:?} to {most:?} is true, cloud {cloud:?}, device {says:?}"));
        }
        if status.policy != policy.version {
            return Err(format!("policy {} instead of {}", status.policy, policy.version));
        }
        let shared = self.phone.shareable(policy);
        let held = record.inventory.as_ref().map(|(_, apps)| apps);
        let same = match (held, &shared) {
            (None, None) => true,
            (Some(held), Some(shared)) => {
                held.len() == shared.len()
                    && held.values().zip(shared.values()).all(|(held, app)| same(held, app))
            }
            (Some(_), None) | (None, Some(_)) => false,
        };
        let count = |apps: Option<&BTreeMap<AppId, App>>| apps.map_or("none".into(), |a| a.len().to_string());
        let seen =
            || format!("the cloud holds {} apps, to be shared are {}", count(held), count(shared.as_ref()));
        if same { Ok(()) } else { Err(seen()) }
    }

    /// Whether the agent knows the installation file that makes this a threat.
    fn is_hashed(&self, (_, subject): &Kind) -> bool {
        let Subject::App { id } = subject else { return false };
        let app = self.phone.apps.get(id);
        app.is_some_and(|app| self.model.inventory.is_hashed(id, file(app)))
    }
}

/// Whether the cloud holds the app as it is; a hash that it holds is of the file as it is (P5).
fn same(held: &App, app: &App) -> bool {
    let file_sha256 = held.file_sha256.filter(|held| *held == file(app));
    *held == App { file_sha256, updated: held.updated, ..app.clone() }
}
