-- The database of a gateway of version 7: one device with a threat, one that waits. Made by that gateway and sqlite3's .dump.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
INSERT INTO setting VALUES('tenant','6babcaad-604b-40ac-a9d7-9fd97c0b779f');
INSERT INTO setting VALUES('admin-hash','argon2id-19456-2$130c19044f19717cd29adcff23330cc4$9b9b016abb932bd6426ec13ccd7b284a448c1ca111d21368fcf97835fa6e0d19');
CREATE TABLE enrolment_group (name TEXT PRIMARY KEY, key_sha256 TEXT) STRICT;
INSERT INTO enrolment_group VALUES('Sales',NULL);
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
, level TEXT, threats_dropped INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO device VALUES('5af29f40-5f8a-4b3c-9a1c-7d3f3c1f2b11','Sales','activated',0,1,'code',0,'eba8c0e6b0e1df2bd7bf98c901228746',2,'b7c0ece3a2bb7cd9c2f26cbaaf0696a2e99d43c7e7d354040ef4814675f4da10',0,1,'03e6a2b2dda0ed84ae1970273526d660e30b609af38c6a35f858c185b6ac00ee','{"agentVersion":"0.1.0","keyProtection":"sandbox","osVersion":"debian 12","platform":"linux"}',NULL,1,0,1795276861481,NULL,NULL,'high',0);
INSERT INTO device VALUES('ab0dc123-9843-405f-be28-b2265c59ef97',NULL,'pending',0,0,NULL,0,NULL,NULL,NULL,0,0,NULL,NULL,NULL,0,0,NULL,NULL,NULL,NULL,0);
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
INSERT INTO certificate VALUES('4bc71f43d11499d83c6c9834c1a247f1','5af29f40-5f8a-4b3c-9a1c-7d3f3c1f2b11',1,'current','bda6593d734b8bc09757b2b466bb64a5e9ec5d475c0902422a74017672c82898',1795276861357,1800460861000,X'308201a73082014da00302010202104bc71f43d11499d83c6c9834c1a247f1300a06082a8648ce3d04030230193117301506035504030c0e6d74642d67617465776179204341301e170d3236313132303136303130315a170d3237303132303136303130315a302f312d302b06035504030c2435616632396634302d356638612d346233632d396131632d3764336633633166326231313059301306072a8648ce3d020106082a8648ce3d030107034200044055b3be268496318b1d5119bc50f67c65cc4b91987c9df8f9c8f023e73c277baee230ff1b4031595e66dceae6075f945290c49fbffc28a4c5a6655f999f0c40a361305f30380603551d110431302f862d75726e3a757569643a35616632396634302d356638612d346233632d396131632d376433663363316632623131300e0603551d0f0101ff04040302078030130603551d25040c300a06082b06010505070302300a06082a8648ce3d04030203480030450221008a56ff91776028c45a96d37999dde1cdbfed0625cd2c0d683aded6870c0d07870220285c52be1e67fcfa498631a05800a9b671137ea8078b1b5fec5695bf6427f55c');
CREATE TABLE code (
    sha256 TEXT PRIMARY KEY,
    device TEXT NOT NULL REFERENCES device (id),
    expires INTEGER NOT NULL,
    used_by TEXT
) STRICT;
INSERT INTO code VALUES('e53dcf29ecdd6ab579befa7d5a12e57b40ded7d7b71735e7317fdeba3cc515ac','5af29f40-5f8a-4b3c-9a1c-7d3f3c1f2b11',1795536061125,'bda6593d734b8bc09757b2b466bb64a5e9ec5d475c0902422a74017672c82898');
INSERT INTO code VALUES('f16a7747486dfc950266c5c9bf6f589e690d625c1e945aebe8e17ad672423eec','ab0dc123-9843-405f-be28-b2265c59ef97',1795536061529,NULL);
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
INSERT INTO threat VALUES('5af29f40-5f8a-4b3c-9a1c-7d3f3c1f2b11','7c1fc5480603ef6071e76e48bd45cbe5','ROGUE_WIFI','high','{"kind":"network"}','{"boot":17330394098126912675,"mono":15964236,"wall":1795276861409}',0,1795276861481);
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
INSERT INTO transition VALUES(1,'5af29f40-5f8a-4b3c-9a1c-7d3f3c1f2b11',1,1,'opened','7c1fc5480603ef6071e76e48bd45cbe5','ROGUE_WIFI','high','{"kind":"network"}','{"boot":17330394098126912675,"mono":15964236,"wall":1795276861409}','{"boot":17330394098126912675,"mono":15964236,"wall":1795276861409}',1795276861481);
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
INSERT INTO history VALUES(1,'5af29f40-5f8a-4b3c-9a1c-7d3f3c1f2b11',1795276861357,'enrolled',NULL,NULL,NULL,NULL,NULL,NULL,'4bc71f43d11499d83c6c9834c1a247f1');
INSERT INTO history VALUES(2,'5af29f40-5f8a-4b3c-9a1c-7d3f3c1f2b11',1795276861372,'promoted',NULL,NULL,NULL,NULL,NULL,NULL,'4bc71f43d11499d83c6c9834c1a247f1');
INSERT INTO history VALUES(3,'5af29f40-5f8a-4b3c-9a1c-7d3f3c1f2b11',1795276861372,'check-in','eba8c0e6b0e1df2bd7bf98c901228746',1,436,307,NULL,0,'4bc71f43d11499d83c6c9834c1a247f1');
INSERT INTO history VALUES(4,'5af29f40-5f8a-4b3c-9a1c-7d3f3c1f2b11',1795276861481,'check-in','eba8c0e6b0e1df2bd7bf98c901228746',2,712,410,NULL,0,'4bc71f43d11499d83c6c9834c1a247f1');
CREATE TABLE policy (
    version INTEGER PRIMARY KEY,
    group_name TEXT REFERENCES enrolment_group (name),
    made INTEGER NOT NULL,
    document TEXT NOT NULL,
    jws TEXT NOT NULL
) STRICT;
INSERT INTO policy VALUES(1,NULL,1795276860005,'{"kind":"policy","tenant":"6babcaad-604b-40ac-a9d7-9fd97c0b779f","version":1,"expires":1826812860005,"appSync":false,"fullInventoryOnPersonal":false,"ownership":"unknown","checkInSeconds":14400,"disconnectedDays":7,"severities":{},"modes":{},"ignorable":[],"deviceStateSync":true,"threatStateSync":true,"inspectionCas":[],"cleanHandshakes":3,"renewSameKey":false,"preventUnenrolment":false}','eyJhbGciOiJFUzI1NiIsImtpZCI6IjE2MTNkY2I1NWNhOTg5OGQzYTVkNjk2NmE4YzYyMjBhNGY5YTAxNjkxMzU2MmIxZTQ2OWRlNDg3OTc0ODRmMGUifQ.eyJraW5kIjoicG9saWN5IiwidGVuYW50IjoiNmJhYmNhYWQtNjA0Yi00MGFjLWE5ZDctOWZkOTdjMGI3NzlmIiwidmVyc2lvbiI6MSwiZXhwaXJlcyI6MTgyNjgxMjg2MDAwNSwiYXBwU3luYyI6ZmFsc2UsImZ1bGxJbnZlbnRvcnlPblBlcnNvbmFsIjpmYWxzZSwib3duZXJzaGlwIjoidW5rbm93biIsImNoZWNrSW5TZWNvbmRzIjoxNDQwMCwiZGlzY29ubmVjdGVkRGF5cyI6Nywic2V2ZXJpdGllcyI6e30sIm1vZGVzIjp7fSwiaWdub3JhYmxlIjpbXSwiZGV2aWNlU3RhdGVTeW5jIjp0cnVlLCJ0aHJlYXRTdGF0ZVN5bmMiOnRydWUsImluc3BlY3Rpb25DYXMiOltdLCJjbGVhbkhhbmRzaGFrZXMiOjMsInJlbmV3U2FtZUtleSI6ZmFsc2UsInByZXZlbnRVbmVucm9sbWVudCI6ZmFsc2V9.DPus9-qwQ62YZF1TwEYZS09ObBnbPWciDSHpOF-b65hM5maKkFi2nSht-rXmtnRZqlWoH2zpmIxwx0NzM1LhUA');
CREATE TABLE indicators (
    version INTEGER PRIMARY KEY,
    made INTEGER NOT NULL,
    jws TEXT NOT NULL,
    entries INTEGER NOT NULL,
    buckets BLOB NOT NULL
) STRICT;
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    place TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT
) STRICT;
INSERT INTO audit VALUES(1,1795276860006,'command-line','policy-signed','version 1 of everybody');
INSERT INTO audit VALUES(2,1795276861089,'command-line','group-changed','Sales');
INSERT INTO audit VALUES(3,1795276861125,'command-line','code-made','5af29f40-5f8a-4b3c-9a1c-7d3f3c1f2b11');
INSERT INTO audit VALUES(4,1795276861529,'command-line','code-made','ab0dc123-9843-405f-be28-b2265c59ef97');
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
CREATE TABLE command (
    nonce TEXT PRIMARY KEY,
    device TEXT NOT NULL REFERENCES device (id),
    command TEXT NOT NULL,
    jws TEXT NOT NULL,
    made INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    delivery TEXT NOT NULL DEFAULT 'waiting'
) STRICT;
CREATE TABLE attestation_root (sha256 TEXT PRIMARY KEY, name TEXT NOT NULL, der BLOB NOT NULL) STRICT;
CREATE TABLE attestation (
    device TEXT PRIMARY KEY REFERENCES device (id),
    spki_sha256 TEXT NOT NULL,
    verdict TEXT NOT NULL,
    root TEXT,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX certificate_of_device ON certificate (device, standing);
CREATE INDEX history_of_device ON history (device, seq);
CREATE INDEX command_of_device ON command (device, delivery);
COMMIT;
PRAGMA user_version = 7;
