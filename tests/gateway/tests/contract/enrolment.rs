//! EST and the three credentials.

use agent_logic::wire::ProblemKind;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use hyper::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::{Method, StatusCode};
use rcgen::KeyPair;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};

use crate::device::Chain;
use crate::world::{A, B, Identity, World, basic, csr, entra, request};

#[tokio::test]
async fn a_code_enrols_its_device_once_and_the_same_request_again() {
    let world = World::new().await;
    let (code, key) = (world.code(A), KeyPair::generate().unwrap());
    let first = world.enrol(Some(&basic(A, &code)), &csr(&key, A)).await;
    assert_eq!(first.status, StatusCode::OK);
    let again = world.enrol(Some(&basic(A, &code)), &csr(&key, A)).await;
    assert_eq!(first.certificate(), again.certificate());
    let other = KeyPair::generate().unwrap();
    let answer = world.enrol(Some(&basic(A, &code)), &csr(&other, A)).await;
    assert_eq!(answer.problem(), ProblemKind::CredentialBurnt);

    let second = world.code(A);
    let again = world.enrol(Some(&basic(A, &second)), &csr(&key, A)).await;
    assert_eq!(first.certificate(), again.certificate());
    let answer = world.enrol(Some(&basic(A, &second)), &csr(&other, A)).await;
    assert_eq!(
        answer.problem(),
        ProblemKind::CredentialBurnt,
        "whatever a code was answered with, it is used"
    );
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM certificate"), 1);
}

#[tokio::test]
async fn a_used_code_is_good_for_its_own_certificate_only() {
    let world = World::new().await;
    let (code, key) = (world.code(A), KeyPair::generate().unwrap());
    let enrol = || world.enrol_with(A, &code, &key);
    let old = Identity {
        certificate: enrol().await.certificate(),
        key: KeyPair::try_from(key.serialize_der()).unwrap(),
    };
    let mut chain = Chain::new(1);
    let report = chain.report();
    world.check_in(&old, &mut chain, &report).await;
    assert_eq!(enrol().await.certificate(), old.certificate);

    let key = KeyPair::generate().unwrap();
    let new = Identity { certificate: world.renew(&old, &key, A).await.certificate(), key };
    let report = chain.report();
    world.check_in(&new, &mut chain, &report).await;
    assert_eq!(enrol().await.problem(), ProblemKind::CredentialBurnt, "its certificate was renewed since");
}

#[tokio::test]
async fn no_code_from_before_lifts_a_revocation() {
    let world = World::new().await;
    let (used, key) = (world.code(A), KeyPair::generate().unwrap());
    assert_eq!(world.enrol_with(A, &used, &key).await.status, StatusCode::OK);
    let unused = world.code(A);
    world.command(&["revoke", "--device", A]);
    for code in [used, unused] {
        assert_eq!(world.enrol_with(A, &code, &key).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(world.ask::<i64>("SELECT revoked FROM device"), 1);
}

#[tokio::test]
async fn without_a_good_credential_the_answer_is_a_challenge() {
    let world = World::new().await;
    let csr = csr(&KeyPair::generate().unwrap(), A);
    for authorization in
        [None, Some(basic(A, "guessed")), Some("Bearer x.y.z".into()), Some("Digest x".into())]
    {
        let answer = world.enrol(authorization.as_deref(), &csr).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.headers[WWW_AUTHENTICATE], "Basic realm=\"est\"");
        assert_eq!(answer.problem(), ProblemKind::CredentialRefused);
    }
}

#[tokio::test]
async fn a_code_is_refused_when_expired_or_for_another_device() {
    let world = World::new().await;
    let key = KeyPair::generate().unwrap();
    let old = world.command(&["code", "--device", A, "--valid-minutes", "0"]);
    let answer = world.enrol(Some(&basic(A, &old)), &csr(&key, A)).await;
    assert_eq!((answer.problem(), answer.status), (ProblemKind::CredentialExpired, StatusCode::FORBIDDEN));
    let code = world.code(A);
    let answer = world.enrol(Some(&basic(A, &code)), &csr(&key, B)).await;
    assert_eq!((answer.problem(), answer.status), (ProblemKind::CredentialRefused, StatusCode::FORBIDDEN));
    let answer = world.enrol(Some(&basic(B, &code)), &csr(&key, B)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn five_wrong_codes_lock_a_device_until_a_new_code_is_made() {
    let world = World::new().await;
    let (code, csr) = (world.code(A), csr(&KeyPair::generate().unwrap(), A));
    for _ in 0..5 {
        assert_eq!(world.enrol(Some(&basic(A, "guessed")), &csr).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(world.enrol(Some(&basic(A, &code)), &csr).await.status, StatusCode::UNAUTHORIZED);
    let code = world.code(A);
    assert_eq!(world.enrol(Some(&basic(A, &code)), &csr).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_enrolment_key_serves_the_devices_of_its_group() {
    let world = World::new().await;
    let csr_of = |device| csr(&KeyPair::generate().unwrap(), device);
    let key = world.command(&["enrolment-key", "--group", "Phones"]);
    world.command(&["group", "--name", "phones", "--add", B]);
    world.command(&["group", "--name", "Phones", "--add", A]);
    let stranger = world.enrol(Some(&basic(B, &key)), &csr_of(B)).await;
    assert_eq!(stranger.problem(), ProblemKind::NotEligible, "group names are case-sensitive");
    let other = world.enrol(Some(&basic(A, &key)), &csr_of(B)).await;
    assert_eq!(other.problem(), ProblemKind::CredentialRefused);
    let good = world.enrol(Some(&basic(A, &key)), &csr_of(A)).await;
    assert_eq!(good.status, StatusCode::OK);
    let second = world.enrol(Some(&basic(A, &key)), &csr_of(A)).await;
    assert_eq!((second.problem(), second.status), (ProblemKind::AlreadyEnrolled, StatusCode::CONFLICT));
    let by_code = world.enrol(Some(&basic(A, &world.code(A))), &csr_of(A)).await;
    assert_eq!(by_code.status, StatusCode::OK, "a code supersedes a living certificate");
}

#[tokio::test]
async fn attempts_with_an_enrolment_key_are_throttled() {
    let world = World::new().await;
    let key = world.command(&["enrolment-key", "--group", "g"]);
    let csr = csr(&KeyPair::generate().unwrap(), A);
    for _ in 0..agent_gateway::throttle::DEVICE_BURST {
        assert_eq!(world.enrol(Some(&basic(A, &key)), &csr).await.problem(), ProblemKind::NotEligible);
    }
    let answer = world.enrol(Some(&basic(A, &key)), &csr).await;
    assert_eq!((answer.problem(), answer.status), (ProblemKind::Throttled, StatusCode::TOO_MANY_REQUESTS));
    assert!(answer.headers[RETRY_AFTER].to_str().unwrap().parse::<u64>().unwrap() >= 1);
}

#[tokio::test]
async fn a_token_enrols_the_device_of_its_claim() {
    let folder = tempfile::tempdir().unwrap();
    let jwks = folder.path().join("jwks.json");
    let world = World::with(|options| options.entra = Some(entra(jwks.clone()))).await;
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
    let issuer =
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &SystemRandom::new())
            .unwrap();
    let point = issuer.public_key().as_ref();
    let (x, y) = (BASE64URL_NOPAD.encode(&point[1..33]), BASE64URL_NOPAD.encode(&point[33..]));
    let set = format!(r#"{{"keys":[{{"kty":"EC","crv":"P-256","kid":"k","x":"{x}","y":"{y}"}}]}}"#);
    std::fs::write(&jwks, set).unwrap();
    let tenant = world.made.tenant.reveal();
    let token = |device: &str, tenant: &str, seconds: i64| {
        let now = i64::try_from(agent_gateway::clock::now().0 / 1000).unwrap();
        let claims = format!(
            r#"{{"iss":"https://issuer.example/v2.0","aud":"api://mtd","tid":"{tenant}","nbf":{},"exp":{},"deviceid":"{device}"}}"#,
            now - 4000,
            now + seconds
        );
        let header = BASE64URL_NOPAD.encode(br#"{"alg":"ES256","kid":"k"}"#);
        let signed = format!("{header}.{}", BASE64URL_NOPAD.encode(claims.as_bytes()));
        let signature = issuer.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("Bearer {signed}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
    };
    let csr = csr(&KeyPair::generate().unwrap(), A);
    assert_eq!(
        world.enrol(Some(&token(B, &tenant, 60)), &csr).await.problem(),
        ProblemKind::CredentialRefused
    );
    assert_eq!(world.enrol(Some(&token(A, B, 60)), &csr).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        world.enrol(Some(&token(A, &tenant, -301)), &csr).await.problem(),
        ProblemKind::CredentialExpired
    );
    let first = world.enrol(Some(&token(A, &tenant, 60)), &csr).await;
    assert_eq!(first.status, StatusCode::OK);
    let again = world.enrol(Some(&token(A, &tenant, 60)), &csr).await;
    assert_eq!(first.certificate(), again.certificate());
}

#[tokio::test]
async fn what_is_no_request_of_the_device_is_refused() {
    let world = World::new().await;
    let code = world.code(A);
    let good = csr(&KeyPair::generate().unwrap(), A);
    let mut broken = good.clone();
    *broken.last_mut().unwrap() ^= 1;
    for bytes in [&broken[..], b"", b"no request", &[0x30; 3000]] {
        let answer = world.enrol(Some(&basic(A, &code)), bytes).await;
        assert_eq!(answer.problem(), ProblemKind::RequestInvalid);
    }
    let answer = world.enrol(Some(&basic(A, &code)), &[0; 80_000]).await;
    assert_eq!(answer.problem(), ProblemKind::TooLarge);
    assert_eq!(world.enrol(Some(&basic(A, &code)), &good).await.status, StatusCode::OK);
}

#[tokio::test]
async fn base64_with_line_breaks_is_read() {
    let world = World::new().await;
    let csr = csr(&KeyPair::generate().unwrap(), A);
    let lines: Vec<String> = BASE64
        .encode(&csr)
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8(line.to_vec()).unwrap())
        .collect();
    let mut request =
        request(Method::POST, "/.well-known/est/simpleenroll", format!(" {}\r\n", lines.join("\r\n")));
    request.headers_mut().insert("authorization", basic(A, &world.code(A)).parse().unwrap());
    assert_eq!(world.send(None, request).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_new_certificate_drops_the_old_one_when_it_is_first_used() {
    let world = World::new().await;
    let old = world.activate(A).await;
    let mut chain = Chain::new(1);
    let report = chain.report();
    world.check_in(&old, &mut chain, &report).await;

    let key = KeyPair::generate().unwrap();
    let answer = world.renew(&old, &key, A).await;
    assert_eq!(answer.status, StatusCode::OK);
    let again = world.renew(&old, &key, A).await;
    assert_eq!(answer.certificate(), again.certificate(), "a lost answer can be asked for again");
    let new = Identity { key, certificate: answer.certificate() };

    let report = chain.report();
    world.check_in(&old, &mut chain, &report).await;
    let report = chain.report();
    world.check_in(&new, &mut chain, &report).await;
    let refused = world.report(&old, &chain.report()).await;
    assert_eq!(refused.problem(), ProblemKind::CertificateRequired);
    let report = chain.report();
    world.check_in(&new, &mut chain, &report).await;
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM device"), 1);
    assert_eq!(
        world.ask::<i64>("SELECT count(*) FROM history WHERE event IN ('restart', 'chain-broken')"),
        0
    );
}

#[tokio::test]
async fn renewal_needs_a_certificate_and_keeps_its_names() {
    let world = World::new().await;
    let identity = world.activate(A).await;
    let key = KeyPair::generate().unwrap();
    assert_eq!(world.renew(&identity, &key, B).await.problem(), ProblemKind::RequestInvalid);
    let body = BASE64.encode(&csr(&key, A));
    let answer = world.send(None, request(Method::POST, "/.well-known/est/simplereenroll", body)).await;
    assert_eq!(answer.problem(), ProblemKind::CertificateRequired);
}

#[tokio::test]
async fn ordinals_begin_again_with_a_new_first_enrolment() {
    use agent_logic::wire::TransitionKind::Opened;
    let world = World::new().await;
    for round in 1..=2 {
        let identity = world.activate(A).await;
        let mut chain = Chain::new(round);
        let mut report = chain.report();
        report.transitions = vec![crate::device::transition(1, Opened, round)];
        world.check_in(&identity, &mut chain, &report).await;
    }
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM transition WHERE ordinal = 1"), 2);
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM history WHERE event = 'restart'"), 0);
}

#[tokio::test]
async fn a_transition_told_again_after_a_new_enrolment_counts_once() {
    use agent_logic::wire::TransitionKind::{Opened, Resolved};
    let world = World::new().await;
    let told = [crate::device::transition(1, Opened, 7), crate::device::transition(2, Resolved, 7)];
    for round in 1..=2 {
        let identity = world.activate(A).await;
        let mut chain = Chain::new(round);
        let mut report = chain.report();
        report.transitions = told.to_vec();
        world.check_in(&identity, &mut chain, &report).await;
    }
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM transition"), 2);
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM threat"), 0);
}
