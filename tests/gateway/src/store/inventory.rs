//! The apps of a device.

use agent_logic::model::{App, AppId, DeviceId, Digest};
use rusqlite::params;

use super::{StoreError, Tx, json, unjson, unword};

impl Tx<'_> {
    /// Replaces or adds one app.
    pub fn put_app(&self, device: &DeviceId, app: &App) -> Result<(), StoreError> {
        self.0
            .prepare_cached(
                "INSERT OR REPLACE INTO inventory (device, app, sha256, value) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![device.reveal(), app.id.reveal(), app.digest().to_string(), json(app)?])?;
        Ok(())
    }

    /// Removes one app.
    pub fn remove_app(&self, device: &DeviceId, app: &AppId) -> Result<(), StoreError> {
        self.0
            .prepare_cached("DELETE FROM inventory WHERE device = ?1 AND app = ?2")?
            .execute(params![device.reveal(), app.reveal()])?;
        Ok(())
    }

    /// Removes every app of a device.
    pub fn clear_inventory(&self, device: &DeviceId) -> Result<(), StoreError> {
        self.0.prepare_cached("DELETE FROM inventory WHERE device = ?1")?.execute([device.reveal()])?;
        Ok(())
    }

    /// The digest of the set as the wire defines it, from what the database holds.
    pub fn inventory_digest(&self, device: &DeviceId) -> Result<Digest, StoreError> {
        // BINARY collation compares the bytes, which is the order the wire demands.
        let sql = "SELECT sha256 FROM inventory WHERE device = ?1 ORDER BY app COLLATE BINARY";
        let digests: Vec<Digest> = self.list(sql, [device.reveal()], |row| unword(row.get(0)?))?;
        Ok(Digest::of_parts(digests.iter().map(|digest| digest.as_bytes().as_slice())))
    }

    /// The apps of a device, by identifier.
    pub fn inventory(&self, device: &DeviceId) -> Result<Vec<App>, StoreError> {
        let sql = "SELECT value FROM inventory WHERE device = ?1 ORDER BY app";
        self.list(sql, [device.reveal()], |row| unjson(&row.get::<_, String>(0)?))
    }

    /// Undoes what `work` wrote unless it answers yes.
    pub fn attempt(&self, work: impl FnOnce() -> Result<bool, StoreError>) -> Result<bool, StoreError> {
        self.0.execute_batch("SAVEPOINT attempt")?;
        let kept = work()?;
        self.0.execute_batch(if kept {
            "RELEASE attempt"
        } else {
            "ROLLBACK TO attempt; RELEASE attempt"
        })?;
        Ok(kept)
    }
}
