//! The list of devices, a page at a time.

use agent_logic::model::Classification;
use agent_logic::wire::Report;
use hyper::StatusCode;
use hyper::header::LOCATION;
use serde_json::Value;

use crate::console::Person;
use crate::device::{Chain, open};
use crate::world::World;

/// An ID whose place in the alphabet is `nth`.
fn id(nth: u8) -> String {
    format!("{nth:02x}9841cd-9843-405f-be28-b2265c59ef97")
}

async fn page(person: &mut Person, query: &str) -> Value {
    let answer = person.get(&format!("/devices.json?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{query}");
    serde_json::from_str(&answer.text()).unwrap()
}

#[tokio::test]
async fn a_device_is_found_by_its_id_however_it_is_typed() {
    let world = World::new().await;
    world.code(&id(0xab));
    let mut person = Person::new(&world);
    person.log_in(world.made.admin_password.reveal()).await;
    assert!(person.get("/").await.text().contains("action=\"/devices\""));
    for typed in [id(0xab), id(0xab).to_uppercase(), format!("+{}%20", id(0xab))] {
        let answer = person.get(&format!("/devices?id={typed}")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{typed}");
        assert_eq!(answer.headers[LOCATION], format!("/devices/{}", id(0xab)));
    }
    for typed in [id(0xac), "%3Cb%3E".into(), String::new()] {
        let answer = person.get(&format!("/devices?id={typed}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{typed}");
        let page = answer.text();
        assert!(page.contains("No device has this ID."), "{page}");
        assert!(!page.contains("value=\"<b>"), "{page}");
    }
}

#[tokio::test]
async fn every_device_is_on_one_page_worst_first_and_the_tally_counts_them_all() {
    let world = World::new().await;
    // 1 and 5 are never activated, 2 and 4 are secured, 3 is high.
    for nth in 1..=5 {
        world.code(&id(nth));
    }
    for (nth, threats) in [(2, vec![]), (3, vec![open(1, Classification::Trojan)]), (4, vec![])] {
        let identity = world.activate(&id(nth)).await;
        let mut chain = Chain::new(nth);
        let report = Report { open: Some(threats), ..chain.report() };
        world.check_in(&identity, &mut chain, &report).await;
    }
    let mut person = Person::new(&world);
    person.log_in(world.made.admin_password.reveal()).await;
    let (mut seen, mut query) = (Vec::new(), "limit=2".to_owned());
    loop {
        let page = page(&mut person, &query).await;
        assert_eq!(
            page["tally"],
            serde_json::json!({ "high": 1, "medium": 0, "low": 0, "secured": 2, "unrated": 2 })
        );
        let devices = page["devices"].as_array().unwrap();
        assert!((1..=2).contains(&devices.len()));
        seen.extend(devices.iter().map(|device| device["deviceId"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => query = format!("limit=2&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, [3, 2, 4, 1, 5].map(id));

    let html = person.get(&format!("/?limit=2&after=high:{}", id(3))).await.text();
    assert!(html.contains(&id(2)) && html.contains(&id(4)) && !html.contains(&id(1)));
    assert!(html.contains(&format!("href=\"/?after=secured:{}\"", id(4))), "the next page");
    for wrong in ["limit=0", "limit=501", "limit=x", "after=", "after=high", "after=worst:x"] {
        let answer = person.get(&format!("/devices.json?{wrong}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}
