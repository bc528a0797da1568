//! What configures a device: untrusted dictionaries from the app, the MDM and a sign-in, read by partner
//! profiles that are data, merged into one [`Configuration`].
//!
//! | of the sources that speak | wins |
//! |---|---|
//! | device ID, tenant | sign-in, then managed configuration, then the app: a token's claims are verified by the cloud, a managed value may be stale |
//! | gateway | managed configuration, then the app; a sign-in names none |
//! | credential | token, then one-time code, then enrolment key, wherever it stands |
//!
//! IDs are not mixed: once a device ID is chosen, a source that names another one, or another tenant, adds
//! neither tenant nor credential. No key moves trust (D3): a configuration has no field for it.

mod finding;
mod merge;
mod profile;
mod source;
mod value;

pub use finding::{Fault, Finding};
pub use profile::{Key, Keys, Meaning, Partner};
pub use value::{MAX_DEPTH, MAX_TEXT, MAX_VALUES, Type, Value};

use std::fmt;

use crate::event::Configuration;
use crate::sorted::Sorted;

/// Sources that are read; a host has one of each provenance.
pub const MAX_SOURCES: usize = 8;

/// Where values come from. It decides what they may set and whom they beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Provenance {
    /// The claims of a sign-in and its token.
    SignIn,
    /// iOS managed app configuration, `com.apple.configuration.managed`.
    ManagedIos,
    /// Android managed configuration, `RestrictionsManager`.
    ManagedAndroid,
    /// The app's own code.
    App,
}

/// One dictionary as it came. Does not print what it holds.
#[derive(Clone, PartialEq)]
pub struct Source {
    /// Where it comes from.
    pub from: Provenance,
    /// What it says.
    pub values: Sorted<String, Value>,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({:?}, {} values)", self.from, self.values.len())
    }
}

/// Reads what `sources` say now, by our own keys and those of `partners`. Whole each time: a late arrival and
/// a change are another reading. What cannot be used is absent and named in the findings.
#[must_use]
pub fn read(partners: &[Partner], sources: &[Source]) -> Configuration {
    let mut findings = Vec::new();
    let spoken = sources
        .iter()
        .take(MAX_SOURCES)
        .filter_map(|source| source::read(partners, source, &mut findings))
        .collect();
    merge::merge(spoken, findings)
}

#[cfg(test)]
mod tests;
