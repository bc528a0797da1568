//! No secret, credential, device ID, app name or host stands in a log line of the agent or the gateway at any
//! level, nor in anything of the agent's that can be printed.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "support/front.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod front;
#[path = "support/issuer.rs"]
mod issuer;
#[path = "support/machine.rs"]
mod machine;
#[path = "support/markers.rs"]
mod markers;
#[path = "support/phone.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod phone;

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use agent_core::ports::Host;
use agent_logic::agent::Status;
use agent_logic::command::Credential;
use agent_logic::event::{Configuration, Detection, Event};
use agent_logic::model::{Activation, Classification};
use agent_logic::redact::{Redacted, Secret};
use agent_tests::device::sensors::LinuxSensors;
use agent_tests::stage::{Indicator, Stage};
use serde_json::{Value, json};

use front::{Fault, Front};
use issuer::Issuer;
use markers::Markers;
use phone::{Phone, check_in, code, detected, rest};

const APP: &str = "com.example.marker.diary";
const APP_NAME: &str = "Marker Secret Diary";

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps every line.
struct Capture;

impl log::Log for Capture {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{} {} {}", record.level(), record.target(), record.args());
        LINES.lock().unwrap().push(line);
    }

    fn flush(&self) {}
}

/// Prints every status, as a host in development would.
#[derive(Default)]
struct Printing(Mutex<Vec<String>>);

impl Host for Printing {
    fn status_changed(&self, status: &Status) {
        self.0.lock().unwrap().push(format!("{status:?}"));
    }

    fn inert(&self) {}
}

/// A gateway that says all it can say on its standard error, which is a file.
struct Loud {
    child: Child,
    address: String,
}

impl Loud {
    fn start(stage: &Stage, jwks: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_story"))
            .args(["gateway", "serve", "--log", "--listen", "127.0.0.1:0", "--dir"])
            .arg(stage.cloud())
            .args(["--entra-issuer", "https://issuer.test", "--entra-audience", "api://mtd", "--entra-jwks"])
            .arg(jwks)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(said(stage)).unwrap())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        let ready: Value = serde_json::from_str(&ready).unwrap();
        let address = ready.get("gateway").and_then(Value::as_str).unwrap().to_owned();
        Self { child, address }
    }
}

impl Drop for Loud {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn said(stage: &Stage) -> std::path::PathBuf {
    stage.folder().join("gateway-stderr")
}

// R13
#[test]
fn no_log_line_and_no_status_names_anybody() {
    log::set_logger(&Capture).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let mut stage = Stage::set(Path::new(env!("CARGO_BIN_EXE_story")), 301).unwrap();
    stage.stop_gateway();
    let issuer = Issuer::new();
    let jwks = stage.folder().join("jwks.json");
    std::fs::write(&jwks, issuer.jwks()).unwrap();
    let gateway = Loud::start(&stage, &jwks);
    let front = Front::start(gateway.address.parse().unwrap(), &stage.cloud());
    stage.administer(&["policy", "--app-sync", "on", "--ownership", "company"]).unwrap();
    stage.import_indicators().unwrap();
    let key = stage.administer(&["enrolment-key", "--group", "Sales"]).unwrap();
    let one_time = stage.code(&stage.main).unwrap();
    let token = issuer.token(&json!({
        "iss": "https://issuer.test", "aud": "api://mtd", "tid": Stage::tenant(),
        "exp": 4_000_000_000_u64, "deviceid": stage.second.id,
    }));
    let Indicator { package, signer, .. } = Indicator::real().unwrap();

    let phone = Phone::new(&stage, "phone", &stage.main.id, &front.url());
    let planted = stage.folder().join("planted.json");
    let diary = json!({ "id": APP, "name": APP_NAME, "version": "1" });
    let spy = json!({ "id": package, "name": "Marker Secret Spy", "signers": [{ "sha1": signer }] });
    std::fs::write(&planted, json!({ "set": [diary, spy] }).to_string()).unwrap();
    let host = Arc::new(Printing::default());
    let mut platform = phone.platform();
    platform.sensors = Arc::new(LinuxSensors::of_root(phone.dir.join("root")).with_planted(&planted));
    platform.host = Arc::<Printing>::clone(&host);

    // A life with every kind of refusal in it.
    let agent = phone.start_on(platform);
    let lost = Redacted::new("https://marker-host.example".to_owned());
    let elsewhere = Configuration { gateway: Some(lost), ..phone.configuration(code("marker-wrong-code")) };
    agent.send(Event::Configured(elsewhere)).unwrap();
    phone.launch(&agent, code("marker-wrong-code"));
    phone.launch(&agent, Credential::Token(Secret::new(token.clone())));
    phone.launch(&agent, Credential::EnrolmentKey(Secret::new(key.trim().to_owned())));
    phone.launch(&agent, code(&one_time));
    assert_eq!(check_in(&agent).activation, Activation::Activated);
    check_in(&agent);
    let status = check_in(&agent);
    assert!(status.shared_apps.is_some() && status.open.len() == 1, "{status:?}");
    let found = Detection { classification: Classification::Adware, app: Some(APP.parse().unwrap()) };
    agent.send(Event::Detected(found)).unwrap();
    agent.send(detected("ROGUE_WIFI")).unwrap();
    rest(&agent);
    let broken = Front::says("HTTP/1.1 500 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    for fault in [front.of_another_ca(), front.of_another_ca(), front.of_another_host(), broken] {
        front.set(fault);
        assert!(check_in(&agent).last_failure.is_some());
    }
    front.set(Fault::None);
    assert_eq!(check_in(&agent).last_failure, None);
    agent.send(Event::Deactivate).unwrap();
    assert_eq!(rest(&agent).activation, Activation::Deactivated);
    drop(agent);
    let word = stage.device_row(&stage.main).unwrap().unwrap();
    assert_eq!(word.activation, "deactivated");
    drop(gateway);

    let markers = Markers::new(&[
        ("device", &stage.main.id),
        ("another device", &stage.second.id),
        ("tenant", Stage::tenant()),
        ("one-time code", &one_time),
        ("wrong code", "marker-wrong-code"),
        ("enrolment key", key.trim()),
        ("token", &token),
        ("app", APP),
        ("app's name", APP_NAME),
        ("spy app", &package),
        ("spy app's name", "Marker Secret Spy"),
        ("signer", &signer),
        ("host", "localhost"),
        ("host it may not go to", "marker-host"),
    ]);
    let lines = LINES.lock().unwrap();
    assert!(lines.iter().any(|line| line.contains("check-in: 0")), "nothing was captured: {lines:?}");
    markers.assert_absent("the agent's log", lines.iter().map(String::as_str));
    let gateway = std::fs::read_to_string(said(&stage)).unwrap();
    let debug = |line: &str| line.contains(r#""level":"DEBUG""#) && line.contains("agent_gateway");
    assert!(gateway.lines().any(debug), "nothing was captured: {gateway}");
    markers.assert_absent("the gateway's log", gateway.lines());
    let statuses = host.0.lock().unwrap();
    assert!(statuses.len() > 20);
    markers.assert_absent("a status", statuses.iter().map(String::as_str));
}

#[test]
fn nothing_that_the_agent_takes_or_gives_out_prints_anybody() {
    let device = "b9841cd9-9843-405f-be28-b2265c59ef97";
    let tenant = "ab0dc123-9843-405f-be28-b2265c59ef97";
    let markers = Markers::new(&[
        ("device", device),
        ("tenant", tenant),
        ("code", machine::CODE),
        ("app", APP),
        ("app's name", APP_NAME),
        ("host", machine::HOST),
    ]);
    let printed = machine::life(device, tenant, APP, APP_NAME);
    for name in ["Enrol", "Send", "Match", "Collected", "Answered", "Configured", "Status", "Erase"] {
        assert!(printed.iter().any(|line| line.contains(name)), "the life has no {name}: {printed:#?}");
    }
    markers.assert_absent("something printed", printed.iter().map(String::as_str));
}
