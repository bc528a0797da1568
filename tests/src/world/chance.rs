//! The one source of chance: the same seed gives the same history.

pub(super) use super::disk::Chance;
