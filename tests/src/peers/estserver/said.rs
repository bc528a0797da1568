//! What the server says: refusals on request, and its log.

use std::time::Duration;

use serde_json::Value;

/// A refusal that the server gives on request, under the label [`Trigger::LABEL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// 202 with `Retry-After: 600`.
    Deferred,
    /// 403.
    Forbidden,
    /// 500.
    Unknown,
}

impl Trigger {
    /// The path segment under which the common name triggers a refusal.
    pub const LABEL: &'static str = "triggererrors";
    /// The pause that [`Trigger::Deferred`] asks for.
    pub const PAUSE: Duration = Duration::from_mins(10);

    /// The common name that the request must carry.
    #[must_use]
    pub fn common_name(self) -> &'static str {
        match self {
            Self::Deferred => "Trigger Error Deferred",
            Self::Forbidden => "Trigger Error Forbidden",
            Self::Unknown => "Trigger Error Unknown",
        }
    }
}

/// A request that the server has answered, from its log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// `GET` or `POST`.
    pub method: String,
    /// Scheme, host, port and path.
    pub uri: String,
    /// The status of the answer.
    pub status: u16,
}

impl Served {
    /// From a line of the log: words, then an object.
    pub(super) fn read(line: &str) -> Option<Self> {
        let (_, object) = line.split_once("HTTP request\t")?;
        let object: Value = serde_json::from_str(object).ok()?;
        let text = |name: &str| object.get(name)?.as_str().map(str::to_owned);
        Some(Self { method: text("Method")?, uri: text("URI")?, status: text("Status")?.parse().ok()? })
    }
}
