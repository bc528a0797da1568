//! Servers and clients that nobody here wrote, as children of a test.
//!
//! ```text
//! EstServer    GlobalSign's estserver   judges our EST client
//! StrongSwan   strongSwan's pki --est   judges our EST server
//! OpenSsl      openssl s_client, req    judges our TLS, writes requests that pki cannot
//! Fiu          libfiu fiu-run        makes the disk fail under our journal
//! Jdk          java, javac           runs what an Android app would load
//! Bindgen      UniFFI's generator     writes the Swift and Python that call the library
//! Python       its standard library comes to the published vectors by itself; drives the library
//! Swift        compiles the package for iOS, lives an app's life on Linux
//! Schemathesis makes requests from the published document, judges the gateway's answers
//! Authority    a CA of the test's own   for them, or foreign to the gateway
//! ```
//!
//! A test asks for its peer through [`present`]:
//!
//! ```no_run
//! # use agent_tests::peers::{self, EstServer};
//! # fn test() -> Result<(), peers::PeerError> {
//! let Some(mut server) = peers::present(EstServer::start())? else { return Ok(()) };
//! assert!(server.is_running());
//! # Ok(())
//! # }
//! ```

mod authority;
mod bindgen;
mod child;
mod estserver;
mod fiu;
mod jdk;
mod openssl;
mod python;
mod schemathesis;
mod strongswan;
mod swift;

use std::error::Error;
use std::fmt;
use std::io;
use std::io::Write;
use std::path::PathBuf;

pub use authority::{Authority, Issued};
pub use bindgen::Bindgen;
pub use estserver::{EstServer, Served, Trigger};
pub use fiu::{Fault, Fiu};
pub use jdk::Jdk;
pub use openssl::{Exchange, Exchanged, Identity, OpenSsl};
pub use python::Python;
pub use schemathesis::{Judgement, Schemathesis};
pub use strongswan::{Enrolment, Renewal, StrongSwan};
pub use swift::{Lived, Swift};

/// A peer that this machine does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// GlobalSign's EST server.
    EstServer,
    /// strongSwan's `pki`.
    StrongSwan,
    /// The `openssl` program.
    OpenSsl,
    /// libfiu's `fiu-run`.
    Fiu,
    /// A Java development kit.
    Jdk,
    /// Python 3.
    Python,
    /// schemathesis.
    Schemathesis,
    /// UniFFI's generator.
    Bindgen,
    /// Swift.
    Swift,
}

impl Missing {
    /// The name under which a skip is announced.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EstServer => "interop-estserver",
            Self::StrongSwan => "interop-strongswan",
            Self::OpenSsl => "interop-openssl",
            Self::Fiu => "disk-faults",
            Self::Jdk => "jvm",
            Self::Python => "python",
            Self::Schemathesis => "interop-schemathesis",
            Self::Bindgen => "uniffi",
            Self::Swift => "swift",
        }
    }

    /// How to get the peer.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Jdk => "apt-get install --no-install-recommends openjdk-17-jdk-headless",
            Self::EstServer => "get Go 1.22 or newer, then: cargo xtask setup",
            Self::Bindgen => "cargo xtask setup",
            Self::Swift => {
                "get Swift 5.5 or newer from https://swift.org, or as root on Debian: cargo xtask setup"
            }
            Self::Python => "apt-get install --no-install-recommends python3",
            Self::Schemathesis => "get Python 3 with venv, then: cargo xtask setup",
            Self::Fiu => "cargo xtask setup, or: apt-get install --no-install-recommends fiu-utils libfiu0",
            Self::StrongSwan | Self::OpenSsl => {
                "cargo xtask setup, or: apt-get install --no-install-recommends strongswan-pki \
                 libcharon-extra-plugins libstrongswan-extra-plugins libstrongswan-standard-plugins openssl"
            }
        }
    }
}

/// Why a peer could not do its part.
#[derive(Debug)]
pub enum PeerError {
    /// It is not on this machine.
    Missing(Missing),
    /// A file or a process failed.
    Io(io::Error),
    /// A certificate for it could not be made.
    Certificate(rcgen::Error),
    /// It did not end, or was not ready, in time.
    TimedOut(&'static str),
    /// It ended with a failure; what it said is for a person.
    Refused {
        /// Its name.
        program: &'static str,
        /// Its standard error.
        said: String,
    },
}

/// The peer, or `None` after a line that says loudly that the test was skipped.
///
/// # Errors
///
/// The peer's own failure; and a missing peer where `CI` is `true`, because a skip is a failure there.
pub fn present<T>(peer: Result<T, PeerError>) -> Result<Option<T>, PeerError> {
    match peer {
        Ok(peer) => Ok(Some(peer)),
        Err(PeerError::Missing(missing)) if !under_ci() => {
            // Past the capture of the test harness: `cargo xtask test` counts these lines.
            writeln!(io::stderr(), "SKIPPED {}: {}", missing.name(), missing.remedy())?;
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn under_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

/// The first program called `name` on the search path.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}

impl fmt::Display for PeerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(missing) => write!(f, "{} is missing; {}", missing.name(), missing.remedy()),
            Self::Io(error) => write!(f, "{error}"),
            Self::Certificate(error) => write!(f, "{error}"),
            Self::TimedOut(program) => write!(f, "{program} took too long"),
            Self::Refused { program, said } => write!(f, "{program} failed:\n{said}"),
        }
    }
}

impl Error for PeerError {}

impl From<io::Error> for PeerError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<rcgen::Error> for PeerError {
    fn from(error: rcgen::Error) -> Self {
        Self::Certificate(error)
    }
}

impl From<Missing> for PeerError {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}
