//! What blocks access, and at which level of policy. A preview for the phone's owner: Intune decides.

use super::Agent;
use crate::model::{Activation, Classification, HealthState, Level, Protection, Security, ThreatId};
use crate::text::{self, Text};

/// How a device stands before a policy that allows `required` at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The highest level that the policy allows.
    pub required: Level,
    /// Whether the device passes.
    pub passes: bool,
    /// What stands in the way, worst first; empty where it passes.
    pub blockers: Vec<Blocker>,
}

/// One thing that stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocker {
    /// The state of the device, whatever threats are open.
    State(HealthState),
    /// An open threat.
    Threat(Counted),
}

/// An open threat that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Stable from detection to resolution.
    pub id: ThreatId,
    /// What it is; absent when the cloud names what this version does not know.
    pub classification: Option<Classification>,
    /// The level it gives.
    pub level: Level,
}

impl Blocker {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> Text {
        match self {
            Self::State(state) => text::of_health(*state),
            Self::Threat(threat) => threat.classification.map_or_else(text::of_unknown_threat, text::remedy),
        }
    }
}

impl Counted {
    fn user_can_fix(&self) -> bool {
        self.classification.is_none_or(Classification::user_can_fix)
    }
}

/// How a device in `health` stands before each level of policy.
pub(super) fn explain(health: HealthState, counted: &[Counted]) -> [Access; 4] {
    Level::ALL.map(|required| {
        let passes = health.passes(required);
        let blockers = if passes { Vec::new() } else { blockers(health, counted, required) };
        Access { required, passes, blockers }
    })
}

fn blockers(health: HealthState, counted: &[Counted], required: Level) -> Vec<Blocker> {
    let compromised = health == HealthState::Compromised;
    let rated = compromised || health.level().is_some();
    let in_the_way = |threat: &&Counted| {
        threat.level > required || (compromised && threat.level > Level::Secured && !threat.user_can_fix())
    };
    let mut threats: Vec<Counted> = counted.iter().filter(|_| rated).filter(in_the_way).copied().collect();
    if threats.is_empty() {
        return vec![Blocker::State(health)];
    }
    threats.sort_by_key(|threat| std::cmp::Reverse((!threat.user_can_fix(), threat.level)));
    threats.into_iter().map(Blocker::Threat).collect()
}

impl Agent {
    /// The third axis. In step with the cloud, its word stands; else what the device sees counts at once.
    pub(super) fn security(&self) -> Security {
        let registration = &self.state.registration;
        if registration.consent && registration.target.is_none() {
            return Security::Misconfigured;
        }
        let Some(verdict) = registration.identity.as_ref().and(self.state.contact.verdict.as_ref()) else {
            return Security::Unknown;
        };
        if !self.in_step() {
            return Security::worst(
                self.counted().iter().map(|threat| (threat.level, threat.user_can_fix())),
            );
        }
        match verdict.health {
            HealthState::Activated => Security::Unknown,
            HealthState::Compromised => Security::Compromised,
            HealthState::Misconfigured => Security::Misconfigured,
            HealthState::Unknown
            | HealthState::Deactivated
            | HealthState::Unresponsive
            | HealthState::Secured
            | HealthState::LowSeverity
            | HealthState::MediumSeverity
            | HealthState::HighSeverity => Security::Rated(verdict.level),
        }
    }

    /// The open threats that count: those that the cloud names when it knows all, else what the device sees
    /// and what the cloud found on its own.
    pub(super) fn counted(&self) -> Vec<Counted> {
        let verdict = self.state.contact.verdict.as_ref();
        // Where threats stay on the device the cloud names none.
        if let Some(verdict) = verdict.filter(|_| self.in_step() && self.state.tells_threats()) {
            let named = verdict.why.iter();
            return named.map(|why| Counted::named(why.id, &why.classification, why.level)).collect();
        }
        let seen = self.state.threats.counting(self.state.policy()).map(|open| Counted {
            id: open.id,
            classification: Some(open.classification),
            level: open.severity.level(),
        });
        let found = verdict.into_iter().flat_map(|verdict| &verdict.cloud_threats);
        seen.chain(found.map(|found| Counted::named(found.id, &found.classification, found.level))).collect()
    }

    /// The level: known only of an activated device in contact.
    pub(super) fn level(
        &self,
        activation: Activation,
        protection: Protection,
        security: Security,
    ) -> Option<Level> {
        match (activation, protection, security) {
            (Activation::Activated, Protection::Protected, Security::Rated(level)) => Some(level),
            (Activation::Activated, Protection::Protected, Security::Compromised) => {
                self.counted().iter().map(|threat| threat.level).max().or(Some(Level::High))
            }
            (Activation::Activated, Protection::Protected, Security::Unknown | Security::Misconfigured)
            | (Activation::Activated, Protection::Disconnected, _)
            | (Activation::Pending | Activation::Deactivated, _, _) => None,
        }
    }

    fn in_step(&self) -> bool {
        !self.has_news()
    }
}

impl Counted {
    fn named(id: ThreatId, classification: &str, level: Level) -> Self {
        Self { id, classification: classification.parse().ok(), level }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn threat(id: u8, classification: Classification, level: Level) -> Counted {
        Counted { id: ThreatId::new([id; 16]), classification: Some(classification), level }
    }

    const LOCK: Counted = threat(1, Classification::NoDeviceLock, Level::Medium);
    const SIDELOADED: Counted = threat(2, Classification::SideloadedApp, Level::Low);
    const ROOT: Counted = threat(3, Classification::RootJailbreak, Level::Low);

    #[test]
    fn each_level_names_the_threats_above_it() {
        let [secured, low, medium, high] = explain(HealthState::MediumSeverity, &[SIDELOADED, LOCK]);
        assert_eq!(secured.blockers, [Blocker::Threat(LOCK), Blocker::Threat(SIDELOADED)]);
        assert_eq!(low.blockers, [Blocker::Threat(LOCK)]);
        assert!(!secured.passes && !low.passes && medium.passes && high.passes);
        assert!(medium.blockers.is_empty() && high.blockers.is_empty());
    }

    #[test]
    fn what_the_user_cannot_end_blocks_every_level() {
        let access = explain(HealthState::Compromised, &[LOCK, ROOT]);
        assert!(access.iter().all(|access| !access.passes));
        assert_eq!(access[0].blockers, [Blocker::Threat(ROOT), Blocker::Threat(LOCK)]);
        assert_eq!(access[3].blockers, [Blocker::Threat(ROOT)]);
    }

    #[test]
    fn a_state_without_a_level_blocks_by_itself() {
        for state in HealthState::ALL.into_iter().filter(|state| state.level().is_none()) {
            for access in explain(state, &[]) {
                assert_eq!(access.blockers, [Blocker::State(state)]);
            }
        }
        let access = explain(HealthState::Unresponsive, &[LOCK]);
        assert_eq!(access[0].blockers, [Blocker::State(HealthState::Unresponsive)]);
    }
}
