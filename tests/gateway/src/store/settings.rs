//! Single values.

use rusqlite::{OptionalExtension as _, params};

use super::{StoreError, Tx};

/// A value that the gateway has one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// The tenant's GUID.
    Tenant,
    /// The hash of the console's password.
    AdminHash,
    /// The address that error notices go to; empty for none.
    NoticesTo,
    /// The accounts of the console besides the administrator's, JSON.
    Accounts,
    /// What accounts want to be told, JSON.
    Preferences,
    /// Whether Intune is told, JSON.
    StateSync,
    /// How long things are kept, JSON.
    Retention,
    /// What was told of the connector.
    ToldConnector,
    /// What was told of broken chains.
    ToldChain,
    /// What was told of faults.
    ToldDiagnostics,
    /// What was told of threats.
    ToldThreats,
    /// The device whose apps were looked at last for new indicators; absent once all were.
    LookedAt,
    /// The device that was rated last under a policy that changed; absent once all were.
    RatedTo,
}

impl Setting {
    const fn name(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::AdminHash => "admin-hash",
            Self::NoticesTo => "notices-to",
            Self::Accounts => "accounts",
            Self::Preferences => "preferences",
            Self::StateSync => "state-sync",
            Self::Retention => "retention",
            Self::ToldConnector => "told-connector",
            Self::ToldChain => "told-chain",
            Self::ToldDiagnostics => "told-diagnostics",
            Self::ToldThreats => "told-threats",
            Self::LookedAt => "looked-at",
            Self::RatedTo => "rated-to",
        }
    }
}

impl Tx<'_> {
    /// Stores a value.
    pub fn set(&self, setting: Setting, value: &str) -> Result<(), StoreError> {
        self.0.execute(
            "INSERT OR REPLACE INTO setting (name, value) VALUES (?1, ?2)",
            params![setting.name(), value],
        )?;
        Ok(())
    }

    /// Forgets a value.
    pub fn unset(&self, setting: Setting) -> Result<(), StoreError> {
        self.0.execute("DELETE FROM setting WHERE name = ?1", [setting.name()])?;
        Ok(())
    }

    /// A value that every gateway has.
    pub fn get(&self, setting: Setting) -> Result<String, StoreError> {
        self.find(setting)?.ok_or(StoreError::Corrupt)
    }

    /// A value, if it was ever stored.
    pub fn find(&self, setting: Setting) -> Result<Option<String>, StoreError> {
        let sql = "SELECT value FROM setting WHERE name = ?1";
        Ok(self.0.query_row(sql, [setting.name()], |row| row.get(0)).optional()?)
    }
}
