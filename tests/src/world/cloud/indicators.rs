//! Indicator sets as the partner publishes them.

use std::collections::BTreeSet;

use agent_logic::command::{Match, Query};
use agent_logic::failure::SendFailure;
use agent_logic::model::{AppId, Classification, Digest, Subject};
use agent_logic::wire::{Bucket, IndicatorKind, Manifest, policy_kind};

use super::{Cloud, FAR, Mood, garbage, tenant};
use crate::world::chance::Chance;

/// Bytes of a set: 100,000 indicators (design).
const SET: u32 = 1_200_000;

/// One set: what it names.
#[derive(Clone)]
pub(in crate::world) struct Published {
    pub(in crate::world) manifest: Manifest,
    pub(in crate::world) apps: BTreeSet<AppId>,
    /// With every domain that belongs to them.
    pub(in crate::world) domains: BTreeSet<&'static str>,
}

impl Published {
    /// What the set says about these queries.
    pub(in crate::world) fn look_up(&self, queries: &[Query]) -> Vec<Match> {
        let named = |query: &&Query| match (&query.subject, query.kind) {
            (Subject::App { id }, IndicatorKind::Package) => self.apps.contains(id),
            (Subject::Domain { .. }, IndicatorKind::Domain) => {
                self.domains.contains(query.value.reveal().as_str())
            }
            (Subject::App { .. } | Subject::Domain { .. } | Subject::Device | Subject::Network, _) => false,
        };
        let found = queries.iter().filter(named).map(|query| Match {
            subject: query.subject.clone(),
            classification: match query.subject {
                Subject::Domain { .. } => Classification::Phishing,
                Subject::App { .. } | Subject::Device | Subject::Network => Classification::Spyware,
            },
        });
        found.collect()
    }
}

impl Cloud {
    /// Another indicator set is published: these apps and domains are bad.
    pub(in crate::world) fn publish(&mut self, apps: BTreeSet<AppId>, domains: BTreeSet<&'static str>) {
        let version = self.indicators.last().map_or(1, |set| set.manifest.version + 1);
        let manifest = Manifest {
            kind: policy_kind::INDICATORS.into(),
            tenant: tenant(),
            version,
            expires: FAR,
            classifications: vec![Classification::Spyware, Classification::Phishing],
            buckets: vec![Bucket { length: SET, digest: Digest::of(&version.to_be_bytes()) }],
        };
        self.indicators.push(Published { manifest, apps, domains });
    }

    /// Whether a download comes whole.
    pub(in crate::world) fn give_set(&self, chance: &mut Chance) -> Result<(), SendFailure> {
        match self.turned_away() {
            Some(failure) => Err(failure),
            None if self.mood == Mood::Garbling && chance.one_in(2) => Err(garbage(chance)),
            None => Ok(()),
        }
    }

    /// The set of this version.
    pub(in crate::world) fn set(&self, version: u64) -> Option<&Published> {
        self.indicators.iter().find(|set| set.manifest.version == version)
    }

    /// The apps that the newest set names.
    pub(in crate::world) fn bad(&self) -> Option<&BTreeSet<AppId>> {
        self.indicators.last().map(|set| &set.apps)
    }

    /// The apps that any set ever named: a device may hold an older one.
    pub(in crate::world) fn ever_bad(&self) -> BTreeSet<AppId> {
        self.indicators.iter().flat_map(|set| &set.apps).cloned().collect()
    }
}
