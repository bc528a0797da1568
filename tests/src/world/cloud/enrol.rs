//! Enrolment: who gets a certificate, and for which key.

use std::time::Duration;

use agent_logic::command::{Authority, Credential, Enrol};
use agent_logic::event::{self, Enrolled};
use agent_logic::failure::{EnrolFailure, SendFailure};
use agent_logic::model::{Activation, DeviceId};
use agent_logic::redact::Bytes;
use agent_logic::time::Wall;
use agent_logic::wire::ProblemKind;

use super::{Certificate, Cloud, Mood, Record, garbage};
use crate::world::chance::Chance;
use crate::world::clock::DAY;

/// Life of a certificate, by the oddness of its serial number.
const LIVES: [u64; 2] = [12 * DAY, 40 * DAY];

/// A request as the world writes it: which device, which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::world) struct Csr {
    pub(in crate::world) device: DeviceId,
    pub(in crate::world) key: u64,
}

impl Csr {
    /// `nonce`: a signature differs each time.
    pub(in crate::world) fn write(&self, nonce: &str) -> Bytes {
        Bytes::new(format!("csr {} {} {nonce}", self.device.reveal(), self.key).into_bytes())
    }

    pub(in crate::world) fn read(bytes: &Bytes) -> Option<Self> {
        let text = std::str::from_utf8(bytes.as_slice()).ok()?;
        let mut words = text.strip_prefix("csr ")?.split(' ');
        Some(Self { device: words.next()?.parse().ok()?, key: words.next()?.parse().ok()? })
    }
}

/// The serial number of a certificate.
pub(in crate::world) fn serial(der: &Bytes) -> Option<u64> {
    std::str::from_utf8(der.as_slice()).ok()?.strip_prefix("cert ")?.parse().ok()
}

impl Cloud {
    /// A code that enrols once.
    pub(in crate::world) fn make_code(&mut self, chance: &mut Chance) -> String {
        let code = format!("code-{:x}", chance.next());
        self.memory.codes.insert(code.clone(), None);
        code
    }

    pub(in crate::world) fn enrol(
        &mut self,
        enrol: &Enrol,
        now: u64,
        chance: &mut Chance,
    ) -> Result<Enrolled, EnrolFailure> {
        if let Some(failure) = self.turned_away() {
            return Err(EnrolFailure::Send(failure));
        }
        let csr = Csr::read(&enrol.request).ok_or_else(|| problem(ProblemKind::RequestInvalid))?;
        match self.mood {
            Mood::Confused if chance.one_in(2) => {
                return Err(problem(ProblemKind::CredentialRefused));
            }
            Mood::Garbling if chance.one_in(2) => return Err(EnrolFailure::Send(garbage(chance))),
            Mood::Deliberating(seconds) if chance.one_in(2) => {
                return Ok(Enrolled::Wait(chance.one_in(3).then(|| Duration::from_secs(seconds))));
            }
            Mood::Honest
            | Mood::Throttling(_)
            | Mood::Unavailable(_)
            | Mood::Garbling
            | Mood::Deliberating(_)
            | Mood::Lying
            | Mood::Confused => {}
        }
        let replaces = match &enrol.authority {
            Authority::Credential(credential) => {
                self.accept(credential, csr)?;
                None
            }
            Authority::Identity(identity) => {
                let held = serial(&identity.certificate);
                self.check(held, now).map_err(EnrolFailure::Send)?;
                held
            }
        };
        let issued = self.issue(csr, replaces, now);
        if self.mood == Mood::Garbling {
            return Err(EnrolFailure::CertificateInvalid);
        }
        Ok(Enrolled::Issued(issued))
    }

    /// Whether a certificate lets its owner in.
    pub(super) fn check(&self, serial: Option<u64>, now: u64) -> Result<(), SendFailure> {
        let held = serial.and_then(|serial| self.memory.certificates.get(&serial));
        let Some(held) = held else {
            return Err(SendFailure::Problem(ProblemKind::CertificateRequired));
        };
        let record = self.memory.devices.get(&held.device);
        match record {
            Some(record) if record.revoked => Err(SendFailure::Problem(ProblemKind::Revoked)),
            Some(_) if held.lives && now < held.until => Ok(()),
            Some(_) | None => Err(SendFailure::CertificateRefused),
        }
    }

    fn accept(&mut self, credential: &Credential, csr: Csr) -> Result<(), EnrolFailure> {
        let memory = &mut self.memory;
        let mut living = memory.certificates.values().filter(|held| held.device == csr.device && held.lives);
        let another_lives = living.any(|held| held.key != csr.key);
        match credential {
            Credential::Code(code) => match memory.codes.get_mut(code.reveal()) {
                None => return Err(problem(ProblemKind::CredentialRefused)),
                Some(used) => match *used {
                    Some(key) if key != csr.key => return Err(problem(ProblemKind::CredentialBurnt)),
                    Some(_) => {}
                    None => *used = Some(csr.key),
                },
            },
            Credential::Token(token) if token.reveal().starts_with("expired") => {
                return Err(problem(ProblemKind::CredentialExpired));
            }
            Credential::Token(_) => {}
            Credential::EnrolmentKey(_) if another_lives => {
                return Err(problem(ProblemKind::AlreadyEnrolled));
            }
            Credential::EnrolmentKey(_) => {}
        }
        let known = memory.certificates.values().any(|held| held.device == csr.device && held.key == csr.key);
        if !known {
            self.generation += 1;
            // What the last enrolment left is forgotten, but not that the device is revoked.
            let revoked = memory.devices.get(&csr.device).is_some_and(|record| record.revoked);
            let record = Record { revoked, activation: Some(Activation::Pending), ..Record::default() };
            memory.devices.insert(csr.device, record);
            memory.certificates.values_mut().filter(|held| held.device == csr.device).for_each(|held| {
                held.lives = false;
            });
        }
        Ok(())
    }

    fn issue(&mut self, csr: Csr, replaces: Option<u64>, now: u64) -> event::Certificate {
        self.next_serial += 1;
        let serial = self.next_serial;
        let life = LIVES.iter().cycle().nth(usize::from(serial.is_multiple_of(2)));
        let until = now + life.copied().unwrap_or(DAY);
        let certificate = Certificate { device: csr.device, key: csr.key, until, replaces, lives: true };
        self.memory.certificates.insert(serial, certificate);
        event::Certificate { der: Bytes::new(format!("cert {serial}").into_bytes()), not_after: Wall(until) }
    }
}

const fn problem(kind: ProblemKind) -> EnrolFailure {
    EnrolFailure::Send(SendFailure::Problem(kind))
}
