//! What the agent asks its shell to do.

use std::fmt;

use crate::model::{App, AppId, Classification, DeviceId, Domain, Subject};
use crate::redact::{Bytes, Redacted, Secret};
use crate::time::{Mono, Wall};
use crate::wire::{IndicatorKind, Manifest};

/// Names a command until it is answered. Never used twice by one agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CommandId(pub u64);

/// Something to do. Every command ends in exactly one [`crate::event::Event::Done`] with its id.
#[derive(Clone, Debug)]
pub struct Command {
    /// Repeated in the answer.
    pub id: CommandId,
    /// After this moment the shell answers [`crate::event::Outcome::Lost`].
    pub deadline: Mono,
    /// What to do.
    pub effect: Effect,
}

/// What to do.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Append these records and make them durable. All or nothing.
    Save(Vec<Bytes>),
    /// Replace every record by this one. All or nothing.
    Compact(Bytes),
    /// Forget everything: records, indicator sets, both keys, the data key.
    Erase,
    /// Make a key in this slot, in the place of one that is there.
    MakeKey(Slot),
    /// Make a certificate request signed by the key in the slot.
    MakeRequest(RequestSpec),
    /// Destroy the key in this slot.
    DropKey(Slot),
    /// Send a certificate request.
    Enrol(Enrol),
    /// Send a report.
    Send(Exchange),
    /// Download an indicator set, check its buckets against the manifest, and keep it.
    FetchIndicators {
        /// How to reach the cloud.
        contact: Contact,
        /// What to download.
        manifest: Manifest,
    },
    /// Look these up in the stored indicator set.
    Match {
        /// Describes the stored set.
        manifest: Manifest,
        /// What to look up.
        queries: Vec<Query>,
    },
    /// Read posture and apps.
    Collect,
    /// Compute the SHA-256 of these apps' installation files. An app whose file cannot be read is left out.
    HashApps(Vec<AppId>),
}

/// One of the two places for a key and its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Slot {
    /// The first.
    A,
    /// The second.
    B,
}

impl Slot {
    /// The other place.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// A certificate request to make.
#[derive(Clone, Debug)]
pub struct RequestSpec {
    /// The key that signs.
    pub slot: Slot,
    /// Subject `CN=<device>` and SAN `urn:uuid:<device>`.
    pub device: DeviceId,
    /// A certificate (DER) whose subject and SAN are copied byte for byte instead (RFC 7030 §4.2.2).
    pub like: Option<Bytes>,
}

/// Scheme `https`, this host and port. Not printed: a host can name the customer.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Origin {
    /// A DNS name or IP address.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Origin(…)")
    }
}

/// The identity for mutual TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Where the key is.
    pub slot: Slot,
    /// The certificate, DER.
    pub certificate: Bytes,
}

/// How to reach the cloud as this device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Where.
    pub origin: Origin,
    /// As whom.
    pub identity: Identity,
    /// The time that certificates are judged by (D12).
    pub trusted: Wall,
}

/// A certificate request to send.
#[derive(Clone, Debug)]
pub struct Enrol {
    /// Where.
    pub origin: Origin,
    /// By what right.
    pub authority: Authority,
    /// The slot whose public key the certificate must carry.
    pub slot: Slot,
    /// The device ID that the certificate must carry.
    pub device: DeviceId,
    /// The request, DER.
    pub request: Bytes,
    /// The time that certificates are judged by (D12).
    pub trusted: Wall,
}

/// By what right a certificate is asked for.
#[derive(Clone, Debug)]
pub enum Authority {
    /// A first enrolment: `simpleenroll`.
    Credential(Credential),
    /// A renewal under the present certificate: `simplereenroll`.
    Identity(Identity),
}

/// An activation credential. Its kind is stored and shown, its value never printed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "camelCase")]
pub enum Credential {
    /// An Entra token from sign-in.
    Token(Secret<String>),
    /// A one-time code.
    Code(Secret<String>),
    /// The tenant's enrolment key.
    EnrolmentKey(Secret<String>),
}

/// Which of the three a credential is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CredentialKind {
    /// An Entra token from sign-in.
    Token,
    /// A one-time code.
    Code,
    /// The tenant's enrolment key.
    EnrolmentKey,
}

impl Credential {
    /// Which of the three it is.
    #[must_use]
    pub const fn kind(&self) -> CredentialKind {
        match self {
            Self::Token(_) => CredentialKind::Token,
            Self::Code(_) => CredentialKind::Code,
            Self::EnrolmentKey(_) => CredentialKind::EnrolmentKey,
        }
    }
}

/// A report to send.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Where and as whom.
    pub contact: Contact,
    /// The report, before compression. Sent as it is, each time.
    pub body: Bytes,
}

/// One thing to look up in the indicator set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// What it belongs to.
    pub subject: Subject,
    /// What the value is.
    pub kind: IndicatorKind,
    /// The value, in the form [`IndicatorKind`] names.
    pub value: Secret<String>,
}

/// An app or a domain that stands in the indicator set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// What stands in it.
    pub subject: Subject,
    /// What it is.
    pub classification: Classification,
}

impl Query {
    /// Everything to look up about `app`.
    pub fn about(app: &App) -> impl Iterator<Item = Self> + '_ {
        let package = (IndicatorKind::Package, app.id.reveal().to_owned());
        let signers = app.signers.iter().flat_map(|signer| {
            let sha1 = signer.sha1.map(|value| (IndicatorKind::SignerSha1, value.to_string()));
            let sha256 = signer.sha256.map(|value| (IndicatorKind::SignerSha256, value.to_string()));
            sha1.into_iter().chain(sha256)
        });
        let file = app.file_sha256.map(|value| (IndicatorKind::FileSha256, value.to_string()));
        std::iter::once(package).chain(signers).chain(file).map(|(kind, value)| Self {
            subject: Subject::App { id: app.id.clone() },
            kind,
            value: Secret::new(value),
        })
    }

    /// Everything to look up about `domain`: itself and the domains it belongs to.
    pub fn about_domain(domain: &Domain) -> impl Iterator<Item = Self> + '_ {
        domain.and_parents().map(|name| Self {
            subject: Subject::Domain { name: Redacted::new(domain.reveal().to_owned()) },
            kind: IndicatorKind::Domain,
            value: Secret::new(name.to_owned()),
        })
    }
}
