//! What may exist: values that are parsed once at the edge and valid from then on.

mod app;
mod axes;
mod digest;
mod domain;
mod health;
mod id;
mod threat;

pub use app::{App, AppId, AppIdError, MAX_APP_TEXT, MAX_SIGNERS, Signer, has_control};
pub use axes::{Activation, Level, Ownership, Protection, Security};
pub use digest::{Digest, DigestError, Sha1, Sha1Error};
pub use domain::{Domain, DomainError};
pub use health::HealthState;
pub use id::{ChainId, DeviceId, IdError, TenantId, ThreatId};
pub use threat::{Classification, Family, Fixer, Mode, Severity, Subject, UnknownClassification};
