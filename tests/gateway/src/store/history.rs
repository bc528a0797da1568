//! What happened to a device, for people and tests: appended, never changed.

use agent_logic::model::DeviceId;
use agent_logic::time::Wall;
use agent_logic::wire::Diagnostic;
use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::{ChainHead, StoreError, Tx, int, json, unint, unword, word};

/// One line of a device's history.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When, by the cloud's clock.
    pub at: Wall,
    /// What.
    pub event: Event,
    /// The report's chain and sequence.
    pub report: Option<(String, u64)>,
    /// Bytes of the report after decompression.
    pub body_bytes: Option<u64>,
    /// Bytes of the body as it came.
    pub wire_bytes: Option<u64>,
    /// The form of the inventory.
    pub inventory: Option<&'static str>,
    /// The TLS session was resumed.
    pub resumed: Option<bool>,
    /// The certificate that was used or issued.
    pub serial: Option<String>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A first certificate was issued.
    Enrolled,
    /// A certificate was renewed.
    Renewed,
    /// A new certificate was first used.
    Promoted,
    /// A report was applied.
    CheckIn,
    /// A report came again.
    Duplicate,
    /// A report began a chain that nobody asked for.
    Restart,
    /// A report did not follow the last one.
    ChainBroken,
    /// The device left.
    Deactivated,
    /// The administrator revoked it.
    Revoked,
    /// The cloud found a threat in its apps.
    Found,
    /// A threat that the cloud found is no longer there.
    FoundGone,
}

/// A line of a device's history as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLine {
    /// When, by the cloud's clock.
    pub at: Wall,
    /// What.
    pub event: Event,
    /// The report's sequence.
    pub sequence: Option<u64>,
    /// Bytes of the body as it came.
    pub wire_bytes: Option<u64>,
    /// The form of the inventory.
    pub inventory: Option<String>,
    /// The certificate that was used or issued.
    pub serial: Option<String>,
}

impl Event {
    /// For people.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Enrolled => "Certificate issued",
            Self::Renewed => "Certificate renewed",
            Self::Promoted => "New certificate first used",
            Self::CheckIn => "Checked in",
            Self::Duplicate => "Same report again",
            Self::Restart => "Chain restarted unasked",
            Self::ChainBroken => "Report did not follow",
            Self::Deactivated => "Left",
            Self::Revoked => "Revoked",
            Self::Found => "The cloud found a threat in its apps",
            Self::FoundGone => "A threat that the cloud found is gone",
        }
    }
}

impl Entry {
    /// An entry of which only time and event are known.
    #[must_use]
    pub const fn new(at: Wall, event: Event) -> Self {
        Self {
            at,
            event,
            report: None,
            body_bytes: None,
            wire_bytes: None,
            inventory: None,
            resumed: None,
            serial: None,
        }
    }
}

impl Tx<'_> {
    /// Appends to a device's history.
    pub fn note(&self, device: &DeviceId, entry: &Entry) -> Result<(), StoreError> {
        self.0
            .prepare_cached(
                "INSERT INTO history (device, at, event, chain, sequence, body_bytes, wire_bytes, inventory,
                 resumed, serial) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                device.reveal(),
                int(entry.at.0),
                word(&entry.event)?,
                entry.report.as_ref().map(|(chain, _)| chain),
                entry.report.as_ref().map(|(_, sequence)| int(*sequence)),
                entry.body_bytes.map(int),
                entry.wire_bytes.map(int),
                entry.inventory,
                entry.resumed,
                entry.serial,
            ])?;
        if self.0.last_insert_rowid() % PRUNE_EVERY == 0 {
            self.prune()?;
        }
        Ok(())
    }

    /// Forgets the oldest lines of all devices together.
    fn prune(&self) -> Result<(), StoreError> {
        let cut = "WHERE seq <= (SELECT max(seq) FROM";
        self.0.execute(&format!("DELETE FROM history {cut} history) - ?1"), [MAX_LINES])?;
        self.0.execute(&format!("DELETE FROM diagnostic {cut} diagnostic) - ?1"), [MAX_LINES])?;
        Ok(())
    }

    /// Forgets some of what happened before `cut`, at most `most` lines of each kind, and certificates and commands that
    /// came to their end before it. Answers whether there may be more.
    pub fn age_history(&self, cut: Wall, most: u32) -> Result<bool, StoreError> {
        let mut more = false;
        for (table, time) in [("history", "at"), ("diagnostic", "received"), ("transition", "received")] {
            let sql = format!(
                "DELETE FROM {table} WHERE seq IN (SELECT seq FROM {table} WHERE {time} < ?1 ORDER BY seq LIMIT ?2)"
            );
            let gone = self.0.execute(&sql, params![int(cut.0), most])?;
            more |= u32::try_from(gone).is_ok_and(|gone| gone >= most);
        }
        for sql in [
            "DELETE FROM command WHERE made < ?1 AND expires < ?1",
            "DELETE FROM certificate WHERE not_after < ?1 AND standing = 'dropped'",
        ] {
            self.0.execute(sql, [int(cut.0)])?;
        }
        Ok(more)
    }

    /// The last lines of a device's history, newest first.
    pub fn last_lines(&self, device: &DeviceId, count: u32) -> Result<Vec<HistoryLine>, StoreError> {
        let sql = "SELECT at, event, sequence, wire_bytes, inventory, serial FROM history
             WHERE device = ?1 ORDER BY seq DESC LIMIT ?2";
        self.list(sql, params![device.reveal(), count], |row| {
            Ok(HistoryLine {
                at: Wall(unint(row.get(0)?)),
                event: unword(row.get(1)?)?,
                sequence: row.get::<_, Option<i64>>(2)?.map(unint),
                wire_bytes: row.get::<_, Option<i64>>(3)?.map(unint),
                inventory: row.get(4)?,
                serial: row.get(5)?,
            })
        })
    }

    /// Stores a fault that the device counted.
    pub fn add_diagnostic(&self, device: &DeviceId, fault: &Diagnostic, now: Wall) -> Result<(), StoreError> {
        self.0.execute(
            "INSERT INTO diagnostic (device, code, count, last, received) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![device.reveal(), fault.code, fault.count, json(&fault.last)?, int(now.0)],
        )?;
        Ok(())
    }
}

impl From<&ChainHead> for (String, u64) {
    fn from(head: &ChainHead) -> Self {
        (head.chain.to_string(), head.sequence)
    }
}

/// Lines of history, and faults, that are kept of all devices together: about 200 bytes each.
const MAX_LINES: i64 = 1_000_000;

/// Lines after which the oldest are looked at.
const PRUNE_EVERY: i64 = 1024;
