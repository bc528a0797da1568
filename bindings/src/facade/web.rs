//! The web verdict hook: the host asks about a domain before it opens it (P7).

use std::fmt;

use agent_logic::agent::{WebAnswer, WebVerdict};

use super::plain::plain;

plain! {
    /// What is known of a domain.
    MtdWebVerdict {
        /// It cannot be told: no indicator set yet, no consent, or the set cannot be read.
        Unknown = 0 "UNKNOWN",
        /// It stands in no indicator set.
        Unlisted = 1 "UNLISTED",
        /// It, or a domain it belongs to, is listed, and policy only records it.
        Audited = 2 "AUDITED",
        /// It, or a domain it belongs to, is listed: the host is to block it.
        Block = 3 "BLOCK",
    }
}

/// The answer to one question. Personal: it does not print.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct MtdWebAnswer {
    /// The domain that was asked about, in lower case and without a trailing dot.
    pub domain: String,
    /// What is known.
    pub verdict: MtdWebVerdict,
    /// As what it is listed: a name of the table of classifications.
    pub classification: Option<String>,
}

impl MtdWebAnswer {
    pub(super) fn of(answer: &WebAnswer) -> Self {
        let (verdict, classification) = match answer.verdict {
            WebVerdict::Unknown => (MtdWebVerdict::Unknown, None),
            WebVerdict::Unlisted => (MtdWebVerdict::Unlisted, None),
            WebVerdict::Listed { classification, block: true } => {
                (MtdWebVerdict::Block, Some(classification))
            }
            WebVerdict::Listed { classification, block: false } => {
                (MtdWebVerdict::Audited, Some(classification))
            }
        };
        Self {
            domain: answer.domain.reveal().to_owned(),
            verdict,
            classification: classification.map(|one| one.name().to_owned()),
        }
    }
}

impl fmt::Debug for MtdWebAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MtdWebAnswer({:?})", self.verdict)
    }
}
