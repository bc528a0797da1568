//! Commands that the policy key signed, obeyed by the stand-in device as a process of its own, once.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use agent_tests::stage::Stage;
use serde_json::json;

/// A stage whose phone is activated.
fn active(seed: u64) -> Stage {
    let stage = Stage::set(Path::new(env!("CARGO_BIN_EXE_story")), seed).unwrap();
    let (url, code) = (stage.gateway_url(), stage.code(&stage.main).unwrap());
    let who = ["--tenant", Stage::tenant(), "--device", &stage.main.id, "--code", &code];
    stage.device(&stage.main, &[["activate", "--gateway", &url].as_slice(), &who].concat()).unwrap();
    stage
}

fn activation(stage: &Stage) -> String {
    stage.device_row(&stage.main).unwrap().unwrap().activation
}

#[test]
fn a_device_told_to_leave_tells_the_cloud_and_forgets_everything() {
    let stage = active(301);
    stage.administer(&["command", "deactivate", "--device", &stage.main.id]).unwrap();
    assert_eq!(activation(&stage), "activated", "not before its next check-in");
    let status = stage.device(&stage.main, &["check-in"]).unwrap();
    assert_eq!(status.get("activation"), Some(&json!("deactivated")), "{status}");
    assert_eq!(activation(&stage), "deactivated");
}

#[test]
fn a_device_with_a_new_identity_leaves_a_command_to_enrol_again_for_later() {
    let stage = active(302);
    stage.administer(&["command", "re-enrol", "--device", &stage.main.id]).unwrap();
    for _ in 0..3 {
        stage.device(&stage.main, &["check-in"]).unwrap();
    }
    assert_eq!(stage.certificates(&stage.main).unwrap().len(), 1);
    let database = rusqlite::Connection::open(stage.cloud().join("gateway.db")).unwrap();
    let delivery: String = database.query_row("SELECT delivery FROM command", [], |row| row.get(0)).unwrap();
    assert_eq!(delivery, "sent", "the cloud goes on sending it");
}
