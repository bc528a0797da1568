//! The phone's owner: pages that are visited, threats that are ignored.

use agent_logic::agent::{Blocker, WebVerdict};
use agent_logic::command::{Command, Effect};
use agent_logic::event::{Event, Outcome};
use agent_logic::failure::StorageFailure;
use agent_logic::model::{Classification, Domain, Mode, Severity, Subject};
use agent_logic::redact::Redacted;

use super::model::{Checked, hold};
use super::network::Path;
use super::phone::{flood, kind};
use super::run::World;

/// Every page that is ever visited.
pub(super) const PAGES: [&str; 6] = [
    "bad.example",
    "www.bad.example",
    "login.worse.example",
    "a.b.worse.example",
    "good.example",
    "test.example",
];

/// Every domain that a set may name.
pub(super) const BAD: [&str; 3] = ["bad.example", "worse.example", "b.worse.example"];

/// Transitions that a device keeps.
pub(super) const KEPT: usize = 5_000;

impl World {
    /// The host asks about a page, and is answered at once, by the set and the policy in force (P7).
    pub(super) fn visit(&mut self) -> Checked {
        let page = self.chance.pick(&PAGES).and_then(|page| page.parse::<Domain>().ok());
        let Some((page, process)) = page.zip(self.process.as_mut()).filter(|_| !self.host.left) else {
            return Ok(());
        };
        let status = process.agent.status();
        process.unanswered = false;
        let set = self.cloud.set(status.indicators);
        let named = set.is_some_and(|set| page.and_parents().any(|name| set.domains.contains(name)));
        let readable = set.is_some() && self.phone.indicators == Some(status.indicators);
        let policy = self.cloud.signed.iter().find(|signed| signed.version == status.policy);
        let class = Classification::Phishing;
        let rated = policy.map_or_else(|| class.default_severity(), |policy| policy.severity(class));
        let wanted = policy.is_none_or(|policy| policy.mode(class) != Mode::Off);
        let truth = if named && wanted {
            WebVerdict::Listed { classification: class, block: rated > Severity::None }
        } else {
            WebVerdict::Unlisted
        };
        if named {
            self.model.ledger.begins((class, subject(&page)));
        }
        self.tally.visits += 1;
        self.feed(Event::Visit(page.clone()))?;
        let Some(process) = &mut self.process else { return Ok(()) };
        let answer = process.agent.verdict();
        let more = process.agent.verdict();
        let once = answer.as_ref().is_some_and(|answer| answer.domain == page) && more.is_none();
        hold(once, "each question has one answer", || format!("{answer:?}, {more:?}"))?;
        let may = self.model.consent && self.model.configured && readable && !process.unanswered;
        let told = answer.map(|answer| answer.verdict);
        let right = if may { told == Some(truth) } else { told == Some(WebVerdict::Unknown) };
        hold(right, "a page is judged by the set and the policy in force", || {
            format!("{told:?}, true is {truth:?}, to be had: {may}")
        })
    }

    /// The look-up for a question does not wait for what is being done.
    pub(super) fn look_up_page(&mut self, command: &Command) {
        let (Effect::Match { manifest, queries }, Some(process)) = (&command.effect, &mut self.process)
        else {
            return;
        };
        let stored = self.phone.indicators == Some(manifest.version);
        let set = self.cloud.set(manifest.version).filter(|_| stored);
        let outcome = match (self.chance.below(16), set) {
            (0, _) => Outcome::Lost,
            (1, _) | (_, None) => Outcome::Matched(Err(StorageFailure::Unreadable)),
            (_, Some(set)) => Outcome::Matched(Ok(set.look_up(queries))),
        };
        process.unanswered = !matches!(outcome, Outcome::Matched(Ok(_)));
        process.done.push_back(Event::Done(command.id, outcome));
    }

    pub(super) fn leave_page(&mut self, page: &str) -> Checked {
        let Ok(page) = page.parse::<Domain>() else { return Ok(()) };
        self.feed(Event::Left(page.clone()))?;
        let Some(process) = self.process.as_ref().filter(|_| !self.host.left) else { return Ok(()) };
        let open = process.agent.status().open;
        let over = open.iter().all(|open| open.subject != subject(&page));
        hold(over, "a page that was left is no threat", || page.reveal().into())
    }

    pub(super) fn leave_every_page(&mut self) -> Checked {
        PAGES.iter().try_for_each(|page| self.leave_page(page))
    }

    /// Offline, more happens than the device can keep (R10).
    pub(super) fn flood(&mut self) -> Checked {
        if !self.chance.one_in(20) || self.process.is_none() || self.host.left {
            return Ok(());
        }
        self.network.path = Path::Offline;
        self.network.noticed = true;
        self.feed(Event::Network(self.network.told()))?;
        self.tally.floods += 1;
        let detection = flood();
        for _ in 0..KEPT / 2 + 100 {
            self.model.ledger.begins(kind(&detection));
            self.feed(Event::Detected(detection.clone()))?;
            self.feed(Event::Cleared(detection.clone()))?;
        }
        let Some(process) = &self.process else { return Ok(()) };
        let waiting = process.agent.status().unacknowledged;
        hold(waiting <= KEPT, "what waits is bounded", || waiting.to_string())
    }

    /// The owner ignores a threat; that counts only where the policy in force allows it (P4).
    pub(super) fn ignore(&mut self) -> Checked {
        let Some(process) = self.process.as_ref().filter(|_| !self.host.left) else { return Ok(()) };
        let status = process.agent.status();
        let Some(threat) = self.chance.pick(&status.open).cloned() else { return Ok(()) };
        let policy = self.cloud.signed.iter().find(|signed| signed.version == status.policy);
        let may = policy.is_some_and(|policy| policy.may_ignore(threat.classification));
        let tells = policy.is_none_or(|policy| policy.threat_state_sync);
        if may {
            self.host.ignored.insert((threat.classification, threat.subject.clone()));
        }
        // What could not be written before comes along with this one.
        let alone = !self.disk_failed;
        let before = self.model.ignored.len();
        self.feed(Event::Ignore(threat.id))?;
        let counts = alone && self.model.ignored.len() > before;
        self.tally.ignored += u64::from(counts);
        hold(may || !counts, "the owner ignores only what policy allows", || {
            threat.classification.name().into()
        })?;
        let Some(process) = &self.process else { return Ok(()) };
        let access = process.agent.status().access;
        let mut blockers = access.iter().flat_map(|access| &access.blockers);
        let blocks = blockers.any(|blocker| match blocker {
            Blocker::Threat(counted) => counted.id == threat.id,
            Blocker::State(_) => false,
        });
        hold(!(counts && tells && blocks), "what the owner ignores does not block", || {
            threat.classification.name().into()
        })
    }
}

/// Whether a command looks up what the host asked about.
pub(super) fn is_question(effect: &Effect) -> bool {
    let Effect::Match { queries, .. } = effect else { return false };
    queries.first().is_some_and(|query| matches!(query.subject, Subject::Domain { .. }))
}

fn subject(page: &Domain) -> Subject {
    Subject::Domain { name: Redacted::new(page.reveal().to_owned()) }
}
