//! What administrators did: appended, never changed.

use agent_logic::time::Wall;
use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::{StoreError, Tx, int, unint, unword, word};

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditLine {
    /// When.
    pub at: Wall,
    /// Where it was done.
    pub from: Place,
    /// The account it was done with; absent on the command line.
    pub name: Option<String>,
    /// What.
    pub action: Action,
    /// To what: a device ID, a group, a version. Never a secret.
    pub object: Option<String>,
}

/// Who acts, and where.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    place: Place,
    name: Option<&'a str>,
}

/// Where an administrator acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The pages of the console.
    Console,
    /// The command line.
    CommandLine,
    /// The signer, for the console.
    Signer,
}

/// What an administrator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Came in.
    LoggedIn,
    /// Left.
    LoggedOut,
    /// Named a wrong password.
    LoginRefused,
    /// Was locked out after wrong passwords.
    LockedOut,
    /// Signed a policy.
    PolicySigned,
    /// Was refused a policy by the signer.
    PolicyRefused,
    /// Imported indicators.
    IndicatorsSigned,
    /// Made a one-time code.
    CodeMade,
    /// Made a group's enrolment key.
    EnrolmentKeyMade,
    /// Put devices into a group.
    GroupChanged,
    /// Changed where error notices go.
    NoticesChanged,
    /// Changed how long things are kept.
    RetentionChanged,
    /// Named a root that may vouch for keys.
    AttestationRootAdded,
    /// Signed a command for a device.
    CommandSigned,
    /// Revoked a device.
    DeviceRevoked,
    /// Looked at a device's apps.
    InventoryRead,
    /// Made an account of the console, or changed it.
    AccountSet,
    /// Removed one.
    AccountRemoved,
    /// Changed what Intune is told.
    StateSyncChanged,
    /// Asked Intune to take the connection back.
    ConnectionAsked,
    /// Changed what the own account is told.
    PreferencesChanged,
}

impl<'a> By<'a> {
    /// Somebody in a session of the console.
    #[must_use]
    pub const fn console(name: &'a str) -> Self {
        Self { place: Place::Console, name: Some(name) }
    }

    /// Somebody whose password the signer was shown.
    #[must_use]
    pub const fn signer(name: &'a str) -> Self {
        Self { place: Place::Signer, name: Some(name) }
    }
}

impl From<Place> for By<'_> {
    fn from(place: Place) -> Self {
        Self { place, name: None }
    }
}

impl Tx<'_> {
    /// Appends to the audit log.
    pub fn audit<'a>(
        &self,
        at: Wall,
        by: impl Into<By<'a>>,
        action: Action,
        object: Option<&str>,
    ) -> Result<(), StoreError> {
        let By { place, name } = by.into();
        self.0.execute(
            "INSERT INTO audit (at, place, action, object, name) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![int(at.0), word(&place)?, word(&action)?, object, name],
        )?;
        Ok(())
    }

    /// Forgets what was done before `cut`, and what exceeds the bound.
    pub fn age_audit(&self, cut: Wall) -> Result<(), StoreError> {
        let sql = "DELETE FROM audit WHERE at < ?1 OR seq <= (SELECT max(seq) FROM audit) - ?2";
        self.0.execute(sql, params![int(cut.0), MAX_LINES])?;
        Ok(())
    }

    /// The last lines of the audit log, newest first.
    pub fn audit_lines(&self, count: u32) -> Result<Vec<AuditLine>, StoreError> {
        let sql = "SELECT at, place, action, object, name FROM audit ORDER BY seq DESC LIMIT ?1";
        self.list(sql, [count], |row| {
            Ok(AuditLine {
                at: Wall(unint(row.get(0)?)),
                from: unword(row.get(1)?)?,
                action: unword(row.get(2)?)?,
                object: row.get(3)?,
                name: row.get(4)?,
            })
        })
    }
}

/// Lines that are kept at most, however young: about 150 bytes each.
const MAX_LINES: i64 = 1_000_000;
