//! One installed app: the eight fields of Intune's App Sync, its four later flags, Android's extras.
//!
//! Rules: P10, R18.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Digest, Sha1};
use crate::redact::Redacted;
use crate::time::Wall;

/// Longest text of an app that is kept, in bytes. An app chooses its own name; ours is a bound on it.
pub const MAX_APP_TEXT: usize = 255;

/// Most signers of an app that are kept.
pub const MAX_SIGNERS: usize = 8;

/// An app's identifier: Android package name, iOS bundle identifier. 1 to [`MAX_APP_TEXT`] bytes, no control
/// characters. Personal: it does not print. A copy shares the text: one store installed most apps of a list.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AppId(Redacted<Arc<str>>);

/// Empty, too long, or with control characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppIdError;

impl AppId {
    /// The identifier itself, for the wire and for the phone's owner.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

impl fmt::Debug for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppId(…)")
    }
}

impl fmt::Display for AppIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an app identifier")
    }
}

impl std::error::Error for AppIdError {}

impl FromStr for AppId {
    type Err = AppIdError;

    #[inline]
    fn from_str(text: &str) -> Result<Self, AppIdError> {
        let fits = !text.is_empty() && text.len() <= MAX_APP_TEXT && !has_control(text);
        if fits { Ok(Self(Redacted::new(text.into()))) } else { Err(AppIdError) }
    }
}

impl TryFrom<String> for AppId {
    type Error = AppIdError;

    fn try_from(text: String) -> Result<Self, AppIdError> {
        text.parse()
    }
}

impl From<AppId> for String {
    fn from(id: AppId) -> Self {
        id.reveal().into()
    }
}

/// Digests of one signer certificate (DER). Public indicators use both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// SHA-1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sha1: Option<Sha1>,
    /// SHA-256.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sha256: Option<Digest>,
}

/// One app. Everything but the identifier may be unknown, and unknown is not false.
///
/// The fields stand in the order of their names, so that `serde_json` writes the canonical form of
/// RFC 8785 (JCS); the app's digest is the SHA-256 of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct App {
    /// `AdHocCodeSigned` (iOS 11.3).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ad_hoc_signed: Option<bool>,
    /// Distributed by the store (iOS 11.3 `AppStoreVendable`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub app_store_vendable: Option<bool>,
    /// TestFlight or another beta channel.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub beta: Option<bool>,
    /// Static size in bytes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bundle_size: Option<u64>,
    /// Device-based VPP (iOS 11.3).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub device_vpp: Option<bool>,
    /// Size of its data in bytes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dynamic_size: Option<u64>,
    /// SHA-256 of the installation file, where the agent computed it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub file_sha256: Option<Digest>,
    /// Android package name or iOS bundle identifier.
    pub id: AppId,
    /// The app that installed it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub installer: Option<AppId>,
    /// Deployed by the organisation.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub managed: Option<bool>,
    /// Shown name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<Redacted<String>>,
    /// Marketing version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub short_version: Option<Redacted<String>>,
    /// Signer certificates, at most eight.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub signers: Vec<Signer>,
    /// When the app was last updated. Stays on the device: it tells whether a file hash still counts.
    #[serde(skip)]
    pub updated: Option<Wall>,
    /// Can run (iOS 9.2 `IsValidated`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub validated: Option<bool>,
    /// Build version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<Redacted<String>>,
}

impl App {
    /// An app of which only the identifier is known.
    #[must_use]
    pub const fn new(id: AppId) -> Self {
        Self {
            ad_hoc_signed: None,
            app_store_vendable: None,
            beta: None,
            bundle_size: None,
            device_vpp: None,
            dynamic_size: None,
            file_sha256: None,
            id,
            installer: None,
            managed: None,
            name: None,
            short_version: None,
            signers: Vec::new(),
            updated: None,
            validated: None,
            version: None,
        }
    }

    /// The app with everything it chose itself within bounds: texts are cut at a character, signers counted (P10).
    #[must_use]
    pub fn bounded(mut self) -> Self {
        for text in [&mut self.name, &mut self.short_version, &mut self.version].into_iter().flatten() {
            if text.reveal().len() > MAX_APP_TEXT {
                *text = Redacted::new(cut(text.reveal()));
            }
        }
        self.signers.truncate(MAX_SIGNERS);
        self
    }

    /// Whether a store that checks what it distributes installed it. Unknown is no.
    #[must_use]
    pub fn is_from_store(&self) -> bool {
        let store = self.installer.as_ref().is_some_and(|installer| STORES.contains(&installer.reveal()));
        store || self.app_store_vendable == Some(true)
    }

    /// SHA-256 of the canonical form.
    #[must_use]
    pub fn digest(&self) -> Digest {
        // Cannot fail: every key is text and every value has a JSON form.
        Digest::of(&serde_json::to_vec(self).unwrap_or_default())
    }
}

/// Stores that check what they distribute, by package name.
const STORES: [&str; 5] = [
    "com.amazon.venezia",
    "com.android.vending",
    "com.huawei.appmarket",
    "com.sec.android.app.samsungapps",
    "com.xiaomi.mipicks",
];

/// Whether `text` holds a control character. A list has thousands of texts and hardly one that does: each byte is
/// looked at once, without a way out in the middle.
#[inline]
#[must_use]
pub fn has_control(text: &str) -> bool {
    /// Begins U+0080 to U+00BF, the controls beyond ASCII among them.
    const LATIN: u8 = 0xc2;
    let odd = text.bytes().fold(false, |odd, byte| odd | matches!(byte, 0..b' ' | 0x7f | LATIN));
    odd && text.chars().any(char::is_control)
}

fn cut(text: &str) -> String {
    let end = text.floor_char_boundary(MAX_APP_TEXT);
    text.get(..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_written_form_has_its_keys_in_order_and_leaves_out_the_unknown() {
        let mut app = App::new("com.example.a".parse().unwrap());
        app.version = Some(Redacted::new("7".into()));
        app.name = Some(Redacted::new("A \"b\"\n".into()));
        app.managed = Some(false);
        assert_eq!(
            serde_json::to_string(&app).unwrap(),
            r#"{"id":"com.example.a","managed":false,"name":"A \"b\"\n","version":"7"}"#
        );
        assert_eq!(
            app.digest().to_string(),
            Digest::of(br#"{"id":"com.example.a","managed":false,"name":"A \"b\"\n","version":"7"}"#)
                .to_string()
        );
    }

    // Seed 001's list.
    #[test]
    fn the_eight_fields_of_app_sync_are_on_the_wire() {
        let written = r#"{"bundleSize":1,"dynamicSize":2,"id":"a","managed":true,"name":"A","shortVersion":"1","validated":false,"version":"10"}"#;
        let app: App = serde_json::from_str(written).unwrap();
        assert_eq!(
            (app.bundle_size, app.dynamic_size, app.managed, app.validated),
            (Some(1), Some(2), Some(true), Some(false))
        );
        assert_eq!(serde_json::to_string(&app).unwrap(), written);
    }

    #[test]
    fn an_identifier_is_bounded_and_clean() {
        assert!("com.example".parse::<AppId>().is_ok());
        assert_eq!("".parse::<AppId>(), Err(AppIdError));
        for control in ["a\0b", "a\u{7f}b", "é\u{9f}", "é\n"] {
            assert_eq!(control.parse::<AppId>(), Err(AppIdError));
        }
        assert!("é.example".parse::<AppId>().is_ok());
        assert_eq!("x".repeat(256).parse::<AppId>(), Err(AppIdError));
    }

    #[test]
    fn every_control_character_is_one_and_nothing_else_is() {
        for character in '\0'..=char::MAX {
            assert_eq!(has_control(&format!("é{character}é")), character.is_control(), "{character:?}");
        }
    }

    // P10, R18
    #[test]
    fn a_hostile_name_is_cut_at_a_character() {
        let mut app = App::new("com.example.a".parse().unwrap());
        app.name = Some(Redacted::new("é".repeat(MAX_APP_TEXT)));
        app.version = Some(Redacted::new("1".repeat(MAX_APP_TEXT)));
        app.signers = vec![Signer { sha1: None, sha256: Some(Digest::of(b"1")) }; MAX_SIGNERS + 1];
        let app = app.bounded();
        assert_eq!(app.name.unwrap().reveal(), &"é".repeat(127));
        assert_eq!(app.version.unwrap().reveal().len(), MAX_APP_TEXT);
        assert_eq!(app.signers.len(), MAX_SIGNERS);
    }

    #[test]
    fn when_it_was_updated_stays_on_the_device() {
        let mut app = App::new("com.example.a".parse().unwrap());
        app.updated = Some(Wall(5));
        assert_eq!(serde_json::to_string(&app).unwrap(), r#"{"id":"com.example.a"}"#);
    }
}
