//! Why a command of the administrator, or the start of the server, did not succeed.

use std::fmt;
use std::path::PathBuf;

use crate::indicators::StixError;
use crate::store::StoreError;

/// A failure of setting up or of a command. Each says what to do.
#[derive(Debug)]
pub enum SetupError {
    /// A file could not be read or written.
    File(PathBuf, std::io::Error),
    /// The folder holds a gateway already.
    Exists(PathBuf),
    /// The database failed.
    Store(StoreError),
    /// A key or certificate could not be made or read.
    Crypto(&'static str),
    /// A file has not the form it should have.
    Form(&'static str),
    /// A STIX bundle is not imported.
    Stix(StixError),
    /// An argument is out of its bounds.
    Bounds(&'static str),
    /// An address cannot be listened on.
    Listen(std::io::Error),
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, error) => {
                write!(f, "{}: {error}. Check the path, or run `mtd-gateway init` first.", path.display())
            }
            Self::Exists(path) => {
                write!(f, "{} holds a gateway already. Name another folder.", path.display())
            }
            Self::Store(error) => write!(f, "{error}"),
            Self::Crypto(what) => {
                write!(f, "{what} cannot be used. Make the folder anew with `mtd-gateway init`.")
            }
            Self::Form(what) => write!(f, "{what} has not the expected form. Check the file."),
            Self::Stix(error) => write!(f, "{error}"),
            Self::Bounds(what) => write!(f, "{what}"),
            Self::Listen(error) => write!(f, "cannot listen: {error}. Name another address."),
        }
    }
}

impl std::error::Error for SetupError {}

impl From<StixError> for SetupError {
    fn from(error: StixError) -> Self {
        Self::Stix(error)
    }
}

impl From<StoreError> for SetupError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
