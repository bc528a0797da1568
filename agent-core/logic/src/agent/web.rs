//! The web verdict hook: the host asks about a domain before it opens it (P7).
//!
//! A question is a look-up in the stored indicator set and nothing else: it needs no network, changes no record, and
//! does not wait for what is being done. Each question gets one [`WebAnswer`], in the order of [`Agent::verdict`].

use std::collections::VecDeque;

use super::Agent;
use super::decide::WRITE_PATIENCE;
use super::threats::Source;
use crate::command::{CommandId, Effect, Match, Query};
use crate::failure::StorageFailure;
use crate::model::{Classification, Domain, Mode, Severity, Subject};
use crate::redact::Redacted;
use crate::sorted::Sorted;

/// Questions that wait at once. A page asks for a few dozen domains; a host that asks more is answered
/// [`WebVerdict::Unknown`].
pub const MAX_QUESTIONS: usize = 64;

/// What is known of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebVerdict {
    /// It cannot be told: no indicator set yet, no consent, or the set cannot be read. Nothing was recorded.
    Unknown,
    /// It stands in no indicator set.
    Unlisted,
    /// It, or a domain it belongs to, is listed.
    Listed {
        /// As what.
        classification: Classification,
        /// Policy rates it: the host is to block it. False in audit mode.
        block: bool,
    },
}

/// The answer to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebAnswer {
    /// What was asked about.
    pub domain: Domain,
    /// What is known.
    pub verdict: WebVerdict,
}

/// Forgotten with the process.
#[derive(Debug, Default)]
pub(crate) struct Questions {
    /// At most [`MAX_QUESTIONS`].
    asked: Sorted<CommandId, Domain>,
    answers: VecDeque<WebAnswer>,
}

impl Questions {
    /// Whether a question waits for its answer.
    pub(crate) fn is_empty(&self) -> bool {
        self.asked.is_empty()
    }
}

impl Agent {
    /// The next answer to a [`crate::event::Event::Visit`], if there is one. To be drained as commands are.
    pub fn verdict(&mut self) -> Option<WebAnswer> {
        self.live.questions.answers.pop_front()
    }

    pub(super) fn visit(&mut self, domain: Domain) {
        let manifest = self.gate().and(self.state.policies.manifest()).cloned();
        let room = self.live.questions.asked.len() < MAX_QUESTIONS;
        match manifest.filter(|_| room) {
            Some(manifest) => {
                let queries = Query::about_domain(&domain).collect();
                let id = self.command(WRITE_PATIENCE, Effect::Match { manifest, queries });
                self.live.questions.asked.insert(id, domain);
            }
            None => self.answer(domain, WebVerdict::Unknown),
        }
    }

    /// The host left the page, or did not open it.
    pub(super) fn left(&mut self, domain: &Domain) {
        let subject = subject(domain);
        let closed = self.state.threats.close(Source::Web, &subject, self.now);
        self.record_all(closed);
    }

    /// Whether a command looks up what the host asked.
    pub(super) fn is_question(&self, id: CommandId) -> bool {
        self.live.questions.asked.contains_key(&id)
    }

    /// The end of a look-up; `None` for one that was given up.
    pub(super) fn looked_up(&mut self, id: CommandId, result: Option<&Result<Vec<Match>, StorageFailure>>) {
        let Some(domain) = self.live.questions.asked.remove(&id) else { return };
        let verdict = match result {
            Some(Ok(found)) => self.judge(&domain, found),
            Some(Err(failure)) => {
                self.live.note(failure.code(), self.now);
                WebVerdict::Unknown
            }
            None => WebVerdict::Unknown,
        };
        self.answer(domain, verdict);
    }

    fn judge(&mut self, domain: &Domain, found: &[Match]) -> WebVerdict {
        let policy = self.state.policy();
        let rate = |one: Classification| {
            policy.map_or_else(|| one.default_severity(), |policy| policy.severity(one))
        };
        let wanted = |one: &Classification| policy.is_none_or(|policy| policy.mode(*one) != Mode::Off);
        let worst = found.iter().map(|one| one.classification).filter(wanted).max_by_key(|one| rate(*one));
        let Some(classification) = worst else {
            return WebVerdict::Unlisted;
        };
        let block = rate(classification) > Severity::None;
        self.open_one(Source::Web, classification, subject(domain), self.now);
        WebVerdict::Listed { classification, block }
    }

    fn answer(&mut self, domain: Domain, verdict: WebVerdict) {
        if self.live.questions.answers.len() >= MAX_QUESTIONS {
            self.live.questions.answers.pop_front();
        }
        self.live.questions.answers.push_back(WebAnswer { domain, verdict });
    }
}

fn subject(domain: &Domain) -> Subject {
    Subject::Domain { name: Redacted::new(domain.reveal().to_owned()) }
}
