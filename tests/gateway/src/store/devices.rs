//! Devices, and the groups they are in.

use agent_logic::model::{Activation, ChainId, DeviceId, Digest, HealthState, Level};
use agent_logic::time::Wall;
use agent_logic::wire::Facts;
use rusqlite::{OptionalExtension as _, Row, params};

use super::{StoreError, Tx, int, json, unint, unjson, unword, word};

/// A device as the cloud knows it.
#[derive(Clone, Debug)]
pub struct Device {
    /// The Entra device ID.
    pub id: DeviceId,
    /// The enrolment group.
    pub group: Option<String>,
    /// First axis.
    pub activation: Activation,
    /// The administrator revoked it.
    pub revoked: bool,
    /// Counts first enrolments; its chain begins anew with each.
    pub enrolment: u64,
    /// Wrong codes since the last one was made.
    pub code_failures: u32,
    /// The last applied report.
    pub chain: Option<ChainHead>,
    /// The cloud asked for a new chain.
    pub resync_asked: bool,
    /// Policy kept threats on the device, and it has not told since which are open.
    pub threats_dropped: bool,
    /// A report of this enrolment was applied.
    pub rated: bool,
    /// Digest of the facts.
    pub facts_digest: Option<Digest>,
    /// What the device is.
    pub facts: Option<Facts>,
    /// Digest of the inventory held.
    pub inventory: Option<Digest>,
    /// Version of the policy the device has.
    pub policy_held: u64,
    /// Version of the indicator set the device has.
    pub indicators_held: u64,
    /// The level that the device reported last. Counts where policy keeps threats on the device.
    pub level: Option<Level>,
    /// The last authenticated request.
    pub last_contact: Option<Wall>,
    /// The health that Intune was told last.
    pub pushed: Option<HealthState>,
}

/// The last applied report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainHead {
    /// Its chain.
    pub chain: ChainId,
    /// Its sequence.
    pub sequence: u64,
    /// SHA-256 of its body.
    pub digest: Digest,
}

impl Tx<'_> {
    /// Lists a device, pending, unless it is known.
    pub fn ensure_device(&self, id: &DeviceId) -> Result<(), StoreError> {
        self.0.execute("INSERT INTO device (id) VALUES (?1) ON CONFLICT (id) DO NOTHING", [id.reveal()])?;
        Ok(())
    }

    /// One device.
    pub fn device(&self, id: &DeviceId) -> Result<Option<Device>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM device WHERE id = ?1");
        self.0.prepare_cached(&sql)?.query_row([id.reveal()], |row| Ok(device(row))).optional()?.transpose()
    }

    /// At most `count` devices, by ID, that come after `after`.
    pub fn devices_after(&self, after: &str, count: u32) -> Result<Vec<Device>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM device WHERE id > ?1 ORDER BY id LIMIT ?2");
        self.list(&sql, params![after, count], device)
    }

    /// Writes back what a check-in or a command changed.
    pub fn save_device(&self, device: &Device) -> Result<(), StoreError> {
        let head = device.chain;
        // Indexes hang on these: written only when they change.
        self.0
            .prepare_cached(
                "UPDATE device SET activation = ?2, revoked = ?3
                 WHERE id = ?1 AND (activation <> ?2 OR revoked <> ?3)",
            )?
            .execute(params![device.id.reveal(), word(&device.activation)?, device.revoked])?;
        self.0
            .prepare_cached(
                "UPDATE device SET enrolment = ?2, code_failures = ?3, chain = ?4, sequence = ?5, report_sha256 = ?6,
                 resync_asked = ?7, rated = ?8, facts_sha256 = ?9, facts = ?10, inventory_sha256 = ?11,
                 policy_held = ?12, indicators_held = ?13, last_contact = ?14, level = ?15, threats_dropped = ?16
                 WHERE id = ?1",
            )?
            .execute(params![
                device.id.reveal(),
                int(device.enrolment),
                device.code_failures,
                head.map(|head| head.chain.to_string()),
                head.map(|head| int(head.sequence)),
                head.map(|head| head.digest.to_string()),
                device.resync_asked,
                device.rated,
                device.facts_digest.map(|digest| digest.to_string()),
                device.facts.as_ref().map(json).transpose()?,
                device.inventory.map(|digest| digest.to_string()),
                int(device.policy_held),
                int(device.indicators_held),
                device.last_contact.map(|at| int(at.0)),
                device.level.as_ref().map(word).transpose()?,
                device.threats_dropped,
            ])?;
        Ok(())
    }

    /// The health that Intune was told last.
    pub fn pushed(&self, id: &DeviceId) -> Result<Option<HealthState>, StoreError> {
        let told: Option<String> = self
            .0
            .prepare_cached("SELECT pushed_health FROM device WHERE id = ?1")?
            .query_row([id.reveal()], |row| row.get(0))?;
        told.map(unword).transpose()
    }

    /// Notes what Intune was told.
    pub fn save_pushed(&self, id: &DeviceId, health: HealthState, at: Wall) -> Result<(), StoreError> {
        self.0.execute(
            "UPDATE device SET pushed_health = ?2, pushed_at = ?3 WHERE id = ?1",
            params![id.reveal(), word(&health)?, int(at.0)],
        )?;
        Ok(())
    }

    /// Makes a group unless it is there. Names are case-sensitive.
    pub fn ensure_group(&self, name: &str) -> Result<(), StoreError> {
        self.0.execute(
            "INSERT INTO enrolment_group (name) VALUES (?1) ON CONFLICT (name) DO NOTHING",
            [name],
        )?;
        Ok(())
    }

    /// Every group's name.
    pub fn groups(&self) -> Result<Vec<String>, StoreError> {
        let mut statement = self.0.prepare_cached("SELECT name FROM enrolment_group ORDER BY name")?;
        let names = statement.query_map([], |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }

    /// Whether the group is there.
    pub fn has_group(&self, name: &str) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM enrolment_group WHERE name = ?1)";
        Ok(self.0.query_row(sql, [name], |row| row.get(0))?)
    }

    /// Puts a device into a group and out of any other.
    pub fn set_group(&self, id: &DeviceId, name: &str) -> Result<(), StoreError> {
        self.0.execute("UPDATE device SET group_name = ?2 WHERE id = ?1", params![id.reveal(), name])?;
        Ok(())
    }
}

pub(super) const COLUMNS: &str =
    "id, group_name, activation, revoked, enrolment, code_failures, chain, sequence,
    report_sha256, resync_asked, threats_dropped, rated, facts_sha256, facts, inventory_sha256, policy_held,
    indicators_held, last_contact, level, pushed_health";

pub(super) fn device(row: &Row<'_>) -> Result<Device, StoreError> {
    let digest = |name: &str| row.get::<_, Option<String>>(name)?.map(unword).transpose();
    let chain: Option<String> = row.get("chain")?;
    let chain = match (chain, digest("report_sha256")?) {
        (Some(chain), Some(digest)) => {
            Some(ChainHead { chain: unword(chain)?, sequence: unint(row.get("sequence")?), digest })
        }
        _ => None,
    };
    Ok(Device {
        id: unword(row.get("id")?)?,
        group: row.get("group_name")?,
        activation: unword(row.get("activation")?)?,
        revoked: row.get("revoked")?,
        enrolment: unint(row.get("enrolment")?),
        code_failures: row.get("code_failures")?,
        chain,
        resync_asked: row.get("resync_asked")?,
        threats_dropped: row.get("threats_dropped")?,
        rated: row.get("rated")?,
        facts_digest: digest("facts_sha256")?,
        facts: row.get::<_, Option<String>>("facts")?.as_deref().map(unjson).transpose()?,
        inventory: digest("inventory_sha256")?,
        policy_held: unint(row.get("policy_held")?),
        indicators_held: unint(row.get("indicators_held")?),
        level: row.get::<_, Option<String>>("level")?.map(unword).transpose()?,
        last_contact: row.get::<_, Option<i64>>("last_contact")?.map(|at| Wall(unint(at))),
        pushed: row.get::<_, Option<String>>("pushed_health")?.map(unword).transpose()?,
    })
}
