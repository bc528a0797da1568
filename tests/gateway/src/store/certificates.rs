//! Client certificates issued.

use agent_logic::model::{DeviceId, Digest};
use agent_logic::time::Wall;
use rusqlite::{OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

use super::{StoreError, Tx, int, unint, unword, word};

/// A client certificate.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Serial number, lower-case hexadecimal.
    pub serial: String,
    /// The device it is for.
    pub device: DeviceId,
    /// The first enrolment it descends from.
    pub enrolment: u64,
    /// Whether it may be used.
    pub standing: Standing,
    /// SHA-256 of its public key.
    pub spki: Digest,
    /// When it ends.
    pub not_after: Wall,
    /// The certificate.
    pub der: Vec<u8>,
}

/// Whether a certificate may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Standing {
    /// Issued, not used yet. Its first use makes it current.
    Pending,
    /// The device's certificate.
    Current,
    /// Superseded.
    Dropped,
}

/// A certificate that a client showed, and whether it may.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The device it is for.
    pub device: DeviceId,
    /// The first enrolment it descends from.
    pub enrolment: u64,
    /// Whether it may be used.
    pub standing: Standing,
    /// When it ends.
    pub not_after: Wall,
    /// The administrator revoked the device.
    pub revoked: bool,
    /// The device's present enrolment.
    pub present: u64,
}

/// A certificate as people read it.
#[derive(Clone, Debug)]
pub struct CertificateLine {
    /// Serial number, lower-case hexadecimal.
    pub serial: String,
    /// Whether it may be used.
    pub standing: Standing,
    /// When it was issued.
    pub issued: Wall,
    /// When it ends.
    pub not_after: Wall,
    /// SHA-256 of its public key.
    pub spki: Digest,
}

/// What is stored of a certificate when it is issued.
#[derive(Debug)]
pub struct NewCertificate<'a> {
    /// Serial number, lower-case hexadecimal.
    pub serial: &'a str,
    /// The device it is for.
    pub device: &'a DeviceId,
    /// The first enrolment it descends from.
    pub enrolment: u64,
    /// SHA-256 of its public key.
    pub spki: Digest,
    /// When it was issued.
    pub issued: Wall,
    /// When it ends.
    pub not_after: Wall,
    /// The certificate.
    pub der: &'a [u8],
}

impl Tx<'_> {
    /// The certificate with this serial number.
    pub fn certificate(&self, serial: &str) -> Result<Option<Certificate>, StoreError> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM certificate WHERE serial = ?1"))?
            .query_row([serial], |row| Ok(certificate(row)))
            .optional()?
            .transpose()
    }

    /// What decides whether the certificate with this serial number may be used.
    pub fn shown(&self, serial: &str) -> Result<Option<Shown>, StoreError> {
        let mut statement = self.0.prepare_cached(
            "SELECT device, certificate.enrolment, standing, not_after, revoked, device.enrolment FROM certificate
             JOIN device ON device.id = certificate.device WHERE serial = ?1",
        )?;
        let mut rows = statement.query([serial])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(Shown {
            device: unword(row.get(0)?)?,
            enrolment: unint(row.get(1)?),
            standing: unword(row.get(2)?)?,
            not_after: Wall(unint(row.get(3)?)),
            revoked: row.get(4)?,
            present: unint(row.get(5)?),
        }))
    }

    /// The certificates of a device that are pending or current and have not ended.
    pub fn living_certificates(&self, device: &DeviceId, now: Wall) -> Result<Vec<Certificate>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM certificate
             WHERE device = ?1 AND standing IN ('pending', 'current') AND not_after > ?2"
        );
        self.list(&sql, params![device.reveal(), int(now.0)], certificate)
    }

    /// The last certificates of a device, newest first.
    pub fn certificate_lines(
        &self,
        device: &DeviceId,
        count: u32,
    ) -> Result<Vec<CertificateLine>, StoreError> {
        let sql = "SELECT serial, standing, issued, not_after, spki_sha256 FROM certificate
             WHERE device = ?1 ORDER BY issued DESC, rowid DESC LIMIT ?2";
        self.list(sql, params![device.reveal(), count], |row| {
            Ok(CertificateLine {
                serial: row.get(0)?,
                standing: unword(row.get(1)?)?,
                issued: Wall(unint(row.get(2)?)),
                not_after: Wall(unint(row.get(3)?)),
                spki: unword(row.get(4)?)?,
            })
        })
    }

    /// Stores a certificate just issued; an unused one that waits for the same device gives way.
    pub fn add_certificate(&self, new: &NewCertificate<'_>) -> Result<(), StoreError> {
        self.0.execute(
            "UPDATE certificate SET standing = 'dropped' WHERE device = ?1 AND standing = 'pending'",
            [new.device.reveal()],
        )?;
        self.0.execute(
            "INSERT INTO certificate (serial, device, enrolment, standing, spki_sha256, issued, not_after, der)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                new.serial,
                new.device.reveal(),
                int(new.enrolment),
                word(&Standing::Pending)?,
                new.spki.to_string(),
                int(new.issued.0),
                int(new.not_after.0),
                new.der,
            ],
        )?;
        Ok(())
    }

    /// Makes a pending certificate current and drops the one it succeeds.
    pub fn promote_certificate(&self, device: &DeviceId, serial: &str) -> Result<(), StoreError> {
        self.drop_certificates(device)?;
        self.0.execute("UPDATE certificate SET standing = 'current' WHERE serial = ?1", [serial])?;
        Ok(())
    }

    /// Drops every certificate of a device.
    pub fn drop_certificates(&self, device: &DeviceId) -> Result<(), StoreError> {
        self.0.execute("UPDATE certificate SET standing = 'dropped' WHERE device = ?1", [device.reveal()])?;
        Ok(())
    }
}

const COLUMNS: &str = "serial, device, enrolment, standing, spki_sha256, not_after, der";

fn certificate(row: &Row<'_>) -> Result<Certificate, StoreError> {
    Ok(Certificate {
        serial: row.get("serial")?,
        device: unword(row.get("device")?)?,
        enrolment: unint(row.get("enrolment")?),
        standing: unword(row.get("standing")?)?,
        spki: unword(row.get("spki_sha256")?)?,
        not_after: Wall(unint(row.get("not_after")?)),
        der: row.get("der")?,
    })
}
