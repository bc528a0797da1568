//! The stand-in over real HTTP.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use intune_stand_in::compliance::RequiredLevel;
use serde_json::Value;

const ID: &str = "b9841cd9-9843-405f-be28-b2265c59ef97";

/// One request; answers status and body.
fn ask(address: &str, method: &str, path: &str, secret: Option<&str>, body: &str) -> (u16, Value) {
    let mut stream = TcpStream::connect(address).unwrap();
    let shown = secret.map(|secret| format!("Authorization: Bearer {secret}\r\n")).unwrap_or_default();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n\
         {shown}Content-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_connector_reports_and_the_required_level_decides() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "s3cret\n").unwrap();
    let listen = "127.0.0.1:0".parse().unwrap();
    let (ready, serving) =
        intune_stand_in::serve::start(folder.path(), listen, Some(RequiredLevel::Secured), &secret)
            .await
            .unwrap();
    tokio::spawn(serving);
    let address = ready.intune.trim_start_matches("http://").to_owned();

    tokio::task::spawn_blocking(move || {
        let path = format!("/connector/devices/{ID}");
        let message =
            |id: &str, health: &str| format!(r#"{{"deviceId":"{id}","healthState":"{health}","time":5}}"#);
        let put = |secret, body: &str| ask(&address, "PUT", &path, secret, body).0;
        let device = || ask(&address, "GET", &format!("/devices/{ID}"), None, "").1;

        assert_eq!(device()["complianceState"], "unknown");
        assert_eq!(device()["access"], "blocked");
        assert_eq!(put(None, &message(ID, "secured")), 401);
        assert_eq!(put(Some("s3cres"), &message(ID, "secured")), 401);
        assert_eq!(ask(&address, "POST", "/connector/heartbeat", None, "").0, 401);
        assert_eq!(put(Some("s3cret"), &message("b9841cd9-9843-405f-be28-b2265c59ef98", "secured")), 400);
        assert_eq!(put(Some("s3cret"), &message(ID, "splendid")), 422);
        assert_eq!(put(Some("s3cret"), "{"), 400);
        assert_eq!(put(Some("s3cret"), &"x".repeat(20_000)), 413);
        assert_eq!(device()["complianceState"], "unknown", "nothing of that was taken");

        assert_eq!(put(Some("s3cret"), &message(ID, "lowSeverity")), 204);
        assert_eq!(device()["complianceState"], "noncompliant");
        assert_eq!(device()["partnerReportedThreatState"], "lowSeverity");
        assert_eq!(device()["lastReported"], 5);
        let set = |level: &str| {
            ask(&address, "PUT", "/settings", None, &format!(r#"{{"requiredLevel":"{level}"}}"#)).0
        };
        assert_eq!(set("low"), 204);
        assert_eq!(device()["access"], "granted");
        assert_eq!(set("notSet"), 422);
        let all = ask(&address, "GET", "/devices", None, "").1;
        assert_eq!(all.as_array().unwrap().len(), 1);
        assert_eq!(ask(&address, "POST", "/connector/heartbeat", Some("s3cret"), "").0, 204);
        assert!(ask(&address, "GET", "/healthz", None, "").1["lastHeartbeat"].is_u64());
    })
    .await
    .unwrap();
}
