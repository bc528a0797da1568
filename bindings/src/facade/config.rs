//! What an agent is started with, and what the host tells it: plain values, untrusted until they are read here.

use std::fmt;

use agent_logic::event::{Detection, Network, Reach};
use agent_logic::model::Digest;

use super::configuration::MtdConfiguration;
use super::error::MtdError;
use super::plain::plain;

/// What an agent is started with.
#[derive(Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct MtdConfig {
    /// Whom to trust, as JSON; from the app's own code, never from a configuration (D3).
    pub trust_json: String,
    /// The agent's own folder, excluded from backups. Made if it does not exist.
    pub folder: String,
    /// Partners whose configuration keys are read beside our own, by the names of the core's table.
    pub partners: Vec<String>,
    /// What is known at the start, from every source: read as one. A source that is heard later may name another
    /// device than the ones before it.
    pub configurations: Vec<MtdConfiguration>,
}

/// A finding of the partner's own engine.
#[derive(Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
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
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct MtdNetwork {
    /// How far it reaches.
    pub reach: MtdReach,
    /// What tells it from other networks. Only its digest is kept.
    pub name: Option<String>,
    /// Bytes cost money.
    pub metered: bool,
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

macro_rules! prints_nothing {
    ($($name:ident)*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}

prints_nothing! { MtdConfig MtdDetection MtdNetwork }
