//! What each step does to the world.

use agent_logic::agent::Need;
use agent_logic::command::Credential;
use agent_logic::event::{Event, Power};
use agent_logic::model::{AppId, Classification, Digest, Subject};
use agent_logic::redact::Secret;
use agent_logic::wire::{Order, SignedCommand};

use super::{CloudStep, Step};
use crate::world::clock::HOUR;
use crate::world::cloud::Bad;
use crate::world::device::device;
use crate::world::disk::Trouble;
use crate::world::keys::Mood;
use crate::world::model::Checked;
use crate::world::owner::{BAD, PAGES};
use crate::world::phone::{file, is_hashable, kind};
use crate::world::run::World;

/// Most networks that a phone which roams comes through, seconds apart.
const ROAMS: u64 = 12;

impl World {
    pub(in crate::world) fn happen(&mut self, step: Step) -> Checked {
        match step {
            Step::NetworkChanges => {
                self.network.change(&mut self.chance);
                self.network_changed()
            }
            Step::Roams => {
                self.roams = self.chance.between(2, ROAMS);
                Ok(())
            }
            Step::UserAsks => {
                self.model.day.disturbances += 1;
                self.feed(Event::CheckIn)
            }
            Step::UserInsists => {
                self.insists = 200;
                Ok(())
            }
            Step::HostLooks => self.look(),
            Step::SpuriousWake => self.feed(Event::Woke),
            Step::SettingToggles => {
                let begun = self.phone.toggle_finding(&mut self.chance);
                begun.into_iter().for_each(|kind| self.model.ledger.begins(kind));
                self.feed(Event::Changed)
            }
            Step::EngineReports => self.detect(),
            Step::AppsCome => {
                let count = self.chance.between(1, 3);
                self.install(count)
            }
            Step::AppsGo => {
                let count = self.chance.between(1, 3);
                self.phone.remove(count, &mut self.chance);
                self.feed(Event::Changed)
            }
            Step::AppUpdates => {
                self.phone.update(&mut self.chance);
                self.feed(Event::Changed)
            }
            Step::HundredsOfApps => {
                let count = self.chance.between(100, 300);
                if self.phone.apps.len() < 100 {
                    return self.install(count);
                }
                self.phone.remove(count, &mut self.chance);
                self.feed(Event::Changed)
            }
            Step::SensorsFail => {
                self.sight.change(&mut self.chance);
                self.feed(Event::Changed)
            }
            Step::Charges => {
                self.host.charging = !self.host.charging;
                self.feed(Event::Power(Power { charging: self.host.charging }))
            }
            Step::Visits => self.visit(),
            Step::LeavesPage => {
                let page = self.chance.pick(&PAGES).copied().unwrap_or_default();
                self.leave_page(page)
            }
            Step::Ignores => self.ignore(),
            Step::Cloud(step) => {
                self.cloud_step(step);
                Ok(())
            }
            Step::Kill => {
                self.fuse = Some(self.chance.below(12));
                if self.chance.one_in(3) {
                    self.kill();
                }
                Ok(())
            }
            Step::PowerCut => {
                self.disk.cut_power_at(self.chance.below(12));
                Ok(())
            }
            Step::Boot => {
                self.kill();
                self.disk.restart();
                self.boot();
                Ok(())
            }
            Step::Unlock => {
                self.keys.locked = false;
                self.host.start_at = self.host.start_at.or(Some(self.clock.time()));
                self.feed(Event::Unlocked)
            }
            Step::DiskTrouble => {
                let troubles = [Trouble::None, Trouble::Full, Trouble::Io];
                let trouble = self.chance.pick(&troubles).copied().unwrap_or_default();
                trouble.befall(&self.disk, &mut self.chance);
                self.model.day.disturbances += 1;
                Ok(())
            }
            Step::KeyTrouble => {
                let moods = [Mood::Good, Mood::Good, Mood::Busy, Mood::Slow];
                self.keys.mood = self.chance.pick(&moods).copied().unwrap_or_default();
                Ok(())
            }
            Step::KeysLost => {
                self.keys.lose();
                Ok(())
            }
            Step::DataKeyLost => {
                self.lose_data_key();
                Ok(())
            }
            Step::Flood => self.flood(),
            Step::AppOfOursUpdates => {
                self.kill();
                self.host.policy_key = self.cloud.policy_key;
                Ok(())
            }
            Step::CalendarJumps => {
                if self.clock.is_right() {
                    self.clock.jump(&mut self.chance);
                } else {
                    self.clock.set_right();
                }
                self.jumped = true;
                self.model.calendar_jumped();
                Ok(())
            }
            Step::Doze => {
                self.doze_until = self.clock.time() + self.chance.between(HOUR, 12 * HOUR);
                Ok(())
            }
            Step::ConsentChanges => {
                self.host.consent = !self.host.consent || self.chance.one_in(2);
                self.feed(Event::Consent(self.host.consent))
            }
            Step::Leaves => {
                if self.process.is_some() {
                    self.host.leaving = true;
                }
                self.feed(Event::Deactivate)
            }
            Step::Rejoins => {
                if self.host.left && self.process.is_none() {
                    self.rejoin();
                }
                Ok(())
            }
            Step::Moves => {
                if self.process.is_none() || self.host.leaving {
                    return Ok(());
                }
                self.host.moves += 1;
                self.host.device = device(self.host.moves);
                self.bring_credential();
                self.become_another();
                self.feed(Event::Configured(self.host.configuration()))
            }
        }
    }

    /// The host does what the status asks of it.
    pub(in crate::world) fn look(&mut self) -> Checked {
        let Some(process) = &self.process else { return Ok(()) };
        match process.agent.status().need {
            Some(Need::Configuration(_)) => {
                self.host.configured = true;
                self.feed(Event::Configured(self.host.configuration()))
            }
            Some(Need::Credential(_)) => {
                self.bring_credential();
                self.feed(Event::Configured(self.host.configuration()))?;
                self.feed(Event::CheckIn)
            }
            Some(Need::Consent) => {
                self.host.consent |= self.chance.one_in(2);
                self.feed(Event::Consent(self.host.consent))
            }
            Some(Need::Unlock | Need::Storage(_) | Need::Administrator(_)) | None => Ok(()),
        }
    }

    pub(in crate::world) fn bring_credential(&mut self) {
        self.model.day.disturbances += 1;
        let nonce = self.chance.next();
        self.host.credential = Some(match self.chance.below(6) {
            0 => Credential::Token(Secret::new(format!("token-{nonce:x}"))),
            1 => Credential::Token(Secret::new(format!("expired-{nonce:x}"))),
            2 => Credential::EnrolmentKey(Secret::new("tenant key".into())),
            3 => Credential::Code(Secret::new(format!("unknown-{nonce:x}"))),
            _ => Credential::Code(Secret::new(self.cloud.make_code(&mut self.chance))),
        });
        self.plant();
    }

    /// The user comes back after everything was wiped.
    pub(in crate::world) fn rejoin(&mut self) {
        self.host.left = false;
        self.host.leaving = false;
        self.host.start_at = Some(self.clock.time());
        self.cloud.commanding = false;
        self.model.credentials.clear();
        self.bring_credential();
    }

    fn detect(&mut self) -> Checked {
        let Some((detection, there)) = self.phone.toggle_detection(&mut self.chance) else { return Ok(()) };
        if there {
            self.model.ledger.begins(kind(&detection));
            self.feed(Event::Detected(detection))
        } else {
            self.feed(Event::Cleared(detection))
        }
    }

    fn install(&mut self, count: u64) -> Checked {
        let added = self.phone.install(count);
        let bad = self.cloud.bad();
        for kind in added.iter().filter_map(|id| bad.by_name(id)) {
            self.model.ledger.begins(kind);
        }
        self.feed(Event::Changed)
    }

    fn cloud_step(&mut self, step: CloudStep) {
        let chance = &mut self.chance;
        match step {
            CloudStep::SignsPolicy => {
                let again = self.cloud.sign_policy(self.clock.time(), chance);
                let policy = &self.cloud.policy;
                self.trace.tell(|| {
                    format!("    policy {}, threat sync {}", policy.version, policy.threat_state_sync)
                });
                let there = self.phone.threats(&self.cloud.ever_bad());
                let seen_again = there.into_iter().filter(|(class, _)| again.contains(class));
                seen_again.for_each(|kind| self.model.ledger.begins(kind));
            }
            CloudStep::PublishesIndicators => {
                let apps: Vec<AppId> = self.phone.apps.keys().cloned().collect();
                let named = (0..3).filter_map(|_| chance.pick(&apps).cloned()).collect();
                let mut files: Vec<Digest> =
                    self.phone.apps.values().filter(|app| is_hashable(app)).map(file).collect();
                files.retain(|_| chance.one_in(4));
                let bad = Bad { apps: named, files: files.into_iter().collect() };
                for id in &bad.apps {
                    self.model.ledger.begins((Classification::Spyware, Subject::App { id: id.clone() }));
                }
                for app in self.phone.apps.values() {
                    let begun = bad.by_file(&app.id, file(app));
                    begun.into_iter().for_each(|kind| self.model.ledger.begins(kind));
                }
                let domains = BAD.into_iter().filter(|_| chance.one_in(2)).collect();
                self.cloud.publish(bad, domains);
            }
            CloudStep::Orders => {
                let orders = [Order::Rescan, Order::Resync, Order::FullInventory, Order::Unknown];
                self.cloud.orders.extend(chance.pick(&orders).cloned());
            }
            CloudStep::Commands => {
                let leave = chance.one_in(4);
                let command = if leave { SignedCommand::Deactivate } else { SignedCommand::ReEnrol };
                // Sometimes it is for another device.
                let whose = if chance.one_in(4) { device(999) } else { self.host.device };
                self.cloud.command(whose, command, chance);
            }
            CloudStep::BacksUp => self.cloud.back_up(),
            CloudStep::Restores => {
                self.cloud.restore_backup();
            }
            CloudStep::RotatesKey => self.cloud.policy_key += 1,
            CloudStep::RotatesCertificate => self.cloud.rotate_certificate(self.clock.time(), chance),
            CloudStep::Forgets => self.cloud.forget(self.host.device),
            CloudStep::Revokes => {
                if let Some(record) = self.cloud.memory.devices.get_mut(&self.host.device) {
                    record.revoked = !record.revoked;
                }
            }
            CloudStep::Mood => self.cloud.change_mood(chance),
        }
    }
}
