//! What the seeds tell of the two systems together, against the real stand-in for Intune.

use std::time::{Duration, Instant};

use agent_logic::model::Classification;
use agent_logic::wire::{Report, Transition, TransitionKind};
use intune_stand_in::compliance::HealthState as Told;
use intune_stand_in::managed::{Managed, OwnerType, Platform};
use intune_stand_in::settings::Settings;
use serde_json::Value;

use crate::connector::told;
use crate::console::{Person, token};
use crate::device::{Chain, open, transition};
use crate::pair::{PATIENCE, Pair};
use crate::process::Served;
use crate::world::{A, Identity, World};

impl Pair {
    /// Waits until the device's access is so.
    async fn access(&self, wanted: &str) {
        self.shows(&format!("/devices/{A}"), "/access", wanted).await;
    }

    async fn tell(&self, identity: &Identity, chain: &mut Chain, transitions: Vec<Transition>) {
        let report = Report { transitions, ..chain.report() };
        self.world.check_in(identity, chain, &report).await;
    }
}

/// Something happened on the network of the device.
fn intercepted(ordinal: u64, kind: TransitionKind) -> Transition {
    Transition { classification: Classification::ActiveMitm, ..transition(ordinal, kind, 1) }
}

// Seed 001's example.
#[tokio::test(flavor = "multi_thread")]
async fn an_interception_takes_access_away_until_it_is_over() {
    let pair = Pair::new().await;
    let identity = pair.world.activate(A).await;
    let mut chain = Chain::new(1);
    pair.tell(&identity, &mut chain, Vec::new()).await;
    told(&pair.intune, Told::Secured).await;
    pair.access("granted").await;
    pair.tell(&identity, &mut chain, vec![intercepted(1, TransitionKind::Opened)]).await;
    pair.access("blocked").await;
    let device = pair.shown(&format!("/devices/{A}")).await;
    assert_eq!(device["partnerReportedThreatState"], "highSeverity");
    assert_eq!(device["complianceState"], "noncompliant");
    pair.tell(&identity, &mut chain, vec![intercepted(2, TransitionKind::Resolved)]).await;
    pair.access("granted").await;
    assert_eq!(pair.shown(&format!("/devices/{A}")).await["partnerReportedThreatState"], "secured");
}

#[tokio::test]
async fn a_device_of_a_group_is_pending_until_its_app_is_activated() {
    let world = World::new().await;
    let mut person = Person::new(&world);
    person.log_in(&world.made.admin_password.reveal().clone()).await;
    world.command(&["group", "--name", "Sales", "--add", A]);
    let mut state = async || {
        let page = person.get("/").await.text();
        let list: Value = serde_json::from_slice(&person.get("/devices.json").await.body).unwrap();
        let state = list["devices"][0]["activation"].as_str().unwrap().to_owned();
        let shown = page.split("<tbody>").nth(1).unwrap().to_owned();
        (state, shown.contains(">Pending<"), shown.contains(">Secured<"))
    };
    assert_eq!(state().await, ("pending".into(), true, false));
    let identity = world.activate(A).await;
    assert_eq!(state().await, ("pending".into(), true, false), "a certificate alone is no activation");
    let mut chain = Chain::new(1);
    let report = chain.report();
    world.check_in(&identity, &mut chain, &report).await;
    assert_eq!(state().await, ("activated".into(), false, true));
}

#[tokio::test]
async fn a_groups_name_is_another_in_another_case() {
    let world = World::new().await;
    world.command(&["group", "--name", "Sales", "--add", A]);
    world.command(&["policy", "--group", "Sales", "--check-in-seconds", "900"]);
    assert!(!world.try_command(&["policy", "--group", "sales", "--check-in-seconds", "900"]).0);
    let key = world.command(&["enrolment-key", "--group", "sales"]);
    let answer = world.enrol_with(A, &key, &rcgen::KeyPair::generate().unwrap()).await;
    assert_eq!(answer.problem(), agent_logic::wire::ProblemKind::NotEligible);
    let key = world.command(&["enrolment-key", "--group", "Sales"]);
    let answer = world.enrol_with(A, &key, &rcgen::KeyPair::generate().unwrap()).await;
    assert_eq!(answer.status, hyper::StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_out_of_contact_for_the_days_of_the_policy_is_blocked() {
    let pair = Pair::new().await;
    pair.world.command(&["policy", "--disconnected-days", "90"]);
    let identity = pair.world.activate(A).await;
    pair.tell(&identity, &mut Chain::new(1), Vec::new()).await;
    pair.access("granted").await;
    let database = rusqlite::Connection::open(pair.world.home.database()).unwrap();
    let days = |n: i64| {
        let sql = "UPDATE device SET last_contact = unixepoch() * 1000 - ?1 * 86400000";
        assert_eq!(database.execute(sql, [n]).unwrap(), 1);
    };
    days(89);
    tokio::time::sleep(Duration::from_millis(600)).await;
    pair.access("granted").await;
    days(91);
    pair.access("blocked").await;
    let device = pair.shown(&format!("/devices/{A}")).await;
    assert_eq!(device["partnerReportedThreatState"], "unresponsive");
    assert_eq!(device["complianceState"], "noncompliant");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_heartbeat_comes_at_its_interval() {
    let pair = Pair::with(|options| options.heartbeat = Duration::from_secs(1)).await;
    let started = Instant::now();
    let mut beats: Vec<u64> = Vec::new();
    while beats.len() < 3 {
        assert!(started.elapsed() < PATIENCE, "{beats:?}");
        let beat = pair.intune.last_heartbeat().unwrap();
        if beat.is_some() && beat != beats.last().copied() {
            beats.extend(beat);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(beats.windows(2).all(|pair| pair[1] - pair[0] >= 900), "{beats:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_eight_fields_of_an_app_arrive_and_those_of_later_years() {
    let pair = Pair::new().await;
    let share = Settings { app_sync: true, ios_enabled: true, ..Settings::default() };
    pair.intune.set_settings(&share).unwrap();
    let phone = Managed {
        operating_system: Some(Platform::Ios),
        managed_device_owner_type: OwnerType::Company,
        ..Managed::default()
    };
    pair.intune.manage(A, &phone, 1).unwrap();
    let app = serde_json::json!({
        "Identifier": "com.example", "Version": "70", "ShortVersion": "7.0", "Name": "Example",
        "BundleSize": 11, "DynamicSize": 12, "IsValidated": true, "Managed": true,
        "AdHocCodeSigned": true, "AppStoreVendable": false, "BetaApp": true, "DeviceBasedVPP": false,
    });
    pair.intune.set_apps(A, &[serde_json::from_value(app).unwrap()], 2).unwrap();
    pair.world.command(&["policy", "--app-sync", "on", "--ownership", "company"]);
    let identity = pair.world.activate(A).await;
    let mut chain = Chain::new(1);
    let report = crate::app_sync::iphone(&chain);
    pair.world.check_in(&identity, &mut chain, &report).await;
    let started = Instant::now();
    let held = || pair.world.ask::<String>("SELECT coalesce(max(value), '') FROM synced_app");
    while held().is_empty() {
        assert!(started.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let wanted = serde_json::json!({
        "id": "com.example", "version": "70", "shortVersion": "7.0", "name": "Example",
        "bundleSize": 11, "dynamicSize": 12, "validated": true, "managed": true,
        "adHocSigned": true, "appStoreVendable": false, "beta": true, "deviceVpp": false,
    });
    assert_eq!(serde_json::from_str::<Value>(&held()).unwrap(), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_one_of_the_two_states_off_intune_is_told_of_no_device() {
    let pair = Pair::new().await;
    let identity = pair.world.activate(A).await;
    let mut chain = Chain::new(1);
    pair.tell(&identity, &mut chain, Vec::new()).await;
    pair.access("granted").await;
    let mut person = Person::new(&pair.world);
    person.log_in(&pair.world.made.admin_password.reveal().clone()).await;
    let csrf = token(&person.get("/connector").await.text());
    let on = ["device", "threat"].map(|name| (name, "on"));
    let (mut ordinal, mut kind) = (0, TransitionKind::Opened);
    for half in on {
        let set = person.post("/connector/sync", &[("csrf", &*csrf), half]).await;
        assert_eq!(set.status, hyper::StatusCode::SEE_OTHER);
        pair.shows("/status", "/connectionStatus", "notSetUp").await;
        assert!(person.get("/connector").await.text().contains("Intune is told of no device now"));
        ordinal += 1;
        pair.tell(&identity, &mut chain, vec![intercepted(ordinal, kind)]).await;
        tokio::time::sleep(Duration::from_millis(600)).await;
        let before = if kind == TransitionKind::Opened { Told::Secured } else { Told::HighSeverity };
        assert_eq!(pair.intune.device(A).unwrap().unwrap().health, before, "{half:?} alone");
        person.post("/connector/sync", &[("csrf", &*csrf), on[0], on[1]]).await;
        pair.access(if kind == TransitionKind::Opened { "blocked" } else { "granted" }).await;
        kind = TransitionKind::Resolved;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_was_deleted_is_set_up_again_from_the_console() {
    let pair = Pair::with(|options| options.heartbeat = Duration::from_secs(1)).await;
    let mut person = Person::new(&pair.world);
    person.log_in(&pair.world.made.admin_password.reveal().clone()).await;
    pair.shows("/status", "/connectionStatus", "enabled").await;
    assert!(!person.get("/connector").await.text().contains("Set it up again"));
    pair.intune.provision(false).unwrap();
    pair.shows("/status", "/connectionStatus", "unavailable").await;
    let started = Instant::now();
    let page = loop {
        let page = person.get("/connector").await.text();
        if page.contains("Set it up again") {
            break page;
        }
        assert!(started.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(
        pair.shown("/status").await["connectionStatus"],
        "unavailable",
        "it is not taken back unasked"
    );
    let asked = person.post("/connector/provision", &[("csrf", &*token(&page))]).await;
    assert_eq!(asked.status, hyper::StatusCode::SEE_OTHER);
    pair.shows("/status", "/connectionStatus", "enabled").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cloud_that_cannot_rate_its_devices_tells_intune_and_the_administrator() {
    let pair = Pair::new().await;
    let identity = pair.world.activate(A).await;
    pair.tell(&identity, &mut Chain::new(1), Vec::new()).await;
    pair.access("granted").await;
    pair.world.command(&["notices", "--to", "ops@example.com"]);
    let database = rusqlite::Connection::open(pair.world.home.database()).unwrap();
    let sound: String = pair.world.ask("SELECT document FROM policy");
    database.execute("UPDATE policy SET document = '{'", []).unwrap();
    pair.shows("/status", "/connectionStatus", "error").await;
    let (gateway, home) = (&pair.world.running.gateway, &pair.world.home);
    let troubled = async |wanted: bool| {
        let started = Instant::now();
        while gateway.link.read().trouble().is_some() != wanted {
            assert!(started.elapsed() < PATIENCE);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    troubled(true).await;
    agent_gateway::notices::look(gateway, home, agent_gateway::clock::now()).unwrap();
    let notices = crate::notices::spooled(&pair.world, "connector").concat();
    assert!(notices.contains("cannot do its part"), "{notices}");
    database.execute("UPDATE policy SET document = ?1", [&sound]).unwrap();
    pair.shows("/status", "/connectionStatus", "enabled").await;
    troubled(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_console_says_of_access_is_what_intune_decides() {
    let pair = Pair::new().await;
    let identity = pair.world.activate(A).await;
    let mut person = Person::new(&pair.world);
    person.log_in(&pair.world.made.admin_password.reveal().clone()).await;
    let levels = ["secured", "low", "medium", "high"];
    for (number, (classification, told, words)) in [
        (None, "secured", None),
        (Some(Classification::Adware), "lowSeverity", Some("where Secured is required: ADWARE.")),
        (Some(Classification::UsbDebugging), "mediumSeverity", Some("where Secured or Low is required")),
        (Some(Classification::Trojan), "highSeverity", Some("where Secured, Low or Medium is required")),
        (Some(Classification::RootJailbreak), "compromised", Some("everywhere, by what its user cannot end")),
    ]
    .into_iter()
    .enumerate()
    {
        let mut chain = Chain::new(u8::try_from(number).unwrap() + 1);
        let threats = classification.map(|kind| open(u8::try_from(number).unwrap() + 1, kind));
        let report = Report { open: Some(threats.into_iter().collect()), ..chain.report() };
        pair.world.check_in(&identity, &mut chain, &report).await;
        pair.shows(&format!("/devices/{A}"), "/partnerReportedThreatState", told).await;
        let shown: Value = serde_json::from_slice(&person.get("/devices.json").await.body).unwrap();
        let device = &shown["devices"][0];
        match words {
            Some(words) => assert!(device["why"].as_str().unwrap().contains(words), "{device}"),
            None => assert_eq!(device["why"], Value::Null),
        }
        for (at, level) in levels.into_iter().enumerate() {
            let passes =
                device["passesAt"].as_str().and_then(|least| levels.iter().position(|l| *l == least));
            let granted = if passes.is_some_and(|least| at >= least) { "granted" } else { "blocked" };
            pair.intune.set_required(serde_json::from_value(level.into()).unwrap()).unwrap();
            let access = pair.shown(&format!("/devices/{A}")).await["access"].clone();
            assert_eq!(access, granted, "{classification:?} at {level}");
        }
    }
}

#[tokio::test]
async fn the_heartbeats_interval_is_set_in_minutes() {
    let folder = tempfile::tempdir().unwrap();
    let home = agent_gateway::home::Home::new(folder.path().join("g"));
    let made = agent_gateway::init::init(&home, "localhost", None).unwrap();
    // Nothing listens there.
    let minutes = |text| ["--intune", "http://127.0.0.1:9", "--heartbeat-minutes", text];
    let served = Served::start(&home, &minutes("7"));
    let mut person = Person::at(served.ready["console"].as_str().unwrap());
    person.log_in(made.admin_password.reveal()).await;
    assert!(person.get("/connector").await.text().contains("<dd>7 minutes</dd>"));
    for beyond in ["0", "1441"] {
        let refused = std::process::Command::new(env!("CARGO_BIN_EXE_mtd-gateway"))
            .args(["serve", "--dir"])
            .arg(home.dir())
            .args(minutes(beyond))
            .output()
            .unwrap();
        assert_eq!(refused.status.code(), Some(2), "{beyond}");
    }
}
