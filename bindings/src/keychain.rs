//! The key store of iOS: P-256 keys in the Secure Enclave, else in the Keychain, which says so (R1, D4).
//!
//! - `meaning`: what the system's answers mean; tested everywhere
//! - `point`: a public key as the Keychain gives it, and as certificates have it
//! - `items`: the Keychain's calls
//! - `late`: what iOS has since version 10, found at run time: the library runs from 8.0 on
//!
//! Every item is `AfterFirstUnlockThisDeviceOnly`: not there before the first unlock after a boot, in no backup, and no
//! user is asked. Compiled for iOS only; no part of it ever ran.

#[cfg(target_os = "ios")]
mod items;
#[cfg(target_os = "ios")]
mod late;
mod meaning;
mod point;
#[cfg(target_os = "ios")]
mod store;

#[cfg(target_os = "ios")]
pub(crate) use store::Keychain;
