//! Configurations from several sources: kept here by source, read as one by the core's partner profiles.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use agent_logic::configuration::{Partner, Provenance, Source, Value, read};
use agent_logic::event::Configuration;
use agent_logic::redact::Secret;
use agent_logic::sorted::Sorted;

use super::error::MtdError;
use super::plain::plain;

plain! {
    /// Where values come from. It decides what they may set and whom they beat.
    MtdProvenance {
        /// The claims of a sign-in and its token.
        SignIn = 0 "SIGN_IN",
        /// iOS managed app configuration, `com.apple.configuration.managed`.
        ManagedIos = 1 "MANAGED_IOS",
        /// Android managed configuration, `RestrictionsManager`.
        ManagedAndroid = 2 "MANAGED_ANDROID",
        /// The app's own code.
        App = 3 "APP",
    }
}

/// One value as it came. Every value that is read is text; of another its type is told and shown as a finding.
#[derive(Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum MtdValue {
    /// A string.
    Text {
        /// As it stands in the source.
        text: String,
    },
    /// A whole number.
    Integer,
    /// A number.
    Real,
    /// True or false.
    Bool,
    /// An array.
    List,
    /// A dictionary.
    Dict,
}

/// What one source says, whole. What cannot be used counts as absent and is a finding of the status.
#[derive(Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct MtdConfiguration {
    /// Where it comes from.
    pub provenance: MtdProvenance,
    /// By key, case-sensitive: ours and those of the partners that the agent was started with.
    pub values: HashMap<String, MtdValue>,
}

/// What each source said last.
pub(super) struct Sources {
    partners: Vec<Partner>,
    said: Mutex<Sorted<Provenance, Source>>,
}

impl Sources {
    /// Of the partners with these names.
    pub(super) fn new(partners: &[String]) -> Result<Self, MtdError> {
        let named = |name: &String| Partner::ALL.iter().copied().find(|partner| partner.name() == name);
        let partners = partners.iter().map(named).collect::<Option<_>>().ok_or_else(MtdError::argument)?;
        Ok(Self { partners, said: Mutex::default() })
    }

    /// Takes in what some sources say now and passes on what all of them say. In order: what is passed on last is
    /// what was said last.
    pub(super) fn hear<T>(
        &self,
        configurations: Vec<MtdConfiguration>,
        pass: impl FnOnce(Configuration) -> T,
    ) -> T {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        for configuration in configurations {
            let source = configuration.source();
            said.insert(source.from, source);
        }
        let sources: Vec<Source> = said.values().cloned().collect();
        pass(read(&self.partners, &sources))
    }
}

impl MtdConfiguration {
    fn source(self) -> Source {
        let from = match self.provenance {
            MtdProvenance::SignIn => Provenance::SignIn,
            MtdProvenance::ManagedIos => Provenance::ManagedIos,
            MtdProvenance::ManagedAndroid => Provenance::ManagedAndroid,
            MtdProvenance::App => Provenance::App,
        };
        let values = self.values.into_iter().map(|(key, value)| (key, value.plain())).collect();
        Source { from, values }
    }
}

impl MtdValue {
    fn plain(self) -> Value {
        match self {
            Self::Text { text } => Value::Text(Secret::new(text)),
            Self::Integer => Value::Integer(0),
            Self::Real => Value::Real(0.0),
            Self::Bool => Value::Bool(false),
            Self::List => Value::List(Vec::new()),
            Self::Dict => Value::Dict(Sorted::new()),
        }
    }
}

impl MtdProvenance {
    pub(super) const fn of(provenance: Provenance) -> Self {
        match provenance {
            Provenance::SignIn => Self::SignIn,
            Provenance::ManagedIos => Self::ManagedIos,
            Provenance::ManagedAndroid => Self::ManagedAndroid,
            Provenance::App => Self::App,
        }
    }
}

impl fmt::Debug for MtdConfiguration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MtdConfiguration({:?}, {} values)", self.provenance, self.values.len())
    }
}

impl fmt::Debug for MtdValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MtdValue(…)")
    }
}
