//! What commands do to keys, network, sensors and cloud, and how they end.

mod heard;

use agent_logic::command::{Authority, Command, CommandId, Effect, Exchange, Identity};
use agent_logic::event::{Enrolled, Event, FetchFailure, KeyMade, Outcome};
use agent_logic::failure::{EnrolFailure, KeyFailure, SendFailure, StorageFailure};
use agent_logic::redact::Bytes;
use agent_logic::time::Wall;
use agent_logic::wire::KeyProtection;

use super::Fault;
use super::cloud::{Csr, serial};
use super::effect::{Reach, reach};
use super::keys::Mood;
use super::model::Checked;
use super::network::{Fate, out_of_date};
use super::run::World;
use super::sensors::Sight;
use super::traffic::traffic;
use heard::brief;

/// Something that is on its way.
pub(super) struct Errand {
    id: CommandId,
    effect: Effect,
    /// True time.
    pub(super) ends: u64,
    deadline: u64,
    how: How,
    registration: u64,
}

enum How {
    Performs,
    Fails(SendFailure),
    /// Nobody waits any more when it ends.
    Lost {
        performs: bool,
    },
}

impl World {
    pub(super) fn send_out(&mut self, command: Command) {
        let now = self.clock.time();
        self.cloud.keep_certificate(now, &mut self.chance);
        let deadline = self.clock.true_time(command.deadline);
        let fate = match reach(&command.effect) {
            Reach::Cloud => self.network.carry(&mut self.chance),
            Reach::Keys if self.keys.mood == Mood::Slow => Fate::Unanswered { late: None },
            Reach::Phone if self.sight == Sight::Dying => Fate::Unanswered { late: None },
            Reach::Journal | Reach::Everything | Reach::Keys | Reach::Phone | Reach::Indicators => {
                Fate::Answered(self.chance.between(1, 300))
            }
        };
        let (ends, how) = match fate {
            Fate::Answered(after) => (now + after, How::Performs),
            Fate::Fails(failure, after) => (now + after, How::Fails(failure)),
            Fate::Unanswered { late } => {
                if let (Some(after), Effect::Send(exchange)) = (late, &command.effect) {
                    self.late.push((now + after, exchange.clone()));
                }
                (deadline, How::Lost { performs: late.is_none() && self.chance.one_in(2) })
            }
        };
        let Command { id, effect, .. } = command;
        if let Some(process) = &mut self.process {
            process.errand =
                Some(Errand { id, effect, ends, deadline, how, registration: self.registration });
        }
    }

    /// The errand ends: its effect takes place, and the agent hears of it unless the process dies between.
    pub(super) fn finish_errand(&mut self) -> Checked {
        let Some(errand) = self.process.as_mut().and_then(|process| process.errand.take()) else {
            return Ok(());
        };
        let is_erase = matches!(errand.effect, Effect::Erase);
        let outcome = match &errand.how {
            How::Performs => self.carry_out(&errand.effect, errand.registration)?,
            How::Fails(failure) => fails(&errand.effect, failure.clone()),
            How::Lost { performs } => {
                if *performs {
                    self.carry_out(&errand.effect, errand.registration)?;
                }
                Outcome::Lost
            }
        };
        self.trace.tell(|| format!("    {:?} ended: {}", errand.id, brief(&outcome)));
        self.hear(&outcome, &errand);
        let Some(process) = &mut self.process else { return Ok(()) };
        process.done.push_back(Event::Done(errand.id, outcome.clone()));
        if self.chance.one_in(64) {
            // An answer too many, after the deadline: nobody asks for it any more.
            let late = if self.chance.one_in(2) { Outcome::Lost } else { outcome };
            process.done.push_back(Event::Done(errand.id, late));
        }
        self.turn()?;
        if is_erase && self.host.left {
            self.process = None;
            self.host.start_at = None;
        }
        Ok(())
    }

    /// A report that arrives when nobody waits for its answer any more.
    pub(super) fn arrive_late(&mut self) -> Checked {
        let now = self.clock.time();
        let Some(at) = self.late.iter().position(|(when, _)| *when <= now) else { return Ok(()) };
        let (_, exchange) = self.late.swap_remove(at);
        self.trace.tell(|| "a late report arrives".into());
        self.deliver(&exchange, self.registration).map(drop)
    }

    fn carry_out(&mut self, effect: &Effect, registration: u64) -> Result<Outcome, super::Violation> {
        Ok(match effect {
            Effect::MakeKey(slot) => {
                let made = self.keys.make(*slot);
                self.plant();
                Outcome::KeyMade(made.map(|_| KeyMade { protection: KeyProtection::SecureHardware }))
            }
            Effect::MakeRequest(spec) => {
                let nonce = self.chance.next();
                let key = self.keys.sign(spec.slot);
                let leaks = self.keys.private().next().filter(|_| self.plan.fault == Some(Fault::LeakyKeys));
                let more = leaks.map(|private| String::from(Bytes::new(private.to_vec())));
                let more = more.unwrap_or_else(|| nonce.to_string());
                Outcome::RequestMade(key.map(|key| Csr { device: spec.device, key }.write(&more)))
            }
            Effect::DropKey(slot) => Outcome::KeyDropped(self.keys.destroy(*slot)),
            Effect::Enrol(_) => Outcome::Enrolled(self.enrol(effect)),
            Effect::Send(exchange) => {
                let answer = match self.handshake(&exchange.contact.identity, exchange.contact.trusted) {
                    Ok(()) => self.deliver(exchange, registration)?,
                    Err(failure) => Err(failure),
                };
                Outcome::Answered(answer)
            }
            Effect::FetchIndicators { contact, manifest } => {
                let met = self.handshake(&contact.identity, contact.trusted);
                let came = met.and_then(|()| self.cloud.give_set(&mut self.chance));
                let kept = came.map_err(FetchFailure::Send).and_then(|()| self.keep_set(manifest.version));
                Outcome::Fetched(kept)
            }
            Effect::Match { manifest, queries } => {
                let stored = self.phone.indicators == Some(manifest.version);
                let set = self.cloud.set(manifest.version).filter(|_| stored);
                Outcome::Matched(set.ok_or(StorageFailure::Unreadable).map(|set| set.look_up(queries)))
            }
            Effect::Collect => Outcome::Collected(Box::new(self.collect())),
            Effect::HashApps(apps) => self.hash(apps),
            Effect::Erase => {
                self.phone.indicators = None;
                let gone = self
                    .keys
                    .destroy(agent_logic::command::Slot::A)
                    .and_then(|()| self.keys.destroy(agent_logic::command::Slot::B));
                Outcome::Saved(gone.map_err(|_| StorageFailure::Io))
            }
            Effect::Save(_) | Effect::Compact(_) => Outcome::Lost,
        })
    }

    /// A disk that has no room for the journal has none for a set.
    fn keep_set(&mut self, version: u64) -> Result<(), FetchFailure> {
        if self.disk_failed {
            return Err(FetchFailure::Storage(StorageFailure::Full));
        }
        self.phone.indicators = Some(version);
        Ok(())
    }

    fn enrol(&mut self, effect: &Effect) -> Result<Enrolled, EnrolFailure> {
        let Effect::Enrol(enrol) = effect else { return Err(EnrolFailure::DemandUnmet) };
        let met = match &enrol.authority {
            Authority::Credential(_) => self.in_date(enrol.trusted),
            Authority::Identity(identity) => self.handshake(identity, enrol.trusted),
        };
        met.map_err(EnrolFailure::Send)?;
        let key =
            self.keys.sign(enrol.slot).map_err(|failure| EnrolFailure::Send(SendFailure::Key(failure)))?;
        let answer = self.cloud.enrol(enrol, self.clock.time(), &mut self.chance)?;
        let ours = Csr::read(&enrol.request).is_some_and(|csr| csr.key == key);
        if ours { Ok(answer) } else { Err(EnrolFailure::CertificateInvalid) }
    }

    /// Mutual TLS: times, our key, and whether it is the certificate's.
    fn handshake(&self, identity: &Identity, trusted: Wall) -> Result<(), SendFailure> {
        self.in_date(trusted)?;
        if self.keys.mood == Mood::Slow {
            return Err(SendFailure::Key(KeyFailure::Busy));
        }
        let key = self.keys.sign(identity.slot).map_err(SendFailure::Key)?;
        let held =
            serial(&identity.certificate).and_then(|serial| self.cloud.memory.certificates.get(&serial));
        match held {
            Some(held) if held.key != key => Err(SendFailure::CertificateRefused),
            Some(_) | None => Ok(()),
        }
    }

    /// The server's certificate as the device judges it by its idea of time.
    fn in_date(&self, trusted: Wall) -> Result<(), SendFailure> {
        if self.cloud.shows.contains(&trusted.0) { Ok(()) } else { Err(out_of_date()) }
    }

    /// The phone comes to another network: what is under way over the old one arrives without an answer, or not at all.
    pub(super) fn hand_over(&mut self) {
        let arrives = self.chance.one_in(2);
        let Some(errand) = self.process.as_mut().and_then(|process| process.errand.as_mut()) else { return };
        if reach(&errand.effect) == Reach::Cloud && matches!(errand.how, How::Performs) {
            self.tally.handovers += 1;
            errand.ends = errand.deadline;
            errand.how = How::Lost { performs: arrives };
        }
    }

    fn deliver(
        &mut self,
        exchange: &Exchange,
        registration: u64,
    ) -> Result<Result<Box<agent_logic::event::Answer>, SendFailure>, super::Violation> {
        let mut received = self.cloud.receive(exchange, self.clock.time(), &mut self.chance);
        if let Ok(answer) = &mut received.answer
            && self.host.policy_key < self.cloud.policy_key
        {
            // The app is older than the key: no signature holds (D9).
            let documents = usize::from(answer.policy.is_some()) + answer.commands.len();
            answer.forged += u32::try_from(documents).unwrap_or(u32::MAX);
            answer.policy = None;
            answer.manifest = None;
            answer.commands.clear();
        }
        if let Ok(answer) = &mut received.answer {
            answer.traffic = traffic(exchange, answer, self.cloud.at_length);
        }
        if registration == self.registration {
            for transition in &received.applied {
                self.model.ledger.apply(transition, self.cloud.generation)?;
            }
        }
        Ok(received.answer)
    }
}

fn fails(effect: &Effect, failure: SendFailure) -> Outcome {
    if matches!(effect, Effect::Enrol(_)) {
        Outcome::Enrolled(Err(EnrolFailure::Send(failure)))
    } else if matches!(effect, Effect::FetchIndicators { .. }) {
        Outcome::Fetched(Err(FetchFailure::Send(failure)))
    } else {
        Outcome::Answered(Err(failure))
    }
}
