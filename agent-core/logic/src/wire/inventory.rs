//! The inventory in a report: digest when nothing changed, delta when little did, else whole.
//!
//! Rules: W6.

use serde::{Deserialize, Serialize};

use crate::model::{App, AppId, Digest};

/// The inventory in a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "camelCase")]
pub enum InventoryPart {
    /// Nothing changed since the last acknowledged report.
    Digest {
        /// [`set_digest`] of the whole set.
        digest: Digest,
    },
    /// What changed.
    Delta {
        /// [`set_digest`] of the set that the changes apply to.
        base: Digest,
        /// [`set_digest`] after the changes.
        digest: Digest,
        /// Apps that are new or changed, by identifier.
        #[serde(default)]
        set: Vec<App>,
        /// Apps that are gone.
        #[serde(default)]
        removed: Vec<AppId>,
    },
    /// The whole set.
    Full {
        /// [`set_digest`] of the set.
        digest: Digest,
        /// Every app, by identifier.
        apps: Vec<App>,
    },
}

/// The digest of a set of apps: SHA-256 over the digests of its apps (32 raw bytes each), in the order of
/// their identifiers' bytes. The digest of no app is that of no byte.
#[must_use]
pub fn set_digest<'a>(apps: impl IntoIterator<Item = &'a App>) -> Digest {
    let mut digests: Vec<(&str, Digest)> =
        apps.into_iter().map(|app| (app.id.reveal(), app.digest())).collect();
    digests.sort_unstable_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
    Digest::of_parts(digests.iter().map(|(_, digest)| digest.as_bytes().as_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;

    // W6
    #[test]
    fn the_order_of_the_list_does_not_matter() {
        let a = App::new("com.a".parse().unwrap());
        let b = App::new("com.b".parse().unwrap());
        assert_eq!(set_digest([&a, &b]), set_digest([&b, &a]));
        assert_ne!(set_digest([&a]), set_digest([&a, &b]));
        assert_eq!(set_digest([]), Digest::of(b""));
    }
}
