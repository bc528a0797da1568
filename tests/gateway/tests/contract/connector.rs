//! The connector against the real stand-in for Intune, each its own process.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use agent_gateway::push::Connector;
use agent_logic::model::Classification;
use agent_logic::wire::{Report, TransitionKind};
use axum::Router;
use axum::routing::{get, put};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use intune_stand_in::compliance::{HealthState, RequiredLevel};
use intune_stand_in::store::Store;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::device::{Chain, open, transition};
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

/// Something that Intune's connector can speak to, and that takes a high severity only when `gate` lets it; what it heard.
async fn slow_partner(gate: &Arc<Semaphore>) -> (String, Arc<Mutex<Vec<String>>>) {
    let (heard, gate) = (Arc::<Mutex<Vec<String>>>::default(), Arc::clone(gate));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let noted = Arc::clone(&heard);
    let device = put(async move |body: String| {
        noted.lock().unwrap().push(body.clone());
        if body.contains("highSeverity") {
            gate.acquire().await.unwrap().forget();
        }
        "{}"
    });
    let router = Router::new()
        .route("/connector/status", get(async || r#"{"connectionStatus":"enabled"}"#))
        .route("/connector/devices/{id}", device)
        .fallback(async || "{}");
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = TowerToHyperService::new(router.clone());
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    (address, heard)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_while_intune_is_told_is_told_at_once_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "s3cret\n").unwrap();
    let gate = Arc::new(Semaphore::new(0));
    let (address, heard) = slow_partner(&gate).await;
    let world = World::with(|options| {
        (options.intune, options.intune_secret) = (Some(address), Some(secret));
    })
    .await;
    let hears = async |count: usize, health: &str| {
        let started = Instant::now();
        // Sooner than the connector looks without a cause.
        while heard.lock().unwrap().iter().filter(|body| body.contains(health)).count() < count {
            assert!(started.elapsed() < Duration::from_secs(8), "{health} was not told");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let report = chain.report();
    world.check_in(&identity, &mut chain, &report).await;
    hears(1, "\"secured\"").await;
    let report = Report { transitions: vec![transition(1, TransitionKind::Opened, 1)], ..chain.report() };
    world.check_in(&identity, &mut chain, &report).await;
    hears(1, "highSeverity").await;
    // Intune is being told; what the database says it knows is still the health before.
    let report = Report { transitions: vec![transition(2, TransitionKind::Resolved, 1)], ..chain.report() };
    world.check_in(&identity, &mut chain, &report).await;
    gate.add_permits(1);
    hears(2, "\"secured\"").await;
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
