//! What may exist: values that are parsed once at the edge and valid from then on.

mod app;
mod axes;
mod digest;
mod id;
mod threat;

pub use app::{App, AppId, AppIdError, MAX_APP_TEXT, Signer};
pub use axes::{Activation, HealthState, Level, Ownership, Protection};
pub use digest::{Digest, DigestError};
pub use id::{ChainId, DeviceId, IdError, TenantId, ThreatId};
pub use threat::{Classification, Family, Severity, Subject, UnknownClassification};
