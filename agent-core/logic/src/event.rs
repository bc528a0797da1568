//! What happens to the agent.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::command::{CommandId, Credential, Match};
use crate::configuration::Finding;
use crate::failure::{CollectFailure, EnrolFailure, KeyFailure, SendFailure, StorageFailure};
use crate::model::{App, AppId, Classification, DeviceId, Digest, Domain, TenantId, ThreatId};
use crate::redact::{Bytes, Redacted};
use crate::time::Wall;
use crate::wire::{CheckInAnswer, CommandDocument, Facts, KeyProtection, Manifest, Policy};

/// Something that happened. The shell reports it; the agent decides what it means.
#[derive(Clone, Debug)]
pub enum Event {
    /// The host's or the MDM's configuration, complete each time.
    Configured(Configuration),
    /// The user or the administrator agreed (or no longer agrees) that the device is protected and reports.
    Consent(bool),
    /// The OS gave us time, a push came, or the user asked: be in contact now.
    CheckIn,
    /// The partner's own engine found something.
    Detected(Detection),
    /// The partner's own engine no longer finds it.
    Cleared(Detection),
    /// The user ignores an open threat. Counts only where policy allows it.
    Ignore(ThreatId),
    /// The user is about to visit this domain: [`crate::agent::Agent::verdict`] answers.
    Visit(Domain),
    /// The user left this domain's page, or did not open it.
    Left(Domain),
    /// The charger was plugged in or out, or is told for the first time.
    Power(Power),
    /// The user leaves, or the host was told to.
    Deactivate,
    /// The network changed, or is told for the first time.
    Network(Network),
    /// Apps or settings changed.
    Changed,
    /// The device was unlocked for the first time since boot.
    Unlocked,
    /// The time of [`crate::time::Wake`] came, or might have.
    Woke,
    /// A command ended.
    Done(CommandId, Outcome),
}

/// The end of a command.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// `Save`, `Compact`, `Erase`.
    Saved(Result<(), StorageFailure>),
    /// `MakeKey`.
    KeyMade(Result<KeyMade, KeyFailure>),
    /// `MakeRequest`: PKCS#10, DER.
    RequestMade(Result<Bytes, KeyFailure>),
    /// `DropKey`.
    KeyDropped(Result<(), KeyFailure>),
    /// `Enrol`.
    Enrolled(Result<Enrolled, EnrolFailure>),
    /// `Send`.
    Answered(Result<Box<Answer>, SendFailure>),
    /// `FetchIndicators`.
    Fetched(Result<(), FetchFailure>),
    /// `Match`.
    Matched(Result<Vec<Match>, StorageFailure>),
    /// `Collect`.
    Collected(Box<Collected>),
    /// `HashApps`: SHA-256 of each installation file that could be read.
    Hashed(Result<Vec<(AppId, Digest)>, CollectFailure>),
    /// The shell gave up: the deadline passed, or the work died.
    Lost,
}

/// A key that is there.
#[derive(Clone, Debug)]
pub struct KeyMade {
    /// How the store keeps it.
    pub protection: KeyProtection,
}

/// A fetch of indicators that did not end well.
#[derive(Clone, Debug)]
pub enum FetchFailure {
    /// The exchange failed, or a bucket differs from the manifest.
    Send(SendFailure),
    /// The set cannot be kept.
    Storage(StorageFailure),
}

/// A document whose signature under a policy key was checked by the shell.
#[derive(Clone, Debug)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    /// The caller states that it verified the signature over `value`.
    pub const fn assertion(value: T) -> Self {
        Self(value)
    }

    /// The document.
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// The answer to an enrolment.
#[derive(Clone, Debug)]
pub enum Enrolled {
    /// A certificate, checked: our key, our CA, our device ID, for client authentication.
    Issued(Certificate),
    /// Ask again with the same request, not before this pause.
    Wait(Option<Duration>),
}

/// A device certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// DER.
    pub der: Bytes,
    /// Valid until then.
    pub not_after: Wall,
}

/// The answer to a check-in, signatures checked.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The answer as parsed.
    pub reply: CheckInAnswer,
    /// Its policy, if the signature holds.
    pub policy: Option<Verified<Policy>>,
    /// Its indicator manifest, if the signature holds.
    pub manifest: Option<Verified<Manifest>>,
    /// Its signed commands whose signatures hold.
    pub commands: Vec<Verified<CommandDocument>>,
    /// Documents whose signature does not hold.
    pub forged: u32,
    /// What the exchange cost.
    pub traffic: Traffic,
    /// The server certificate's end: server time counts up to it only (D12).
    pub server_valid_until: Wall,
}

/// Bytes above TCP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// To the cloud, TLS included.
    pub up: u64,
    /// From the cloud, TLS included.
    pub down: u64,
}

/// What the sensors read.
#[derive(Clone, Debug)]
pub struct Collected {
    /// What the device is, and what its settings are.
    pub posture: Result<Posture, CollectFailure>,
    /// Every app the system shows.
    pub apps: Result<Vec<App>, CollectFailure>,
}

/// What the device is, and what is wrong with its settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Posture {
    /// What the device is. `key_protection` is filled in by the agent.
    pub facts: Facts,
    /// What is wrong.
    pub findings: BTreeSet<Classification>,
    /// What the system does not tell now: what was found of it before stays. A classification in neither is resolved.
    pub unknown: BTreeSet<Classification>,
}

/// A finding of the partner's own engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detection {
    /// What it is.
    pub classification: Classification,
    /// The app it is in, if it is in one.
    pub app: Option<AppId>,
}

/// What the OS says about the network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// Whether there is one.
    pub reach: Reach,
    /// Tells one network from another; never leaves the device.
    pub id: Option<Digest>,
    /// Bytes cost money.
    pub metered: bool,
}

/// What the OS says about the battery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Power {
    /// The device charges: work that costs the battery may be done now.
    pub charging: bool,
}

/// How far the network reaches, as the OS says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Not told yet, or not known: try.
    #[default]
    Unknown,
    /// None.
    Offline,
    /// A captive portal stands in front.
    Captive,
    /// The internet.
    Online,
}

/// What configures a device. Untrusted: it chooses a host and names IDs, it cannot move trust (D3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configuration {
    /// `https://host[:port]` of the partner's cloud.
    pub gateway: Option<Redacted<String>>,
    /// The Entra device ID.
    pub device: Option<DeviceId>,
    /// The Entra tenant.
    pub tenant: Option<TenantId>,
    /// The activation credential.
    pub credential: Option<Credential>,
    /// What is wrong with what was configured: shown, and counted for the administrator.
    pub findings: Vec<Finding>,
}
