//! The stand-in device as a process of its own activates with each kind of credential, and with no credential
//! that is somebody else's.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "support/issuer.rs"]
mod issuer;

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use agent_tests::stage::{Device, Stage};
use serde_json::{Value, json};

use issuer::Issuer;

fn stage(seed: u64) -> Stage {
    Stage::set(Path::new(env!("CARGO_BIN_EXE_story")), seed).unwrap()
}

/// One launch of the device's process with this credential.
fn activate(stage: &Stage, device: &Device, credential: [&str; 2]) -> Value {
    let url = stage.gateway_url();
    let who = ["activate", "--gateway", &url, "--tenant", Stage::tenant(), "--device", &device.id];
    stage.device(device, &[who.as_slice(), &credential].concat()).unwrap()
}

/// The gateway's word: activation, certificates and the kind of credential that it noted.
fn word(stage: &Stage, device: &Device) -> (String, u64, Option<String>) {
    let row = stage.device_row(device).unwrap();
    let (activation, certificates) =
        row.map_or(("unknown".into(), 0), |row| (row.activation, row.certificates));
    let database = rusqlite::Connection::open(stage.cloud().join("gateway.db")).unwrap();
    let sql = "SELECT credential FROM device WHERE id = ?1";
    let kind = database.query_row(sql, [&device.id], |row| row.get(0)).unwrap_or_default();
    (activation, certificates, kind)
}

fn is_activated_by(stage: &Stage, device: &Device, kind: &str) {
    assert_eq!(word(stage, device), ("activated".into(), 1, Some(kind.into())));
    let serials: Vec<String> =
        stage.exchanges(device).unwrap().into_iter().map(|report| report.serial).collect();
    let issued = stage.certificates(device).unwrap();
    assert!(
        !serials.is_empty() && serials.iter().all(|serial| issued.iter().any(|held| held.serial == *serial))
    );
}

/// The device is told that it needs another credential, and why; the gateway issued nothing.
fn is_refused(stage: &Stage, device: &Device, status: &Value, code: u16) {
    assert_eq!(status.get("activation"), Some(&json!("pending")), "{status}");
    assert_eq!(status.get("needCode"), Some(&json!(code)), "{status}");
    assert!(stage.exchanges(device).unwrap().is_empty());
    assert!(stage.certificates(device).unwrap().is_empty());
}

#[test]
fn a_token_of_the_tenants_issuer_activates_the_device_it_names() {
    let mut stage = stage(201);
    let issuer = Issuer::new();
    let (jwks, file) = (stage.folder().join("jwks.json"), stage.folder().join("token"));
    std::fs::write(&jwks, issuer.jwks()).unwrap();
    let accepted = ["--entra-issuer", "https://issuer.test/v2.0", "--entra-audience", "api://mtd"];
    let jwks = ["--entra-jwks", jwks.to_str().unwrap()];
    stage.restart_gateway(&[jwks.as_slice(), &accepted].concat()).unwrap();
    let expires = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_secs(3_600);
    let claims = json!({
        "iss": "https://issuer.test/v2.0", "aud": "api://mtd", "tid": Stage::tenant(),
        "exp": expires.as_secs(), "deviceid": stage.main.id,
    });
    let with = |name: &str, value: Value| {
        let mut changed = claims.clone();
        changed.as_object_mut().unwrap().insert(name.into(), value);
        changed
    };
    let bring = |device: &Device, token: String| {
        std::fs::write(&file, token).unwrap();
        activate(&stage, device, ["--token-file", file.to_str().unwrap()])
    };

    // Nobody else's: another key under the same name, tenant, audience, device; nor one that is over.
    let forged = Issuer::new().token(&claims);
    is_refused(&stage, &stage.main, &bring(&stage.main, forged), 210);
    for (name, value) in
        [("tid", json!("a2c1f0de-0000-4000-8000-000000000000")), ("aud", json!("api://other"))]
    {
        is_refused(&stage, &stage.main, &bring(&stage.main, issuer.token(&with(name, value))), 210);
    }
    is_refused(&stage, &stage.main, &bring(&stage.main, issuer.token(&with("exp", json!(1_000)))), 212);
    is_refused(&stage, &stage.second, &bring(&stage.second, issuer.token(&claims)), 210);

    let status = bring(&stage.main, issuer.token(&claims));
    assert_eq!(status.get("activation"), Some(&json!("activated")), "{status}");
    is_activated_by(&stage, &stage.main, "token");
}

#[test]
fn a_one_time_code_activates_its_device_once() {
    let stage = stage(202);
    let code = stage.code(&stage.main).unwrap();
    is_refused(&stage, &stage.second, &activate(&stage, &stage.second, ["--code", &code]), 210);
    let status = activate(&stage, &stage.main, ["--code", &code]);
    assert_eq!(status.get("activation"), Some(&json!("activated")), "{status}");
    is_activated_by(&stage, &stage.main, "code");

    let mut copy = stage.main.clone();
    copy.dir = stage.folder().join("copy");
    let status = activate(&stage, &copy, ["--code", &code]);
    assert_eq!(status.get("needCode"), Some(&json!(211)), "{status}");
    assert_eq!(stage.certificates(&stage.main).unwrap().len(), 1);
}

#[test]
fn the_tenants_key_activates_listed_devices_and_takes_none_over() {
    let stage = stage(203);
    for device in [&stage.main, &stage.second] {
        stage.administer(&["group", "--name", "Sales", "--add", &device.id]).unwrap();
    }
    let key = stage.administer(&["enrolment-key", "--group", "Sales"]).unwrap();
    // Many use it.
    for device in [&stage.main, &stage.second] {
        let status = activate(&stage, device, ["--enrolment-key", key.trim()]);
        assert_eq!(status.get("activation"), Some(&json!("activated")), "{status}");
        is_activated_by(&stage, device, "enrolment-key");
    }

    // One that lives is not taken over by the key, and is by a code that the administrator makes for it.
    let before = stage.certificates(&stage.main).unwrap();
    let mut thief = stage.main.clone();
    thief.dir = stage.folder().join("thief");
    let status = activate(&stage, &thief, ["--enrolment-key", key.trim()]);
    assert_eq!(status.get("activation"), Some(&json!("pending")), "{status}");
    assert_eq!(status.get("needCode"), Some(&json!(214)), "{status}");
    assert_eq!(stage.certificates(&stage.main).unwrap(), before);
    let reports = stage.exchanges(&stage.main).unwrap().len();
    stage.device(&stage.main, &["check-in"]).unwrap();
    assert!(stage.exchanges(&stage.main).unwrap().len() > reports, "the first is not disturbed");

    let code = stage.code(&stage.main).unwrap();
    let status = activate(&stage, &thief, ["--code", &code]);
    assert_eq!(status.get("activation"), Some(&json!("activated")), "{status}");
    let status = stage.device(&stage.main, &["check-in"]).unwrap();
    assert_eq!(status.get("lastFailure"), Some(&json!(215)), "the old one is out: {status}");
}
