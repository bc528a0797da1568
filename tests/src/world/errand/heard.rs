//! What the agent hears when an errand ends, for the model and for the reader.

use agent_logic::command::Effect;
use agent_logic::event::{Enrolled, FetchFailure, Outcome, Reach, Traffic, Verified};
use agent_logic::failure::{DistrustReason, EnrolFailure, Remedy, SendFailure};
use agent_logic::wire::Order;

use super::Errand;
use crate::world::clock::SECOND;
use crate::world::cloud::Mood;
use crate::world::effect::{body, renewal};
use crate::world::model::Told;
use crate::world::network::inspector;
use crate::world::run::World;

/// A pause that a server told counts within these bounds, in seconds.
const TOLD: (u64, u64) = (5, 86_400);

impl World {
    /// What the agent now knows, for the model.
    pub(super) fn hear(&mut self, outcome: &Outcome, errand: &Errand) {
        let now = self.clock.time();
        self.model.day.troubled |= is_trouble(outcome);
        self.model.more += more(outcome);
        self.model.failures += u32::from(is_trouble(outcome));
        self.spend(outcome, errand);
        self.refuses(outcome, errand);
        let failure = match outcome {
            Outcome::Answered(Ok(_)) if self.cloud.mood == Mood::Lying => {
                // It is no acknowledgement of this report, and so no contact.
                self.model.day.disturbances += u32::from(!self.path_failed);
                self.path_failed = true;
                self.model.day.troubled = true;
                self.model.failures += 1;
                return;
            }
            Outcome::Answered(Ok(answer)) => {
                self.tally.answers += 1;
                let mut commands = answer.commands.iter().cloned().map(Verified::into_inner);
                self.model.commanded |= commands.any(|command| command.device == self.host.device);
                self.path_failed = false;
                self.model.failures = 0;
                let asks = answer.policy.is_some() || !answer.reply.orders.is_empty();
                self.model.day.reasons += u64::from(asks || !answer.commands.is_empty());
                let refuted = answer.reply.orders.contains(&Order::FullInventory);
                if let Effect::Send(exchange) = &errand.effect {
                    if self.model.chain.answered(&exchange.body) {
                        self.model.inventory.acknowledged();
                        self.model.began_anew = false;
                    }
                    self.model.proved = Some(exchange.contact.identity.certificate.clone());
                }
                if refuted {
                    self.model.inventory.refuted();
                }
                // The identity is proved: what comes next is another activation.
                self.model.credentials.clear();
                if errand.registration == self.registration {
                    self.model.told = None;
                }
                return;
            }
            Outcome::Enrolled(Ok(Enrolled::Wait(pause))) => {
                if let Effect::Enrol(enrol) = &errand.effect {
                    let pause = pause.map_or(60, |pause| pause.as_secs());
                    self.model.told_request = Some((enrol.request.clone(), Told::new(now + pause * SECOND)));
                }
                return;
            }
            Outcome::Answered(Err(failure)) | Outcome::Enrolled(Err(EnrolFailure::Send(failure))) => failure,
            Outcome::Fetched(Err(FetchFailure::Send(
                failure @ (SendFailure::Throttled(_) | SendFailure::Unavailable(_)),
            ))) => failure,
            Outcome::Hashed(Ok(hashes)) => {
                let bad = self.cloud.ever_bad();
                for kind in hashes.iter().filter_map(|(id, file)| bad.by_file(id, *file)) {
                    // Known anew, it may be found anew.
                    self.model.ledger.begins(kind);
                }
                let unread = &self.phone.unread;
                let hashes = hashes.iter().filter(|(id, _)| !unread.contains(id)).cloned().collect();
                return self.model.inventory.told(hashes);
            }
            Outcome::Saved(_)
            | Outcome::KeyMade(_)
            | Outcome::RequestMade(_)
            | Outcome::KeyDropped(_)
            | Outcome::Enrolled(_)
            | Outcome::Fetched(_)
            | Outcome::Matched(_)
            | Outcome::Collected(_)
            | Outcome::Hashed(Err(_))
            | Outcome::Lost => return,
        };
        // Only the first failure in a row disturbs.
        self.model.day.disturbances += u32::from(!self.path_failed);
        self.path_failed = true;
        match failure {
            SendFailure::Throttled(Some(pause)) | SendFailure::Unavailable(Some(pause)) => {
                let told = Told::paused(now, pause.as_secs().clamp(TOLD.0, TOLD.1) * SECOND);
                // A renewal waits on its own: the present identity goes on reporting.
                match renewal(&errand.effect) {
                    Some(request) => self.model.told_request = Some((request.clone(), told)),
                    None => self.model.told = Some(told),
                }
            }
            SendFailure::NotTrusted(distrust) if distrust.reason != DistrustReason::Validity => {
                let mut held = self.cloud.signed.iter().filter(|policy| policy.version >= self.model.policy);
                let inspected = distrust.presented.contains(&inspector())
                    && held.all(|policy| policy.inspection_cas.contains(&inspector()));
                if !inspected && self.network.told().reach != Reach::Captive {
                    self.model.ledger.refused();
                }
            }
            SendFailure::NotTrusted(_)
            | SendFailure::Offline
            | SendFailure::ConnectionRefused
            | SendFailure::TimedOut
            | SendFailure::CertificateRefused
            | SendFailure::Key(_)
            | SendFailure::Throttled(None)
            | SendFailure::Unavailable(None)
            | SendFailure::Problem(_)
            | SendFailure::Redirected
            | SendFailure::Unreadable(_) => {}
        }
    }
}

impl World {
    /// A certificate that the cloud refuses before it was proved made no device: its credential makes the first still.
    fn refuses(&mut self, outcome: &Outcome, errand: &Errand) {
        let (Outcome::Answered(Err(failure)), Effect::Send(exchange)) = (outcome, &errand.effect) else {
            return;
        };
        let unproved = self.model.proved.as_ref() != Some(&exchange.contact.identity.certificate);
        let by_cloud = !matches!(failure, SendFailure::Key(_));
        if by_cloud && failure.remedy() == Remedy::Reactivate && unproved {
            self.model.credentials.clear();
        }
    }

    /// What the device must have counted of its day (L7): the answers that it believed, and what it tried in vain.
    fn spend(&mut self, outcome: &Outcome, errand: &Errand) {
        let now = self.clock.time();
        if let Effect::FetchIndicators { manifest, .. } = &errand.effect {
            let all = manifest.buckets.iter().map(|bucket| u64::from(bucket.length)).sum();
            let came = came(outcome).map(|came| if came { all } else { 0 });
            return came.into_iter().for_each(|bytes| self.model.budget.spend(now, bytes));
        }
        let counts = match outcome {
            Outcome::Answered(Ok(answer)) => {
                let Traffic { up, down } = answer.traffic;
                let bytes = if self.cloud.mood == Mood::Lying { 0 } else { up + down };
                return self.model.budget.spend(now, bytes);
            }
            Outcome::Answered(Err(failure)) => {
                !matches!(failure, SendFailure::Key(_)) && failure.remedy() != Remedy::NewChain
            }
            Outcome::Enrolled(Err(EnrolFailure::Send(SendFailure::Key(_)))) => false,
            Outcome::Enrolled(Err(EnrolFailure::Send(SendFailure::NotTrusted(_)))) => true,
            Outcome::Enrolled(Err(failure)) => match failure.remedy() {
                Remedy::Reactivate => true,
                Remedy::NewCredential => false,
                Remedy::Retry(_)
                | Remedy::WaitForNetwork
                | Remedy::WaitForUnlock
                | Remedy::NewChain
                | Remedy::Stop => renewal(&errand.effect).is_none(),
            },
            Outcome::Lost => body(&errand.effect).is_some(),
            Outcome::Fetched(_) => false,
            Outcome::Enrolled(Ok(_))
            | Outcome::Saved(_)
            | Outcome::KeyMade(_)
            | Outcome::RequestMade(_)
            | Outcome::KeyDropped(_)
            | Outcome::Matched(_)
            | Outcome::Collected(_)
            | Outcome::Hashed(_) => false,
        };
        if counts {
            self.model.budget.spend(now, 0);
        }
    }
}

/// Requests that this may lead to before the agent comes to rest (L5).
fn more(outcome: &Outcome) -> u32 {
    match outcome {
        Outcome::Answered(Ok(answer)) => {
            let asks = answer.policy.is_some() || !answer.reply.orders.is_empty();
            u32::from(asks) + u32::from(!answer.commands.is_empty())
        }
        Outcome::Answered(Err(failure)) => match failure.remedy() {
            // A report that begins a chain, or that proves another identity.
            Remedy::NewChain | Remedy::Reactivate | Remedy::NewCredential => 1,
            Remedy::Retry(_) | Remedy::WaitForNetwork | Remedy::WaitForUnlock | Remedy::Stop => 0,
        },
        // Its proof.
        Outcome::Enrolled(Ok(Enrolled::Issued(_))) => 1,
        Outcome::Enrolled(_)
        | Outcome::Saved(_)
        | Outcome::KeyMade(_)
        | Outcome::RequestMade(_)
        | Outcome::KeyDropped(_)
        | Outcome::Fetched(_)
        | Outcome::Matched(_)
        | Outcome::Collected(_)
        | Outcome::Hashed(_)
        | Outcome::Lost => 0,
    }
}

/// Whether a set may have come over the line, if there was an exchange.
const fn came(outcome: &Outcome) -> Option<bool> {
    let Outcome::Fetched(Err(FetchFailure::Send(failure))) = outcome else { return Some(true) };
    if matches!(failure, SendFailure::Key(_)) {
        return None;
    }
    Some(matches!(failure, SendFailure::TimedOut | SendFailure::Unreadable(_)))
}

/// Whether the agent tries again because of it.
const fn is_trouble(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Saved(done) => done.is_err(),
        Outcome::KeyMade(made) => made.is_err(),
        Outcome::RequestMade(made) => made.is_err(),
        Outcome::KeyDropped(done) => done.is_err(),
        Outcome::Enrolled(enrolled) => !matches!(enrolled, Ok(Enrolled::Issued(_))),
        Outcome::Answered(answer) => answer.is_err(),
        Outcome::Fetched(done) => done.is_err(),
        Outcome::Matched(found) => found.is_err(),
        Outcome::Collected(_) | Outcome::Hashed(_) => false,
        Outcome::Lost => true,
    }
}

/// An outcome in one line.
pub(super) fn brief(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Answered(Ok(answer)) => {
            let policy = answer.policy.clone().map(|policy| policy.into_inner().version);
            format!("answered, {:?}, policy {policy:?}, {:?}", answer.reply.level, answer.reply.orders)
        }
        Outcome::Collected(_) => "collected".into(),
        Outcome::Saved(_)
        | Outcome::KeyMade(_)
        | Outcome::RequestMade(_)
        | Outcome::KeyDropped(_)
        | Outcome::Enrolled(_)
        | Outcome::Answered(Err(_))
        | Outcome::Fetched(_)
        | Outcome::Matched(_)
        | Outcome::Hashed(_)
        | Outcome::Lost => format!("{outcome:?}"),
    }
}
