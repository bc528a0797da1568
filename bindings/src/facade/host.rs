//! What the host supplies.

use std::fmt;

use agent_logic::failure::{CollectFailure, KeyFailure};

use super::error::MtdError;
use super::plain::plain;
use super::status::MtdStatus;
use super::web::MtdWebAnswer;

plain! {
    /// One of the two places for a key.
    MtdSlot {
        /// The first.
        A = 0 "A",
        /// The second.
        B = 1 "B",
    }
}

plain! {
    /// How the private key is kept.
    MtdKeyProtection {
        /// A secure element or trusted execution environment.
        SecureHardware = 0 "SECURE_HARDWARE",
        /// The operating system's key service, in software.
        System = 1 "SYSTEM",
        /// A file only this app can read.
        Sandbox = 2 "SANDBOX",
    }
}

/// The public half of a key.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct MtdPublicKey {
    /// SubjectPublicKeyInfo, DER.
    pub spki: Vec<u8>,
    /// How the store keeps the private half; reported, never assumed.
    pub protection: MtdKeyProtection,
}

/// Why the key store does not do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Error))]
pub enum MtdKeyFault {
    /// Locked until the first unlock after the boot.
    Locked,
    /// Occupied, or it gave an error that may pass.
    Busy,
    /// The key existed and is no longer there.
    Gone,
    /// It cannot make or use such a key.
    Unsupported,
}

/// Keeps P-256 keys. Called on `mtd-errands`, `data_key` also on the thread of `start`; may take seconds.
#[cfg_attr(feature = "uniffi", uniffi::export(foreign))]
pub trait MtdKeyStore: Send + Sync {
    /// The key in `slot`, if there is one.
    ///
    /// # Errors
    /// [`MtdKeyFault::Locked`] while it cannot be known whether there is one.
    fn find(&self, slot: MtdSlot) -> Result<Option<MtdPublicKey>, MtdKeyFault>;

    /// Makes a key in `slot` in place of the one there.
    ///
    /// # Errors
    /// [`MtdKeyFault`] as the store reports it.
    fn make(&self, slot: MtdSlot) -> Result<MtdPublicKey, MtdKeyFault>;

    /// Signs the unhashed `message` with the key in `slot`: ECDSA, SHA-256; the signature is DER (X9.62).
    ///
    /// # Errors
    /// [`MtdKeyFault`] as the store reports it.
    fn sign(&self, slot: MtdSlot, message: Vec<u8>) -> Result<Vec<u8>, MtdKeyFault>;

    /// Destroys the key in `slot`. No key there is a success.
    ///
    /// # Errors
    /// [`MtdKeyFault`] as the store reports it.
    fn destroy(&self, slot: MtdSlot) -> Result<(), MtdKeyFault>;

    /// The 32 bytes that seal the agent's files, made at the first call.
    ///
    /// # Errors
    /// [`MtdKeyFault::Gone`] when they existed and cannot be had back.
    fn data_key(&self) -> Result<Vec<u8>, MtdKeyFault>;

    /// Destroys the bytes that seal the agent's files.
    ///
    /// # Errors
    /// [`MtdKeyFault`] as the store reports it.
    fn destroy_data_key(&self) -> Result<(), MtdKeyFault>;
}

/// What the device is, and what is wrong with its settings.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct MtdPosture {
    /// `android`, `ios` or `linux`.
    pub platform: String,
    /// Version of the system.
    pub os_version: String,
    /// Maker's model name.
    pub model: Option<String>,
    /// Date of the system's security patch, `YYYY-MM-DD`.
    pub patch_level: Option<String>,
    /// What is found: names of the table of classifications.
    pub findings: Vec<String>,
    /// What the system does not tell now: what was found of it before stays. A name in neither is resolved.
    pub unknown: Vec<String>,
}

/// Why a sensor does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Error))]
pub enum MtdSensorFault {
    /// The system does not allow it.
    Denied,
    /// The system gave an error, or an incomplete list.
    Failed,
}

/// Reads posture and apps. Called on `mtd-errands`; may take seconds.
#[cfg_attr(feature = "uniffi", uniffi::export(foreign))]
pub trait MtdSensors: Send + Sync {
    /// What the device is.
    ///
    /// # Errors
    /// [`MtdSensorFault`] when the system does not tell.
    fn posture(&self) -> Result<MtdPosture, MtdSensorFault>;

    /// Every app the system shows, as the one buffer that [`agent_buffer::apps`] describes.
    ///
    /// # Errors
    /// [`MtdSensorFault`] when the system does not tell.
    fn apps(&self) -> Result<Vec<u8>, MtdSensorFault>;

    /// SHA-256 of an app's installation file, 32 bytes (P5).
    ///
    /// # Errors
    /// [`MtdSensorFault::Denied`] where there is no such file or it cannot be read.
    fn hash(&self, app_id: String) -> Result<Vec<u8>, MtdSensorFault>;
}

/// Is told of changes. Must return soon; [`super::MtdAgent::settle`] and [`super::MtdAgent::stop`] refuse to be
/// called from within.
#[cfg_attr(feature = "uniffi", uniffi::export(foreign))]
pub trait MtdListener: Send + Sync {
    /// The status changed. Called on `mtd-agent`.
    fn status_changed(&self, status: MtdStatus);

    /// The answer to [`super::MtdAgent::visit`], one for each question and in their order. Called on `mtd-agent`.
    fn web_verdict(&self, answer: MtdWebAnswer);

    /// The agent does nothing any more after an internal fault; the app keeps running. Called on `mtd-agent`, or on
    /// the thread whose call met the fault.
    fn inert(&self, error: MtdError);
}

impl fmt::Display for MtdKeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl fmt::Display for MtdSensorFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What a host throws beside its faults may hold anything: it is not looked at.
#[cfg(feature = "uniffi")]
mod thrown {
    use uniffi::UnexpectedUniFFICallbackError;

    use super::{MtdKeyFault, MtdSensorFault};

    impl From<UnexpectedUniFFICallbackError> for MtdKeyFault {
        fn from(_: UnexpectedUniFFICallbackError) -> Self {
            Self::Busy
        }
    }

    impl From<UnexpectedUniFFICallbackError> for MtdSensorFault {
        fn from(_: UnexpectedUniFFICallbackError) -> Self {
            Self::Failed
        }
    }
}

impl From<MtdKeyFault> for KeyFailure {
    fn from(fault: MtdKeyFault) -> Self {
        match fault {
            MtdKeyFault::Locked => Self::Locked,
            MtdKeyFault::Busy => Self::Busy,
            MtdKeyFault::Gone => Self::Gone,
            MtdKeyFault::Unsupported => Self::Unsupported,
        }
    }
}

impl From<MtdSensorFault> for CollectFailure {
    fn from(fault: MtdSensorFault) -> Self {
        match fault {
            MtdSensorFault::Denied => Self::Denied,
            MtdSensorFault::Failed => Self::Failed,
        }
    }
}
