//! How each device stands, written when it changes: a fleet is listed, counted and told without rating it.

use agent_logic::model::{Activation, DeviceId, HealthState, Level};
use agent_logic::time::Wall;
use rusqlite::params;
use serde::Serialize;

use super::devices::{COLUMNS, device};
use super::{Device, StoreError, Tx, int, unint, unword, word};

/// Devices at each level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// At high.
    pub high: u64,
    /// At medium.
    pub medium: u64,
    /// At low.
    pub low: u64,
    /// Without a threat.
    pub secured: u64,
    /// Of no known level.
    pub unrated: u64,
}

/// A device's place in the list of all, worst first; within a level by ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its level; absent unless activated, in contact and rated.
    pub level: Option<Level>,
    /// Its ID.
    pub id: String,
}

/// The order of the list.
const RANKS: [Option<Level>; 5] =
    [Some(Level::High), Some(Level::Medium), Some(Level::Low), Some(Level::Secured), None];

impl Tx<'_> {
    /// Notes how a device stands.
    pub fn save_standing(
        &self,
        id: &DeviceId,
        health: HealthState,
        level: Option<Level>,
    ) -> Result<(), StoreError> {
        self.0
            .prepare_cached(
                "UPDATE device SET health = ?2, rank = ?3 WHERE id = ?1 AND (health IS NOT ?2 OR rank <> ?3)",
            )?
            .execute(params![id.reveal(), word(&health)?, rank(level)])?;
        Ok(())
    }

    /// How a device stands as it was noted last.
    pub fn standing(&self, id: &DeviceId) -> Result<(HealthState, Option<Level>), StoreError> {
        let row: (String, i64) = self
            .0
            .prepare_cached("SELECT health, rank FROM device WHERE id = ?1")?
            .query_row([id.reveal()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok((unword(row.0)?, RANKS.into_iter().find(|level| rank(*level) == row.1).flatten()))
    }

    /// How many devices stand at each level.
    pub fn tally(&self) -> Result<Tally, StoreError> {
        let mut statement = self.0.prepare_cached(TALLY)?;
        let mut rows = statement.query([])?;
        let mut tally = Tally::default();
        while let Some(row) = rows.next()? {
            let (at, count) = (row.get::<_, i64>(0)?, unint(row.get(1)?));
            let level = RANKS.into_iter().find(|level| rank(*level) == at).ok_or(StoreError::Corrupt)?;
            match level {
                Some(Level::High) => tally.high = count,
                Some(Level::Medium) => tally.medium = count,
                Some(Level::Low) => tally.low = count,
                Some(Level::Secured) => tally.secured = count,
                None => tally.unrated = count,
            }
        }
        Ok(tally)
    }

    /// How many devices are at each stage of the first axis.
    pub fn activations(&self) -> Result<Vec<(Activation, u64)>, StoreError> {
        self.list(ACTIVATIONS, [], |row| Ok((unword(row.get(0)?)?, unint(row.get(1)?))))
    }

    /// At most `count` devices that come after `after` in the list, worst first.
    pub fn ranked(&self, after: Option<&Place>, count: usize) -> Result<Vec<Device>, StoreError> {
        let mut out: Vec<Device> = Vec::new();
        let begin = after.map_or(rank(Some(Level::High)), |place| rank(place.level));
        for level in RANKS.into_iter().filter(|level| rank(*level) <= begin) {
            let id = after.filter(|place| place.level == level).map_or("", |place| place.id.as_str());
            let left = count.saturating_sub(out.len());
            out.append(&mut self.list(&page(), params![rank(level), id, left], device)?);
        }
        Ok(out)
    }

    /// At most `count` devices whose health is not what Intune was told last, and what it is. Nothing is told of one
    /// that never was active.
    pub fn untold(&self, count: u32) -> Result<Vec<(DeviceId, HealthState)>, StoreError> {
        self.list(UNTOLD, [count], |row| Ok((unword(row.get(0)?)?, unword(row.get(1)?)?)))
    }

    /// At most `count` devices under the policy of `group`, or of everybody, that were last heard before `cut` and do
    /// not stand as silent yet.
    pub fn fallen_silent(
        &self,
        group: Option<&str>,
        cut: Wall,
        count: u32,
    ) -> Result<Vec<DeviceId>, StoreError> {
        self.ids(&silent(), params![group, int(cut.0), count])
    }

    /// At most `count` devices, by ID, that come after `after` and that another policy may rate otherwise.
    pub fn rated_by_policy(&self, after: &str, count: u32) -> Result<Vec<DeviceId>, StoreError> {
        let sql =
            "SELECT id FROM device WHERE id > ?1 AND (health NOT IN ('secured', 'unknown', 'deactivated')
             OR level <> 'secured' OR EXISTS (SELECT 1 FROM threat WHERE threat.device = device.id)
             OR EXISTS (SELECT 1 FROM found WHERE found.device = device.id)) ORDER BY id LIMIT ?2";
        self.ids(sql, params![after, count])
    }

    /// At most `count` devices whose standing was never noted: those of a database of an earlier version.
    pub fn without_standing(&self, count: u32) -> Result<Vec<DeviceId>, StoreError> {
        self.ids("SELECT id FROM device WHERE health IS NULL LIMIT ?1", [count])
    }

    pub(super) fn ids(&self, sql: &str, params: impl rusqlite::Params) -> Result<Vec<DeviceId>, StoreError> {
        self.list(sql, params, |row| unword(row.get(0)?))
    }
}

const TALLY: &str = "SELECT rank, count(*) FROM device GROUP BY rank";

const ACTIVATIONS: &str = "SELECT activation, count(*) FROM device GROUP BY activation";

// The condition is the index's, word for word.
const UNTOLD: &str =
    "SELECT id, health FROM device INDEXED BY device_untold WHERE health IS NOT pushed_health
    AND (pushed_health IS NOT NULL OR activation <> 'pending' OR revoked) LIMIT ?1";

/// That a device falls under the policy of group `?1`, or of everybody.
const UNDER: &str = "CASE WHEN ?1 IS NULL
    THEN NOT EXISTS (SELECT 1 FROM policy WHERE policy.group_name = device.group_name)
    ELSE group_name = ?1 END";

fn silent() -> String {
    format!(
        "SELECT id FROM device INDEXED BY device_heard WHERE activation = 'activated' AND revoked = 0 AND health <> 'unresponsive'
         AND last_contact < ?2 AND {UNDER} LIMIT ?3"
    )
}

/// A page of one level.
pub(super) fn page() -> String {
    format!("SELECT {COLUMNS} FROM device WHERE rank = ?1 AND id > ?2 ORDER BY id LIMIT ?3")
}

/// What is asked of a whole fleet.
#[cfg(test)]
pub(super) fn asked() -> Vec<String> {
    vec![page(), TALLY.into(), ACTIVATIONS.into(), UNTOLD.into(), silent()]
}

const fn rank(level: Option<Level>) -> i64 {
    match level {
        Some(Level::High) => 3,
        Some(Level::Medium) => 2,
        Some(Level::Low) => 1,
        Some(Level::Secured) => 0,
        None => -1,
    }
}
