//! Signed documents: policies and indicator sets.

use agent_logic::time::Wall;
use agent_logic::wire::Policy;
use rusqlite::{OptionalExtension as _, params};

use super::{Device, StoreError, Tx, int, json, unint, unjson};

/// A policy and its signed form.
#[derive(Clone, Debug)]
pub struct StoredPolicy {
    /// The policy.
    pub policy: Policy,
    /// The compact JWS over it.
    pub jws: String,
}

/// An indicator set.
#[derive(Clone, Debug)]
pub struct StoredIndicators {
    /// Its version.
    pub version: u64,
    /// The compact JWS over its manifest.
    pub jws: String,
}

/// Most versions that a restored backup may lack: by no more than that a device that lies moves the next one.
const LOST: u64 = 1_000;

impl Tx<'_> {
    /// The policy of a group, else the one for everybody.
    pub fn policy_for(&self, group: Option<&str>) -> Result<Option<StoredPolicy>, StoreError> {
        match group.map(|group| self.own_policy(Some(group))).transpose()?.flatten() {
            Some(own) => Ok(Some(own)),
            None => self.own_policy(None),
        }
    }

    /// The policy that `device` falls under; every gateway has one for everybody.
    pub fn policy_of(&self, device: &Device) -> Result<StoredPolicy, StoreError> {
        self.policy_for(device.group.as_deref())?.ok_or(StoreError::Corrupt)
    }

    /// The policy that was signed for `group`, or for everybody.
    fn own_policy(&self, group: Option<&str>) -> Result<Option<StoredPolicy>, StoreError> {
        let found: Option<(String, String)> = self
            .0
            .prepare_cached(
                "SELECT document, jws FROM policy WHERE group_name IS ?1 ORDER BY version DESC LIMIT 1",
            )?
            .query_row([group], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((document, jws)) = found else {
            return Ok(None);
        };
        Ok(Some(StoredPolicy { policy: unjson(&document)?, jws }))
    }

    /// The groups that have a policy of their own.
    pub fn groups_with_policy(&self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT group_name FROM policy WHERE group_name IS NOT NULL";
        let mut statement = self.0.prepare_cached(sql)?;
        let names = statement.query_map([], |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }

    /// Whether a group has a policy of its own.
    pub fn has_own_policy(&self, group: &str) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM policy WHERE group_name = ?1)";
        Ok(self.0.query_row(sql, [group], |row| row.get(0))?)
    }

    /// The version a new policy has: one counter for all groups, so that it also grows for a device that
    /// moves from one to another.
    pub fn next_policy_version(&self) -> Result<u64, StoreError> {
        self.next_version("policy", "policy_held")
    }

    /// The version a new indicator set has.
    pub fn next_indicators_version(&self) -> Result<u64, StoreError> {
        self.next_version("indicators", "indicators_held")
    }

    /// Devices refuse what is not newer than what they hold, and after a restored backup they may hold what is not here.
    fn next_version(&self, table: &str, held: &str) -> Result<u64, StoreError> {
        let sql = format!(
            "WITH own (newest) AS (SELECT coalesce(max(version), 0) FROM {table})
             SELECT max(newest, (SELECT coalesce(max({held}), 0) FROM device WHERE {held} <= newest + {LOST})) + 1 FROM own"
        );
        Ok(unint(self.0.query_row(&sql, [], |row| row.get(0))?))
    }

    /// Stores a policy of a group, or of everybody.
    pub fn add_policy(
        &self,
        group: Option<&str>,
        policy: &Policy,
        jws: &str,
        now: Wall,
    ) -> Result<(), StoreError> {
        self.0.execute(
            "INSERT INTO policy (version, group_name, made, document, jws) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![int(policy.version), group, int(now.0), json(policy)?, jws],
        )?;
        Ok(())
    }

    /// The newest indicator set.
    pub fn indicators(&self) -> Result<Option<StoredIndicators>, StoreError> {
        Ok(self
            .0
            .prepare_cached("SELECT version, jws FROM indicators ORDER BY version DESC LIMIT 1")?
            .query_row([], |row| Ok(StoredIndicators { version: unint(row.get(0)?), jws: row.get(1)? }))
            .optional()?)
    }

    /// The buckets of one set, one after another.
    pub fn indicator_buckets(&self, version: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT buckets FROM indicators WHERE version = ?1";
        Ok(self.0.query_row(sql, [int(version)], |row| row.get(0)).optional()?)
    }

    /// Stores an indicator set.
    pub fn add_indicators(
        &self,
        set: &StoredIndicators,
        entries: u64,
        buckets: &[u8],
        now: Wall,
    ) -> Result<(), StoreError> {
        self.0.execute(
            "INSERT INTO indicators (version, made, jws, entries, buckets) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![int(set.version), int(now.0), set.jws, int(entries), buckets],
        )?;
        Ok(())
    }
}
