//! What the tests need beside Rust. Fetched once, into `target/tools`; Debian packages are the exception.

pub(crate) mod android;
pub(crate) mod apple;
pub(crate) mod apt;
pub(crate) mod bindgen;
mod cargo_deny;
mod debian;
pub(crate) mod estserver;
mod needed;
pub(crate) mod qemu;
pub(crate) mod schemathesis;
pub(crate) mod swift;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::report::Outcome;

pub(crate) use cargo_deny::CargoDeny;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    Android,
    Apple,
    Bindgen,
    CargoDeny,
    Debian,
    EstServer,
    Qemu,
    Schemathesis,
    Swift,
}

impl Tool {
    pub(crate) const ALL: [Self; 9] = [
        Self::Android,
        Self::Apple,
        Self::Bindgen,
        Self::CargoDeny,
        Self::Debian,
        Self::EstServer,
        Self::Qemu,
        Self::Schemathesis,
        Self::Swift,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Android => "android-tools",
            Self::Apple => "apple-tools",
            Self::Bindgen => "bindgen",
            Self::CargoDeny => "cargo-deny",
            Self::Debian => "debian",
            Self::EstServer => "estserver",
            Self::Qemu => "qemu-tools",
            Self::Schemathesis => "schemathesis",
            Self::Swift => "swift",
        }
    }

    /// Passed if the tool is there or could be fetched.
    pub(crate) fn ready(self, root: &Path) -> Outcome {
        match self {
            Self::Android => android::ANDROID.ready(root),
            Self::Apple => apple::APPLE.ready(root),
            Self::Bindgen => bindgen::ready(root),
            Self::CargoDeny => cargo_deny::ready(root),
            Self::Debian => debian::ready(root),
            Self::EstServer => estserver::ready(root),
            Self::Qemu => qemu::QEMU.ready(root),
            Self::Schemathesis => schemathesis::ready(root),
            Self::Swift => swift::ready(root),
        }
    }
}

fn folder(root: &Path) -> PathBuf {
    root.join("target/tools")
}

pub(crate) fn lacking(what: &str, why: String) -> Outcome {
    Outcome::Lacking(BTreeMap::from([(what.to_owned(), why)]))
}
