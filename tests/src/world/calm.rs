//! The calm: everything works for a while. Then cloud and device must agree, whatever came before.

use agent_logic::command::Credential;
use agent_logic::event::Event;
use agent_logic::model::{Activation, Level};
use agent_logic::redact::Secret;

use super::clock::HOUR;
use super::disk::Trouble;
use super::keys::Mood;
use super::model::{Checked, Violation};
use super::network::Path;
use super::phone::Kind;
use super::run::World;

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
        self.blind = false;
        self.doze_until = 0;
        self.fuse = None;
        self.host.consent = true;
        self.host.configured = true;
    }

    /// The user and the host do what they can.
    fn help(&mut self) -> Checked {
        if self.host.left {
            self.rejoin();
        }
        if self.process.is_none() {
            self.host.start_at = Some(self.clock.time());
            self.live(self.clock.time() + 1)?;
        }
        self.model.day.disturbances += 2;
        self.feed(Event::Unlocked)?;
        self.tell_everything()?;
        let need = self.process.as_ref().and_then(|process| process.agent.status().need);
        if matches!(need, Some(agent_logic::agent::Need::Credential(_))) {
            self.host.credential =
                Some(Credential::Code(Secret::new(self.cloud.make_code(&mut self.chance))));
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
        let policy = &self.cloud.policy;
        let newest = self.cloud.indicators.last();
        let truth = self.phone.threats(newest.map(|(_, bad)| bad));
        let mut known: Vec<Kind> =
            record.open.values().map(|threat| (threat.classification, threat.subject.clone())).collect();
        known.sort();
        if known != truth {
            let names =
                |kinds: &[Kind]| -> Vec<&str> { kinds.iter().map(|(class, _)| class.name()).collect() };
            return Err(format!("the cloud holds {:?}, there is {:?}", names(&known), names(&truth)));
        }
        let rated = truth.iter().map(|(class, _)| policy.severity(*class).level()).max();
        let level = rated.unwrap_or(Level::Secured);
        if (status.level, self.cloud.level(self.host.device)) != (Some(level), level) {
            return Err(format!("{level:?} is true, the device says {:?}", status.level));
        }
        if status.policy != policy.version {
            return Err(format!("policy {} instead of {}", status.policy, policy.version));
        }
        let shared = self.phone.shareable(policy);
        let held = record.inventory.as_ref().map(|(_, apps)| apps);
        if held != shared.as_ref() {
            let count = |apps: Option<usize>| apps.map_or("none".into(), |apps| apps.to_string());
            return Err(format!(
                "the cloud holds {} apps, {} are to be shared",
                count(held.map(std::collections::BTreeMap::len)),
                count(shared.map(|apps| apps.len()))
            ));
        }
        Ok(())
    }
}
