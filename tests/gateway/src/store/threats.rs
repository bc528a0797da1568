//! Open threats, and the transitions that made them so.

use agent_logic::model::{Classification, DeviceId, Severity, Subject, ThreatId};
use agent_logic::time::{Stamp, Wall};
use agent_logic::wire::{OpenThreat, Policy, Transition, TransitionKind};
use rusqlite::{Row, params};
use serde::Serialize;

use super::{StoreError, Tx, int, json, unint, unjson, unword, word};

/// An open threat of a device.
#[derive(Clone, Debug)]
pub struct HeldThreat {
    /// The threat.
    pub id: ThreatId,
    /// What it is.
    pub classification: Classification,
    /// The device's rating.
    pub severity: Severity,
    /// What it is in.
    pub subject: Subject,
    /// When it was first seen, by the device's clocks.
    pub detected: Stamp,
    /// The user chose to ignore it; see [`HeldThreat::counts`].
    pub ignored: bool,
    /// Who found it.
    pub finder: Finder,
    /// When the cloud learned of it.
    pub received: Wall,
}

impl HeldThreat {
    /// Whether it rates the device. It does not where the user ignored it and policy lets him.
    #[must_use]
    pub fn counts(&self, policy: &Policy) -> bool {
        !(self.ignored && policy.may_ignore(self.classification))
    }
}

/// Who found a threat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Finder {
    /// The device.
    Device,
    /// The cloud, in the apps that it holds of the device.
    Cloud,
}

/// A transition as people read it.
#[derive(Clone, Debug)]
pub struct TransitionLine {
    /// What happened.
    pub kind: TransitionKind,
    /// To what.
    pub classification: Classification,
    /// When it happened, by the device's clocks.
    pub at: Stamp,
    /// When the cloud learned of it.
    pub received: Wall,
}

impl Tx<'_> {
    /// The last transitions of a device, newest first.
    pub fn transition_lines(&self, device: &DeviceId, count: u32) -> Result<Vec<TransitionLine>, StoreError> {
        let sql = "SELECT kind, classification, at, received FROM transition
             WHERE device = ?1 ORDER BY seq DESC LIMIT ?2";
        self.list(sql, params![device.reveal(), count], |row| {
            Ok(TransitionLine {
                kind: unword(row.get(0)?)?,
                classification: unword(row.get(1)?)?,
                at: unjson(&row.get::<_, String>(2)?)?,
                received: Wall(unint(row.get(3)?)),
            })
        })
    }

    /// At most `most` threats that the cloud learned of after `from` and not after `until`: the device, what it is.
    pub fn new_threats(
        &self,
        from: Wall,
        until: Wall,
        most: u32,
    ) -> Result<Vec<(DeviceId, Classification)>, StoreError> {
        let opened = word(&TransitionKind::Opened)?;
        let which = params![opened, int(from.0), int(until.0), most];
        self.list(NEW, which, |row| Ok((unword(row.get(0)?)?, unword(row.get(1)?)?)))
    }

    /// The threats that a device reports as open, in the order they were seen.
    pub fn threats(&self, device: &DeviceId) -> Result<Vec<HeldThreat>, StoreError> {
        let sql = "SELECT id, classification, severity, subject, detected, ignored, received
             FROM threat WHERE device = ?1 ORDER BY received, id";
        self.list(sql, [device.reveal()], threat)
    }

    /// Opens a threat; one that is known keeps the time it was received.
    pub fn put_threat(&self, device: &DeviceId, threat: &OpenThreat, now: Wall) -> Result<(), StoreError> {
        self.0
            .prepare_cached(
                "INSERT INTO threat (device, id, classification, severity, subject, detected, ignored, received)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (device, id) DO UPDATE SET classification = ?3, severity = ?4, subject = ?5,
                 detected = ?6, ignored = ?7",
            )?
            .execute(params![
                device.reveal(),
                threat.id.to_string(),
                threat.classification.name(),
                word(&threat.severity)?,
                json(&threat.subject)?,
                json(&threat.detected)?,
                threat.ignored,
                int(now.0),
            ])?;
        Ok(())
    }

    /// Closes a threat.
    pub fn remove_threat(&self, device: &DeviceId, id: ThreatId) -> Result<(), StoreError> {
        self.0
            .prepare_cached("DELETE FROM threat WHERE device = ?1 AND id = ?2")?
            .execute(params![device.reveal(), id.to_string()])?;
        Ok(())
    }

    /// Closes every threat of a device.
    pub fn clear_threats(&self, device: &DeviceId) -> Result<(), StoreError> {
        self.0.prepare_cached("DELETE FROM threat WHERE device = ?1")?.execute([device.reveal()])?;
        Ok(())
    }

    /// Appends a transition; false if it is there already.
    pub fn add_transition(
        &self,
        device: &DeviceId,
        enrolment: u64,
        transition: &Transition,
        now: Wall,
    ) -> Result<bool, StoreError> {
        let added = self
            .0
            .prepare_cached(
                "INSERT OR IGNORE INTO transition (device, enrolment, ordinal, kind, id, classification, severity, subject,
                 detected, at, received) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?
            .execute(params![
                device.reveal(),
                int(enrolment),
                int(transition.ordinal),
                word(&transition.kind)?,
                transition.id.to_string(),
                transition.classification.name(),
                word(&transition.severity)?,
                json(&transition.subject)?,
                json(&transition.detected)?,
                json(&transition.at)?,
                int(now.0),
            ])?;
        Ok(added > 0)
    }
}

pub(super) fn threat(row: &Row<'_>) -> Result<HeldThreat, StoreError> {
    Ok(HeldThreat {
        id: unword(row.get("id")?)?,
        classification: unword(row.get("classification")?)?,
        severity: unword(row.get("severity")?)?,
        subject: unjson(&row.get::<_, String>("subject")?)?,
        detected: unjson(&row.get::<_, String>("detected")?)?,
        ignored: row.get("ignored")?,
        finder: Finder::Device,
        received: Wall(unint(row.get("received")?)),
    })
}

/// A threat that is over by now is in the transitions, one told of with a new chain only among the open ones.
const NEW: &str = "
    SELECT device, classification, id FROM transition WHERE kind = ?1 AND received > ?2 AND received <= ?3
    UNION SELECT device, classification, id FROM threat WHERE received > ?2 AND received <= ?3
    UNION SELECT device, classification, id FROM found WHERE received > ?2 AND received <= ?3
    ORDER BY device, classification LIMIT ?4";

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::store::schema;

    #[test]
    fn new_threats_are_found_without_reading_the_old_ones() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::ensure(&mut connection).unwrap();
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {NEW}")).unwrap();
        let plan: Vec<String> = statement
            .query_map(params!["opened", 1, 2, 3], |row| row.get(3))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        for table in ["transition", "threat", "found"] {
            let search = format!("SEARCH {table} USING INDEX {table}_by_arrival");
            assert!(plan.iter().any(|step| step.starts_with(&search)), "{plan:?}");
        }
    }
}
