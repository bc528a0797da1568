//! Accounts of the console: full access, restricted access, none (seed 004).

use agent_gateway::accounts::Access;
use agent_gateway::console::Route;
use agent_gateway::policy::Change;
use agent_gateway::signing::{self, Document, Signed, Wish};
use agent_logic::redact::Secret;
use hyper::StatusCode;
use hyper::header::{AUTHORIZATION, LOCATION};

use crate::console::{Person, form, start_signer, token};
use crate::world::{A, World, basic, request};

async fn person(world: &World, name: &str, password: &str) -> Person {
    let mut person = Person::new(world);
    let entered = person.enter(name, password).await;
    assert_eq!((entered.status, &entered.headers[LOCATION]), (StatusCode::SEE_OTHER, &"/".parse().unwrap()));
    person
}

#[tokio::test]
async fn only_members_log_in() {
    let world = World::new().await;
    let password = world.command(&["account", "--name", "jo", "--access", "restricted"]);
    let mut stranger = Person::new(&world);
    let admin = world.made.admin_password.reveal().clone();
    for (name, password) in [("eve", &*password), ("jo", "guessed"), ("jo", &*admin), ("", &*admin)] {
        assert_eq!(stranger.enter(name, password).await.status, StatusCode::UNAUTHORIZED, "{name:?}");
    }
    assert_eq!(stranger.get("/").await.status, StatusCode::SEE_OTHER);
    person(&world, "jo", &password).await;
    person(&world, "admin", &admin).await;
    for refused in [["--name", "admin", "--access", "restricted"], ["--name", "J O", "--access", "full"]] {
        assert!(!world.try_command(&[&["account"], refused.as_slice()].concat()).0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn restricted_access_reads_the_policy_and_reaches_no_configuration() {
    let world = World::new().await;
    start_signer(&world.home);
    world.activate(A).await;
    let password = world.command(&["account", "--name", "jo", "--access", "restricted"]);
    let mut person = person(&world, "jo", &password).await;
    let policy = person.get("/policy").await;
    assert_eq!(policy.status, StatusCode::OK);
    let page = policy.text();
    assert!(page.contains("<fieldset disabled>") && page.contains("ROOT_JAILBREAK"));
    assert!(!page.contains("action=\"/policy\"") && !page.contains("/connector") && !page.contains("/audit"));
    let csrf = token(&page);
    let device = person.get(&format!("/devices/{A}")).await.text();
    assert!(!device.contains("/revoke") && !device.contains("/command"));
    for route in Route::ALL.into_iter().filter(|route| route.needs() == Some(Access::Full)) {
        let path = route.path().replace("{id}", A);
        let answer = if route == Route::Sign {
            person.post(&path, &form(&csrf, &password, &[])).await
        } else if route.method() == "get" {
            person.get(&path).await
        } else {
            person.post(&path, &[("csrf", &csrf), ("password", &password)]).await
        };
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{route:?}");
        assert!(answer.text().contains("full access"), "{route:?}");
    }
    assert_eq!(world.ask::<i64>("SELECT max(version) FROM policy"), 1);
    assert_eq!(world.ask::<i64>("SELECT sum(revoked) FROM device"), 0);

    // What the serving process lets through, the signer still refuses.
    let document = Document::Policy { group: None, change: Box::new(Change::default()) };
    let wish = Wish { name: "jo".into(), password: Secret::new(password), document };
    assert_eq!(signing::ask(&world.home, &wish), Ok(Signed::WrongPassword));
}

#[tokio::test(flavor = "multi_thread")]
async fn full_access_changes_the_policy_under_its_own_name() {
    let world = World::new().await;
    start_signer(&world.home);
    let password = world.command(&["account", "--name", "ann", "--access", "full"]);
    let mut person = person(&world, "ann", &password).await;
    let csrf = token(&person.get("/policy").await.text());
    let signed = person.post("/policy", &form(&csrf, &password, &[])).await;
    assert_eq!(signed.status, StatusCode::OK);
    assert_eq!(
        world.ask::<String>("SELECT name FROM audit WHERE action = 'policy-signed' AND name > ''"),
        "ann"
    );
    assert!(person.get("/audit").await.text().contains("ann"));
    assert_eq!(person.get("/connector").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_account_that_is_removed_or_changed_is_out_at_the_next_request() {
    let world = World::new().await;
    let add = |access: &str| world.command(&["account", "--name", "jo", "--access", access]);
    let password = add("full");
    let mut first = person(&world, "jo", &password).await;
    assert_eq!(first.get("/audit").await.status, StatusCode::OK);
    let json = |password: &str| {
        let mut request = request(hyper::Method::GET, "/devices.json", axum::body::Body::empty());
        request.headers_mut().insert(AUTHORIZATION, basic("jo", password).parse().unwrap());
        request
    };
    assert_eq!(Person::new(&world).send(json(&password)).await.status, StatusCode::OK);

    let changed = add("restricted");
    assert_eq!(first.get("/").await.status, StatusCode::SEE_OTHER);
    assert_eq!(Person::new(&world).send(json(&password)).await.status, StatusCode::UNAUTHORIZED);
    let mut second = person(&world, "jo", &changed).await;
    assert_eq!(second.get("/audit").await.status, StatusCode::FORBIDDEN);
    world.command(&["account", "--name", "jo", "--remove"]);
    assert_eq!(second.get("/").await.status, StatusCode::SEE_OTHER);
    assert!(!world.try_command(&["account", "--name", "jo", "--remove"]).0);
}
