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
}

impl Setting {
    const fn name(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::AdminHash => "admin-hash",
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

    /// A stored value.
    pub fn get(&self, setting: Setting) -> Result<String, StoreError> {
        self.0
            .query_row("SELECT value FROM setting WHERE name = ?1", [setting.name()], |row| row.get(0))
            .optional()?
            .ok_or(StoreError::Corrupt)
    }
}
