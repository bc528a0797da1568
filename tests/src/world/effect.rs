//! What a command is for, told apart in one place.

use agent_logic::command::{Authority, Effect, Enrol};
use agent_logic::redact::Bytes;

/// What an effect touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The journal.
    Journal,
    /// Journal and keys, for good.
    Everything,
    /// The key store.
    Keys,
    /// The apps and settings of the phone.
    Phone,
    /// The indicators on the disk.
    Indicators,
    /// The cloud.
    Cloud,
}

pub(super) const fn reach(effect: &Effect) -> Reach {
    match effect {
        Effect::Save(_) | Effect::Compact(_) => Reach::Journal,
        Effect::Erase => Reach::Everything,
        Effect::MakeKey(_) | Effect::MakeRequest(_) | Effect::DropKey(_) => Reach::Keys,
        Effect::Collect | Effect::HashApps(_) => Reach::Phone,
        Effect::Match { .. } => Reach::Indicators,
        Effect::Enrol(_) | Effect::Send(_) | Effect::FetchIndicators { .. } => Reach::Cloud,
    }
}

/// What travels and must be on the disk first: a request or a report.
pub(super) const fn body(effect: &Effect) -> Option<&Bytes> {
    if let Effect::Send(exchange) = effect {
        Some(&exchange.body)
    } else if let Effect::Enrol(enrol) = effect {
        Some(&enrol.request)
    } else {
        None
    }
}

/// The request, if this asks for another certificate under the present one.
pub(super) const fn renewal(effect: &Effect) -> Option<&Bytes> {
    if let Effect::Enrol(Enrol { authority: Authority::Identity(_), request, .. }) = effect {
        Some(request)
    } else {
        None
    }
}

/// The effect in a word.
pub(super) const fn name(effect: &Effect) -> &'static str {
    match effect {
        Effect::Save(_) => "save",
        Effect::Compact(_) => "compact",
        Effect::Erase => "erase",
        Effect::MakeKey(_) => "make key",
        Effect::MakeRequest(_) => "make request",
        Effect::DropKey(_) => "drop key",
        Effect::Enrol(_) => "enrol",
        Effect::Send(_) => "send",
        Effect::FetchIndicators { .. } => "fetch",
        Effect::Match { .. } => "match",
        Effect::Collect => "collect",
        Effect::HashApps(_) => "hash apps",
    }
}
