//! The tables, and their versions.

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// The version of the tables below.
const VERSION: i64 = 2;

/// Makes the tables unless they are there.
pub(super) fn ensure(connection: &mut Connection) -> Result<(), StoreError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match version {
        0 => {
            tx.execute_batch(TABLES)?;
            tx.pragma_update(None, "user_version", VERSION)?;
        }
        1 => {
            tx.execute_batch("ALTER TABLE device ADD COLUMN level TEXT")?;
            tx.pragma_update(None, "user_version", VERSION)?;
        }
        VERSION => {}
        _ => return Err(StoreError::Newer),
    }
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
    level TEXT,
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
