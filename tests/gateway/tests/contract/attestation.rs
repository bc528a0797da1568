//! Proofs of where a key lives, made here as a phone's maker would.

use agent_gateway::attestation::{AttestationAnswer, AttestationChain, AttestationVerdict, MAX_CHAIN};
use agent_logic::wire::ProblemKind;
use data_encoding::BASE64;
use hyper::{Method, StatusCode};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, PublicKeyData,
};

use crate::console::Person;
use crate::world::{A, Answer, Identity, World, request};

/// A maker: a root and the authority under it that signs for keys.
struct Maker {
    root: Vec<u8>,
    middle: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

impl Maker {
    fn new(name: &str) -> Self {
        let ca = |name: String| {
            let mut params = CertificateParams::default();
            params.distinguished_name.push(DnType::CommonName, name);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
            params
        };
        let (root_key, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let root_params = ca(name.into());
        let root = root_params.self_signed(&root_key).unwrap().der().to_vec();
        let root_issuer = Issuer::new(root_params, root_key);
        let params = ca(format!("{name}, middle"));
        let middle = params.signed_by(&key, &root_issuer).unwrap().der().to_vec();
        Self { root, middle, issuer: Issuer::new(params, key) }
    }

    /// The chain for `key`, good until the first day of `year`.
    fn vouch(&self, key: &impl PublicKeyData, year: i32) -> Vec<Vec<u8>> {
        let mut params = CertificateParams::default();
        params.not_before = rcgen::date_time_ymd(2000, 1, 1);
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        let leaf = params.signed_by(key, &self.issuer).unwrap().der().to_vec();
        vec![leaf, self.middle.clone()]
    }
}

async fn send(world: &World, identity: Option<&Identity>, chain: &[Vec<u8>]) -> Answer {
    let chain = chain.iter().map(|der| BASE64.encode(der)).collect();
    let body = serde_json::to_vec(&AttestationChain { chain }).unwrap();
    world.send(identity, request(Method::POST, "/v1/attestation", body)).await
}

async fn verdict(world: &World, identity: &Identity, chain: &[Vec<u8>]) -> AttestationVerdict {
    let answer = send(world, Some(identity), chain).await;
    assert_eq!(answer.status, StatusCode::OK);
    serde_json::from_slice::<AttestationAnswer>(&answer.body).unwrap().verdict
}

#[tokio::test]
async fn a_key_is_attested_by_a_configured_root_that_vouches_for_that_very_key() {
    let world = World::new().await;
    let (maker, other) = (Maker::new("Maker"), Maker::new("Other"));
    let file = world.home.dir().join("root.der");
    std::fs::write(&file, &maker.root).unwrap();
    let file = file.to_str().unwrap();
    let identity = world.activate(A).await;
    let good = maker.vouch(&identity.key, 2090);
    assert_eq!(
        verdict(&world, &identity, &good).await,
        AttestationVerdict::Untrusted,
        "no root is configured"
    );
    assert!(world.command(&["attestation-root", "--file", file]).contains("Maker"));
    assert!(!world.try_command(&["attestation-root", "--file", "/dev/null"]).0);

    let mut person = Person::new(&world);
    person.log_in(&world.made.admin_password.reveal().clone()).await;
    let mut page = async || person.get(&format!("/devices/{A}")).await.text();
    let stranger = KeyPair::generate().unwrap();
    for (chain, expected, shown) in [
        (other.vouch(&identity.key, 2090), AttestationVerdict::Untrusted, "no root vouches for it"),
        (vec![good[0].clone()], AttestationVerdict::Untrusted, "no root vouches for it"),
        (maker.vouch(&stranger, 2090), AttestationVerdict::OtherKey, "for another key"),
        (maker.vouch(&identity.key, 2020), AttestationVerdict::NotValidNow, "has expired"),
        (good.clone(), AttestationVerdict::Attested, "Attested by CN=Maker"),
    ] {
        assert_eq!(verdict(&world, &identity, &chain).await, expected);
        let page = page().await;
        assert!(page.contains(shown), "{shown}");
    }

    // Its next certificate has another key, of which nothing is proved.
    let key = KeyPair::generate().unwrap();
    let renewed = Identity { certificate: world.renew(&identity, &key, A).await.certificate(), key };
    let report = crate::device::Chain::new(1).report();
    assert_eq!(world.report(&renewed, &report).await.status, StatusCode::OK);
    assert!(page().await.contains("no proof was sent"));
    assert_eq!(send(&world, Some(&identity), &good).await.problem(), ProblemKind::CertificateRequired);
}

#[tokio::test]
async fn what_is_no_chain_is_refused() {
    let world = World::new().await;
    let maker = Maker::new("Maker");
    let identity = world.activate(A).await;
    let good = maker.vouch(&identity.key, 2090);
    assert_eq!(send(&world, None, &good).await.problem(), ProblemKind::CertificateRequired);
    let mut long = good.clone();
    long.resize(MAX_CHAIN, maker.middle.clone());
    assert_eq!(send(&world, Some(&identity), &long).await.status, StatusCode::OK);
    long.push(maker.middle.clone());
    assert_eq!(send(&world, Some(&identity), &long).await.problem(), ProblemKind::ReportInvalid, "too long");
    assert_eq!(send(&world, Some(&identity), &[]).await.problem(), ProblemKind::ReportInvalid);
    assert_eq!(verdict(&world, &identity, &[vec![0x30, 0]]).await, AttestationVerdict::OtherKey);
    let huge = send(&world, Some(&identity), &[vec![0; 70_000]]).await;
    assert_eq!(huge.problem(), ProblemKind::TooLarge);
}
