//! Roots of key attestation, and what devices proved.

use agent_logic::model::{DeviceId, Digest};
use agent_logic::time::Wall;
use rusqlite::{OptionalExtension as _, params};

use super::{StoreError, Tx, int, unint, unword, word};
use crate::attestation::AttestationVerdict;

/// A root that may vouch for keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttestationRoot {
    /// Its subject.
    pub name: String,
    /// The certificate.
    pub der: Vec<u8>,
}

/// What a device's last chain proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attestation {
    /// SHA-256 of the key that it was sent under.
    pub spki: Digest,
    /// What it proved.
    pub verdict: AttestationVerdict,
    /// Subject of the root that vouches for it.
    pub root: Option<String>,
    /// When it was sent.
    pub at: Wall,
}

impl Tx<'_> {
    /// Adds a root.
    pub fn add_attestation_root(&self, root: &AttestationRoot) -> Result<(), StoreError> {
        self.0.execute(
            "INSERT OR REPLACE INTO attestation_root (sha256, name, der) VALUES (?1, ?2, ?3)",
            params![Digest::of(&root.der).to_string(), root.name, root.der],
        )?;
        Ok(())
    }

    /// Every root.
    pub fn attestation_roots(&self) -> Result<Vec<AttestationRoot>, StoreError> {
        let mut statement =
            self.0.prepare_cached("SELECT name, der FROM attestation_root ORDER BY sha256")?;
        let roots =
            statement.query_map([], |row| Ok(AttestationRoot { name: row.get(0)?, der: row.get(1)? }))?;
        Ok(roots.collect::<Result<_, _>>()?)
    }

    /// Keeps what a chain proved; the last one counts.
    pub fn save_attestation(
        &self,
        device: &DeviceId,
        spki: Digest,
        verdict: AttestationVerdict,
        root: Option<&str>,
        at: Wall,
    ) -> Result<(), StoreError> {
        self.0.execute(
            "INSERT OR REPLACE INTO attestation (device, spki_sha256, verdict, root, at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![device.reveal(), spki.to_string(), word(&verdict)?, root, int(at.0)],
        )?;
        Ok(())
    }

    /// What a device's last chain proved.
    pub fn attestation(&self, device: &DeviceId) -> Result<Option<Attestation>, StoreError> {
        let found: Option<(String, String, Option<String>, i64)> = self
            .0
            .prepare_cached("SELECT spki_sha256, verdict, root, at FROM attestation WHERE device = ?1")?
            .query_row([device.reveal()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .optional()?;
        let Some((spki, verdict, root, at)) = found else { return Ok(None) };
        Ok(Some(Attestation { spki: unword(spki)?, verdict: unword(verdict)?, root, at: Wall(unint(at)) }))
    }
}
