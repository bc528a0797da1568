//! App Sync against the real stand-in for Intune: apps that only device management sees.

use std::time::{Duration, Instant};

use agent_logic::model::{HealthState, Level};
use agent_logic::wire::{CheckInAnswer, Facts, FactsPart, Report};
use intune_stand_in::apps::App;
use intune_stand_in::compliance::HealthState as Told;
use intune_stand_in::managed::{Managed, OwnerType, Platform};
use intune_stand_in::partner::Heartbeat;
use intune_stand_in::settings::Settings;

use crate::connector::told;
use crate::console::Person;
use crate::device::Chain;
use crate::found::import;
use crate::pair::Pair;
use crate::world::{A, Identity, digest};

const BAD: &str = "com.bad.stalker";
const OWN: &str = "com.example.own";
const DEPLOYED: &str = "com.example.deployed";

impl Pair {
    /// What Intune knows of the iPhone, and lists of its apps.
    fn manage(&self, owner: OwnerType, apps: &[(&str, bool)]) {
        let phone = Managed {
            operating_system: Some(Platform::Ios),
            managed_device_owner_type: owner,
            ..Managed::default()
        };
        self.intune.manage(A, &phone, 1).unwrap();
        let apps: Vec<App> = apps.iter().map(|(id, managed)| app(id, *managed)).collect();
        assert!(self.intune.set_apps(A, &apps, 2).unwrap());
    }

    fn share(&self, app_sync: bool, full_personal: bool) {
        let settings = Settings { app_sync, full_personal, ios_enabled: true, ..Settings::default() };
        self.intune.set_settings(&settings).unwrap();
    }

    fn held(&self) -> String {
        self.world.ask("SELECT coalesce(group_concat(app), '') FROM synced_app")
    }

    /// Waits until these apps are held, in the order of their identifiers.
    async fn holds(&self, apps: &str) {
        let started = Instant::now();
        while self.held() != apps {
            assert!(started.elapsed() < Duration::from_secs(20), "{:?} is held, not {apps:?}", self.held());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until the list was asked for again, twice: the second request began after this call.
    async fn asked_again(&self) {
        for _ in 0..2 {
            let asked = || self.world.ask::<i64>("SELECT coalesce(max(asked), 0) FROM app_sync");
            let (before, started) = (asked(), Instant::now());
            while asked() == before {
                assert!(started.elapsed() < Duration::from_secs(20), "nothing was asked for");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    async fn check_in(&self, identity: &Identity, chain: &mut Chain) -> CheckInAnswer {
        let report = iphone(chain);
        self.world.check_in(identity, chain, &report).await
    }
}

fn app(id: &str, managed: bool) -> App {
    serde_json::from_value(serde_json::json!({ "Identifier": id, "Name": "<App>", "Managed": managed }))
        .unwrap()
}

/// The next report of a device that is an iPhone.
pub(crate) fn iphone(chain: &Chain) -> Report {
    let report = chain.report();
    let facts = Facts { platform: "ios".into(), os_version: "17".into(), ..Facts::default() };
    let digest = digest(&serde_json::to_vec(&facts).unwrap());
    let value = report.facts.value.is_some().then_some(facts);
    Report { facts: FactsPart { digest, value }, ..report }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_only_intune_lists_blocks_the_device_until_it_is_gone() {
    let pair = Pair::new().await;
    let world = &pair.world;
    import(world, &[BAD]);
    world.command(&["policy", "--app-sync", "on", "--ownership", "company"]);
    pair.share(true, false);
    pair.manage(OwnerType::Company, &[(BAD, false), (DEPLOYED, true)]);
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let answer = pair.check_in(&identity, &mut chain).await;
    assert_eq!((answer.level, answer.threats.len()), (Level::Secured, 0));

    told(&pair.intune, Told::HighSeverity).await;
    let answer = pair.check_in(&identity, &mut chain).await;
    assert_eq!((answer.level, answer.health), (Level::High, HealthState::HighSeverity));
    let [threat] = answer.threats.as_slice() else { panic!("{:?}", answer.threats) };
    assert_eq!((threat.classification.as_str(), threat.level), ("SURVEILLANCEWARE", Level::High));
    assert_eq!(answer.why.iter().map(|why| why.id).collect::<Vec<_>>(), [threat.id]);
    assert_eq!(pair.check_in(&identity, &mut chain).await.threats, answer.threats, "the ID stays");

    let mut person = Person::new(world);
    person.log_in(&world.made.admin_password.reveal().clone()).await;
    let page = person.get(&format!("/devices/{A}")).await.text();
    for part in [BAD, "The cloud", "SURVEILLANCEWARE", "Listed by Intune", "&lt;App&gt;"] {
        assert!(page.contains(part), "{part}");
    }

    pair.manage(OwnerType::Company, &[(DEPLOYED, true)]);
    told(&pair.intune, Told::Secured).await;
    let answer = pair.check_in(&identity, &mut chain).await;
    assert_eq!((answer.level, answer.threats.len(), answer.why.len()), (Level::Secured, 0, 0));

    pair.manage(OwnerType::Company, &[(BAD, false)]);
    told(&pair.intune, Told::HighSeverity).await;
    let again = pair.check_in(&identity, &mut chain).await;
    assert_ne!(again.threats[0].id, threat.id, "an ID is never used again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_cloud_may_not_hold_is_not_stored() {
    let pair = Pair::new().await;
    let world = &pair.world;
    // Intune would share everything.
    pair.share(true, true);
    pair.manage(OwnerType::Company, &[(OWN, false), (DEPLOYED, true)]);
    let identity = world.activate(A).await;
    pair.check_in(&identity, &mut Chain::new(1)).await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!((pair.held(), world.ask("SELECT count(*) FROM app_sync")), (String::new(), 0_i64));

    for owner in ["unknown", "personal"] {
        world.command(&["policy", "--app-sync", "on", "--full-personal", "off", "--ownership", owner]);
        pair.holds(DEPLOYED).await;
        world.command(&["policy", "--full-personal", "on"]);
        pair.holds(&format!("{DEPLOYED},{OWN}")).await;
    }
    world.command(&["policy", "--ownership", "company", "--full-personal", "off"]);
    pair.asked_again().await;
    assert_eq!(pair.held(), format!("{DEPLOYED},{OWN}"));
    world.command(&["policy", "--app-sync", "off"]);
    pair.holds("").await;
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM app_sync"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_connector_changes_nothing_and_app_sync_that_is_off_drops_the_list() {
    let pair = Pair::new().await;
    pair.world.command(&["policy", "--app-sync", "on", "--ownership", "company"]);
    pair.share(true, false);
    pair.manage(OwnerType::Company, &[(OWN, false)]);
    let identity = pair.world.activate(A).await;
    pair.check_in(&identity, &mut Chain::new(1)).await;
    pair.holds(OWN).await;

    pair.intune.provision(false).unwrap();
    pair.manage(OwnerType::Company, &[(DEPLOYED, true)]);
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(pair.held(), OWN, "unavailable: requests are refused, and what is held stays");
    pair.intune.provision(true).unwrap();
    pair.intune.beat(Heartbeat::WELL, 1_795_000_000_000).unwrap();
    pair.holds(DEPLOYED).await;

    pair.share(false, false);
    pair.holds("").await;
}
