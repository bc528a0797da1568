//! Commands of the administrator, from another process, and what devices see of them.

use std::os::unix::fs::PermissionsExt as _;

use agent_gateway::serve::{self, Options};
use agent_logic::model::{Classification, Digest, Level};
use agent_logic::redact::Redacted;
use agent_logic::wire::{IndicatorKind, Manifest, Policy, ProblemKind, Report, bucket_of};
use axum::body::Body;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use hyper::{Method, StatusCode};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde::de::DeserializeOwned;

use crate::device::{Chain, open};
use crate::world::{A, B, World, request};

/// The payload of a JWS, verified with nothing but what the app compiles in.
pub(crate) fn verified<T: DeserializeOwned>(world: &World, jws: &Redacted<String>) -> T {
    let parts: Vec<&str> = jws.reveal().split('.').collect();
    let spki = BASE64.decode(world.made.trust.policy_keys[0].as_bytes()).unwrap();
    let header: serde_json::Value =
        serde_json::from_slice(&BASE64URL_NOPAD.decode(parts[0].as_bytes()).unwrap()).unwrap();
    assert_eq!(header, serde_json::json!({ "alg": "ES256", "kid": Digest::of(&spki).to_string() }));
    let signature = BASE64URL_NOPAD.decode(parts[2].as_bytes()).unwrap();
    let message = format!("{}.{}", parts[0], parts[1]);
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &spki[26..])
        .verify(message.as_bytes(), &signature)
        .unwrap();
    serde_json::from_slice(&BASE64URL_NOPAD.decode(parts[1].as_bytes()).unwrap()).unwrap()
}

#[tokio::test]
async fn a_device_gets_the_policy_of_its_group_when_it_has_an_older_one() {
    let world = World::new().await;
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let report = chain.report();
    let first: Policy =
        verified(&world, &world.check_in(&identity, &mut chain, &report).await.policy.unwrap());
    assert_eq!((first.version, first.app_sync, first.tenant), (1, false, world.made.tenant));
    let report = Report { policy: 1, ..chain.report() };
    assert_eq!(world.check_in(&identity, &mut chain, &report).await.policy, None);

    world.command(&["policy", "--app-sync", "on", "--disconnected-days", "30"]);
    let report = Report { policy: 1, ..chain.report() };
    let second: Policy =
        verified(&world, &world.check_in(&identity, &mut chain, &report).await.policy.unwrap());
    assert_eq!((second.version, second.app_sync, second.disconnected_days), (2, true, 30));

    world.command(&["group", "--name", "Sales", "--add", B]);
    world.command(&["policy", "--group", "Sales", "--ownership", "company"]);
    world.command(&["policy", "--check-in-seconds", "900"]);
    world.command(&["group", "--name", "Sales", "--add", A]);
    let report = Report { policy: 4, ..chain.report() };
    let third: Policy =
        verified(&world, &world.check_in(&identity, &mut chain, &report).await.policy.unwrap());
    assert_eq!(
        (third.version, third.check_in_seconds),
        (5, 14_400),
        "joining makes the group's version grow"
    );
    assert_eq!(third.ownership, agent_logic::model::Ownership::Company);
    assert!(third.app_sync, "a group's first policy begins from everybody's");

    world.command(&["group", "--name", "Others", "--add", A]);
    let report = Report { policy: 5, ..chain.report() };
    let fourth: Policy =
        verified(&world, &world.check_in(&identity, &mut chain, &report).await.policy.unwrap());
    assert_eq!((fourth.version, fourth.check_in_seconds), (6, 900), "leaving brings everybody's back");
}

#[tokio::test]
async fn a_policy_out_of_its_bounds_is_not_signed() {
    let world = World::new().await;
    for args in [
        ["policy", "--check-in-seconds", "899"],
        ["policy", "--disconnected-days", "91"],
        ["policy", "--disconnected-days", "0"],
        ["policy", "--clean-handshakes", "0"],
        ["policy", "--severity", "NOTHING=high"],
        ["policy", "--group", "nobody"],
    ] {
        assert!(!world.try_command(&args).0, "{args:?}");
    }
    assert_eq!(world.ask::<i64>("SELECT max(version) FROM policy"), 1);
    for days in ["1", "90"] {
        world.command(&["policy", "--disconnected-days", days]);
    }
}

#[tokio::test]
async fn a_changed_severity_rates_open_threats_anew() {
    let world = World::new().await;
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let report = Report { open: Some(vec![open(1, Classification::Adware)]), ..chain.report() };
    assert_eq!(world.check_in(&identity, &mut chain, &report).await.level, Level::Low);
    world.command(&["policy", "--severity", "ADWARE=high"]);
    let report = chain.report();
    assert_eq!(world.check_in(&identity, &mut chain, &report).await.level, Level::High);
}

#[tokio::test]
async fn a_revoked_device_is_told_so_until_a_new_code_is_used() {
    let world = World::new().await;
    let identity = world.activate(A).await;
    world.command(&["revoke", "--device", A]);
    let answer = world.report(&identity, &Chain::new(1).report()).await;
    assert_eq!((answer.problem(), answer.status), (ProblemKind::Revoked, StatusCode::FORBIDDEN));
    let answer = world.renew(&identity, &identity.key, A).await;
    assert_eq!(answer.problem(), ProblemKind::Revoked);

    let again = world.activate(A).await;
    let mut chain = Chain::new(2);
    let report = chain.report();
    world.check_in(&again, &mut chain, &report).await;
    let answer = world.report(&identity, &Chain::new(3).report()).await;
    assert_eq!(answer.problem(), ProblemKind::CertificateRequired);
    assert!(!world.try_command(&["revoke", "--device", B]).0);
}

#[tokio::test]
async fn real_indicators_are_served_whole_and_in_part() {
    let world = World::new().await;
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/stalkerware-indicators");
    let (ioc, samples) = (format!("{data}/ioc.yaml"), format!("{data}/samples.csv"));
    world.command(&["indicators", "--ioc", &ioc, "--samples", &samples]);
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let report = chain.report();
    let answer = world.check_in(&identity, &mut chain, &report).await;
    let manifest: Manifest = verified(&world, &answer.indicators.unwrap());
    assert_eq!((manifest.version, manifest.buckets.len()), (1, 32));

    let get = |range: Option<String>| {
        let mut request = request(Method::GET, "/v1/indicators/1", Body::empty());
        if let Some(range) = range {
            request.headers_mut().insert("range", range.parse().unwrap());
        }
        request
    };
    let whole = world.send(Some(&identity), get(None)).await;
    assert_eq!(
        (whole.status, &whole.headers["content-type"]),
        (StatusCode::OK, &"application/octet-stream".parse().unwrap())
    );
    let at = bucket_of(IndicatorKind::Package, "com.thetruth", manifest.buckets.len());
    let from: u32 = manifest.buckets[..at].iter().map(|bucket| bucket.length).sum();
    let range = format!("bytes={from}-{}", from + manifest.buckets[at].length - 1);
    let part = world.send(Some(&identity), get(Some(range))).await;
    assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(Digest::of(&part.body), manifest.buckets[at].digest);
    assert_eq!(
        manifest.find(&part.body, IndicatorKind::Package, "com.thetruth"),
        Some(Classification::Surveillanceware)
    );
    assert_eq!(world.send(None, get(None)).await.problem(), ProblemKind::CertificateRequired);
    let absent = request(Method::GET, "/v1/indicators/2", Body::empty());
    assert_eq!(world.send(Some(&identity), absent).await.problem(), ProblemKind::NotFound);
    let report = Report { indicators: 1, ..chain.report() };
    assert_eq!(world.check_in(&identity, &mut chain, &report).await.indicators, None);
}

#[tokio::test]
async fn private_keys_are_for_their_owner_and_the_policy_key_is_not_needed_to_serve() {
    let world = World::new().await;
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let home = &world.home;
    for file in [
        home.ca_key(),
        home.server_key(),
        home.backup_key(),
        home.policy_key(),
        home.admin_password(),
        home.connector_secret(),
        home.database(),
    ] {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    assert_eq!((mode(&home.signer()), mode(home.dir())), (0o700, 0o700));

    std::fs::remove_dir_all(home.signer()).unwrap();
    let options = Options::on_loopback(home);
    serve::start(&options).await.unwrap();
    assert!(!world.try_command(&["policy", "--app-sync", "on"]).0);
}

#[tokio::test]
async fn init_makes_no_gateway_over_another() {
    let world = World::new().await;
    let before = std::fs::read(world.home.ca_key()).unwrap();
    assert!(!world.try_command(&["init"]).0);
    assert_eq!(std::fs::read(world.home.ca_key()).unwrap(), before);
}

#[tokio::test]
async fn stix_indicators_are_signed_beside_the_others_and_one_that_cannot_be_looked_for_stops_all() {
    let world = World::new().await;
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/stalkerware-indicators");
    let (ioc, samples) = (format!("{data}/ioc.yaml"), format!("{data}/samples.csv"));
    let folder = tempfile::tempdir().unwrap();
    let bundle = |name: &str, pattern: &str| {
        let path = folder.path().join(name);
        let text = serde_json::json!({ "type": "bundle", "id": "bundle--1", "objects": [{
            "type": "indicator", "spec_version": "2.1", "id": "indicator--7", "pattern": pattern,
            "pattern_type": "stix", "valid_from": "2026-01-01T00:00:00Z",
        }] });
        std::fs::write(&path, text.to_string()).unwrap();
        path.display().to_string()
    };
    let good = bundle("good", "[app:id = 'com.stix.bad' OR domain-name:value = 'stix.bad.example']");
    let bad = bundle("bad", "[app:id = 'com.stix.bad' AND domain-name:value = 'stix.bad.example']");
    let all = ["indicators", "--ioc", &ioc, "--samples", &samples, "--stix", &good];
    let refused = std::process::Command::new(env!("CARGO_BIN_EXE_mtd-gateway"))
        .args(all)
        .args(["--stix", &bad, "--dir"])
        .arg(world.home.dir())
        .output()
        .unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        !refused.status.success() && said.contains("STIX object indicator--7: its pattern wants"),
        "{said}"
    );
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM indicators"), 0, "nothing of it is imported");
    assert!(!world.try_command(&["indicators"]).0, "no file is named");

    world.command(&all);
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let report = chain.report();
    let answer = world.check_in(&identity, &mut chain, &report).await;
    let manifest: Manifest = verified(&world, &answer.indicators.unwrap());
    let whole = world.send(Some(&identity), request(Method::GET, "/v1/indicators/1", Body::empty())).await;
    let find = |kind, value| {
        let at = bucket_of(kind, value, manifest.buckets.len());
        let length = |bucket: &agent_logic::wire::Bucket| usize::try_from(bucket.length).unwrap();
        let from: usize = manifest.buckets[..at].iter().map(length).sum();
        let bytes = &whole.body[from..from + length(&manifest.buckets[at])];
        manifest.find(bytes, kind, value)
    };
    assert_eq!(find(IndicatorKind::Package, "com.stix.bad"), Some(Classification::MaliciousApp));
    assert_eq!(find(IndicatorKind::Domain, "stix.bad.example"), Some(Classification::MaliciousApp));
    assert_eq!(find(IndicatorKind::Package, "com.thetruth"), Some(Classification::Surveillanceware));

    world.command(&["indicators", "--stix", &good, "--stix-classification", "SPYWARE"]);
    assert_eq!(world.ask::<i64>("SELECT entries FROM indicators WHERE version = 2"), 2);
}
