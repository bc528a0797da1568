//! Open threats: what each source sees is compared with what is open; the difference becomes transitions (P1).
//!
//! Policy decides what is looked for, what counts and what the user may ignore (P2 to P4). Every rating is a function
//! of the policy in force, so that a new policy re-rates what is open without a record.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::{Classification, Digest, Level, Mode, Severity, Subject, ThreatId};
use crate::sorted::Sorted;
use crate::time::Stamp;
use crate::wire::{OpenThreat, Policy, Transition, TransitionKind};

/// Most threats that are open at once. A device with more is High by any measure; later ones wait.
pub(crate) const MAX_OPEN: usize = 1_000;

/// A threat on the web that nobody closed is over after this time: a page is not left open for longer.
pub(crate) const WEB_OPEN: Duration = Duration::from_secs(86_400);

/// Who sees a threat. A source resolves only what it opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Source {
    /// The platform's posture sensors.
    Posture,
    /// The inventory, matched against indicators.
    Apps,
    /// The agent's own connection.
    Path,
    /// The partner's engine.
    Engine,
    /// The web verdict hook.
    Web,
}

/// One open threat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Open {
    pub(crate) source: Source,
    pub(crate) classification: Classification,
    pub(crate) subject: Subject,
    pub(crate) detected: Stamp,
    /// The user chose to ignore it; counts while policy allows it.
    #[serde(default)]
    pub(crate) ignored: bool,
}

/// Everything that is open. Durable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Threats {
    /// At most [`MAX_OPEN`].
    open: Sorted<ThreatId, Open>,
    /// Transitions ever made; the next ordinal is one more.
    ordinal: u64,
}

/// What changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Change {
    Opened {
        id: ThreatId,
        open: Open,
        at: Stamp,
    },
    Resolved {
        id: ThreatId,
        at: Stamp,
    },
    /// The user chose to ignore it.
    Ignored {
        id: ThreatId,
        at: Stamp,
    },
    /// It is reported once more: policy lets threats travel again.
    Told {
        id: ThreatId,
        at: Stamp,
    },
}

impl Threats {
    /// `source` now sees exactly `seen`, first seen at `detected`.
    pub(crate) fn observe(
        &self,
        source: Source,
        seen: &[(Classification, Subject)],
        detected: Stamp,
        at: Stamp,
        policy: Option<&Policy>,
    ) -> Vec<Change> {
        let seen: Vec<_> = seen.iter().filter(|(c, _)| is_looked_for(*c, policy)).collect();
        let gone = self
            .open
            .iter()
            .filter(|(_, open)| open.source == source)
            .filter(|(_, open)| !seen.iter().any(|(c, s)| *c == open.classification && *s == open.subject))
            .map(|(id, _)| Change::Resolved { id: *id, at });
        let room = MAX_OPEN.saturating_sub(self.open.len());
        let new = seen
            .iter()
            .filter(|(c, s)| !self.is_open(source, *c, s))
            .take(room)
            .enumerate()
            .map(|(nth, (c, s))| self.opened(source, *c, s, nth, detected, at));
        gone.chain(new).collect()
    }

    /// `source` sees this one threat, besides what it saw before.
    pub(crate) fn open_one(
        &self,
        source: Source,
        classification: Classification,
        subject: &Subject,
        detected: Stamp,
        at: Stamp,
        policy: Option<&Policy>,
    ) -> Option<Change> {
        let fits = self.open.len() < MAX_OPEN
            && is_looked_for(classification, policy)
            && !self.is_open(source, classification, subject);
        fits.then(|| self.opened(source, classification, subject, 0, detected, at))
    }

    /// How many of `seen` found no room.
    pub(crate) fn left_out(
        &self,
        source: Source,
        seen: &[(Classification, Subject)],
        policy: Option<&Policy>,
    ) -> usize {
        let missing =
            |(c, s): &&(Classification, Subject)| is_looked_for(*c, policy) && !self.is_open(source, *c, s);
        if self.open.len() < MAX_OPEN { 0 } else { seen.iter().filter(missing).count() }
    }

    /// `source` no longer sees this one threat.
    pub(crate) fn resolve_one(
        &self,
        source: Source,
        classification: Classification,
        subject: &Subject,
        at: Stamp,
    ) -> Option<Change> {
        let found = self.open.iter().find(|(_, open)| {
            open.source == source && open.classification == classification && open.subject == *subject
        });
        found.map(|(id, _)| Change::Resolved { id: *id, at })
    }

    /// The user ignores a threat; nothing where policy does not allow it (P4).
    pub(crate) fn ignore(&self, id: ThreatId, at: Stamp, policy: Option<&Policy>) -> Option<Change> {
        let open = self.open.get(&id).filter(|open| !open.ignored)?;
        policy?.may_ignore(open.classification).then_some(Change::Ignored { id, at })
    }

    /// `source` no longer sees anything in `subject`.
    pub(crate) fn close(&self, source: Source, subject: &Subject, at: Stamp) -> Vec<Change> {
        let over = self.open.iter().filter(|(_, open)| open.source == source && open.subject == *subject);
        over.map(|(id, _)| Change::Resolved { id: *id, at }).collect()
    }

    /// Closes what the policy switched off (P3).
    pub(crate) fn switched_off(&self, at: Stamp, policy: &Policy) -> Vec<Change> {
        let off = self.open.iter().filter(|(_, open)| policy.mode(open.classification) == Mode::Off);
        off.map(|(id, _)| Change::Resolved { id: *id, at }).collect()
    }

    /// Closes threats on the web that nobody closed.
    pub(crate) fn outlived(&self, at: Stamp) -> Vec<Change> {
        let over = self
            .open
            .iter()
            .filter(|(_, open)| open.source == Source::Web && at.since(&open.detected) >= WEB_OPEN);
        over.map(|(id, _)| Change::Resolved { id: *id, at }).collect()
    }

    /// Reports everything that is open once more.
    pub(crate) fn told_again(&self, at: Stamp) -> Vec<Change> {
        self.open.keys().map(|id| Change::Told { id: *id, at }).collect()
    }

    /// Takes in a change; the transition that reports it.
    pub(crate) fn apply(&mut self, change: &Change, policy: Option<&Policy>) -> Option<Transition> {
        let (kind, id, open, at) = match change {
            Change::Opened { id, open, at } => {
                self.open.insert(*id, open.clone());
                (TransitionKind::Opened, *id, open.clone(), *at)
            }
            Change::Resolved { id, at } => (TransitionKind::Resolved, *id, self.open.remove(id)?, *at),
            Change::Ignored { id, at } => {
                let open = self.open.get_mut(id)?;
                open.ignored = true;
                (TransitionKind::Ignored, *id, open.clone(), *at)
            }
            Change::Told { id, at } => {
                let open = self.open.get(id)?;
                let kind = if open.ignored { TransitionKind::Ignored } else { TransitionKind::Opened };
                (kind, *id, open.clone(), *at)
            }
        };
        self.ordinal = self.ordinal.saturating_add(1);
        Some(Transition {
            ordinal: self.ordinal,
            kind,
            id,
            classification: open.classification,
            severity: severity(&open, policy),
            subject: open.subject,
            detected: open.detected,
            at,
        })
    }

    /// Nothing open; the count goes on, so that no identifier is used again.
    pub(crate) fn emptied(self) -> Self {
        Self { ordinal: self.ordinal, ..Self::default() }
    }

    /// The level, as far as the device can tell.
    pub(crate) fn level(&self, policy: Option<&Policy>) -> Level {
        let counts = |open: &&Open| !is_ignored(open.ignored, open.classification, policy);
        let counting = self.open.values().filter(counts);
        counting.map(|open| severity(open, policy).level()).max().unwrap_or(Level::Secured)
    }

    /// The open threats that count.
    pub(crate) fn counting(&self, policy: Option<&Policy>) -> impl Iterator<Item = OpenThreat> {
        let counts = move |open: &OpenThreat| !is_ignored(open.ignored, open.classification, policy);
        self.list(policy).into_iter().filter(counts)
    }

    /// Every open threat, for the first report of a chain and for the status. What the user chose is told as he chose it:
    /// another policy may let it count, and the next may not.
    pub(crate) fn list(&self, policy: Option<&Policy>) -> Vec<OpenThreat> {
        let listed = self.open.iter().map(|(id, open)| OpenThreat {
            id: *id,
            classification: open.classification,
            severity: severity(open, policy),
            subject: open.subject.clone(),
            detected: open.detected,
            ignored: open.ignored,
        });
        listed.collect()
    }

    /// Whether `source` has this one open.
    pub(crate) fn is_open(&self, source: Source, classification: Classification, subject: &Subject) -> bool {
        self.open.values().any(|open| {
            open.source == source && open.classification == classification && open.subject == *subject
        })
    }

    fn opened(
        &self,
        source: Source,
        classification: Classification,
        subject: &Subject,
        nth: usize,
        detected: Stamp,
        at: Stamp,
    ) -> Change {
        let open = Open { source, classification, subject: subject.clone(), detected, ignored: false };
        let id = derive_id(self.ordinal, nth, &open, at);
        Change::Opened { id, open, at }
    }
}

fn is_looked_for(classification: Classification, policy: Option<&Policy>) -> bool {
    policy.is_none_or(|policy| policy.mode(classification) != Mode::Off)
}

/// A policy that no longer lets the user ignore makes the threat count again.
fn is_ignored(ignored: bool, classification: Classification, policy: Option<&Policy>) -> bool {
    ignored && policy.is_some_and(|policy| policy.may_ignore(classification))
}

fn severity(open: &Open, policy: Option<&Policy>) -> Severity {
    policy
        .map_or_else(|| open.classification.default_severity(), |policy| policy.severity(open.classification))
}

/// Two threats never share an identifier: the ordinal or, after a wipe, the moment differs.
fn derive_id(ordinal: u64, nth: usize, open: &Open, at: Stamp) -> ThreatId {
    let written = serde_json::to_vec(&(ordinal, nth, open, at)).unwrap_or_default();
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(Digest::of(&written).as_bytes()) {
        *to = *from;
    }
    ThreatId::new(id)
}

#[cfg(test)]
mod tests;
