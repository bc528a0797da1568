//! What sensors and look-ups say.

use super::Agent;
use super::inventory::{self, Hashed};
use super::live::Job;
use super::state::Record;
use super::threats::Source;
use crate::code;
use crate::command::{Effect, Match};
use crate::event::{Collected, Detection};
use crate::failure::{CollectFailure, StorageFailure};
use crate::model::{App, AppId, Classification, Digest, Family, Subject};
use crate::time::Stamp;

/// Installation files hashed in one go.
const HASHED_AT_ONCE: usize = 8;

impl Agent {
    pub(super) fn collected(&mut self, collected: Collected) {
        match collected.posture {
            Ok(posture) => {
                self.live.posture = Some(posture);
                self.observe_posture();
            }
            Err(failure) => self.live.note(failure.code(), self.now),
        }
        match collected.apps {
            Ok(apps) => {
                let (apps, all) = inventory::bounded(apps);
                self.live.count(code::APPS_OVERFLOWED, u32::from(!all), self.now);
                self.read(apps);
            }
            Err(failure) => self.live.note(failure.code(), self.now),
        }
    }

    /// Compares what the sensors found with what is open.
    pub(super) fn observe_posture(&mut self) {
        let Some(posture) = &self.live.posture else { return };
        // What is not known is neither found nor resolved: what is open of it stays.
        let stays = |unknown: &&Classification| {
            self.state.threats.is_open(Source::Posture, **unknown, &Subject::Device)
        };
        let seen: Vec<(Classification, Subject)> = posture
            .findings
            .iter()
            .chain(posture.unknown.iter().filter(stays))
            .filter(|finding| finding.family() != Family::Application)
            .map(|finding| (*finding, Subject::Device))
            .collect();
        self.observe(Source::Posture, &seen);
    }

    fn observe(&mut self, source: Source, seen: &[(Classification, Subject)]) {
        let (now, policy) = (self.now, self.state.policy());
        let changes = self.state.threats.observe(source, seen, now, now, policy);
        self.record_all(changes);
        self.count_left_out(source, seen);
    }

    /// `source` sees this one threat, first at `detected`, besides what it saw before.
    pub(super) fn open_one(
        &mut self,
        source: Source,
        classification: Classification,
        subject: Subject,
        detected: Stamp,
    ) {
        let (now, policy) = (self.now, self.state.policy());
        let opened = self.state.threats.open_one(source, classification, &subject, detected, now, policy);
        self.record_all(opened);
        self.count_left_out(source, &[(classification, subject)]);
    }

    /// A device with so many open threats is High by any measure; that there are more is told.
    fn count_left_out(&mut self, source: Source, seen: &[(Classification, Subject)]) {
        if self.state.threats.left_out(source, seen, self.state.policy()) > 0 {
            self.live.count(code::THREATS_OVERFLOWED, 1, self.now);
        }
    }

    pub(super) fn matched(&mut self, result: Result<Vec<Match>, StorageFailure>) {
        self.live.match_apps = false;
        match result {
            Ok(matches) => {
                let seen: Vec<(Classification, Subject)> =
                    matches.into_iter().map(|found| (found.classification, found.subject)).collect();
                self.observe(Source::Apps, &seen);
            }
            Err(failure) => self.live.note(failure.code(), self.now),
        }
    }

    /// The next installation files to hash (P5): of apps from no store, while charging, and only if an indicator set
    /// could know them.
    pub(super) fn hash_step(&self) -> Option<(Job, Effect)> {
        self.state.policies.manifest().filter(|_| self.live.power.charging)?;
        let unknown = |app: &&App| {
            !app.is_from_store() && app.file_sha256.is_none() && !self.live.unhashable.contains_key(&app.id)
        };
        let apps = self.live.apps.as_ref()?.iter().filter(unknown).take(inventory::MAX_HASHES);
        let batch: Vec<AppId> = apps.take(HASHED_AT_ONCE).map(|app| app.id.clone()).collect();
        (!batch.is_empty()).then(|| (Job::Hash(batch.clone()), Effect::HashApps(batch)))
    }

    pub(super) fn hashed(&mut self, job: &Job, result: Result<Vec<(AppId, Digest)>, CollectFailure>) {
        let Job::Hash(asked) = job else { return };
        // Asked once and not again in this process: what is hashed is remembered, what is not cannot be.
        self.live.not_again(asked);
        let hashes = match result {
            Ok(hashes) => hashes,
            Err(failure) => return self.live.note(failure.code(), self.now),
        };
        let mut hashed = Vec::new();
        for app in self.live.apps.iter_mut().flatten().filter(|app| asked.contains(&app.id)) {
            if let Some((_, sha256)) = hashes.iter().find(|(id, _)| *id == app.id) {
                app.file_sha256 = Some(*sha256);
                hashed.push((app.id.clone(), Hashed::new(app, *sha256)));
            }
        }
        if !hashed.is_empty() {
            self.live.match_apps = true;
            self.record(Record::Inventory(inventory::Change::Hashed(hashed)));
        }
    }

    pub(super) fn detect(&mut self, detection: &Detection) {
        self.open_one(Source::Engine, detection.classification, subject(detection), self.now);
    }

    pub(super) fn clear(&mut self, detection: &Detection) {
        let subject = subject(detection);
        let threats = &self.state.threats;
        let change = threats.resolve_one(Source::Engine, detection.classification, &subject, self.now);
        self.record_all(change);
    }

    /// A list of apps that is not believed changes nothing: the last one stands (P10).
    fn read(&mut self, mut apps: Vec<App>) {
        let before = self.state.inventory.read();
        if !self.live.readings.believes(before, &apps, self.now) {
            return self.live.note(code::APPS_DOUBTED, self.now);
        }
        if apps.len() != before {
            self.record(Record::Inventory(inventory::Change::Read(apps.len())));
        }
        for app in &mut apps {
            app.file_sha256 = app.file_sha256.or_else(|| self.state.inventory.hash(app));
        }
        self.live.apps = Some(apps);
        self.live.match_apps = true;
    }
}

fn subject(detection: &Detection) -> Subject {
    match &detection.app {
        Some(id) => Subject::App { id: id.clone() },
        None => match detection.classification.family() {
            Family::Network => Subject::Network,
            Family::Device | Family::Application | Family::Web => Subject::Device,
        },
    }
}
