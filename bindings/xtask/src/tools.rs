//! What the tests need beside Rust. Fetched once, into `target/tools`; Debian packages are the exception.

pub(crate) mod android;
pub(crate) mod apt;
mod cargo_deny;
mod debian;
pub(crate) mod estserver;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::report::Outcome;

pub(crate) use cargo_deny::CargoDeny;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    Android,
    CargoDeny,
    Debian,
    EstServer,
}

impl Tool {
    pub(crate) const ALL: [Self; 4] = [Self::Android, Self::CargoDeny, Self::Debian, Self::EstServer];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Android => "android-tools",
            Self::CargoDeny => "cargo-deny",
            Self::Debian => "debian",
            Self::EstServer => "estserver",
        }
    }

    /// Passed if the tool is there or could be fetched.
    pub(crate) fn ready(self, root: &Path) -> Outcome {
        match self {
            Self::Android => android::ready(root),
            Self::CargoDeny => cargo_deny::ready(root),
            Self::Debian => debian::ready(root),
            Self::EstServer => estserver::ready(root),
        }
    }
}

fn folder(root: &Path) -> PathBuf {
    root.join("target/tools")
}

pub(crate) fn lacking(what: &str, why: String) -> Outcome {
    Outcome::Lacking(BTreeMap::from([(what.to_owned(), why)]))
}
