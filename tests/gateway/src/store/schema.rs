//! The tables, and their versions.

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// What each version added to the one before.
const STEPS: [&str; 10] = [
    TABLES,
    "ALTER TABLE device ADD COLUMN level TEXT;",
    AUDIT,
    FOUND,
    COMMANDS,
    ATTESTATION,
    "ALTER TABLE device ADD COLUMN threats_dropped INTEGER NOT NULL DEFAULT 0;",
    STANDING,
    "ALTER TABLE audit ADD COLUMN name TEXT;",
    ARRIVALS,
];

/// Makes the tables, or adds what is missing to those of an earlier version.
pub(super) fn ensure(connection: &mut Connection) -> Result<(), StoreError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let done = usize::try_from(version).map_err(|_| StoreError::Corrupt)?;
    let missing = STEPS.get(done..).ok_or(StoreError::Newer)?;
    missing.iter().try_for_each(|step| tx.execute_batch(step))?;
    tx.pragma_update(None, "user_version", i64::try_from(STEPS.len()).unwrap_or(i64::MAX))?;
    Ok(tx.commit()?)
}

/// Times are milliseconds since 1970 UTC by the cloud's clock, unless they stand in a device's JSON.
const TABLES: &str = "
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE enrolment_group (name TEXT PRIMARY KEY, key_sha256 TEXT) STRICT;

CREATE TABLE device (
    id TEXT PRIMARY KEY,
    group_name TEXT REFERENCES enrolment_group (name),
    activation TEXT NOT NULL DEFAULT 'pending',
    revoked INTEGER NOT NULL DEFAULT 0,
    enrolment INTEGER NOT NULL DEFAULT 0,
    credential TEXT,
    code_failures INTEGER NOT NULL DEFAULT 0,
    chain TEXT,
    sequence INTEGER,
    report_sha256 TEXT,
    resync_asked INTEGER NOT NULL DEFAULT 0,
    rated INTEGER NOT NULL DEFAULT 0,
    facts_sha256 TEXT,
    facts TEXT,
    inventory_sha256 TEXT,
    policy_held INTEGER NOT NULL DEFAULT 0,
    indicators_held INTEGER NOT NULL DEFAULT 0,
    last_contact INTEGER,
    pushed_health TEXT,
    pushed_at INTEGER
) STRICT;

CREATE TABLE certificate (
    serial TEXT PRIMARY KEY,
    device TEXT NOT NULL REFERENCES device (id),
    enrolment INTEGER NOT NULL,
    standing TEXT NOT NULL,
    spki_sha256 TEXT NOT NULL,
    issued INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    der BLOB NOT NULL
) STRICT;
CREATE INDEX certificate_of_device ON certificate (device, standing);

CREATE TABLE code (
    sha256 TEXT PRIMARY KEY,
    device TEXT NOT NULL REFERENCES device (id),
    expires INTEGER NOT NULL,
    used_by TEXT
) STRICT;

CREATE TABLE threat (
    device TEXT NOT NULL REFERENCES device (id),
    id TEXT NOT NULL,
    classification TEXT NOT NULL,
    severity TEXT NOT NULL,
    subject TEXT NOT NULL,
    detected TEXT NOT NULL,
    ignored INTEGER NOT NULL,
    received INTEGER NOT NULL,
    PRIMARY KEY (device, id)
) STRICT;

CREATE TABLE transition (
    seq INTEGER PRIMARY KEY,
    device TEXT NOT NULL REFERENCES device (id),
    enrolment INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    classification TEXT NOT NULL,
    severity TEXT NOT NULL,
    subject TEXT NOT NULL,
    detected TEXT NOT NULL,
    at TEXT NOT NULL,
    received INTEGER NOT NULL,
    UNIQUE (device, id, ordinal)
) STRICT;

CREATE TABLE inventory (
    device TEXT NOT NULL REFERENCES device (id),
    app TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (device, app)
) STRICT, WITHOUT ROWID;

CREATE TABLE diagnostic (
    seq INTEGER PRIMARY KEY,
    device TEXT NOT NULL REFERENCES device (id),
    code INTEGER NOT NULL,
    count INTEGER NOT NULL,
    last TEXT NOT NULL,
    received INTEGER NOT NULL
) STRICT;

CREATE TABLE history (
    seq INTEGER PRIMARY KEY,
    device TEXT NOT NULL REFERENCES device (id),
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    chain TEXT,
    sequence INTEGER,
    body_bytes INTEGER,
    wire_bytes INTEGER,
    inventory TEXT,
    resumed INTEGER,
    serial TEXT
) STRICT;
CREATE INDEX history_of_device ON history (device, seq);

CREATE TABLE policy (
    version INTEGER PRIMARY KEY,
    group_name TEXT REFERENCES enrolment_group (name),
    made INTEGER NOT NULL,
    document TEXT NOT NULL,
    jws TEXT NOT NULL
) STRICT;

CREATE TABLE indicators (
    version INTEGER PRIMARY KEY,
    made INTEGER NOT NULL,
    jws TEXT NOT NULL,
    entries INTEGER NOT NULL,
    buckets BLOB NOT NULL
) STRICT;
";

/// What administrators did.
const AUDIT: &str = "
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    place TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT
) STRICT;
";

/// What Intune lists of a device's apps, and the threats that the cloud finds in apps.
const FOUND: &str = "
CREATE TABLE app_sync (device TEXT PRIMARY KEY REFERENCES device (id), asked INTEGER NOT NULL) STRICT;

CREATE TABLE synced_app (
    device TEXT NOT NULL REFERENCES device (id),
    app TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (device, app)
) STRICT, WITHOUT ROWID;

CREATE TABLE found (
    device TEXT NOT NULL REFERENCES device (id),
    app TEXT NOT NULL,
    id TEXT NOT NULL,
    classification TEXT NOT NULL,
    received INTEGER NOT NULL,
    PRIMARY KEY (device, app)
) STRICT, WITHOUT ROWID;
";

/// Signed commands, until long after they were delivered.
const COMMANDS: &str = "
CREATE TABLE command (
    nonce TEXT PRIMARY KEY,
    device TEXT NOT NULL REFERENCES device (id),
    command TEXT NOT NULL,
    jws TEXT NOT NULL,
    made INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    delivery TEXT NOT NULL DEFAULT 'waiting'
) STRICT;
CREATE INDEX command_of_device ON command (device, delivery);
";

/// Roots of key attestation, and what devices proved.
const ATTESTATION: &str = "
CREATE TABLE attestation_root (sha256 TEXT PRIMARY KEY, name TEXT NOT NULL, der BLOB NOT NULL) STRICT;

CREATE TABLE attestation (
    device TEXT PRIMARY KEY REFERENCES device (id),
    spki_sha256 TEXT NOT NULL,
    verdict TEXT NOT NULL,
    root TEXT,
    at INTEGER NOT NULL
) STRICT;
";

/// How each device stands, and what finds devices and policies without reading them all. Of a device that was there
/// before, the standing is absent until it is rated.
const STANDING: &str = "
ALTER TABLE device ADD COLUMN health TEXT DEFAULT 'unknown';
ALTER TABLE device ADD COLUMN rank INTEGER NOT NULL DEFAULT -1;
UPDATE device SET health = NULL;
CREATE INDEX device_by_rank ON device (rank, id);
CREATE INDEX device_by_activation ON device (activation);
CREATE INDEX device_without_standing ON device (id) WHERE health IS NULL;
CREATE INDEX device_untold ON device (id) WHERE health IS NOT pushed_health
    AND (pushed_health IS NOT NULL OR activation <> 'pending' OR revoked);
CREATE INDEX device_heard ON device (last_contact)
    WHERE activation = 'activated' AND revoked = 0 AND health <> 'unresponsive';
CREATE INDEX history_of_chains ON history (device, event) WHERE event IN ('restart', 'chain-broken');
CREATE INDEX policy_of_group ON policy (group_name, version);
";

/// What finds the threats that came lately without reading them all.
const ARRIVALS: &str = "
CREATE INDEX threat_by_arrival ON threat (received);
CREATE INDEX transition_by_arrival ON transition (received);
CREATE INDEX found_by_arrival ON found (received);
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_of_each_earlier_version_grows_and_one_of_a_later_is_refused() {
        for version in 1..=STEPS.len() {
            let mut connection = Connection::open_in_memory().unwrap();
            connection.execute_batch(&STEPS[..version].concat()).unwrap();
            connection.execute_batch("INSERT INTO device (id) VALUES ('d');").unwrap();
            connection.pragma_update(None, "user_version", i64::try_from(version).unwrap()).unwrap();
            ensure(&mut connection).unwrap();
            ensure(&mut connection).unwrap();
            let one = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
            assert_eq!(one("SELECT count(*) FROM audit") + one("SELECT count(*) FROM found"), 0);
            assert_eq!(one("SELECT count(*) FROM device WHERE level IS NULL"), 1);
            let later = i64::try_from(STEPS.len()).unwrap() + 1;
            connection.pragma_update(None, "user_version", later).unwrap();
            assert!(matches!(ensure(&mut connection), Err(StoreError::Newer)));
        }
    }
}
