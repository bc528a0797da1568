//! What the cloud finds by itself in the apps that a device reported.

use agent_logic::model::{Classification, Level, Subject};
use agent_logic::wire::{Report, TransitionKind};

use crate::device::{Chain, app, full, open, transition};
use crate::world::{A, World};

/// Imports a set whose only indicators are these packages, each of stalkerware.
pub(crate) fn import(world: &World, packages: &[&str]) {
    let path = |name: &str| world.home.dir().join(name).display().to_string();
    let (ioc, samples) = (path("ioc.yaml"), path("samples.csv"));
    let text = format!("- name: Bad\n  type: stalkerware\n  packages: [{}]\n", packages.join(", "));
    std::fs::write(&ioc, text).unwrap();
    std::fs::write(&samples, "SHA256,Package Name,Certificate,Version,App\n").unwrap();
    world.command(&["indicators", "--ioc", &ioc, "--samples", &samples]);
}

#[tokio::test]
async fn apps_that_are_held_are_matched_when_indicators_are_imported() {
    let world = World::new().await;
    world.command(&["policy", "--app-sync", "on"]);
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let report = Report { inventory: Some(full(&[app("com.a"), app("com.b")])), ..chain.report() };
    assert_eq!(world.check_in(&identity, &mut chain, &report).await.level, Level::Secured);

    import(&world, &["com.b"]);
    let found = || world.ask::<String>("SELECT coalesce(group_concat(app), '') FROM found");
    assert_eq!(found(), "com.b", "before any check-in");
    let again = Report { inventory: Some(unchanged(&report)), ..chain.report() };
    let answer = world.check_in(&identity, &mut chain, &again).await;
    assert_eq!((answer.level, answer.threats.len(), answer.why.len()), (Level::High, 1, 1));

    import(&world, &["com.c"]);
    assert_eq!(found(), "", "a set that no longer names the app closes what it opened");
    let report = Report { inventory: Some(full(&[app("com.a"), app("com.c")])), ..chain.report() };
    let answer = world.check_in(&identity, &mut chain, &report).await;
    assert_eq!((found().as_str(), answer.threats.len()), ("com.c", 1), "a new app is matched in its report");
    let report = chain.report();
    let answer = world.check_in(&identity, &mut chain, &report).await;
    assert_eq!((found().as_str(), answer.level), ("", Level::Secured), "what is not shared is not matched");
}

#[tokio::test]
async fn what_the_device_reports_itself_is_not_told_twice() {
    let world = World::new().await;
    world.command(&["policy", "--app-sync", "on"]);
    import(&world, &["com.example.bad"]);
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let mut own = open(1, Classification::Trojan);
    own.subject = Subject::App { id: "com.example.bad".parse().unwrap() };
    let apps = full(&[app("com.example.bad")]);
    let report = Report { open: Some(vec![own]), inventory: Some(apps), ..chain.report() };
    let answer = world.check_in(&identity, &mut chain, &report).await;
    assert_eq!((answer.why.len(), answer.threats.len()), (1, 0));

    let mut resolved = transition(1, TransitionKind::Resolved, 1);
    resolved.subject = Subject::App { id: "com.example.bad".parse().unwrap() };
    let inventory = Some(unchanged(&report));
    let report = Report { transitions: vec![resolved], inventory, ..chain.report() };
    let answer = world.check_in(&identity, &mut chain, &report).await;
    assert_eq!((answer.level, answer.threats.len()), (Level::High, 1), "the app is still there");

    world.command(&["policy", "--mode", "SURVEILLANCEWARE=off"]);
    let report = Report { inventory: Some(unchanged(&report)), ..chain.report() };
    let answer = world.check_in(&identity, &mut chain, &report).await;
    assert_eq!((answer.level, answer.threats.len()), (Level::Secured, 0), "policy does not look for it");
    let listed = world.command(&["devices", "--json"]);
    assert!(listed.contains("\"threats\":[]"), "{listed}");
}

/// The digest that `report`'s inventory has.
fn unchanged(report: &Report) -> agent_logic::wire::InventoryPart {
    use agent_logic::wire::InventoryPart;
    match report.inventory.as_ref().unwrap() {
        InventoryPart::Full { digest, .. }
        | InventoryPart::Delta { digest, .. }
        | InventoryPart::Digest { digest } => InventoryPart::Digest { digest: *digest },
    }
}
