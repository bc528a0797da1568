//! The privacy ledger: what was sent to the partner's cloud, when and why. Counts only: no name, no identifier.

use agent_logic::agent::{Entry, Sent, Why};
use agent_logic::text::{Language, of_entry};

use super::plain::plain;

plain! {
    /// Why something was sent.
    MtdWhy {
        /// The device was activated.
        Activation = 0 "ACTIVATION",
        /// Its certificate was renewed.
        Renewal = 1 "RENEWAL",
        /// The interval of the policy was over.
        Routine = 2 "ROUTINE",
        /// The user, the app or the system asked for contact.
        Asked = 3 "ASKED",
        /// A threat appeared, changed or went.
        Change = 4 "CHANGE",
        /// The cloud's last answer asked for more.
        CloudAsked = 5 "CLOUD_ASKED",
        /// The device leaves.
        Leaving = 6 "LEAVING",
    }
}

/// One thing that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct MtdLedgerEntry {
    /// When its end was known, milliseconds since 1970 by the device's calendar.
    pub at_ms: u64,
    /// Why it was sent.
    pub why: MtdWhy,
    /// Whether the cloud acknowledged it; if not, it may have it all the same.
    pub acknowledged: bool,
    /// Size of a report before compression; absent for a certificate request.
    pub bytes: Option<u64>,
    /// What it was and why, for the phone's owner.
    pub text: String,
}

impl MtdLedgerEntry {
    pub(super) fn of(entry: &Entry, language: Language) -> Self {
        let (acknowledged, bytes) = match &entry.sent {
            Sent::Registration { accepted, .. } => (*accepted, None),
            Sent::Report { acknowledged, bytes, .. } => (*acknowledged, Some(*bytes)),
        };
        Self {
            at_ms: entry.at.0,
            why: match entry.why {
                Why::Activation => MtdWhy::Activation,
                Why::Renewal => MtdWhy::Renewal,
                Why::Routine => MtdWhy::Routine,
                Why::Asked => MtdWhy::Asked,
                Why::Change => MtdWhy::Change,
                Why::CloudAsked => MtdWhy::CloudAsked,
                Why::Leaving => MtdWhy::Leaving,
            },
            acknowledged,
            bytes: bytes.map(|bytes| u64::try_from(bytes).unwrap_or(u64::MAX)),
            text: of_entry(entry, language),
        }
    }
}
