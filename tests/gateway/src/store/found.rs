//! What Intune lists of a device's apps, and the threats that the cloud found in apps.

use agent_logic::model::{App, AppId, Classification, DeviceId, Digest, ThreatId};
use agent_logic::time::Wall;
use rusqlite::{OptionalExtension as _, Row, params};

use super::{StoreError, Tx, int, json, unint, unjson, unword};

/// A threat that the cloud found in an app of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The device.
    pub device: DeviceId,
    /// The app.
    pub app: AppId,
    /// The threat; another one each time that the app comes back.
    pub id: ThreatId,
    /// What it is.
    pub classification: Classification,
    /// When it was found.
    pub received: Wall,
}

impl Tx<'_> {
    /// What the cloud found in the apps of `device`.
    pub fn found(&self, device: &DeviceId) -> Result<Vec<Found>, StoreError> {
        let sql =
            "SELECT device, app, id, classification, received FROM found WHERE device = ?1 ORDER BY app";
        self.list(sql, [device.reveal()], found)
    }

    /// Stores what was found.
    pub fn add_found(&self, found: &Found) -> Result<(), StoreError> {
        self.0
            .prepare_cached(
                "INSERT OR REPLACE INTO found (device, app, id, classification, received)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                found.device.reveal(),
                found.app.reveal(),
                found.id.to_string(),
                found.classification.name(),
                int(found.received.0),
            ])?;
        Ok(())
    }

    /// Forgets what was found in one app.
    pub fn remove_found(&self, found: &Found) -> Result<(), StoreError> {
        self.0
            .prepare_cached("DELETE FROM found WHERE device = ?1 AND app = ?2")?
            .execute(params![found.device.reveal(), found.app.reveal()])?;
        Ok(())
    }

    /// Calls `look` with each app held of `device`, whoever listed it: the app's digest, and the app, which is read only
    /// when asked for.
    pub fn each_app(
        &self,
        device: &DeviceId,
        mut look: impl FnMut(Digest, &dyn Fn() -> Result<App, StoreError>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.0.prepare_cached(
            "SELECT sha256, value FROM inventory WHERE device = ?1
             UNION ALL SELECT sha256, value FROM synced_app WHERE device = ?1",
        )?;
        let mut rows = statement.query([device.reveal()])?;
        while let Some(row) = rows.next()? {
            let app = || unjson(&row.get::<_, String>(1)?);
            look(unword(row.get(0)?)?, &app)?;
        }
        Ok(())
    }

    /// At most `count` devices, by ID, that come after `after` and of which apps are held or something was found.
    pub fn with_apps(&self, after: &str, count: u32) -> Result<Vec<DeviceId>, StoreError> {
        let sql = "SELECT id FROM device WHERE id > ?1 AND (EXISTS (SELECT 1 FROM inventory AS own WHERE own.device = device.id)
             OR EXISTS (SELECT 1 FROM synced_app AS listed WHERE listed.device = device.id)
             OR EXISTS (SELECT 1 FROM found WHERE found.device = device.id)) ORDER BY id LIMIT ?2";
        self.ids(sql, params![after, count])
    }

    /// Replaces what Intune lists of a device's apps.
    pub fn set_synced_apps(&self, device: &DeviceId, apps: &[App], asked: Wall) -> Result<(), StoreError> {
        self.clear_synced_apps(device)?;
        self.0
            .prepare_cached("INSERT INTO app_sync (device, asked) VALUES (?1, ?2)")?
            .execute(params![device.reveal(), int(asked.0)])?;
        let mut statement = self.0.prepare_cached(
            "INSERT OR REPLACE INTO synced_app (device, app, sha256, value) VALUES (?1, ?2, ?3, ?4)",
        )?;
        for app in apps {
            let (id, digest) = (app.id.reveal(), app.digest().to_string());
            statement.execute(params![device.reveal(), id, digest, json(app)?])?;
        }
        Ok(())
    }

    /// Forgets what Intune listed of a device's apps.
    pub fn clear_synced_apps(&self, device: &DeviceId) -> Result<(), StoreError> {
        for table in ["synced_app", "app_sync"] {
            self.0
                .prepare_cached(&format!("DELETE FROM {table} WHERE device = ?1"))?
                .execute([device.reveal()])?;
        }
        Ok(())
    }

    /// What Intune lists of a device's apps, by identifier.
    pub fn synced_apps(&self, device: &DeviceId) -> Result<Vec<App>, StoreError> {
        let sql = "SELECT value FROM synced_app WHERE device = ?1 ORDER BY app";
        self.list(sql, [device.reveal()], |row| unjson(&row.get::<_, String>(0)?))
    }

    /// When Intune listed a device's apps last; absent while nothing of them is held.
    pub fn synced_at(&self, device: &DeviceId) -> Result<Option<Wall>, StoreError> {
        let sql = "SELECT asked FROM app_sync WHERE device = ?1";
        let found: Option<i64> =
            self.0.prepare_cached(sql)?.query_row([device.reveal()], |row| row.get(0)).optional()?;
        Ok(found.map(|at| Wall(unint(at))))
    }
}

pub(super) fn found(row: &Row<'_>) -> Result<Found, StoreError> {
    Ok(Found {
        device: unword(row.get("device")?)?,
        app: unword(row.get("app")?)?,
        id: unword(row.get("id")?)?,
        classification: unword(row.get("classification")?)?,
        received: Wall(unint(row.get("received")?)),
    })
}
