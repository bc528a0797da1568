//! The phone itself: settings, apps, what the partner's engine sees. This is the truth.

use std::collections::{BTreeMap, BTreeSet};

use agent_logic::event::{Detection, Posture};
use agent_logic::model::{App, AppId, Classification, Digest, Ownership, Subject};
use agent_logic::redact::Redacted;
use agent_logic::time::Wall;
use agent_logic::wire::{Facts, Policy};

use super::chance::Chance;
use super::cloud::Bad;

/// What a threat is, without its identifier.
pub(super) type Kind = (Classification, Subject);

/// What the posture sensors may find.
const FINDINGS: [Classification; 5] = [
    Classification::NoDeviceLock,
    Classification::UsbDebugging,
    Classification::DeveloperMode,
    Classification::OutOfDateOs,
    Classification::RootJailbreak,
];

/// What the engine may find; the last is in an app.
const DETECTIONS: [(Classification, bool); 4] = [
    (Classification::RogueWifi, false),
    (Classification::AccessControlViolation, false),
    (Classification::Phishing, false),
    (Classification::Trojan, true),
];

#[derive(Debug)]
pub(super) struct Phone {
    pub(super) findings: BTreeSet<Classification>,
    detected: [bool; 4],
    pub(super) apps: BTreeMap<AppId, App>,
    installed: u64,
    /// Apps that changed since all of them were last read.
    pub(super) unread: BTreeSet<AppId>,
    /// The indicator set on the disk.
    pub(super) indicators: Option<u64>,
}

impl Phone {
    pub(super) fn new(chance: &mut Chance) -> Self {
        let mut phone = Self {
            findings: BTreeSet::new(),
            detected: [false; 4],
            apps: BTreeMap::new(),
            installed: 0,
            unread: BTreeSet::new(),
            indicators: None,
        };
        let count = chance.between(3, 30);
        phone.install(count);
        phone
    }

    pub(super) fn install(&mut self, count: u64) -> Vec<AppId> {
        let mut added = Vec::new();
        for _ in 0..count {
            self.installed += 1;
            let Ok(id) = format!("com.app.a{}", self.installed).parse::<AppId>() else { continue };
            let mut app = App::new(id.clone());
            app.managed = managed(&id);
            app.name = Some(Redacted::new(format!("App {}", self.installed)));
            app.version = Some(Redacted::new("1".into()));
            app.installer = installer(&id);
            app.updated = Some(Wall(self.installed));
            self.apps.insert(id.clone(), app);
            added.push(id);
        }
        added
    }

    pub(super) fn remove(&mut self, count: u64, chance: &mut Chance) {
        for _ in 0..count {
            if let Some(id) = self.apps.keys().nth(chance.index(self.apps.len())).cloned() {
                self.apps.remove(&id);
            }
        }
    }

    pub(super) fn update(&mut self, chance: &mut Chance) {
        let at = chance.index(self.apps.len());
        if let Some(app) = self.apps.values_mut().nth(at) {
            // Some builds keep their number, some rebuild it in the same second.
            if chance.one_in(2) {
                app.version = Some(Redacted::new(chance.below(1_000_000).to_string()));
            } else {
                app.updated = app.updated.map(|updated| Wall(updated.0 + 1 + chance.below(1_000)));
            }
            self.unread.insert(app.id.clone());
        }
    }

    /// A setting changes; the finding, if it is one now.
    pub(super) fn toggle_finding(&mut self, chance: &mut Chance) -> Option<Kind> {
        let finding = *chance.pick(&FINDINGS)?;
        if self.findings.remove(&finding) {
            return None;
        }
        self.findings.insert(finding);
        Some((finding, Subject::Device))
    }

    /// The engine finds something or no longer does: what it tells, and whether it is there.
    pub(super) fn toggle_detection(&mut self, chance: &mut Chance) -> Option<(Detection, bool)> {
        let at = chance.index(self.detected.len());
        let there = self.detected.get_mut(at)?;
        *there = !*there;
        let there = *there;
        Some((detection(at)?, there))
    }

    /// Everything the engine can say, as it stands.
    pub(super) fn detections(&self) -> Vec<(Detection, bool)> {
        let all = self.detected.iter().enumerate();
        let seen = all.filter_map(|(at, there)| Some((detection(at)?, *there)));
        seen.chain([(flood(), false)]).collect()
    }

    pub(super) fn posture(&self) -> Posture {
        let facts = Facts {
            platform: "android".into(),
            os_version: "16".into(),
            model: Some("Model".into()),
            ..Facts::default()
        };
        Posture { facts, findings: self.findings.clone(), unknown: BTreeSet::new() }
    }

    /// Every threat that is there, sorted.
    pub(super) fn threats(&self, bad: &Bad) -> Vec<Kind> {
        let findings = self.findings.iter().map(|finding| (*finding, Subject::Device));
        let detected = self.detections().into_iter().filter(|(_, there)| *there);
        let engine = detected.map(|(detection, _)| kind(&detection));
        let apps = self.apps.values().flat_map(|app| {
            let by_file = is_hashable(app).then(|| bad.by_file(&app.id, file(app))).flatten();
            bad.by_name(&app.id).into_iter().chain(by_file)
        });
        let mut all: Vec<Kind> = findings.chain(engine).chain(apps).collect();
        all.sort();
        all
    }

    /// The apps that may leave the device under `policy`, if any may. Written apart from the agent's own.
    pub(super) fn shareable(&self, policy: &Policy) -> Option<BTreeMap<AppId, App>> {
        if !policy.app_sync {
            return None;
        }
        let may = |app: &App| may_leave(&app.id, policy);
        Some(
            self.apps.iter().filter(|(_, app)| may(app)).map(|(id, app)| (id.clone(), app.clone())).collect(),
        )
    }
}

/// The privacy matrix, for one app while app sync is on.
pub(super) fn may_leave(app: &AppId, policy: &Policy) -> bool {
    match (policy.ownership, managed(app), policy.full_inventory_on_personal) {
        (Ownership::Company, _, _) | (_, Some(true), _) | (_, _, true) => true,
        (Ownership::Personal | Ownership::Unknown, Some(false) | None, false) => false,
    }
}

/// The store, for three apps of four.
fn installer(app: &AppId) -> Option<AppId> {
    let sideloaded = super::trace::mark(app.reveal().as_bytes()).is_multiple_of(4);
    (!sideloaded).then(|| "com.android.vending".parse().ok()).flatten()
}

/// Whether the agent gets to know its installation file (P5): it is from no store, and can be read.
pub(super) fn is_hashable(app: &App) -> bool {
    app.installer.is_none() && !super::trace::mark(app.id.reveal().as_bytes()).is_multiple_of(7)
}

/// The installation file of an app as it is now.
pub(super) fn file(app: &App) -> Digest {
    let version = app.version.as_ref().map_or("", |version| version.reveal());
    let updated = app.updated.map_or(0, |updated| updated.0).to_be_bytes();
    Digest::of_parts([b"file".as_slice(), app.id.reveal().as_bytes(), version.as_bytes(), &updated])
}

/// Whether the organisation deployed it: fixed for each app, so that it is known after the app is gone.
fn managed(app: &AppId) -> Option<bool> {
    match super::trace::mark(app.reveal().as_bytes()) % 3 {
        0 => None,
        1 => Some(false),
        _ => Some(true),
    }
}

/// What the agent makes of a detection.
pub(super) fn kind(detection: &Detection) -> Kind {
    let subject = match (&detection.app, detection.classification) {
        (Some(id), _) => Subject::App { id: id.clone() },
        (None, Classification::RogueWifi) => Subject::Network,
        (None, _) => Subject::Device,
    };
    (detection.classification, subject)
}

/// What comes and goes more often than a device can keep; it is never there for long.
pub(super) const fn flood() -> Detection {
    Detection { classification: Classification::Adware, app: None }
}

fn detection(at: usize) -> Option<Detection> {
    let (classification, in_app) = *DETECTIONS.get(at)?;
    let app = if in_app { Some("com.app.a1".parse().ok()?) } else { None };
    Some(Detection { classification, app })
}
