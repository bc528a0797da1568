//! Open threats: what each source sees is compared with what is open; the difference becomes transitions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Classification, Digest, Level, Subject, ThreatId};
use crate::time::Stamp;
use crate::wire::{OpenThreat, Policy, Transition, TransitionKind};

/// Most threats that are open at once. A device with more is High by any measure; later ones wait.
pub(crate) const MAX_OPEN: usize = 1_000;

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
}

/// One open threat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Open {
    pub(crate) source: Source,
    pub(crate) classification: Classification,
    pub(crate) subject: Subject,
    pub(crate) detected: Stamp,
}

/// Everything that is open. Durable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Threats {
    open: BTreeMap<ThreatId, Open>,
    /// Transitions ever made; the next ordinal is one more.
    ordinal: u64,
}

/// What changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Change {
    Opened { id: ThreatId, open: Open, at: Stamp },
    Resolved { id: ThreatId, at: Stamp },
}

impl Threats {
    /// `source` now sees exactly `seen`, first seen at `detected`.
    pub(crate) fn observe(
        &self,
        source: Source,
        seen: &[(Classification, Subject)],
        detected: Stamp,
        at: Stamp,
    ) -> Vec<Change> {
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
    ) -> Option<Change> {
        let fits = self.open.len() < MAX_OPEN && !self.is_open(source, classification, subject);
        fits.then(|| self.opened(source, classification, subject, 0, detected, at))
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

    /// Takes in a change; the transition that reports it.
    pub(crate) fn apply(&mut self, change: &Change, policy: Option<&Policy>) -> Option<Transition> {
        let (kind, id, open, at) = match change {
            Change::Opened { id, open, at } => {
                self.open.insert(*id, open.clone());
                (TransitionKind::Opened, *id, open.clone(), *at)
            }
            Change::Resolved { id, at } => (TransitionKind::Resolved, *id, self.open.remove(id)?, *at),
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

    /// The level, as far as the device can tell.
    pub(crate) fn level(&self, policy: Option<&Policy>) -> Level {
        self.open.values().map(|open| severity(open, policy).level()).max().unwrap_or(Level::Secured)
    }

    /// Every open threat, for the first report of a chain and for the status.
    pub(crate) fn list(&self, policy: Option<&Policy>) -> Vec<OpenThreat> {
        let listed = self.open.iter().map(|(id, open)| OpenThreat {
            id: *id,
            classification: open.classification,
            severity: severity(open, policy),
            subject: open.subject.clone(),
            detected: open.detected,
            ignored: false,
        });
        listed.collect()
    }

    fn is_open(&self, source: Source, classification: Classification, subject: &Subject) -> bool {
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
        let open = Open { source, classification, subject: subject.clone(), detected };
        let id = derive_id(self.ordinal, nth, &open, at);
        Change::Opened { id, open, at }
    }
}

fn severity(open: &Open, policy: Option<&Policy>) -> crate::model::Severity {
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
mod tests {
    use super::*;
    use crate::time::{Boot, Mono, Now, Wall};

    fn at(second: u64) -> Now {
        Now { boot: Boot(1), mono: Mono(second * 1_000), wall: Wall(second * 1_000) }
    }

    fn see(threats: &mut Threats, seen: &[(Classification, Subject)], second: u64) -> Vec<Transition> {
        let changes = threats.observe(Source::Posture, seen, at(second), at(second));
        changes.iter().filter_map(|change| threats.apply(change, None)).collect()
    }

    #[test]
    fn a_threat_opens_once_and_resolves_once() {
        let mut threats = Threats::default();
        let seen = [(Classification::NoDeviceLock, Subject::Device)];
        let opened = see(&mut threats, &seen, 1);
        assert_eq!(
            opened.iter().map(|t| (t.ordinal, t.kind)).collect::<Vec<_>>(),
            [(1, TransitionKind::Opened)]
        );
        assert_eq!(threats.level(None), Level::Low);
        assert!(see(&mut threats, &seen, 2).is_empty());
        let resolved = see(&mut threats, &[], 3);
        assert_eq!(resolved.len(), 1);
        assert_eq!((resolved[0].ordinal, resolved[0].kind), (2, TransitionKind::Resolved));
        assert_eq!(resolved[0].id, opened[0].id);
        assert_eq!(threats.level(None), Level::Secured);
    }

    #[test]
    fn a_source_does_not_resolve_what_another_opened() {
        let mut threats = Threats::default();
        see(&mut threats, &[(Classification::NoDeviceLock, Subject::Device)], 1);
        assert!(threats.observe(Source::Apps, &[], at(2), at(2)).is_empty());
    }

    #[test]
    fn the_same_threat_seen_again_later_is_another_one() {
        let mut threats = Threats::default();
        let seen = [(Classification::NoDeviceLock, Subject::Device)];
        let first = see(&mut threats, &seen, 1)[0].id;
        see(&mut threats, &[], 2);
        assert_ne!(see(&mut threats, &seen, 3)[0].id, first);
    }

    #[test]
    fn no_more_are_open_than_the_bound() {
        let mut threats = Threats::default();
        let seen: Vec<_> = (0..MAX_OPEN + 5)
            .map(|n| (Classification::Adware, Subject::App { id: format!("com.a{n}").parse().unwrap() }))
            .collect();
        assert_eq!(see(&mut threats, &seen, 1).len(), MAX_OPEN);
    }

    #[test]
    fn policy_rates_what_is_open() {
        let mut threats = Threats::default();
        see(&mut threats, &[(Classification::NoDeviceLock, Subject::Device)], 1);
        let tenant = "b9841cd9-9843-405f-be28-b2265c59ef97".parse().unwrap();
        let mut policy = Policy::new(tenant, 1, Wall(0));
        policy.severities.insert(Classification::NoDeviceLock, crate::model::Severity::None);
        assert_eq!(threats.level(Some(&policy)), Level::Secured);
    }
}
