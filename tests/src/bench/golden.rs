//! The data that ours and the peers share: apps, an identity, and a chain of reports.

use std::time::Duration;

use agent_core::clock::SystemClock;
use agent_core::ports::{Clock as _, KeyStore as _};
use agent_core::transport::Transport;
use agent_core::trust::Trust;
use agent_logic::command::{
    Authority, Contact, Credential, Enrol, Exchange, Identity, Origin, RequestSpec, Slot,
};
use agent_logic::event::Enrolled;
use agent_logic::model::{Activation, App, ChainId, DeviceId, Digest, Level, Protection, Signer};
use agent_logic::redact::{Bytes, Redacted, Secret};
use agent_logic::wire::{Facts, FactsPart, InventoryPart, PROTOCOL, Report, set_digest};

use super::keys::CountingKeys;
use crate::stage::{Mishap, Stage};

/// No exchange on loopback takes longer.
const SOON: Duration = Duration::from_secs(20);

/// Words of which app names are made.
const WORDS: [&str; 48] = [
    "music", "photo", "bank", "weather", "mail", "chat", "maps", "notes", "store", "news", "video", "clock",
    "travel", "health", "sport", "radio", "scanner", "wallet", "taxi", "recipe", "garden", "school",
    "office", "calendar", "camera", "gallery", "browser", "player", "keyboard", "launcher", "backup",
    "battery", "torch", "compass", "library", "market", "ticket", "train", "flight", "hotel", "fitness",
    "sleep", "puzzle", "chess", "drawing", "piano", "language", "podcast",
];

/// `count` apps as a phone has them: names of words, sizes, versions, the store, and one signer digest each.
pub(super) fn apps(count: u32) -> Result<Vec<App>, Mishap> {
    (0..count).map(|nth| app(nth, 0)).collect()
}

/// The app of this number in this edition: an update changes version and size.
pub(super) fn app(nth: u32, edition: u32) -> Result<App, Mishap> {
    let chance = Digest::of_parts([b"app".as_slice(), &nth.to_be_bytes()]);
    let [a, b, c, d, e, f, g, h, ..] = *chance.as_bytes();
    let word = |byte: u8| WORDS.get(usize::from(byte) % WORDS.len()).copied().unwrap_or_default();
    let number = |high: u8, low: u8| u32::from(u16::from_be_bytes([high, low]));
    let version = number(d, e).saturating_add(edition);
    let size = u64::from(number(f, g)).saturating_mul(1_117).saturating_add(u64::from(edition) * 4_099);
    let mut app = App::new(format!("com.{}.{}{}.n{nth}", word(a), word(b), word(c)).parse()?);
    app.bundle_size = Some(size);
    app.installer = Some("com.android.vending".parse()?);
    app.managed = Some(h.is_multiple_of(8));
    app.name = Some(Redacted::new(format!("{} {}", word(b), word(c))));
    app.short_version = Some(Redacted::new(format!("{}.{}.{edition}", a % 20, b % 50)));
    app.version = Some(Redacted::new(version.to_string()));
    app.signers = vec![Signer { sha1: None, sha256: Some(Digest::of(chance.as_bytes())) }];
    Ok(app)
}

/// What this policy shares: every app of a company's device.
pub(super) fn share_apps(stage: &Stage) -> Result<(), Mishap> {
    stage.administer(&["policy", "--app-sync", "on", "--ownership", "company"]).map(drop)
}

/// A device that the bench plays itself: the transport without the agent.
pub(super) struct Client {
    pub(super) transport: Transport,
    pub(super) contact: Contact,
    pub(super) keys: CountingKeys,
    chain: Chain,
}

impl Client {
    /// The stage's second device, enrolled.
    pub(super) fn enrolled(stage: &Stage) -> Result<Self, Mishap> {
        let keys = CountingKeys::default();
        let trust = std::fs::read_to_string(stage.cloud().join("trust.json"))?;
        let trust = Trust::from_json(&trust).map_err(|error| format!("{error:?}"))?;
        let transport = Transport::new(trust, std::sync::Arc::new(keys.clone()))?;
        let device: DeviceId = stage.second.id.parse()?;
        keys.make(Slot::A).map_err(|failure| format!("{failure:?}"))?;
        let spec = RequestSpec { slot: Slot::A, device, like: None };
        let request = transport.make_request(&spec).map_err(|failure| format!("{failure:?}"))?;
        let trusted = SystemClock::new().now().wall;
        let enrol = Enrol {
            origin: origin(stage)?,
            authority: Authority::Credential(Credential::Code(Secret::new(stage.code(&stage.second)?))),
            slot: Slot::A,
            device,
            request,
            trusted,
        };
        let Enrolled::Issued(certificate) =
            transport.enrol(&enrol, SOON).map_err(|failure| format!("{failure:?}"))?
        else {
            return Err("the gateway asks to wait".into());
        };
        let identity = Identity { slot: Slot::A, certificate: certificate.der };
        let contact = Contact { origin: enrol.origin, identity, trusted };
        Ok(Self { transport, contact, keys, chain: Chain::default() })
    }

    /// Sends the next report, with `apps` in the first; its body.
    pub(super) fn report(&mut self, apps: &[App]) -> Result<Vec<u8>, Mishap> {
        let body = self.prepare(apps)?;
        self.send(&body)?;
        Ok(body)
    }

    /// The next report, for somebody else to send.
    pub(super) fn prepare(&mut self, apps: &[App]) -> Result<Vec<u8>, Mishap> {
        let body = self.chain.next(apps)?;
        self.chain.acknowledged(&body);
        Ok(body)
    }

    /// Sends `body` on a connection of its own.
    pub(super) fn send(&self, body: &[u8]) -> Result<(), Mishap> {
        let exchange = Exchange { contact: self.contact.clone(), body: Bytes::new(body.to_vec()) };
        self.transport.send(&exchange, SOON).map(drop).map_err(|failure| format!("{failure:?}").into())
    }

    /// The same identity at another port of this machine.
    pub(super) fn move_to(&mut self, port: u16) {
        self.contact.origin.port = port;
        self.transport.forget();
    }
}

/// The golden body: what an idle device says, as the agent writes it.
#[derive(Default)]
struct Chain {
    sequence: u64,
    previous: Option<Digest>,
}

impl Chain {
    fn next(&self, apps: &[App]) -> Result<Vec<u8>, Mishap> {
        let facts = Facts { agent_version: "0.1.0".into(), platform: "linux".into(), ..Facts::default() };
        let digest = Digest::of(&serde_json::to_vec(&facts)?);
        let first = self.sequence == 0;
        let set = set_digest(apps);
        let report = Report {
            protocol: PROTOCOL,
            chain: ChainId::new([9; 16]),
            sequence: self.sequence.saturating_add(1),
            previous: self.previous,
            made: SystemClock::new().now(),
            activation: Activation::Activated,
            protection: Protection::Protected,
            level: Some(Level::Secured),
            facts: FactsPart { digest, value: first.then_some(facts) },
            open: first.then(Vec::new),
            transitions: Vec::new(),
            inventory: Some(if first {
                InventoryPart::Full { digest: set, apps: apps.to_vec() }
            } else {
                InventoryPart::Digest { digest: set }
            }),
            diagnostics: Vec::new(),
            policy: 2,
            indicators: 0,
        };
        Ok(serde_json::to_vec(&report)?)
    }

    fn acknowledged(&mut self, body: &[u8]) {
        self.sequence = self.sequence.saturating_add(1);
        self.previous = Some(Digest::of(body));
    }
}

fn origin(stage: &Stage) -> Result<Origin, Mishap> {
    let url = stage.gateway_url();
    let port = url.rsplit(':').next().and_then(|port| port.parse().ok()).ok_or("no port")?;
    Ok(Origin { host: "localhost".into(), port })
}
