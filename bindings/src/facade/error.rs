//! Few kinds of error over the agent's one table of codes. A number never changes its meaning.

use std::fmt;

use agent_core::agent::{InputError, StartError, StartRemedy};
use agent_logic::code::{self, Code};

use super::plain::plain;

plain! {
    /// Who can mend it. The kind is the hundreds of the code.
    MtdKind {
        /// 1xx: the partner's developer or administrator, by what is passed in.
        Use = 0 "USE",
        /// 2xx: key, certificate or credential.
        Identity = 1 "IDENTITY",
        /// 3xx: the network, mostly by time.
        Network = 2 "NETWORK",
        /// 4xx: the partner's cloud.
        Server = 3 "SERVER",
        /// 5xx: this device or its user.
        Device = 4 "DEVICE",
        /// 9xx: us. The app keeps running.
        Internal = 5 "INTERNAL",
    }
}

plain! {
    /// What is done about it.
    MtdRemedy {
        /// The same again later; the agent does so by itself where it is its own failure.
        Retry = 0 "RETRY",
        /// Nothing until the network changes.
        WaitForNetwork = 1 "WAIT_FOR_NETWORK",
        /// Nothing until the device is unlocked for the first time.
        WaitForUnlock = 2 "WAIT_FOR_UNLOCK",
        /// The agent begins a new chain of reports by itself.
        NewChain = 3 "NEW_CHAIN",
        /// The host brings another activation credential.
        NewCredential = 4 "NEW_CREDENTIAL",
        /// A new key and certificate, by a new credential.
        Reactivate = 5 "REACTIVATE",
        /// The agent is quiet and keeps its state; a person has to act.
        Stop = 6 "STOP",
        /// The caller passes something else, or calls from elsewhere.
        CorrectTheCall = 7 "CORRECT_THE_CALL",
        /// What is stored can never be read again. If a start fails so once more after the first unlock, the host
        /// starts over.
        StartOver = 8 "START_OVER",
    }
}

/// One error. Its text is fixed for the code and holds nothing of the input.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MtdError {
    /// Who can mend it.
    pub kind: MtdKind,
    /// Stable number.
    pub code: u16,
    /// What is done about it.
    pub remedy: MtdRemedy,
    /// Earliest time for the same again, in milliseconds; 0 where none is known.
    pub retry_after_ms: u64,
}

impl MtdError {
    /// The error of a code; one of a later version has its kind and stops.
    #[must_use]
    pub fn of_code(code: Code) -> Self {
        let remedy = TABLE.iter().find(|row| row.0 == code).map_or(MtdRemedy::Stop, |row| row.1);
        let kind = match code.0 / 100 {
            1 => MtdKind::Use,
            2 => MtdKind::Identity,
            3 => MtdKind::Network,
            4 => MtdKind::Server,
            5 => MtdKind::Device,
            _ => MtdKind::Internal,
        };
        Self { kind, code: code.0, remedy, retry_after_ms: 0 }
    }

    /// One sentence in English.
    #[must_use]
    pub fn text(&self) -> &'static str {
        Code(self.code).meaning().unwrap_or("A code of another version.")
    }

    /// The agent was stopped.
    #[must_use]
    pub fn stopped() -> Self {
        code::STOPPED.into()
    }

    /// An argument is absent, of the wrong type, or cannot be read.
    #[must_use]
    pub fn argument() -> Self {
        code::ARGUMENT.into()
    }

    /// A blocking call on a thread of the agent's own.
    #[must_use]
    pub fn would_block() -> Self {
        code::WOULD_BLOCK.into()
    }

    /// An internal fault; the agent is inert.
    #[must_use]
    pub fn internal() -> Self {
        code::INERT.into()
    }
}

impl From<Code> for MtdError {
    fn from(code: Code) -> Self {
        Self::of_code(code)
    }
}

impl From<StartError> for MtdError {
    fn from(error: StartError) -> Self {
        let code = match error {
            StartError::Trust => code::TRUST_UNUSABLE,
            StartError::Storage(failure) => failure.code(),
            StartError::Key(failure) => failure.code(),
            StartError::System => code::SYSTEM,
        };
        let told = Self::of_code(code);
        match error.remedy() {
            // A running agent brings a lost key back by itself; a start needs the host's word.
            StartRemedy::StartOver => Self { remedy: MtdRemedy::StartOver, ..told },
            StartRemedy::Retry | StartRemedy::WaitForUnlock | StartRemedy::Stop => told,
        }
    }
}

impl From<InputError> for MtdError {
    fn from(error: InputError) -> Self {
        match error {
            InputError::Busy => Self { retry_after_ms: BUSY_PAUSE_MS, ..Self::of_code(code::INPUTS_CROWDED) },
            // The façade took the handle away if the host stopped the agent.
            InputError::Ended => Self::internal(),
        }
    }
}

impl fmt::Display for MtdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.text())
    }
}

impl fmt::Debug for MtdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MtdError({}, {:?}, {} ms)", self.code, self.remedy, self.retry_after_ms)
    }
}

impl std::error::Error for MtdError {}

/// The agent takes in a full queue of inputs in far less.
const BUSY_PAUSE_MS: u64 = 100;

/// What is done about each code of [`agent_logic::code::ALL`]; ascending. Number, kind and text are there.
pub const TABLE: &[(Code, MtdRemedy)] = {
    use MtdRemedy::{
        CorrectTheCall, NewChain, NewCredential, Reactivate, Retry, Stop, WaitForNetwork, WaitForUnlock,
    };
    &[
        (code::CONFIGURATION_INCOMPLETE, CorrectTheCall),
        (code::GATEWAY_MALFORMED, CorrectTheCall),
        (code::GATEWAY_NOT_ALLOWED, CorrectTheCall),
        (code::GATEWAY_CHANGED, CorrectTheCall),
        (code::VALUE_WRONG_TYPE, CorrectTheCall),
        (code::VALUE_UNRESOLVED, CorrectTheCall),
        (code::VALUE_MALFORMED, CorrectTheCall),
        (code::VALUE_WRONG_ID, CorrectTheCall),
        (code::VALUE_TOO_LONG, CorrectTheCall),
        (code::SOURCE_TOO_LARGE, CorrectTheCall),
        (code::KEY_WRONG_CASE, CorrectTheCall),
        (code::SOURCES_DISAGREE, CorrectTheCall),
        (code::KEY_NOT_FROM_HERE, CorrectTheCall),
        (code::UNENROLMENT_PREVENTED, Stop),
        (code::TRUST_UNUSABLE, CorrectTheCall),
        (code::STOPPED, CorrectTheCall),
        (code::INPUTS_CROWDED, Retry),
        (code::ARGUMENT, CorrectTheCall),
        (code::WOULD_BLOCK, CorrectTheCall),
        (code::MAIN_THREAD, CorrectTheCall),
        (code::KEY_LOCKED, WaitForUnlock),
        (code::KEY_BUSY, Retry),
        (code::KEY_GONE, Reactivate),
        (code::KEY_UNSUPPORTED, Stop),
        (code::DEMAND_UNMET, Stop),
        (code::CERTIFICATE_INVALID, Retry),
        (code::CREDENTIAL_REFUSED, NewCredential),
        (code::CREDENTIAL_BURNT, NewCredential),
        (code::CREDENTIAL_EXPIRED, NewCredential),
        (code::NOT_ELIGIBLE, Retry),
        (code::ALREADY_ENROLLED, NewCredential),
        (code::CERTIFICATE_REQUIRED, Reactivate),
        (code::REVOKED, Stop),
        (code::OFFLINE, WaitForNetwork),
        (code::TIMED_OUT, Retry),
        (code::CONNECTION_REFUSED, Retry),
        (code::CERTIFICATE_REFUSED, Reactivate),
        (code::UNKNOWN_ISSUER, Retry),
        (code::WRONG_NAME, Retry),
        (code::WRONG_PIN, Retry),
        (code::NOT_VALID_NOW, Retry),
        (code::HANDSHAKE_MALFORMED, Retry),
        (code::THROTTLED, Retry),
        (code::UNAVAILABLE, Retry),
        (code::REDIRECTED, Retry),
        (code::ANSWER_TRUNCATED, Retry),
        (code::ANSWER_TOO_LARGE, Retry),
        (code::ANSWER_MALFORMED, Retry),
        (code::DOCUMENT_FORGED, Retry),
        (code::REQUEST_INVALID, Stop),
        (code::REPORT_INVALID, Stop),
        (code::CHAIN_BROKEN, NewChain),
        (code::REPORT_TOO_LARGE, Stop),
        (code::NOT_FOUND, Retry),
        (code::PROBLEM_UNKNOWN, Retry),
        (code::DOCUMENT_WRONG_KIND, Retry),
        (code::DOCUMENT_WRONG_TENANT, Retry),
        (code::DOCUMENT_OLD, Retry),
        (code::DOCUMENT_EXPIRED, Retry),
        (code::COMMAND_WRONG_DEVICE, Retry),
        (code::COMMAND_REPEATED, Retry),
        (code::COMMANDS_CROWDED, Retry),
        (code::COLLECT_DENIED, Stop),
        (code::STORAGE_FULL, Retry),
        (code::STORAGE_IO, Retry),
        (code::STORAGE_UNREADABLE, Reactivate),
        (code::STORAGE_BUSY, Stop),
        (code::STORAGE_NEWER, Stop),
        (code::COLLECT_FAILED, Retry),
        (code::TRANSITIONS_OVERFLOWED, Retry),
        (code::THREATS_OVERFLOWED, Retry),
        (code::APPS_OVERFLOWED, Retry),
        (code::APPS_DOUBTED, Retry),
        (code::START_REPAIRED, Retry),
        (code::SYSTEM, Retry),
        (code::LIBRARY, Stop),
        (code::STARTED_OVER, Retry),
        (code::LOST, Retry),
        (code::INERT, Stop),
    ]
};

#[cfg(test)]
mod tests;
