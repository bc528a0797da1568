//! Failures that are expected, each with its remedy. No text inside: nothing branches on it and nothing leaks.

use std::time::Duration;

use crate::code;
pub use crate::code::Code;
use crate::model::Digest;
use crate::wire::ProblemKind;

/// All that the agent ever does about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// The same again later; the other side's pause wins over ours.
    Retry(Option<Duration>),
    /// Nothing until the network changes.
    WaitForNetwork,
    /// Nothing until the device is unlocked for the first time.
    WaitForUnlock,
    /// Begin a new chain of reports with the whole truth.
    NewChain,
    /// The activation credential is no good: the host must bring another.
    NewCredential,
    /// The identity is no good: a new key and certificate, by a new credential.
    Reactivate,
    /// Go quiet, keep state, tell the host.
    Stop,
}

/// A failure to use a key of the key store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFailure {
    /// The store is locked until the device is unlocked for the first time after a boot.
    Locked,
    /// The store did not answer in time, or is occupied.
    Busy,
    /// The key existed and is no longer there.
    Gone,
    /// The store cannot make or use a key of this kind.
    Unsupported,
}

/// A failure to keep what must be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageFailure {
    /// No space left.
    Full,
    /// The system reported an error.
    Io,
    /// What is stored was altered, swapped or written under another key.
    Unreadable,
    /// Another process holds the folder.
    Busy,
    /// Written by a later version of this library. It is left as it is.
    Newer,
}

/// A failure to read apps or posture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CollectFailure {
    /// The system does not allow it.
    Denied,
    /// The system gave an error, or an incomplete list.
    Failed,
}

/// A failure of an exchange with the partner's cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendFailure {
    /// No network, or the name does not resolve, or no route.
    Offline,
    /// Nothing listens there.
    ConnectionRefused,
    /// The deadline passed, or the connection broke.
    TimedOut,
    /// The server's certificate is not acceptable. Nothing of ours was sent.
    NotTrusted(Distrust),
    /// The server refused our certificate during the handshake.
    CertificateRefused,
    /// The key store could not sign.
    Key(KeyFailure),
    /// 429.
    Throttled(Option<Duration>),
    /// 5xx without a problem document that says more.
    Unavailable(Option<Duration>),
    /// 4xx that the contract names.
    Problem(ProblemKind),
    /// A redirect that is not followed.
    Redirected,
    /// The answer cannot be read. Nothing in it was believed.
    Unreadable(Unreadable),
}

/// Why a server's certificate was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distrust {
    /// The first check that failed.
    pub reason: DistrustReason,
    /// SHA-256 of each presented SubjectPublicKeyInfo, leaf first, at most four.
    pub presented: Vec<Digest>,
}

/// The check that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DistrustReason {
    /// It does not chain to the partner's CA.
    UnknownIssuer,
    /// It is for another name.
    WrongName,
    /// It chains, but its key is not pinned.
    WrongPin,
    /// Expired, or not valid yet, by the device's trusted time.
    Validity,
    /// It, or the proof of its key, is malformed.
    Malformed,
}

/// Why an answer cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It ended early.
    Truncated,
    /// It is larger than the bound, before or after decompression.
    TooLarge,
    /// It is not what the contract says: status, media type, encoding or form.
    Malformed,
}

/// A failure to enrol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnrolFailure {
    /// The exchange failed.
    Send(SendFailure),
    /// The server demands what the key store cannot give (key type, proof-of-possession linking).
    DemandUnmet,
    /// The issued certificate is not for our key, our device ID or our CA, or not for client authentication.
    CertificateInvalid,
}

impl KeyFailure {
    /// What to do about it.
    #[must_use]
    pub const fn remedy(self) -> Remedy {
        match self {
            Self::Locked => Remedy::WaitForUnlock,
            Self::Busy => Remedy::Retry(None),
            Self::Gone => Remedy::Reactivate,
            Self::Unsupported => Remedy::Stop,
        }
    }

    /// Its number.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::Locked => code::KEY_LOCKED,
            Self::Busy => code::KEY_BUSY,
            Self::Gone => code::KEY_GONE,
            Self::Unsupported => code::KEY_UNSUPPORTED,
        }
    }
}

impl StorageFailure {
    /// What to do about it.
    #[must_use]
    pub const fn remedy(self) -> Remedy {
        match self {
            Self::Full | Self::Io => Remedy::Retry(None),
            Self::Unreadable => Remedy::Reactivate,
            Self::Busy | Self::Newer => Remedy::Stop,
        }
    }

    /// Its number.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::Full => code::STORAGE_FULL,
            Self::Io => code::STORAGE_IO,
            Self::Unreadable => code::STORAGE_UNREADABLE,
            Self::Busy => code::STORAGE_BUSY,
            Self::Newer => code::STORAGE_NEWER,
        }
    }
}

impl CollectFailure {
    /// Its number.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::Denied => code::COLLECT_DENIED,
            Self::Failed => code::COLLECT_FAILED,
        }
    }
}

impl SendFailure {
    /// What to do about it.
    #[must_use]
    pub const fn remedy(&self) -> Remedy {
        match self {
            Self::Offline => Remedy::WaitForNetwork,
            Self::ConnectionRefused | Self::TimedOut | Self::Redirected | Self::NotTrusted(_) => {
                Remedy::Retry(None)
            }
            Self::CertificateRefused => Remedy::Reactivate,
            Self::Key(failure) => failure.remedy(),
            Self::Throttled(after) | Self::Unavailable(after) => Remedy::Retry(*after),
            Self::Problem(kind) => problem_remedy(*kind),
            Self::Unreadable(_) => Remedy::Retry(None),
        }
    }

    /// Its number.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Offline => code::OFFLINE,
            Self::TimedOut => code::TIMED_OUT,
            Self::ConnectionRefused => code::CONNECTION_REFUSED,
            Self::NotTrusted(distrust) => match distrust.reason {
                DistrustReason::UnknownIssuer => code::UNKNOWN_ISSUER,
                DistrustReason::WrongName => code::WRONG_NAME,
                DistrustReason::WrongPin => code::WRONG_PIN,
                DistrustReason::Validity => code::NOT_VALID_NOW,
                DistrustReason::Malformed => code::HANDSHAKE_MALFORMED,
            },
            Self::CertificateRefused => code::CERTIFICATE_REFUSED,
            Self::Key(failure) => failure.code(),
            Self::Throttled(_) => code::THROTTLED,
            Self::Unavailable(_) => code::UNAVAILABLE,
            Self::Problem(kind) => problem_code(*kind),
            Self::Redirected => code::REDIRECTED,
            Self::Unreadable(why) => match why {
                Unreadable::Truncated => code::ANSWER_TRUNCATED,
                Unreadable::TooLarge => code::ANSWER_TOO_LARGE,
                Unreadable::Malformed => code::ANSWER_MALFORMED,
            },
        }
    }
}

impl EnrolFailure {
    /// What to do about it.
    #[must_use]
    pub const fn remedy(&self) -> Remedy {
        match self {
            Self::Send(failure) => failure.remedy(),
            Self::DemandUnmet => Remedy::Stop,
            Self::CertificateInvalid => Remedy::Retry(None),
        }
    }

    /// Its number.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Send(failure) => failure.code(),
            Self::DemandUnmet => code::DEMAND_UNMET,
            Self::CertificateInvalid => code::CERTIFICATE_INVALID,
        }
    }
}

const fn problem_remedy(kind: ProblemKind) -> Remedy {
    match kind {
        ProblemKind::CredentialRefused | ProblemKind::CredentialBurnt | ProblemKind::CredentialExpired => {
            Remedy::NewCredential
        }
        ProblemKind::AlreadyEnrolled => Remedy::NewCredential,
        ProblemKind::NotEligible
        | ProblemKind::Throttled
        | ProblemKind::Unavailable
        | ProblemKind::NotFound
        | ProblemKind::Other => Remedy::Retry(None),
        ProblemKind::CertificateRequired => Remedy::Reactivate,
        ProblemKind::ChainBroken => Remedy::NewChain,
        ProblemKind::RequestInvalid | ProblemKind::ReportInvalid | ProblemKind::TooLarge => Remedy::Stop,
        ProblemKind::Revoked => Remedy::Stop,
    }
}

const fn problem_code(kind: ProblemKind) -> Code {
    match kind {
        ProblemKind::CredentialRefused => code::CREDENTIAL_REFUSED,
        ProblemKind::CredentialBurnt => code::CREDENTIAL_BURNT,
        ProblemKind::CredentialExpired => code::CREDENTIAL_EXPIRED,
        ProblemKind::NotEligible => code::NOT_ELIGIBLE,
        ProblemKind::AlreadyEnrolled => code::ALREADY_ENROLLED,
        ProblemKind::CertificateRequired => code::CERTIFICATE_REQUIRED,
        ProblemKind::Revoked => code::REVOKED,
        ProblemKind::RequestInvalid => code::REQUEST_INVALID,
        ProblemKind::ReportInvalid => code::REPORT_INVALID,
        ProblemKind::ChainBroken => code::CHAIN_BROKEN,
        ProblemKind::Throttled => code::THROTTLED,
        ProblemKind::TooLarge => code::REPORT_TOO_LARGE,
        ProblemKind::Unavailable => code::UNAVAILABLE,
        ProblemKind::NotFound => code::NOT_FOUND,
        ProblemKind::Other => code::PROBLEM_UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_of_the_contract_has_its_line_in_the_table() {
        for kind in ProblemKind::ALL {
            assert!(SendFailure::Problem(*kind).code().meaning().is_some(), "{kind:?}");
        }
    }
}
