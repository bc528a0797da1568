//! One-time codes and enrolment keys, as digests.

use agent_logic::model::{DeviceId, Digest};
use agent_logic::time::Wall;
use rusqlite::{OptionalExtension as _, params};

use super::{StoreError, Tx, int, unint, unword};

/// A one-time code, known by its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// SHA-256 of the code.
    pub digest: Digest,
    /// Not accepted after this.
    pub expires: Wall,
    /// SHA-256 of the public key that used it.
    pub used_by: Option<Digest>,
}

impl Tx<'_> {
    /// Stores a new code and drops the device's unused ones.
    pub fn add_code(&self, device: &DeviceId, digest: Digest, expires: Wall) -> Result<(), StoreError> {
        self.0.execute("DELETE FROM code WHERE device = ?1 AND used_by IS NULL", [device.reveal()])?;
        self.0.execute(
            "INSERT INTO code (sha256, device, expires) VALUES (?1, ?2, ?3)",
            params![digest.to_string(), device.reveal(), int(expires.0)],
        )?;
        self.0.execute("UPDATE device SET code_failures = 0 WHERE id = ?1", [device.reveal()])?;
        Ok(())
    }

    /// The device's code with this digest.
    pub fn code(&self, device: &DeviceId, digest: Digest) -> Result<Option<Code>, StoreError> {
        let found: Option<(i64, Option<String>)> = self
            .0
            .query_row(
                "SELECT expires, used_by FROM code WHERE device = ?1 AND sha256 = ?2",
                params![device.reveal(), digest.to_string()],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        let Some((expires, used_by)) = found else {
            return Ok(None);
        };
        Ok(Some(Code { digest, expires: Wall(unint(expires)), used_by: used_by.map(unword).transpose()? }))
    }

    /// Whether the device waits for a code to be used.
    pub fn has_unused_code(&self, device: &DeviceId) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM code WHERE device = ?1 AND used_by IS NULL)";
        Ok(self.0.query_row(sql, [device.reveal()], |row| row.get(0))?)
    }

    /// Notes which key used a code.
    pub fn burn_code(&self, digest: Digest, key: Digest) -> Result<(), StoreError> {
        self.0.execute(
            "UPDATE code SET used_by = ?2 WHERE sha256 = ?1",
            params![digest.to_string(), key.to_string()],
        )?;
        Ok(())
    }

    /// Forgets every code of a device.
    pub fn drop_codes(&self, device: &DeviceId) -> Result<(), StoreError> {
        self.0.execute("DELETE FROM code WHERE device = ?1", [device.reveal()])?;
        Ok(())
    }

    /// Counts a wrong code.
    pub fn count_code_failure(&self, device: &DeviceId) -> Result<(), StoreError> {
        self.0.execute(
            "UPDATE device SET code_failures = code_failures + 1 WHERE id = ?1",
            [device.reveal()],
        )?;
        Ok(())
    }

    /// Sets a group's enrolment key.
    pub fn set_enrolment_key(&self, group: &str, digest: Digest) -> Result<(), StoreError> {
        self.0.execute(
            "UPDATE enrolment_group SET key_sha256 = ?2 WHERE name = ?1",
            params![group, digest.to_string()],
        )?;
        Ok(())
    }

    /// The group whose enrolment key has this digest.
    pub fn group_of_key(&self, digest: Digest) -> Result<Option<String>, StoreError> {
        let sql = "SELECT name FROM enrolment_group WHERE key_sha256 = ?1";
        Ok(self.0.query_row(sql, [digest.to_string()], |row| row.get(0)).optional()?)
    }

    /// The kind of credential that enrolled the device.
    pub fn credential(&self, device: &DeviceId) -> Result<Option<String>, StoreError> {
        let sql = "SELECT credential FROM device WHERE id = ?1";
        Ok(self.0.query_row(sql, [device.reveal()], |row| row.get(0)).optional()?.flatten())
    }

    /// Notes which kind of credential enrolled the device.
    pub fn set_credential(&self, device: &DeviceId, kind: &str) -> Result<(), StoreError> {
        self.0.execute("UPDATE device SET credential = ?2 WHERE id = ?1", params![device.reveal(), kind])?;
        Ok(())
    }
}
