//! What goes in: plain values, untrusted until they are read here.

use std::fmt;
use std::str::FromStr;

use agent_logic::command::Credential;
use agent_logic::event::{Configuration, Detection, Network, Reach};
use agent_logic::model::Digest;
use agent_logic::redact::{Redacted, Secret};
use zeroize::Zeroize as _;

use super::error::MtdError;
use super::plain::plain;

/// What an agent is started with.
#[derive(Clone)]
pub struct MtdConfig {
    /// Whom to trust, as JSON; from the app's own code, never from a configuration (D3).
    pub trust_json: String,
    /// The agent's own folder, excluded from backups. Made if it does not exist.
    pub folder: String,
    /// The app's own values, handed in first. Absent where all of them come from elsewhere.
    pub configuration: Option<MtdConfiguration>,
}

/// Who and where. Complete each time; what cannot be read counts as absent.
#[derive(Clone, Default)]
pub struct MtdConfiguration {
    /// `https://host[:port]` of the partner's cloud.
    pub gateway: Option<String>,
    /// The Entra device ID.
    pub device_id: Option<String>,
    /// The Entra tenant.
    pub tenant_id: Option<String>,
    /// What kind of credential `credential` is.
    pub credential_kind: Option<MtdCredentialKind>,
    /// The activation credential.
    pub credential: Option<String>,
}

plain! {
    /// The kinds of activation credential.
    MtdCredentialKind {
        /// An Entra token from sign-in.
        Token = 0 "TOKEN",
        /// A one-time code.
        Code = 1 "CODE",
        /// The tenant's enrolment key.
        EnrolmentKey = 2 "ENROLMENT_KEY",
    }
}

/// A finding of the partner's own engine.
#[derive(Clone)]
pub struct MtdDetection {
    /// A name of the table of classifications, such as `ROGUE_WIFI`.
    pub classification: String,
    /// The app it is in, if it is in one.
    pub app_id: Option<String>,
}

plain! {
    /// How far the network reaches.
    MtdReach {
        /// Not known: try.
        Unknown = 0 "UNKNOWN",
        /// None.
        Offline = 1 "OFFLINE",
        /// A captive portal stands in front.
        Captive = 2 "CAPTIVE",
        /// The internet.
        Online = 3 "ONLINE",
    }
}

/// What the OS says about the network.
#[derive(Clone)]
pub struct MtdNetwork {
    /// How far it reaches.
    pub reach: MtdReach,
    /// What tells it from other networks. Only its digest is kept.
    pub name: Option<String>,
    /// Bytes cost money.
    pub metered: bool,
}

impl MtdConfiguration {
    pub(super) fn read(mut self) -> Configuration {
        let value = self.credential.as_ref().map(|text| Secret::new(text.trim().to_owned()));
        let credential = self.credential_kind.zip(value).map(|(kind, value)| match kind {
            MtdCredentialKind::Token => Credential::Token(value),
            MtdCredentialKind::Code => Credential::Code(value),
            MtdCredentialKind::EnrolmentKey => Credential::EnrolmentKey(value),
        });
        if let Some(text) = &mut self.credential {
            text.zeroize();
        }
        Configuration {
            gateway: self.gateway.map(Redacted::new),
            device: read(self.device_id.as_deref()),
            tenant: read(self.tenant_id.as_deref()),
            credential,
            findings: Vec::new(),
        }
    }
}

impl MtdDetection {
    pub(super) fn read(self) -> Result<Detection, MtdError> {
        let classification = self.classification.parse().map_err(|_| MtdError::argument())?;
        let app = self.app_id.map(|id| id.parse()).transpose().map_err(|_| MtdError::argument())?;
        Ok(Detection { classification, app })
    }
}

impl MtdNetwork {
    pub(super) fn read(self) -> Network {
        let reach = match self.reach {
            MtdReach::Unknown => Reach::Unknown,
            MtdReach::Offline => Reach::Offline,
            MtdReach::Captive => Reach::Captive,
            MtdReach::Online => Reach::Online,
        };
        let id = self.name.map(|name| Digest::of(name.as_bytes()));
        Network { reach, id, metered: self.metered }
    }
}

fn read<T: FromStr>(text: Option<&str>) -> Option<T> {
    text.and_then(|text| text.trim().parse().ok())
}

macro_rules! prints_nothing {
    ($($name:ident)*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}

prints_nothing! { MtdConfig MtdConfiguration MtdDetection MtdNetwork }
