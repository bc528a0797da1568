//! What is wrong with a configuration, safe to print: a finding names keys of our tables, never a value.

use super::{Provenance, Type};
use crate::code::{self, Code};

/// One thing that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub from: Provenance,
    /// At which key, as the profile writes it; absent when it is about the whole source.
    pub key: Option<&'static str>,
    /// What.
    pub fault: Fault,
}

/// What is wrong with a value. It counts as absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is of another type than text.
    WrongType(Type),
    /// It is a token such as `{{aaddeviceid}}` that the MDM did not resolve.
    Unresolved,
    /// It is not in the form that the key demands.
    Malformed,
    /// It is an Intune device ID, or the token for one, where the Entra device ID is expected.
    WrongId,
    /// It is longer than [`super::MAX_TEXT`].
    TooLong,
    /// The source has more values than [`super::MAX_VALUES`] or nests deeper than [`super::MAX_DEPTH`].
    TooLarge,
    /// A key differs from this one by upper and lower case only.
    WrongCase,
    /// A source or key that counts more names another device ID or tenant.
    Disagrees,
    /// This source may not set the key.
    NotFromHere,
}

impl Fault {
    /// Its number.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::WrongType(_) => code::VALUE_WRONG_TYPE,
            Self::Unresolved => code::VALUE_UNRESOLVED,
            Self::Malformed => code::VALUE_MALFORMED,
            Self::WrongId => code::VALUE_WRONG_ID,
            Self::TooLong => code::VALUE_TOO_LONG,
            Self::TooLarge => code::SOURCE_TOO_LARGE,
            Self::WrongCase => code::KEY_WRONG_CASE,
            Self::Disagrees => code::SOURCES_DISAGREE,
            Self::NotFromHere => code::KEY_NOT_FROM_HERE,
        }
    }
}
