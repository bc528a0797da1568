//! Error notices: files for a mail system, few and whole.

use agent_gateway::clock::now;
use agent_gateway::link::MANY_FAILURES;
use agent_gateway::notices::{PAUSE, look};
use agent_logic::model::{Classification, Digest};
use agent_logic::time::Wall;
use agent_logic::wire::{Diagnostic, ProblemKind, Report};
use hyper::StatusCode;

use crate::console::{Person, token};
use crate::device::{Chain, app, full, open, stamp};
use crate::found::import;
use crate::world::{A, Identity, World};

/// The spooled messages of a kind, oldest first.
pub(crate) fn spooled(world: &World, kind: &str) -> Vec<String> {
    let Ok(folder) = std::fs::read_dir(world.home.spool()) else { return Vec::new() };
    let mut paths: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let wanted = format!("-{kind}.eml");
    paths.retain(|path| path.to_str().unwrap().ends_with(&wanted));
    paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

async fn break_chain(world: &World, identity: &Identity) {
    let report =
        Report { sequence: 9, previous: Some(Digest::of(b"x")), open: None, ..Chain::new(7).report() };
    assert_eq!(world.report(identity, &report).await.problem(), ProblemKind::ChainBroken);
}

#[tokio::test]
async fn each_kind_of_trouble_is_told_once_in_an_hour_and_nothing_is_left_out() {
    let world = World::new().await;
    let (gateway, home) = (&world.running.gateway, &world.home);
    let identity = world.activate(A).await;
    break_chain(&world, &identity).await;
    gateway.link.change(|link| link.failures = MANY_FAILURES);
    look(gateway, home, now()).unwrap();
    assert!(!home.spool().exists(), "there is no address");

    assert!(!world.try_command(&["notices", "--to", "ops@example.com\r\nBcc: x@example.com"]).0);
    world.command(&["notices", "--to", "ops@example.com"]);
    let start = now();
    look(gateway, home, start).unwrap();
    assert_eq!(spooled(&world, "chain").len(), 0, "what was before is not told");
    let [told] = spooled(&world, "connector").try_into().unwrap();
    let (head, body) = told.split_once("\r\n\r\n").unwrap();
    for line in ["To: ops@example.com", "Auto-Submitted: auto-generated", "MIME-Version: 1.0"] {
        assert!(head.split("\r\n").any(|other| other == line), "{line} is not in {head}");
    }
    assert!(body.contains("3 messages in a row") && !told.replace("\r\n", "").contains('\n'));

    let mut chain = Chain::new(1);
    let fault = Diagnostic { code: 302, count: 4, last: stamp(9) };
    let report = Report { diagnostics: vec![fault], ..chain.report() };
    world.check_in(&identity, &mut chain, &report).await;
    break_chain(&world, &identity).await;
    look(gateway, home, Wall(start.0 + 1)).unwrap();
    let [faults] = spooled(&world, "diagnostics").try_into().unwrap();
    assert!(faults.contains(&format!("{A}  code 302  4 times")), "{faults}");
    let [broken] = spooled(&world, "chain").try_into().unwrap();
    assert!(broken.contains(&format!("{A}  Report did not follow  1 times")), "{broken}");

    let later = |share| Wall(start.0 + u64::try_from(PAUSE.as_millis()).unwrap() * share / 2 + 10_000);
    for _ in 0..3 {
        break_chain(&world, &identity).await;
    }
    look(gateway, home, later(1)).unwrap();
    assert_eq!(spooled(&world, "chain").len(), 1, "one in an hour");
    look(gateway, home, later(3)).unwrap();
    let all = spooled(&world, "chain");
    assert!(all.len() == 2 && all[1].contains("3 times"), "{all:?}");
    look(gateway, home, later(6)).unwrap();
    assert_eq!(spooled(&world, "chain").len(), 2, "nothing happened since");
}

#[tokio::test]
async fn the_address_is_set_on_the_connectors_page() {
    let world = World::new().await;
    let mut person = Person::new(&world);
    person.log_in(&world.made.admin_password.reveal().clone()).await;
    let csrf = token(&person.get("/connector").await.text());
    let mut status = async |csrf: &str, to: &str| {
        person.post("/connector/notices", &[("csrf", csrf), ("to", to)]).await.status
    };
    assert_eq!(status("forged", "ops@example.com").await, StatusCode::FORBIDDEN);
    assert_eq!(status(&csrf, "nowhere").await, StatusCode::BAD_REQUEST);
    assert_eq!(status(&csrf, "ops@example.com").await, StatusCode::SEE_OTHER);
    assert!(person.get("/connector").await.text().contains("value=\"ops@example.com\""));
    let sql = "SELECT object FROM audit WHERE action = 'notices-changed'";
    assert_eq!(world.ask::<String>(sql), "on", "the address itself is not in the log");
}

#[tokio::test]
async fn who_asks_for_it_is_told_of_threats_by_mail_and_nobody_else_is() {
    let world = World::new().await;
    let password = world.command(&["account", "--name", "jo", "--access", "restricted"]);
    let (gateway, home) = (&world.running.gateway, &world.home);
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let before = Report { open: Some(vec![open(1, Classification::Trojan)]), ..chain.report() };
    world.check_in(&identity, &mut chain, &before).await;
    let mut person = Person::new(&world);
    assert_eq!(person.enter("jo", &password).await.status, StatusCode::SEE_OTHER);
    let csrf = token(&person.get("/preferences").await.text());
    let mut prefer = async |fields: &[(&str, &str)]| {
        person.post("/preferences", &[&[("csrf", &*csrf)], fields].concat()).await.status
    };
    let to = ("to", "jo@example.com");
    assert_eq!(prefer(&[to]).await, StatusCode::SEE_OTHER);
    let (mut at, mut number) = (now().0, 1);
    let mut next = async |classification| {
        number += 1;
        let mut chain = Chain::new(number);
        let report = Report { open: Some(vec![open(number, classification)]), ..chain.report() };
        world.check_in(&identity, &mut chain, &report).await;
        // Past the pause, and it came ten seconds ago.
        at += u64::try_from(agent_gateway::alerts::PAUSE.as_millis()).unwrap() + 20_000;
        let database = rusqlite::Connection::open(home.database()).unwrap();
        let sql = "UPDATE threat SET received = ?1 WHERE classification = ?2";
        database
            .execute(sql, rusqlite::params![i64::try_from(at).unwrap() - 10_000, classification.name()])
            .unwrap();
        look(gateway, home, Wall(at)).unwrap();
        spooled(&world, "threats-0")
    };
    assert!(next(Classification::Adware).await.is_empty(), "it is off");
    assert_eq!(prefer(&[to, ("alerts", "on")]).await, StatusCode::SEE_OTHER);
    assert_eq!(prefer(&[("to", "jo"), ("alerts", "on")]).await, StatusCode::BAD_REQUEST);
    let [told] = next(Classification::RootJailbreak).await.try_into().unwrap();
    assert!(
        told.contains("To: jo@example.com") && told.contains(&format!("{A}  ROOT_JAILBREAK  High")),
        "{told}"
    );
    assert!(!told.contains("ADWARE") && !told.contains("TROJAN"), "what was before is not told: {told}");
    assert_eq!(next(Classification::CaptivePortal).await.len(), 1, "it counts for no level");
    assert_eq!(next(Classification::Spyware).await.len(), 2);
    assert_eq!(prefer(&[to]).await, StatusCode::SEE_OTHER);
    assert_eq!(next(Classification::Trojan).await.len(), 2, "it is off again");
    assert_eq!(prefer(&[to, ("alerts", "on")]).await, StatusCode::SEE_OTHER);
    world.command(&["account", "--name", "jo", "--remove"]);
    assert_eq!(next(Classification::Backdoor).await.len(), 2, "the account is gone");
}

#[tokio::test]
async fn what_the_cloud_finds_is_told_by_mail_too() {
    let world = World::new().await;
    world.command(&["policy", "--app-sync", "on", "--ownership", "company"]);
    let mut person = Person::new(&world);
    person.log_in(&world.made.admin_password.reveal().clone()).await;
    let csrf = token(&person.get("/preferences").await.text());
    let fields = [("csrf", &*csrf), ("to", "ops@example.com"), ("alerts", "on")];
    assert_eq!(person.post("/preferences", &fields).await.status, StatusCode::SEE_OTHER);
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let report = Report { inventory: Some(full(&[app("com.b")])), ..chain.report() };
    world.check_in(&identity, &mut chain, &report).await;
    import(&world, &["com.b"]);
    look(&world.running.gateway, &world.home, Wall(now().0 + 20_000)).unwrap();
    let [told] = spooled(&world, "threats-0").try_into().unwrap();
    assert!(told.contains(&format!("{A}  SURVEILLANCEWARE  High")), "{told}");
    assert!(!told.contains("com.b"), "no app is named: {told}");
}
