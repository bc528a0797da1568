//! `agent-core/docs/openapi.json` against the code, in both directions: routes, fields, names, examples, answers.

use std::collections::BTreeSet;
use std::time::Duration;

use agent_gateway::api::Route;
use agent_gateway::attestation::{AttestationAnswer, AttestationChain, AttestationVerdict};
use agent_gateway::pace::Share;
use agent_logic::model::*;
use agent_logic::time::Stamp;
use agent_logic::wire::*;
use axum::body::Body;
use hyper::Method;
use hyper::header::{AUTHORIZATION, RETRY_AFTER};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::console::Person;
use crate::device::{Chain, open};
use crate::world::{A, World, basic, request};

mod names;
mod schema;

use names::names_of;
use schema::fits;

mod console;

pub(crate) fn document() -> Value {
    serde_json::from_str(include_str!("../../../../agent-core/docs/openapi.json")).unwrap()
}

/// The names that the document gives a schema: of an object's properties, or of an enumeration's members.
fn documented(document: &Value, name: &str) -> BTreeSet<String> {
    let schema = &document["components"]["schemas"][name];
    if let Some(properties) = schema["properties"].as_object() {
        return properties.keys().cloned().collect();
    }
    let members = schema["enum"].as_array().expect(name);
    members.iter().map(|member| member.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_field_and_name_of_the_code_is_in_the_document_and_no_other() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    macro_rules! same {
        ($($name:ident)*) => {{
            $(assert_eq!(names_of::<$name>(), documented(&document, stringify!($name)), stringify!($name));)*
            vec![$(stringify!($name)),*]
        }};
    }
    let mut checked = same!(
        Report FactsPart Facts OpenThreat Transition Diagnostic Stamp App Signer CheckInAnswer Reason CloudThreat
        NextContact Problem Policy CommandDocument Manifest Bucket Activation Protection Level Severity HealthState
        Ownership KeyProtection Mode TransitionKind SignedCommand AttestationChain AttestationAnswer AttestationVerdict
    );
    let all: BTreeSet<String> = Classification::ALL.iter().map(|kind| kind.name().into()).collect();
    assert_eq!(all, documented(&document, "Classification"));
    let kinds = ProblemKind::ALL.iter().map(|kind| serde_json::to_value(kind).unwrap());
    let kinds: BTreeSet<String> = kinds.map(|kind| kind.as_str().unwrap().into()).collect();
    assert_eq!(kinds, documented(&document, "ProblemKind"));
    // Plain texts, and what the examples and the live answers check below.
    checked.extend([
        "Digest",
        "DeviceId",
        "TenantId",
        "ChainId",
        "ThreatId",
        "Wall",
        "Classification",
        "ProblemKind",
    ]);
    checked.extend(["Subject", "InventoryPart", "Order", "Overview", "DeviceView", "ThreatView", "Health"]);
    checked.extend([
        "LoginForm",
        "TokenForm",
        "PolicyForm",
        "CommandForm",
        "NoticeForm",
        "SyncForm",
        "PreferenceForm",
    ]);
    let listed = document["components"]["schemas"].as_object().unwrap().keys().map(String::as_str);
    assert_eq!(listed.collect::<BTreeSet<_>>(), checked.into_iter().collect());
}

#[test]
fn every_example_is_read_by_the_code_and_fits_its_schema() {
    let document = document();
    let examples = document["components"]["examples"].as_object().unwrap();
    for (name, example) in examples {
        let (schema, value) = (example["summary"].as_str().unwrap(), &example["value"]);
        let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        for value in &values {
            fits(&document, schema, value).unwrap_or_else(|fault| panic!("{name}: {fault}"));
            match schema {
                "Report" => returns::<Report>(value),
                "CheckInAnswer" => returns::<CheckInAnswer>(value),
                "Subject" => returns::<Subject>(value),
                "Problem" => returns::<Problem>(value),
                "Policy" => returns::<Policy>(value),
                "CommandDocument" => returns::<CommandDocument>(value),
                "Manifest" => returns::<Manifest>(value),
                other => panic!("{name} is a {other}, which no type reads"),
            }
        }
    }
}

/// Reading and writing again brings back `value`, but for lists that are empty and left out.
fn returns<T: DeserializeOwned + Serialize>(value: &Value) {
    let read: T = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(without_empty(serde_json::to_value(&read).unwrap()), without_empty(value.clone()));
}

fn without_empty(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .filter(|(_, value)| value.as_array().is_none_or(|list| !list.is_empty()))
            .map(|(key, value)| (key, without_empty(value)))
            .collect(),
        Value::Array(list) => list.into_iter().map(without_empty).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

#[tokio::test]
async fn every_route_of_the_code_is_in_the_document_and_every_one_of_the_document_answers() {
    let document = document();
    let mut listed = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap().iter().filter(|(key, _)| *key != "servers") {
            assert!(operation["responses"].as_object().is_some_and(|all| !all.is_empty()), "{path}");
            if methods.get("servers").is_none() {
                listed.insert((method.clone(), path.clone()));
            }
        }
    }
    let of_code = Route::ALL.map(|route| (route.method().to_owned(), route.path().to_owned()));
    assert_eq!(listed, of_code.into_iter().collect());

    let world = World::new().await;
    for (method, path) in &listed {
        let method: Method = method.to_uppercase().parse().unwrap();
        let answer = world.send(None, request(method, &path.replace("{version}", "1"), Body::empty())).await;
        assert_ne!(answer.status, 404, "{path}");
        let documented = &document["paths"][path][answer_method(path, &document)]["responses"];
        assert!(documented.get(answer.status.as_str()).is_some(), "{path} answers {}", answer.status);
        if !answer.status.is_success() {
            let problem = serde_json::from_slice(&answer.body).unwrap();
            fits(&document, "Problem", &problem).unwrap();
        }
    }
}

#[tokio::test]
async fn wherever_a_device_asks_too_often_the_document_says_that_it_is_told_so() {
    let document = document();
    let share = Share { burst: 1, every: Duration::from_secs(600) };
    let world = World::with(|options| options.limits.requests = share).await;
    let identity = world.activate(A).await;
    let ask = |route: Route| {
        let (method, path) = (route.method().to_uppercase().parse().unwrap(), route.path());
        world.send(Some(&identity), request(method, &path.replace("{version}", "1"), Body::empty()))
    };
    assert_eq!(ask(Route::CaCerts).await.status, 200);
    for route in Route::ALL {
        let answer = ask(route).await;
        assert_eq!(answer.status, 429, "{}", route.path());
        assert!(answer.headers.contains_key(RETRY_AFTER));
        let named = &document["paths"][route.path()][route.method()]["responses"]["429"]["$ref"];
        assert_eq!(named, "#/components/responses/429", "{}", route.path());
    }
    let headers = &document["components"]["responses"]["429"]["headers"];
    assert_eq!(headers["Retry-After"]["required"], true);
}

fn answer_method<'a>(path: &str, document: &'a Value) -> &'a str {
    document["paths"][path].as_object().unwrap().keys().find(|key| *key != "servers").unwrap()
}

#[tokio::test]
async fn what_the_gateway_answers_fits_the_document() {
    let document = document();
    let world = World::new().await;
    world.code(crate::world::B);
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let mut threat = open(1, Classification::Trojan);
    threat.subject = Subject::App { id: "com.example".parse().unwrap() };
    let report = Report { open: Some(vec![threat]), ..chain.report() };
    fits(&document, "Report", &serde_json::to_value(&report).unwrap()).unwrap();
    let answer = world.check_in(&identity, &mut chain, &report).await;
    assert!(!answer.why.is_empty() && answer.policy.is_some());
    fits(&document, "CheckInAnswer", &serde_json::to_value(&answer).unwrap()).unwrap();

    let mut person = Person::new(&world);
    for (path, schema) in [("/devices.json", "Overview"), ("/healthz", "Health")] {
        let mut request = request(Method::GET, path, Body::empty());
        let shown = basic("admin", world.made.admin_password.reveal());
        request.headers_mut().insert(AUTHORIZATION, shown.parse().unwrap());
        let value: Value = serde_json::from_str(&person.send(request).await.text()).unwrap();
        fits(&document, schema, &value).unwrap_or_else(|fault| panic!("{path}: {fault}"));
        let operation = &document["paths"][path]["get"]["responses"]["200"];
        let named = &operation["content"]["application/json"]["schema"]["$ref"];
        assert_eq!(named, &format!("#/components/schemas/{schema}"));
    }
}
