//! The stand-in over real HTTP, at times that the test says.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use intune_stand_in::clock::DAY;
use intune_stand_in::compliance::RequiredLevel;
use intune_stand_in::graph::CONNECTOR;
use serde_json::{Value, json};

const ID: &str = "b9841cd9-9843-405f-be28-b2265c59ef97";
const OTHER: &str = "b9841cd9-9843-405f-be28-b2265c59ef98";
const SECRET: &str = "s3cret";
const START: u64 = 1_795_246_355_000;

/// A started stand-in and its clock.
struct Intune {
    address: String,
    now: Arc<AtomicU64>,
    _folder: tempfile::TempDir,
}

impl Intune {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
        let now = Arc::new(AtomicU64::new(START));
        let hand = Arc::clone(&now);
        let clock = Arc::new(move || hand.load(Ordering::SeqCst));
        let (ready, serving) = intune_stand_in::serve::start_at(
            folder.path(),
            "127.0.0.1:0".parse().unwrap(),
            Some(RequiredLevel::Secured),
            &secret,
            clock,
        )
        .await
        .unwrap();
        tokio::spawn(serving);
        let address = ready.intune.trim_start_matches("http://").to_owned();
        Self { address, now, _folder: folder }
    }

    /// One request; answers status and body.
    fn text(&self, method: &str, path: &str, secret: Option<&str>, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
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
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    fn get(&self, path: &str) -> Value {
        let (status, body) = self.text("GET", path, None, "");
        assert_eq!(status, 200, "{path}");
        serde_json::from_str(&body).unwrap()
    }

    fn put(&self, path: &str, body: &Value) -> u16 {
        self.text("PUT", path, None, &body.to_string()).0
    }

    fn patch(&self, body: &Value) -> u16 {
        let path = format!("/deviceManagement/mobileThreatDefenseConnectors/{CONNECTOR}");
        self.text("PATCH", &path, None, &body.to_string()).0
    }

    fn beat(&self) -> u16 {
        self.text("POST", "/connector/heartbeat", Some(SECRET), "{}").0
    }

    fn report(&self, health: &str) -> u16 {
        self.text("PUT", &format!("/connector/devices/{ID}"), Some(SECRET), &message(ID, health)).0
    }

    fn device(&self) -> Value {
        self.get(&format!("/devices/{ID}"))
    }
}

fn message(id: &str, health: &str) -> String {
    json!({ "deviceId": id, "healthState": health, "time": 5 }).to_string()
}

/// Runs a test of blocking requests next to the server.
async fn with(work: impl FnOnce(&Intune) + Send + 'static) {
    let intune = Intune::start().await;
    tokio::task::spawn_blocking(move || work(&intune)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_connector_reports_and_the_required_level_decides() {
    with(|intune| {
        let path = format!("/connector/devices/{ID}");
        let put = |secret, body: &str| intune.text("PUT", &path, secret, body).0;
        assert_eq!(put(None, &message(ID, "secured")), 401);
        assert_eq!(put(Some("s3cres"), &message(ID, "secured")), 401);
        assert_eq!(intune.text("POST", "/connector/heartbeat", None, "{}").0, 401);
        assert_eq!(put(Some(SECRET), &message(ID, "secured")), 403, "not set up before the first heartbeat");
        assert_eq!(intune.beat(), 204);
        assert_eq!(put(Some(SECRET), &message(OTHER, "secured")), 400);
        assert_eq!(put(Some(SECRET), "{"), 400);
        assert_eq!(put(Some(SECRET), &"x".repeat(300_000)), 413);
        let device = intune.device();
        assert_eq!((&device["complianceState"], &device["lastReported"]), (&json!("unknown"), &Value::Null));

        assert_eq!(intune.report("lowSeverity"), 204);
        assert_eq!(intune.device()["complianceState"], "noncompliant");
        assert_eq!(intune.device()["partnerReportedThreatState"], "lowSeverity");
        assert_eq!(intune.device()["lastReported"], 5);
        assert_eq!(intune.put("/settings", &json!({ "requiredLevel": "low" })), 204);
        assert_eq!(intune.device()["access"], "granted");
        assert_eq!(intune.put("/settings", &json!({ "requiredLevel": "notSet" })), 422);
        assert_eq!(intune.get("/devices").as_array().unwrap().len(), 1);
        assert_eq!(intune.report("splendid"), 204, "a word of a later version is taken");
        assert_eq!(intune.device()["access"], "blocked");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_is_silent_for_the_days_allowed_is_ignored() {
    with(|intune| {
        intune.beat();
        assert_eq!(intune.patch(&json!({ "partnerUnresponsivenessThresholdInDays": 3 })), 200);
        intune.report("highSeverity");
        let state = || intune.get("/status")["connectionStatus"].clone();
        intune.now.store(START + 3 * DAY - 1, Ordering::SeqCst);
        assert_eq!((state(), intune.device()["access"].clone()), (json!("enabled"), json!("blocked")));
        intune.now.store(START + 3 * DAY, Ordering::SeqCst);
        assert_eq!((state(), intune.device()["access"].clone()), (json!("unresponsive"), json!("granted")));
        assert_eq!(intune.get("/status")["lastSynchronized"], START);
        assert_eq!(intune.report("highSeverity"), 204, "its messages are not blocked");
        intune.beat();
        assert_eq!((state(), intune.device()["access"].clone()), (json!("enabled"), json!("blocked")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_state_of_the_connector_blocks_what_it_should() {
    with(|intune| {
        let list = format!("/connector/devices/{ID}/InstalledApplicationList");
        let app_sync = json!({ "allowPartnerToCollectIOSApplicationMetadata": true });
        assert_eq!(intune.patch(&app_sync), 409, "no settings before the first contact");
        let iphone = json!({ "operatingSystem": "iOS", "managedDeviceOwnerType": "company" });
        assert_eq!(intune.put(&format!("/managed/{ID}"), &iphone), 204);
        let check = |expected: &str, message: u16, sync: u16| {
            let state = intune.get("/status")["connectionStatus"].clone();
            let asked = intune.text("GET", &list, Some(SECRET), "").0;
            assert_eq!((state.as_str(), intune.report("secured"), asked), (Some(expected), message, sync));
        };
        check("notSetUp", 403, 403);
        intune.beat();
        assert_eq!(intune.patch(&app_sync), 200);
        check("enabled", 204, 200);
        let incomplete = r#"{"setUpComplete":false}"#;
        assert_eq!(intune.text("POST", "/connector/heartbeat", Some(SECRET), incomplete).0, 204);
        check("notSetUp", 403, 403);
        intune.beat();
        check("enabled", 204, 200);
        assert_eq!(intune.patch(&json!({ "androidEnabled": false, "iosEnabled": false })), 200);
        check("available", 204, 200);
        assert_eq!(intune.text("POST", "/connector/heartbeat", Some(SECRET), r#"{"errorCode":7}"#).0, 204);
        check("error", 204, 200);
        intune.now.fetch_add(7 * DAY, Ordering::SeqCst);
        check("unresponsive", 204, 200);
        assert_eq!(intune.text("DELETE", "/connector", None, "").0, 204);
        check("unavailable", 403, 403);
        assert_eq!(intune.beat(), 403, "a heartbeat alone does not set up what was taken away");
        assert_eq!(intune.text("POST", "/connector/provision", Some(SECRET), "").0, 204);
        check("notSetUp", 403, 403);
        intune.beat();
        check("available", 204, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_app_list_follows_app_sync_and_ownership() {
    with(|intune| {
        intune.beat();
        let ask =
            |name: &str| intune.text("GET", &format!("/connector/devices/{ID}/{name}"), Some(SECRET), "");
        assert_eq!(ask("InstalledApplicationList").0, 404);
        let describe = |owner: &str| {
            let phone = json!({ "operatingSystem": "iOS", "managedDeviceOwnerType": owner });
            assert_eq!(intune.put(&format!("/managed/{ID}"), &phone), 204);
        };
        describe("personal");
        let apps = json!([
            { "Identifier": "com.example.own", "Name": "<Own>" },
            { "Identifier": "com.example.deployed", "ShortVersion": "1.2", "Managed": true },
        ]);
        assert_eq!(intune.put(&format!("/managed/{ID}/apps"), &apps), 204);
        assert_eq!(intune.put(&format!("/managed/{OTHER}/apps"), &apps), 404);
        assert_eq!(ask("InstalledApplicationList").0, 404, "App Sync is off");
        intune.patch(&json!({ "allowPartnerToCollectIOSApplicationMetadata": true }));
        let (status, list) = ask("InstalledApplicationList");
        assert_eq!(status, 200);
        assert!(list.contains("com.example.deployed") && !list.contains("com.example.own"));
        describe("company");
        let (_, list) = ask("InstalledApplicationList");
        assert!(list.contains("com.example.own") && list.contains("&lt;Own&gt;"));
        describe("personal");
        intune.patch(&json!({ "allowPartnerToCollectIOSPersonalApplicationMetadata": true }));
        assert!(ask("InstalledApplicationList").1.contains("com.example.own"));
        let (_, list) = ask("ManagedApplicationList");
        assert!(list.contains("com.example.deployed") && !list.contains("com.example.own"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_app_list_is_that_of_the_devices_last_check_in() {
    with(|intune| {
        intune.beat();
        intune.patch(&json!({ "allowPartnerToCollectIOSApplicationMetadata": true }));
        let phone = |enrolled: bool| {
            json!({ "operatingSystem": "iOS", "managedDeviceOwnerType": "company", "enrolled": enrolled })
        };
        assert_eq!(intune.put(&format!("/managed/{ID}"), &phone(true)), 204);
        let ask =
            || intune.text("GET", &format!("/connector/devices/{ID}/InstalledApplicationList"), Some(SECRET), "");
        for app in ["com.example.first", "com.example.second"] {
            assert_eq!(intune.put(&format!("/managed/{ID}/apps"), &json!([{ "Identifier": app }])), 204);
            assert!(ask().1.contains(app));
        }
        assert!(!ask().1.contains("com.example.first"), "it is gone from the device");
        assert_eq!(intune.put(&format!("/managed/{ID}"), &phone(false)), 204);
        assert_eq!(ask().0, 404, "a device that is not enrolled checks in nowhere");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_and_enrolment_decide_which_policy_evaluates() {
    with(|intune| {
        intune.beat();
        intune.report("mediumSeverity");
        assert_eq!(intune.device()["access"], "blocked");
        let group = json!({ "compliance": { "blockedFrom": "high" } });
        assert_eq!(intune.put("/groups/Sales", &group), 204);
        let phone = |groups: &[&str], enrolled: bool| {
            json!({ "operatingSystem": "Android", "osVersion": "13", "groups": groups, "enrolled": enrolled })
        };
        let describe = |phone: &Value| assert_eq!(intune.put(&format!("/managed/{ID}"), phone), 204);
        describe(&phone(&["sales"], true));
        assert_eq!(intune.device()["access"], "blocked", "the case of a name counts");
        describe(&phone(&["Sales"], true));
        assert_eq!(intune.device()["access"], "granted");

        let policy = json!({ "maximumAllowedDeviceThreatLevel": "low", "mobileThreatDefenseRemediationAction": "wipe" });
        assert_eq!(intune.put("/groups/Sales", &json!({ "appProtection": policy })), 204);
        describe(&phone(&["Sales"], false));
        assert_eq!(intune.device()["complianceState"], "unknown");
        assert_eq!(intune.device()["appProtection"], "notEvaluated");
        intune.patch(&json!({ "androidMobileApplicationManagementEnabled": true }));
        assert_eq!(intune.device()["appProtection"], "wiped");
        intune.report("secured");
        assert_eq!(intune.device()["appProtection"], "allowed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn graph_reads_connector_and_devices_by_its_names() {
    with(|intune| {
        intune.beat();
        intune.report("highSeverity");
        let all = intune.get("/deviceManagement/mobileThreatDefenseConnectors");
        let context =
            "https://graph.microsoft.com/v1.0/$metadata#deviceManagement/mobileThreatDefenseConnectors";
        assert_eq!(all["@odata.context"], context);
        assert_eq!(all["value"][0]["partnerState"], "enabled");
        assert_eq!(all["value"][0]["lastHeartbeatDateTime"], "2026-11-21T07:32:35.000Z");
        assert_eq!(intune.patch(&json!({ "androidEnabled": "yes" })), 400);
        assert_eq!(intune.patch(&json!({ "partnerState": "enabled" })), 400, "the state is not set by hand");

        let devices = || intune.get("/deviceManagement/managedDevices")["value"].as_array().unwrap().clone();
        assert_eq!(devices().len(), 0, "what Intune does not manage is not there");
        let phone =
            json!({ "operatingSystem": "Android", "osVersion": "4.0.3", "managedDeviceOwnerType": "shared" });
        assert_eq!(intune.put(&format!("/managed/{ID}"), &phone), 204);
        let device = devices().remove(0);
        assert_eq!(device["partnerReportedThreatState"], "highSeverity");
        assert_eq!(device["managedDeviceOwnerType"], "unknown", "an owner of a later version");
        assert_eq!(device["complianceState"], "unknown", "4.0.3 is below the minimum, which does not block");
        intune.patch(&json!({ "partnerUnsupportedOsVersionBlocked": true }));
        let path = format!("/deviceManagement/managedDevices/{ID}");
        assert_eq!(intune.get(&path)["complianceState"], "noncompliant");
        assert_eq!(intune.text("GET", "/deviceManagement/managedDevices/x", None, "").0, 404);
    })
    .await;
}
