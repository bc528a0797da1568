//! Signed commands and how far each has come.
//!
//! ```text
//!   waiting ── in an answer ──▶ sent ── the next report follows (re-enrol: under a newer certificate) ──▶ taken
//!                                ▲  │
//!                                └──┘ the answer was lost: sent again; the device obeys a nonce once
//! ```

use agent_logic::model::DeviceId;
use agent_logic::time::Wall;
use agent_logic::wire::{CommandDocument, SignedCommand};
use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::{StoreError, Tx, int, unint, unword, word};

/// How far a command has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// Until the next check-in.
    Waiting,
    /// It is in an answer; whether that arrived is not known.
    Sent,
    /// The answer arrived.
    Taken,
}

/// A command as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    /// What the device is to do.
    pub command: SignedCommand,
    /// When it was signed.
    pub made: Wall,
    /// Until when the device obeys it.
    pub expires: Wall,
    /// How far it has come.
    pub delivery: Delivery,
}

impl Tx<'_> {
    /// Stores a command; it replaces one that still waits.
    pub fn add_command(&self, document: &CommandDocument, jws: &str, made: Wall) -> Result<(), StoreError> {
        let device = document.device.reveal();
        self.0.execute(
            "DELETE FROM command WHERE device = ?1 AND delivery = ?2",
            params![device, word(&Delivery::Waiting)?],
        )?;
        self.0.execute(
            "INSERT INTO command (nonce, device, command, jws, made, expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                document.nonce.to_string(),
                device,
                word(&document.command)?,
                jws,
                int(made.0),
                int(document.expires.0)
            ],
        )?;
        Ok(())
    }

    /// The commands that an answer of `now` carries.
    pub fn deliver_commands(&self, device: &DeviceId, now: Wall) -> Result<Vec<String>, StoreError> {
        // Most answers carry none. An update that returns what it changed makes a table for that, even for nothing.
        let due = "device = ?1 AND delivery IN (?2, ?3) AND expires > ?4";
        let (sent, waiting) = (word(&Delivery::Sent)?, word(&Delivery::Waiting)?);
        let which = params![device.reveal(), sent, waiting, int(now.0)];
        let mut statement = self.0.prepare_cached(&format!("SELECT jws FROM command WHERE {due}"))?;
        let commands = statement.query_map(which, |row| row.get(0))?.collect::<Result<Vec<_>, _>>()?;
        if !commands.is_empty() {
            self.0.execute(&format!("UPDATE command SET delivery = ?2 WHERE {due}"), which)?;
        }
        Ok(commands)
    }

    /// Notes that the device has what was sent. It may leave a command to re-enrol for later: that one is done when a
    /// certificate issued since is in use.
    pub fn settle_commands(&self, device: &DeviceId) -> Result<(), StoreError> {
        self.0
            .prepare_cached(
                "UPDATE command SET delivery = ?2 WHERE device = ?1 AND delivery = ?3 AND (command <> ?4 OR made <=
                 (SELECT max(issued) FROM certificate WHERE device = ?1 AND standing = 'current'))",
            )?
            .execute(params![
                device.reveal(),
                word(&Delivery::Taken)?,
                word(&Delivery::Sent)?,
                word(&SignedCommand::ReEnrol)?,
            ])?;
        Ok(())
    }

    /// Drops what was not delivered: it was meant for an enrolment that ended.
    pub fn drop_commands(&self, device: &DeviceId) -> Result<(), StoreError> {
        self.0
            .prepare_cached("DELETE FROM command WHERE device = ?1 AND delivery <> ?2")?
            .execute(params![device.reveal(), word(&Delivery::Taken)?])?;
        Ok(())
    }

    /// The last commands of a device, newest first.
    pub fn command_lines(&self, device: &DeviceId, count: u32) -> Result<Vec<CommandLine>, StoreError> {
        let sql = "SELECT command, made, expires, delivery FROM command WHERE device = ?1
             ORDER BY made DESC LIMIT ?2";
        self.list(sql, params![device.reveal(), count], |row| {
            Ok(CommandLine {
                command: unword(row.get(0)?)?,
                made: Wall(unint(row.get(1)?)),
                expires: Wall(unint(row.get(2)?)),
                delivery: unword(row.get(3)?)?,
            })
        })
    }
}
