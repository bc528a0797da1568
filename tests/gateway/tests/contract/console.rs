//! The console as a person with a browser has it: login, forms, signatures.

use agent_gateway::home::Home;
use agent_gateway::signing::Signing;
use agent_logic::model::Classification;
use agent_logic::wire::{OpenThreat, Report};
use axum::body::Body;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use hyper::{Method, Request, StatusCode};

use crate::device::{Chain, open};
use crate::world::{A, Answer, World, basic, plain_send, request};

/// A person with cookies.
pub(crate) struct Person {
    address: String,
    cookies: Vec<(String, String)>,
}

impl Person {
    pub(crate) fn new(world: &World) -> Self {
        Self::at(&world.running.ready.console)
    }

    /// At the console of this address.
    pub(crate) fn at(console: &str) -> Self {
        let address = console.trim_start_matches("http://").trim_end_matches('/').to_owned();
        Self { address, cookies: Vec::new() }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(request(Method::GET, path, Body::empty())).await
    }

    pub(crate) async fn post<T: AsRef<str>>(&mut self, path: &str, fields: &[(T, T)]) -> Answer {
        let body: Vec<String> = fields
            .iter()
            .map(|(key, value)| format!("{}={}", key.as_ref(), escape(value.as_ref())))
            .collect();
        let mut request = request(Method::POST, path, body.join("&"));
        request.headers_mut().insert(CONTENT_TYPE, "application/x-www-form-urlencoded".parse().unwrap());
        self.send(request).await
    }

    pub(crate) async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let all: Vec<String> = self.cookies.iter().map(|(key, value)| format!("{key}={value}")).collect();
        request.headers_mut().insert(COOKIE, all.join("; ").parse().unwrap());
        let answer = plain_send(&self.address, request).await;
        for set in answer.headers.get_all(SET_COOKIE) {
            let (pair, rules) = set.to_str().unwrap().split_once(';').unwrap();
            assert!(rules.contains("HttpOnly") && rules.contains("SameSite=Strict"), "{rules}");
            let (key, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(other, _)| other != key);
            self.cookies.push((key.into(), value.into()));
        }
        answer
    }

    /// Fills in the login's form.
    pub(crate) async fn enter(&mut self, name: &str, password: &str) -> Answer {
        let token = token(&self.get("/login").await.text());
        self.post("/login", &[("csrf", &token), ("name", name), ("password", password)]).await
    }

    /// As the administrator.
    pub(crate) async fn try_log_in(&mut self, password: &str) -> Answer {
        self.enter("admin", password).await
    }

    pub(crate) async fn log_in(&mut self, password: &str) {
        let answer = self.try_log_in(password).await;
        assert_eq!(
            (answer.status, &answer.headers[LOCATION]),
            (StatusCode::SEE_OTHER, &"/".parse().unwrap())
        );
    }
}

/// The token in a page's last form; every form of a page has one.
pub(crate) fn token(page: &str) -> String {
    assert_eq!(page.matches("method=\"post\"").count(), page.matches("name=\"csrf\"").count());
    page.rsplit("name=\"csrf\" value=\"").next().unwrap().split('"').next().unwrap().to_owned()
}

fn escape(value: &str) -> String {
    value
        .bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

/// What the policy page's form would send unchanged, with `change` applied.
pub(crate) fn form(token: &str, password: &str, change: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut fields = [
        ("csrf", token),
        ("group", ""),
        ("password", password),
        ("disconnectedDays", "7"),
        ("checkInMinutes", "240"),
        ("cleanHandshakes", "3"),
        ("ownership", "unknown"),
        ("expiresDays", "365"),
        ("inspectionCas", ""),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .to_vec();
    for classification in Classification::ALL {
        fields.push((classification.name().to_owned(), "low".to_owned()));
        fields.push((format!("mode.{}", classification.name()), "enable".to_owned()));
    }
    for (key, value) in change {
        fields.retain(|(other, _)| other != key);
        fields.push(((*key).to_owned(), (*value).to_owned()));
    }
    fields
}

#[tokio::test]
async fn a_session_begins_with_the_password_and_ends_with_leaving() {
    let world = World::new().await;
    let password = world.made.admin_password.reveal().clone();
    let mut person = Person::new(&world);
    assert_eq!(person.try_log_in("guessed").await.status, StatusCode::UNAUTHORIZED);
    let untied = person.post("/login", &[("csrf", ""), ("password", &password)]).await;
    assert_eq!(untied.status, StatusCode::FORBIDDEN, "a form of another page");
    person.log_in(&password).await;
    let page = person.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    for (name, part) in [
        ("content-security-policy", "frame-ancestors 'none'"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
    ] {
        assert!(page.headers[name].to_str().unwrap().contains(part), "{name}");
    }
    let token = token(&page.text());
    assert_eq!(person.post("/logout", &[("csrf", "forged")]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(person.get("/audit").await.status, StatusCode::OK, "still in");
    let kept = person.cookies.clone();
    assert_eq!(person.post("/logout", &[("csrf", &token)]).await.status, StatusCode::SEE_OTHER);
    person.cookies = kept;
    assert_eq!(person.get("/audit").await.status, StatusCode::SEE_OTHER, "the old cookie is worth nothing");
    let lines: i64 =
        world.ask("SELECT count(*) FROM audit WHERE action IN ('logged-in', 'logged-out', 'login-refused')");
    assert_eq!(lines, 3);
}

#[tokio::test]
async fn wrong_passwords_lock_the_form_and_the_json_for_the_right_one_too() {
    let world = World::new().await;
    let password = world.made.admin_password.reveal().clone();
    let mut person = Person::new(&world);
    let basic_get = |password: &str| {
        let mut request = request(Method::GET, "/devices.json", Body::empty());
        request.headers_mut().insert(AUTHORIZATION, basic("admin", password).parse().unwrap());
        request
    };
    assert_eq!(person.send(basic_get(&password)).await.status, StatusCode::OK);
    for _ in 0..4 {
        assert_eq!(person.try_log_in("guessed").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(person.send(basic_get("guessed")).await.status, StatusCode::UNAUTHORIZED);
    let locked = person.try_log_in(&password).await;
    assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
    let locked = person.send(basic_get(&password)).await;
    assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(locked.headers.contains_key("retry-after"));
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM audit WHERE action = 'locked-out'"), 1);
}

#[tokio::test]
async fn a_password_hash_of_the_first_version_is_made_anew_at_the_first_login() {
    let world = World::new().await;
    let rounds = std::num::NonZeroU32::new(50_000).unwrap();
    let mut out = [0; 32];
    ring::pbkdf2::derive(ring::pbkdf2::PBKDF2_HMAC_SHA256, rounds, b"salt", b"old password", &mut out);
    let hex = data_encoding::HEXLOWER;
    let stored = format!("{}${}", hex.encode(b"salt"), hex.encode(&out));
    let connection = rusqlite::Connection::open(world.home.database()).unwrap();
    connection.execute("UPDATE setting SET value = ?1 WHERE name = 'admin-hash'", [&stored]).unwrap();
    let mut person = Person::new(&world);
    person.log_in("old password").await;
    let stored: String = world.ask("SELECT value FROM setting WHERE name = 'admin-hash'");
    assert!(stored.starts_with("argon2id-"));
    person.log_in("old password").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_is_signed_by_the_signer_who_asks_for_the_password_itself() {
    let world = World::new().await;
    let password = world.made.admin_password.reveal().clone();
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let report = Report { open: Some(vec![open(1, Classification::Trojan)]), ..chain.report() };
    world.check_in(&identity, &mut chain, &report).await;
    let mut person = Person::new(&world);
    person.log_in(&password).await;
    let page = person.get("/policy").await.text();
    assert!(page.contains("No signer is running"));
    let csrf = token(&page);
    let unsigned = person.post("/policy", &form(&csrf, &password, &[])).await;
    assert_eq!(unsigned.status, StatusCode::SERVICE_UNAVAILABLE);

    start_signer(&world.home);
    assert!(!person.get("/policy").await.text().contains("No signer is running"));
    let mut status = async |fields: &[(String, String)]| person.post("/policy", fields).await.status;
    assert_eq!(status(&form("forged", &password, &[])).await, StatusCode::FORBIDDEN);
    assert_eq!(status(&form(&csrf, "guessed", &[])).await, StatusCode::FORBIDDEN);
    let beyond = form(&csrf, &password, &[("disconnectedDays", "91")]);
    assert_eq!(status(&beyond).await, StatusCode::BAD_REQUEST);
    assert_eq!(status(&form(&csrf, &password, &[("TROJAN", "dreadful")])).await, StatusCode::BAD_REQUEST);
    assert_eq!(world.ask::<i64>("SELECT max(version) FROM policy"), 1, "none of these was signed");
    let low = form(&csrf, &password, &[("TROJAN", "low"), ("appSync", "on")]);
    assert_eq!(status(&low).await, StatusCode::OK);
    assert_eq!(world.ask::<i64>("SELECT max(version) FROM policy"), 2);
    let page = person.get("/").await.text();
    assert!(page.contains("pill low") && !page.contains("pill high"), "rated anew at once");
    assert!(page.contains("Android 14"), "the system by its name");
    assert!(person.get("/policy").await.text().contains("name=\"appSync\" value=\"on\" checked"));
    let audit = person.get("/audit").await.text();
    assert!(audit.contains("version 2 of everybody") && audit.contains("Was refused a signature"));
}

#[tokio::test(flavor = "multi_thread")]
async fn modes_what_may_be_ignored_inspection_and_expiry_are_set_on_the_policys_page() {
    let world = World::new().await;
    start_signer(&world.home);
    let password = world.made.admin_password.reveal().clone();
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let threat = OpenThreat { ignored: true, ..open(1, Classification::Adware) };
    let report = Report { open: Some(vec![threat, open(2, Classification::Trojan)]), ..chain.report() };
    world.check_in(&identity, &mut chain, &report).await;
    let mut person = Person::new(&world);
    person.log_in(&password).await;
    let csrf = token(&person.get("/policy").await.text());
    let digest = agent_logic::model::Digest::of(b"ca").to_string();
    let cas = format!("{digest}\r\n");
    let change = [
        ("mode.TROJAN", "audit"),
        ("ignorable.ADWARE", "on"),
        ("inspectionCas", &*cas),
        ("expiresDays", "30"),
    ];
    assert_eq!(person.post("/policy", &form(&csrf, &password, &change)).await.status, StatusCode::OK);
    let text: String = world.ask("SELECT document FROM policy ORDER BY version DESC LIMIT 1");
    let signed: agent_logic::wire::Policy = serde_json::from_str(&text).unwrap();
    assert_eq!(signed.mode(Classification::Trojan), agent_logic::model::Mode::Audit);
    assert!(signed.may_ignore(Classification::Adware) && !signed.may_ignore(Classification::Trojan));
    assert_eq!(signed.inspection_cas, [digest.clone().try_into().unwrap()]);
    let days = signed.expires.since(agent_gateway::clock::now()).as_secs() / 86_400;
    assert!((29..=30).contains(&days), "{days}");
    let page = person.get("/policy").await.text();
    assert!(
        page.contains("name=\"ignorable.ADWARE\" value=\"on\" aria-label=\"User may ignore ADWARE\" checked")
    );
    assert!(page.contains(&digest) && page.contains("<option value=\"audit\" selected>"));
    let report = chain.report();
    let answer = world.check_in(&identity, &mut chain, &report).await;
    assert_eq!(answer.level, agent_logic::model::Level::Secured, "one is ignored, the other audited");

    // What the form leaves out is gone.
    assert_eq!(person.post("/policy", &form(&csrf, &password, &[])).await.status, StatusCode::OK);
    let page = person.get("/policy").await.text();
    assert!(!page.contains(&digest) && !page.contains("ADWARE\" checked"));
    for wrong in
        [("inspectionCas", "31A6"), ("expiresDays", "0"), ("expiresDays", "3651"), ("mode.TROJAN", "on")]
    {
        let answer = person.post("/policy", &form(&csrf, &password, &[wrong])).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong:?}");
    }
    let many =
        (0..17_u8).map(|n| agent_logic::model::Digest::of(&[n]).to_string()).collect::<Vec<_>>().join("\n");
    let answer = person.post("/policy", &form(&csrf, &password, &[("inspectionCas", &many)])).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "16 at most");
}

#[tokio::test]
async fn a_device_is_revoked_by_a_form_of_its_own_page() {
    let world = World::new().await;
    let identity = world.activate(A).await;
    let mut person = Person::new(&world);
    person.log_in(world.made.admin_password.reveal()).await;
    let path = format!("/devices/{A}");
    let csrf = token(&person.get(&path).await.text());
    let revoke = format!("{path}/revoke");
    assert_eq!(person.post::<&str>(&revoke, &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(person.post(&revoke, &[("csrf", &csrf)]).await.status, StatusCode::SEE_OTHER);
    let answer = world.report(&identity, &Chain::new(1).report()).await;
    assert_eq!(answer.problem(), agent_logic::wire::ProblemKind::Revoked);
    let unknown = person.get("/devices/ab0dc123-9843-405f-be28-b2265c59ef97").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

/// Runs a signer on a thread that ends with the process.
pub(crate) fn start_signer(home: &Home) {
    let signing = Signing::open(home).unwrap();
    assert!(Signing::open(home).is_err(), "one signer for one folder");
    std::thread::spawn(move || signing.run());
}
