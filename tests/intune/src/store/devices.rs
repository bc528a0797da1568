//! What Intune knows of devices by itself.

use rusqlite::{OptionalExtension as _, params};

use super::{Store, StoreError, int, json, unint, unjson};
use crate::apps::App;
use crate::managed::Managed;

/// A device's record and its times, milliseconds since 1970 UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What was said of it.
    pub managed: Managed,
    /// When it was first known.
    pub enrolled: u64,
    /// When it last checked in with device management.
    pub synced: u64,
}

impl Store {
    /// Stores what Intune knows of a device, which thereby checks in.
    pub fn manage(&self, id: &str, managed: &Managed, now: u64) -> Result<(), StoreError> {
        self.connection().execute(
            "INSERT INTO managed (id, value, enrolled, synced) VALUES (?1, ?2, ?3, ?3)
             ON CONFLICT (id) DO UPDATE SET value = ?2, synced = ?3",
            params![id, json(managed)?, int(now)],
        )?;
        Ok(())
    }

    /// What Intune knows of a device.
    pub fn managed(&self, id: &str) -> Result<Option<Record>, StoreError> {
        let found: Option<(String, i64, i64)> = self
            .connection()
            .query_row("SELECT value, enrolled, synced FROM managed WHERE id = ?1", [id], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        let Some((value, enrolled, synced)) = found else { return Ok(None) };
        Ok(Some(Record { managed: unjson(&value)?, enrolled: unint(enrolled), synced: unint(synced) }))
    }

    /// Stores the apps that a device listed when it checked in. False if it is not known.
    pub fn set_apps(&self, id: &str, apps: &[App], now: u64) -> Result<bool, StoreError> {
        let changed = self.connection().execute(
            "UPDATE managed SET apps = ?2, synced = ?3 WHERE id = ?1",
            params![id, json(&apps)?, int(now)],
        )?;
        Ok(changed > 0)
    }

    /// The apps that a device listed last; none if it never did.
    pub fn apps(&self, id: &str) -> Result<Vec<App>, StoreError> {
        let found: Option<Option<String>> = self
            .connection()
            .query_row("SELECT apps FROM managed WHERE id = ?1", [id], |row| row.get(0))
            .optional()?;
        found.flatten().map_or(Ok(Vec::new()), |text| unjson(&text))
    }
}
