//! Indicator sets as the partner publishes them.

use std::collections::BTreeSet;

use agent_logic::command::{Match, Query};
use agent_logic::failure::SendFailure;
use agent_logic::model::{AppId, Classification, Digest, Subject};
use agent_logic::wire::{Bucket, IndicatorKind, Manifest, policy_kind};

use super::{Cloud, FAR, Mood, garbage, tenant};
use crate::world::chance::Chance;
use crate::world::phone::Kind;

/// What an app is whose installation file a set names.
pub(in crate::world) const BY_FILE: Classification = Classification::Ransomware;

/// Bytes of a set: 100,000 indicators (design).
const SET: u32 = 1_200_000;

/// One set: what it names.
#[derive(Clone)]
pub(in crate::world) struct Published {
    pub(in crate::world) manifest: Manifest,
    pub(in crate::world) bad: Bad,
    /// With every domain that belongs to them.
    pub(in crate::world) domains: BTreeSet<&'static str>,
}

/// What is bad about apps.
#[derive(Clone, Debug, Default)]
pub(in crate::world) struct Bad {
    pub(in crate::world) apps: BTreeSet<AppId>,
    /// Installation files.
    pub(in crate::world) files: BTreeSet<Digest>,
}

impl Bad {
    /// The threat that an app of this name is.
    pub(in crate::world) fn by_name(&self, id: &AppId) -> Option<Kind> {
        self.apps.contains(id).then(|| (Classification::Spyware, Subject::App { id: id.clone() }))
    }

    /// The threat that an app with this installation file is.
    pub(in crate::world) fn by_file(&self, id: &AppId, file: Digest) -> Option<Kind> {
        self.files.contains(&file).then(|| (BY_FILE, Subject::App { id: id.clone() }))
    }
}

impl Published {
    /// What the set says about these queries.
    pub(in crate::world) fn look_up(&self, queries: &[Query]) -> Vec<Match> {
        let files: BTreeSet<String> = self.bad.files.iter().map(Digest::to_string).collect();
        let named = |query: &Query| match (&query.subject, query.kind) {
            (Subject::App { id }, IndicatorKind::Package) => {
                self.bad.apps.contains(id).then_some(Classification::Spyware)
            }
            (Subject::App { .. }, IndicatorKind::FileSha256) => {
                files.contains(query.value.reveal()).then_some(BY_FILE)
            }
            (Subject::Domain { .. }, IndicatorKind::Domain) => {
                let named = self.domains.contains(query.value.reveal().as_str());
                named.then_some(Classification::Phishing)
            }
            (Subject::App { .. } | Subject::Domain { .. } | Subject::Device | Subject::Network, _) => None,
        };
        let found = queries.iter().filter_map(|query| {
            Some(Match { classification: named(query)?, subject: query.subject.clone() })
        });
        found.collect()
    }
}

impl Cloud {
    /// Another indicator set is published: these apps and domains are bad.
    pub(in crate::world) fn publish(&mut self, bad: Bad, domains: BTreeSet<&'static str>) {
        let version = self.indicators.last().map_or(1, |set| set.manifest.version + 1);
        let manifest = Manifest {
            kind: policy_kind::INDICATORS.into(),
            tenant: tenant(),
            version,
            expires: FAR,
            classifications: vec![Classification::Spyware, BY_FILE, Classification::Phishing],
            buckets: vec![Bucket { length: SET, digest: Digest::of(&version.to_be_bytes()) }],
        };
        self.indicators.push(Published { manifest, bad, domains });
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

    /// What the newest set names.
    pub(in crate::world) fn bad(&self) -> Bad {
        self.indicators.last().map_or_else(Bad::default, |set| set.bad.clone())
    }

    /// What any set ever named: a device may hold an older one.
    pub(in crate::world) fn ever_bad(&self) -> Bad {
        let apps = self.indicators.iter().flat_map(|set| &set.bad.apps).cloned().collect();
        Bad { apps, files: self.indicators.iter().flat_map(|set| &set.bad.files).copied().collect() }
    }
}
