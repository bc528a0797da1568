//! Few kinds of error over the agent's one table of codes. A number never changes its meaning.

mod table;

use std::fmt;

use agent_core::agent::{InputError, StartError, StartRemedy};
use agent_logic::code::{self, Code};

use super::plain::plain;

pub use table::TABLE;

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

/// One error: who can mend it, and what it is. Its text is fixed for the code and holds nothing of the input.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Error))]
pub enum MtdError {
    /// [`MtdKind::Use`].
    Use {
        /// What it is.
        what: MtdFault,
    },
    /// [`MtdKind::Identity`].
    Identity {
        /// What it is.
        what: MtdFault,
    },
    /// [`MtdKind::Network`].
    Network {
        /// What it is.
        what: MtdFault,
    },
    /// [`MtdKind::Server`].
    Server {
        /// What it is.
        what: MtdFault,
    },
    /// [`MtdKind::Device`].
    Device {
        /// What it is.
        what: MtdFault,
    },
    /// [`MtdKind::Internal`].
    Internal {
        /// What it is.
        what: MtdFault,
    },
}

/// What went wrong, and what is done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct MtdFault {
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
        Self::of(MtdFault { code: code.0, remedy, retry_after_ms: 0 })
    }

    const fn of(what: MtdFault) -> Self {
        match what.code / 100 {
            1 => Self::Use { what },
            2 => Self::Identity { what },
            3 => Self::Network { what },
            4 => Self::Server { what },
            5 => Self::Device { what },
            _ => Self::Internal { what },
        }
    }

    /// One sentence in English.
    #[must_use]
    pub fn text(&self) -> &'static str {
        Code(self.code()).meaning().unwrap_or("A code of another version.")
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

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl MtdError {
    /// Who can mend it.
    #[must_use]
    pub const fn kind(&self) -> MtdKind {
        match self {
            Self::Use { .. } => MtdKind::Use,
            Self::Identity { .. } => MtdKind::Identity,
            Self::Network { .. } => MtdKind::Network,
            Self::Server { .. } => MtdKind::Server,
            Self::Device { .. } => MtdKind::Device,
            Self::Internal { .. } => MtdKind::Internal,
        }
    }

    /// What it is.
    #[must_use]
    pub const fn fault(&self) -> MtdFault {
        match self {
            Self::Use { what }
            | Self::Identity { what }
            | Self::Network { what }
            | Self::Server { what }
            | Self::Device { what }
            | Self::Internal { what } => *what,
        }
    }

    /// Stable number.
    #[must_use]
    pub const fn code(&self) -> u16 {
        self.fault().code
    }
}

/// The error of a code of the table, for a host's own layer: its errors are rows of the same table.
#[cfg(feature = "uniffi")]
#[uniffi::export]
#[must_use]
pub fn mtd_error(code: u16) -> MtdError {
    Code(code).into()
}

/// What has no borrowed text.
#[cfg(feature = "uniffi")]
#[uniffi::export]
impl MtdError {
    /// One sentence in English.
    #[must_use]
    #[uniffi::method(name = "text")]
    pub fn owned_text(&self) -> String {
        self.text().to_owned()
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
            StartRemedy::StartOver => Self::of(MtdFault { remedy: MtdRemedy::StartOver, ..told.fault() }),
            StartRemedy::Retry | StartRemedy::WaitForUnlock | StartRemedy::Stop => told,
        }
    }
}

impl From<InputError> for MtdError {
    fn from(error: InputError) -> Self {
        match error {
            InputError::Busy => {
                let crowded = Self::of_code(code::INPUTS_CROWDED).fault();
                Self::of(MtdFault { retry_after_ms: BUSY_PAUSE_MS, ..crowded })
            }
            // The façade took the handle away if the host stopped the agent.
            InputError::Ended => Self::internal(),
        }
    }
}

impl fmt::Display for MtdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.text())
    }
}

impl fmt::Debug for MtdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MtdFault { code, remedy, retry_after_ms } = self.fault();
        write!(f, "MtdError({code}, {remedy:?}, {retry_after_ms} ms)")
    }
}

impl std::error::Error for MtdError {}

/// The agent takes in a full queue of inputs in far less.
const BUSY_PAUSE_MS: u64 = 100;

#[cfg(test)]
mod tests;
