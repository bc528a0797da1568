//! Who may use the console, and how far (seed 004): a person logs in with full or with restricted access, or not at
//! all. The account `admin` is always there and has full access.
//!
//! The signer has a copy of the hashes of its own: what the serving process can write does not count there.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::str::FromStr;

use agent_logic::redact::Secret;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::admin::{self, make_secret};
use crate::alerts;
use crate::clock::now;
use crate::failure::SetupError;
use crate::home::{self, Home};
use crate::store::{Action, Place, Setting, Store, StoreError, Tx};

/// The account that `init` makes.
pub const ADMIN: &str = "admin";

/// Most accounts besides it.
pub const MAX_ACCOUNTS: usize = 64;

/// How far an account reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "camelCase")]
pub enum Access {
    /// Devices, and the policy to read. No connector, no audit log, nothing to change.
    Restricted,
    /// Everything.
    Full,
}

/// The name of an account: 1 to 64 lower-case letters, digits, dots, hyphens and underscores.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// Not such a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoName;

/// An account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Its name.
    pub name: Name,
    /// How far it reaches.
    pub access: Access,
    /// The hash of its password.
    pub hash: String,
}

impl Access {
    /// Whether it reaches what `needed` is for.
    #[must_use]
    pub const fn covers(self, needed: Self) -> bool {
        match (self, needed) {
            (Self::Full, _) | (Self::Restricted, Self::Restricted) => true,
            (Self::Restricted, Self::Full) => false,
        }
    }
}

impl Name {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The account called `name`.
pub fn find(tx: &Tx<'_>, name: &str) -> Result<Option<Account>, StoreError> {
    let Ok(name) = name.parse::<Name>() else { return Ok(None) };
    if name.0 == ADMIN {
        return Ok(Some(Account { name, access: Access::Full, hash: tx.get(Setting::AdminHash)? }));
    }
    Ok(all(tx)?.into_iter().find(|account| account.name == name))
}

/// Makes an account, or makes its password anew and changes its access. Answers the password.
pub fn set(home: &Home, store: &Store, name: &Name, access: Access) -> Result<Secret<String>, SetupError> {
    if name.0 == ADMIN {
        return Err(SetupError::Bounds("admin is made by `init` and has full access."));
    }
    let password = make_secret()?;
    let account = Account { name: name.clone(), access, hash: admin::hash(&password)? };
    change(home, store, Action::AccountSet, name, |accounts| {
        accounts.push(account);
        if accounts.len() <= MAX_ACCOUNTS {
            Ok(())
        } else {
            Err(SetupError::Bounds("there are 64 accounts already. Remove one first."))
        }
    })?;
    Ok(password)
}

/// Removes an account: its sessions end at their next request. False if there is none.
pub fn remove(home: &Home, store: &Store, name: &Name) -> Result<bool, SetupError> {
    let known = store.read(|tx| Ok::<_, StoreError>(all(tx)?.iter().any(|account| account.name == *name)))?;
    if known {
        change(home, store, Action::AccountRemoved, name, |_| Ok(()))?;
        // Who is no longer there is told nothing more.
        store.transact(|tx| alerts::prefer(tx, name.as_str(), None))?;
    }
    Ok(known)
}

/// The hash that the signer checks a password of `name` against: of those with full access only.
#[must_use]
pub fn signer_hash(home: &Home, name: &str) -> Option<String> {
    if name == ADMIN {
        return home::read_text(&home.signer_hash()).ok();
    }
    let held = fs::read(home.signer_accounts()).ok()?;
    serde_json::from_slice::<BTreeMap<String, String>>(&held).ok()?.remove(name)
}

fn all(tx: &Tx<'_>) -> Result<Vec<Account>, StoreError> {
    let Some(text) = tx.find(Setting::Accounts)? else { return Ok(Vec::new()) };
    serde_json::from_str(&text).map_err(|_| StoreError::Corrupt)
}

/// Takes `name` out of the accounts, applies `change`, and writes both copies.
fn change(
    home: &Home,
    store: &Store,
    action: Action,
    name: &Name,
    change: impl FnOnce(&mut Vec<Account>) -> Result<(), SetupError>,
) -> Result<(), SetupError> {
    store.transact(|tx| {
        let mut accounts = all(tx)?;
        accounts.retain(|account| account.name != *name);
        change(&mut accounts)?;
        let text = serde_json::to_string(&accounts).map_err(|_| StoreError::Corrupt)?;
        tx.set(Setting::Accounts, &text)?;
        tx.audit(now(), Place::CommandLine, action, Some(name.as_str()))?;
        write_for_signer(home, &accounts)
    })
}

fn write_for_signer(home: &Home, accounts: &[Account]) -> Result<(), SetupError> {
    let full: BTreeMap<&str, &str> = accounts
        .iter()
        .filter(|account| account.access == Access::Full)
        .map(|account| (account.name.as_str(), account.hash.as_str()))
        .collect();
    let text = serde_json::to_vec(&full).map_err(|_| SetupError::Form("the signer's accounts"))?;
    let whole = home.signer_accounts();
    let part = whole.with_extension("part");
    // One that a crash left behind.
    let _ = fs::remove_file(&part);
    home::write_private(&part, &text)?;
    fs::rename(&part, &whole).map_err(|error| SetupError::File(whole, error))
}

impl FromStr for Name {
    type Err = NoName;

    fn from_str(text: &str) -> Result<Self, NoName> {
        let plain = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_');
        if (1..=64).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NoName)
        }
    }
}

impl TryFrom<String> for Name {
    type Error = NoName;

    fn try_from(text: String) -> Result<Self, NoName> {
        text.parse()
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl fmt::Display for NoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name is 1 to 64 lower-case letters, digits, dots, hyphens and underscores")
    }
}

impl std::error::Error for NoName {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        assert!("j.doe-2_x".parse::<Name>().is_ok() && "a".repeat(64).parse::<Name>().is_ok());
        for text in ["", "J", "a b", "a\n", "é", &"a".repeat(65)] {
            assert_eq!(text.parse::<Name>(), Err(NoName), "{text:?}");
        }
    }

    #[test]
    fn restricted_access_does_not_reach_what_full_access_is_for() {
        assert!(Access::Full.covers(Access::Full) && Access::Full.covers(Access::Restricted));
        assert!(Access::Restricted.covers(Access::Restricted) && !Access::Restricted.covers(Access::Full));
    }
}
