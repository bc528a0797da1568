//! The contract's cases against our own gateway, and against a server that is none.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "support/gateway.rs"]
mod gateway;

use std::process::Command;

use agent_tests::device::conform::{Outcome, conform};
use gateway::Gateway;

const DEVICE: &str = "b9841cd9-9843-405f-be28-b2265c59ef97";

#[test]
fn our_gateway_passes_every_case() {
    let gateway = Gateway::start();
    let changed = Command::new(env!("CARGO_BIN_EXE_interop-gateway"))
        .args(["policy", "--app-sync", "on", "--ownership", "company", "--dir"])
        .arg(gateway.file("gateway"))
        .output()
        .unwrap();
    assert!(changed.status.success());
    let trust = gateway.file("gateway").join("trust.json");
    let address = format!("localhost:{}", gateway.address().port());
    let rows = conform(&trust, &address, DEVICE.parse().unwrap(), &gateway.code(DEVICE)).unwrap();
    for row in &rows {
        assert_eq!(row.outcome, Outcome::Pass, "{}", row.case);
    }
    assert!(rows.len() >= 20);
}

#[test]
fn what_a_server_does_wrong_fails_and_what_depends_on_it_is_skipped() {
    let gateway = Gateway::start();
    let trust = gateway.file("gateway").join("trust.json");
    let output = Command::new(env!("CARGO_BIN_EXE_mtd-device"))
        .arg("--trust")
        .arg(&trust)
        .args(["conform", "--device", DEVICE, "--code", "no-such-code", "--gateway"])
        .arg(format!("localhost:{}", gateway.address().port()))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success());
    assert!(text.contains("pass  cacerts answers"), "{text}");
    assert!(text.contains("FAIL  enrolment with the code"), "{text}");
    assert!(text.contains("skip  the first report of a chain"), "{text}");
}
