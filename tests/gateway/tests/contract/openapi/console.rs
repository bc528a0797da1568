//! The console's half of the document: its routes, its forms as the pages have them, and how each answers.

use std::collections::BTreeSet;

use agent_gateway::console::Route;
use hyper::header::CONTENT_TYPE;
use serde_json::Value;

use super::{document, documented};
use crate::console::Person;
use crate::device::Chain;
use crate::world::{A, Answer, World};

#[test]
fn every_route_of_the_console_is_in_the_document_and_no_other() {
    let document = document();
    let mut listed = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let methods = methods.as_object().unwrap();
        if methods.contains_key("servers") {
            listed.extend(methods.keys().filter(|key| *key != "servers").map(|method| (&**method, &**path)));
        }
    }
    let of_code = Route::ALL.map(|route| (route.method(), route.path()));
    assert_eq!(listed, of_code.into_iter().collect());
}

#[tokio::test]
async fn every_form_of_a_page_has_the_documented_fields_and_no_other() {
    let document = document();
    let world = World::new().await;
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let report = chain.report();
    world.check_in(&identity, &mut chain, &report).await;
    let mut person = Person::new(&world);
    let login = person.get("/login").await.text();
    assert_eq!(fields(&login, "/login"), documented(&document, "LoginForm"));
    person.log_in(world.made.admin_password.reveal()).await;
    let policy = person.get("/policy").await.text();
    assert_eq!(fields(&policy, "/policy"), documented(&document, "PolicyForm"));
    let device = person.get(&format!("/devices/{A}")).await.text();
    assert_eq!(fields(&device, &format!("/devices/{A}/revoke")), documented(&document, "TokenForm"));
    assert_eq!(fields(&device, &format!("/devices/{A}/command")), documented(&document, "CommandForm"));
    let connector = person.get("/connector").await.text();
    assert_eq!(fields(&connector, "/connector/notices"), documented(&document, "NoticeForm"));
    assert_eq!(fields(&connector, "/connector/sync"), documented(&document, "SyncForm"));
    let preferences = person.get("/preferences").await.text();
    assert_eq!(fields(&preferences, "/preferences"), documented(&document, "PreferenceForm"));
    assert_eq!(fields(&device, "/logout"), documented(&document, "TokenForm"));
}

/// The names of the fields in the form of `page` that posts to `action`.
fn fields(page: &str, action: &str) -> BTreeSet<String> {
    let (_, form) = page.split_once(&format!("method=\"post\" action=\"{action}\"")).expect(action);
    let form = form.split("</form>").next().unwrap();
    form.split(" name=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_answer_of_the_console_has_a_documented_status_and_type() {
    let document = document();
    let world = World::new().await;
    world.activate(A).await;
    let mut person = Person::new(&world);
    let restricted = world.command(&["account", "--name", "jo", "--access", "restricted"]);
    let full = world.made.admin_password.reveal().clone();
    for session in [None, Some(("jo", &restricted)), Some(("admin", &full))] {
        if let Some((name, password)) = session {
            assert_eq!(person.enter(name, password).await.status, hyper::StatusCode::SEE_OTHER);
        }
        // Leaving ends the session, so it is last.
        let (leave, others): (Vec<_>, Vec<_>) =
            Route::ALL.into_iter().partition(|route| *route == Route::LogOut);
        for route in others.into_iter().chain(leave) {
            let path = route.path().replace("{id}", A);
            let answers = if route.method() == "get" {
                vec![person.get(&path).await, person.get(&path.replace(A, "nobody")).await]
            } else {
                let plain = crate::world::request(hyper::Method::POST, &path, "csrf=x");
                vec![
                    person.post::<&str>(&path, &[]).await,
                    person.post(&path, &[("csrf", "forged"), ("password", "guessed")]).await,
                    person.send(plain).await,
                    person.post(&path, &[("csrf", &"x".repeat(70_000))]).await,
                ]
            };
            for answer in answers {
                is_documented(&document, route, &answer);
            }
        }
    }
}

fn is_documented(document: &Value, route: Route, answer: &Answer) {
    let responses = &document["paths"][route.path()][route.method()]["responses"];
    let mut response = &responses[answer.status.as_str()];
    assert!(response.is_object(), "{} {} answers {}", route.method(), route.path(), answer.status);
    if let Some(reference) = response["$ref"].as_str() {
        response = &document["components"]["responses"][reference.rsplit('/').next().unwrap()];
    }
    let kind =
        answer.headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap().split(';').next().unwrap());
    let kinds: Option<BTreeSet<&str>> =
        response["content"].as_object().map(|kinds| kinds.keys().map(String::as_str).collect());
    let at = || format!("{} {} {}: {kind:?}", route.method(), route.path(), answer.status);
    match kinds {
        None => assert!(kind.is_none() && answer.body.is_empty(), "{}", at()),
        Some(kinds) => assert!(kind.is_some_and(|kind| kinds.contains(kind)), "{}", at()),
    }
    if let Some(headers) = response["headers"].as_object() {
        assert!(headers.keys().all(|name| answer.headers.contains_key(name.as_str())), "{}", at());
    }
}
