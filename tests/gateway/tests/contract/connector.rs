//! The connector against the real stand-in for Intune, each its own process.

use std::path::Path;
use std::time::{Duration, Instant};

use agent_gateway::push::Connector;
use agent_logic::model::Classification;
use agent_logic::wire::Report;
use intune_stand_in::compliance::{HealthState, RequiredLevel};
use intune_stand_in::store::Store;

use crate::device::{Chain, open};
use crate::world::{A, World};

/// Starts the stand-in on `listen` and answers its address and the task that is it.
pub(crate) async fn stand_in(
    dir: &Path,
    listen: &str,
    secret: &Path,
) -> (String, tokio::task::JoinHandle<std::io::Result<()>>) {
    let listen = listen.parse().unwrap();
    let (ready, serving) =
        intune_stand_in::serve::start(dir, listen, Some(RequiredLevel::Low), secret).await.unwrap();
    (ready.intune, tokio::spawn(serving))
}

/// Waits until the stand-in's database says `health`.
pub(crate) async fn told(store: &Store, health: HealthState) {
    let started = Instant::now();
    while store.device(A).unwrap().map(|reported| reported.health) != Some(health) {
        assert!(started.elapsed() < Duration::from_secs(10), "{health:?} was not told");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_health_is_told_and_an_outage_loses_none() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "s3cret\n").unwrap();
    let dir = folder.path().join("intune");
    let (address, serving) = stand_in(&dir, "127.0.0.1:0", &secret).await;
    let world = World::with(|options| {
        options.intune = Some(address.clone());
        options.intune_secret = Some(secret.clone());
    })
    .await;
    let store = Store::open(&dir.join("intune.db")).unwrap();

    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let report = chain.report();
    world.check_in(&identity, &mut chain, &report).await;
    told(&store, HealthState::Secured).await;
    assert!(store.last_heartbeat().unwrap().is_some());

    serving.abort();
    assert!(serving.await.unwrap_err().is_cancelled());
    let mut chain = Chain::new(2);
    let report = Report { open: Some(vec![open(1, Classification::Trojan)]), ..chain.report() };
    world.check_in(&identity, &mut chain, &report).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(store.device(A).unwrap().unwrap().health, HealthState::Secured);
    let (_, _serving) = stand_in(&dir, address.trim_start_matches("http://"), &secret).await;
    told(&store, HealthState::HighSeverity).await;

    // Another process changes the policy: nobody checks in, and Intune learns of it.
    world.command(&["policy", "--severity", "TROJAN=low"]);
    told(&store, HealthState::LowSeverity).await;
    world.command(&["revoke", "--device", A]);
    told(&store, HealthState::Deactivated).await;
}

#[test]
fn the_address_of_the_stand_in_is_plain() {
    let make = |url: &str| {
        Connector::new(url, agent_logic::redact::Secret::new(String::new()), Duration::from_secs(1))
    };
    assert!(make("http://127.0.0.1:1").is_ok());
    for url in ["https://127.0.0.1:1", "127.0.0.1:1", "http://", "http://host/path"] {
        assert!(make(url).is_err(), "{url}");
    }
}
