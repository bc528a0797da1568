//! What the gateway's and the stand-in's databases say. Nothing here asks the device.

use std::time::Duration;

use intune_stand_in::compliance::{Access, HealthState, RequiredLevel, judge};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row, params};

use serde_json::Value;

use super::{Device, Mishap, Stage};

/// Another process writes; it never holds the database for long.
const BUSY: Duration = Duration::from_secs(5);

/// The gateway's word on one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRow {
    /// As the gateway names it.
    pub activation: String,
    /// Apps held.
    pub apps: u64,
    /// Certificates ever issued.
    pub certificates: u64,
}

/// The gateway's word on one exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Of the report in its chain.
    pub sequence: u64,
    /// Bytes of the report.
    pub body: u64,
    /// Bytes as sent.
    pub wire: u64,
    /// Its form.
    pub inventory: Option<String>,
    /// Of the certificate it came under.
    pub serial: String,
}

/// The gateway's word on one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateRow {
    /// Names it.
    pub serial: String,
    /// Pending, current or dropped.
    pub standing: String,
    /// Milliseconds since 1970, by the gateway.
    pub issued: u64,
}

/// The gateway's word on one transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransitionRow {
    /// Counts transitions.
    pub ordinal: u64,
    /// What happened.
    pub kind: String,
    /// To what.
    pub classification: String,
    /// Milliseconds since 1970, by the device.
    pub detected: u64,
    /// Milliseconds since 1970, by the gateway.
    pub received: u64,
}

/// The stand-in's word: health as pushed, and whether access is granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// As pushed.
    pub health: String,
    /// Access is granted.
    pub granted: bool,
    /// One sentence.
    pub why: String,
}

impl Stage {
    /// The gateway's word on a device.
    pub fn device_row(&self, device: &Device) -> Result<Option<DeviceRow>, Mishap> {
        let read = |row: &Row<'_>| {
            Ok(DeviceRow { activation: row.get(0)?, apps: row.get(1)?, certificates: row.get(2)? })
        };
        let sql = "SELECT activation, (SELECT count(*) FROM inventory WHERE device = id),
            (SELECT count(*) FROM certificate WHERE device = id) FROM device WHERE id = ?1";
        Ok(self.gateway_database()?.query_row(sql, [&device.id], read).optional()?)
    }

    /// Every report of a device that was applied, oldest first.
    pub fn exchanges(&self, device: &Device) -> Result<Vec<Exchange>, Mishap> {
        let read = |row: &Row<'_>| {
            Ok(Exchange {
                sequence: row.get(0)?,
                body: row.get(1)?,
                wire: row.get(2)?,
                inventory: row.get(3)?,
                serial: row.get(4)?,
            })
        };
        let sql = "SELECT sequence, body_bytes, wire_bytes, inventory, serial FROM history
            WHERE device = ?1 AND event = 'check-in' ORDER BY seq";
        let connection = self.gateway_database()?;
        let mut statement = connection.prepare(sql)?;
        let rows = statement.query_map([&device.id], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Every transition of a device that was applied, in the order of application.
    pub fn transitions(&self, device: &Device) -> Result<Vec<TransitionRow>, Mishap> {
        let read = |row: &Row<'_>| {
            let detected: String = row.get(3)?;
            let detected: Value = serde_json::from_str(&detected).unwrap_or_default();
            let wall = detected.get("wall").and_then(Value::as_u64);
            Ok(TransitionRow {
                ordinal: row.get(0)?,
                kind: row.get(1)?,
                classification: row.get(2)?,
                detected: wall.unwrap_or_default(),
                received: row.get(4)?,
            })
        };
        let sql = "SELECT ordinal, kind, classification, detected, received FROM transition
            WHERE device = ?1 ORDER BY seq";
        let connection = self.gateway_database()?;
        let mut statement = connection.prepare(sql)?;
        let rows = statement.query_map([&device.id], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How often a device's reports named a fault.
    pub fn diagnosed(&self, device: &Device, code: u16) -> Result<u64, Mishap> {
        let sql = "SELECT coalesce(sum(count), 0) FROM diagnostic WHERE device = ?1 AND code = ?2";
        let row = params![device.id, code];
        Ok(self.gateway_database()?.query_row(sql, row, |row| row.get(0))?)
    }

    /// A device's certificates, oldest first.
    pub fn certificates(&self, device: &Device) -> Result<Vec<CertificateRow>, Mishap> {
        let read = |row: &Row<'_>| {
            Ok(CertificateRow { serial: row.get(0)?, standing: row.get(1)?, issued: row.get(2)? })
        };
        let sql = "SELECT serial, standing, issued FROM certificate WHERE device = ?1 ORDER BY issued, rowid";
        let connection = self.gateway_database()?;
        let mut statement = connection.prepare(sql)?;
        let rows = statement.query_map([&device.id], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The first app that the gateway holds of a device, as it was reported.
    pub fn first_app(&self, device: &Device) -> Result<Value, Mishap> {
        let sql = "SELECT value FROM inventory WHERE device = ?1 ORDER BY app LIMIT 1";
        let app: String = self.gateway_database()?.query_row(sql, [&device.id], |row| row.get(0))?;
        Ok(serde_json::from_str(&app)?)
    }

    /// Devices that ever enrolled.
    pub fn devices(&self) -> Result<u64, Mishap> {
        let sql = "SELECT count(DISTINCT device) FROM certificate";
        Ok(self.gateway_database()?.query_row(sql, [], |row| row.get(0))?)
    }

    /// Waits until the stand-in has heard that the device is in this health.
    pub fn standing(&self, device: &Device, health: &str) -> Result<Option<Standing>, Mishap> {
        Self::wait(|| Ok(self.standing_now(device)?.filter(|standing| standing.health == health)))
    }

    fn standing_now(&self, device: &Device) -> Result<Option<Standing>, Mishap> {
        let connection = open(&self.intune_database())?;
        let sql = "SELECT health FROM device WHERE id = ?1";
        let health: Option<String> = connection.query_row(sql, [&device.id], |row| row.get(0)).optional()?;
        let sql = "SELECT value FROM setting WHERE name = 'required-level'";
        let required: String = connection.query_row(sql, [], |row| row.get(0))?;
        let required: RequiredLevel = serde_json::from_value(Value::String(required))?;
        let Some(health) = health else { return Ok(None) };
        let reported: HealthState = serde_json::from_value(Value::String(health.clone()))?;
        let verdict = judge(reported, required);
        Ok(Some(Standing { health, granted: verdict.access == Access::Granted, why: verdict.why.into() }))
    }

    fn gateway_database(&self) -> Result<Connection, Mishap> {
        open(&self.cloud().join("gateway.db"))
    }
}

fn open(path: &std::path::Path) -> Result<Connection, Mishap> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}
