//! Signed commands: from the command line and the console, into the answers to check-ins.

use agent_logic::model::Activation;
use agent_logic::redact::Redacted;
use agent_logic::wire::{CheckInAnswer, CommandDocument, Order, Report, SignedCommand, policy_kind};
use hyper::StatusCode;

use crate::administration::verified;
use crate::console::{Person, start_signer, token};
use crate::device::Chain;
use crate::world::{A, B, Identity, World};

fn commands(answer: &CheckInAnswer) -> Vec<Redacted<String>> {
    let signed = answer.orders.iter().filter_map(|order| match order {
        Order::Signed { jws } => Some(jws.clone()),
        Order::Rescan | Order::Resync | Order::FullInventory | Order::Unknown => None,
    });
    signed.collect()
}

#[tokio::test]
async fn a_command_is_in_each_answer_until_the_device_has_it() {
    let world = World::new().await;
    assert!(!world.try_command(&["command", "re-enrol", "--device", A]).0, "no such device");
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let report = chain.report();
    assert_eq!(commands(&world.check_in(&identity, &mut chain, &report).await).len(), 0);
    assert!(!world.try_command(&["command", "re-enrol", "--device", B]).0, "it never was active");
    assert!(!world.try_command(&["command", "re-enrol", "--device", A, "--valid-days", "91"]).0);

    world.command(&["command", "re-enrol", "--device", A]);
    world.command(&["command", "deactivate", "--device", A]);
    let report = chain.report();
    let answer = world.check_in(&identity, &mut chain, &report).await;
    let [jws] = commands(&answer).try_into().unwrap();
    let document: CommandDocument = verified(&world, &jws);
    assert_eq!((document.kind.as_str(), document.command), (policy_kind::COMMAND, SignedCommand::Deactivate));
    assert_eq!((document.device.reveal().as_str(), document.tenant), (A, world.made.tenant));
    let days = document.expires.since(answer.server_time).as_secs() / 86_400;
    assert!((6..=7).contains(&days), "{days}");

    // The answer was lost: the same report comes again.
    let again: CheckInAnswer = serde_json::from_slice(&world.report(&identity, &report).await.body).unwrap();
    assert_eq!(commands(&again), [jws]);
    let report = chain.report();
    assert_eq!(commands(&world.check_in(&identity, &mut chain, &report).await).len(), 0, "it has it");
    assert_eq!(world.ask::<String>("SELECT group_concat(delivery) FROM command"), "taken");
    let signed = format!("re-enrol {A},deactivate {A}");
    let sql = "SELECT group_concat(object) FROM audit WHERE action = 'command-signed'";
    assert_eq!(world.ask::<String>(sql), signed);
}

#[tokio::test]
async fn a_command_to_re_enrol_is_sent_until_a_new_certificate_is_used() {
    let world = World::new().await;
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let report = chain.report();
    world.check_in(&identity, &mut chain, &report).await;
    world.command(&["command", "re-enrol", "--device", A]);
    for _ in 0..3 {
        let report = chain.report();
        assert_eq!(
            commands(&world.check_in(&identity, &mut chain, &report).await).len(),
            1,
            "left for later"
        );
    }
    let key = rcgen::KeyPair::generate().unwrap();
    let renewed = Identity { certificate: world.renew(&identity, &key, A).await.certificate(), key };
    let report = chain.report();
    assert_eq!(commands(&world.check_in(&renewed, &mut chain, &report).await).len(), 0);
}

#[tokio::test]
async fn a_command_that_expired_or_that_another_enrolment_was_meant_for_is_not_delivered() {
    let world = World::new().await;
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let report = chain.report();
    world.check_in(&identity, &mut chain, &report).await;
    world.command(&["command", "deactivate", "--device", A]);
    let connection = rusqlite::Connection::open(world.home.database()).unwrap();
    connection.execute("UPDATE command SET expires = 1", []).unwrap();
    let report = chain.report();
    assert_eq!(commands(&world.check_in(&identity, &mut chain, &report).await).len(), 0);

    world.command(&["command", "deactivate", "--device", A]);
    let left = Report { activation: Activation::Deactivated, ..chain.report() };
    assert_eq!(commands(&world.check_in(&identity, &mut chain, &left).await).len(), 0, "it left by itself");
    let identity = world.activate(A).await;
    let mut chain = Chain::new(2);
    let report = chain.report();
    assert_eq!(commands(&world.check_in(&identity, &mut chain, &report).await).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_asks_the_signer_who_asks_for_the_password() {
    let world = World::new().await;
    let password = world.made.admin_password.reveal().clone();
    let identity = world.activate(A).await;
    let mut chain = Chain::new(1);
    let report = chain.report();
    world.check_in(&identity, &mut chain, &report).await;
    start_signer(&world.home);
    let mut person = Person::new(&world);
    person.log_in(&password).await;
    let (page, path) = (format!("/devices/{A}"), format!("/devices/{A}/command"));
    let csrf = token(&person.get(&page).await.text());
    let mut status = async |csrf: &str, password: &str, command: &str| {
        let fields = [("csrf", csrf), ("password", password), ("command", command)];
        person.post(&path, &fields).await.status
    };
    assert_eq!(status("forged", &password, "deactivate").await, StatusCode::FORBIDDEN);
    assert_eq!(status(&csrf, "guessed", "deactivate").await, StatusCode::FORBIDDEN);
    assert_eq!(status(&csrf, &password, "explode").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(world.ask::<i64>("SELECT count(*) FROM command"), 0, "none of these was signed");
    assert_eq!(status(&csrf, &password, "deactivate").await, StatusCode::SEE_OTHER);
    assert!(person.get(&page).await.text().contains("At the next check-in"));

    let report = chain.report();
    let [jws] = commands(&world.check_in(&identity, &mut chain, &report).await).try_into().unwrap();
    assert_eq!(verified::<CommandDocument>(&world, &jws).command, SignedCommand::Deactivate);
    assert_eq!(world.ask::<String>("SELECT place FROM audit WHERE action = 'command-signed'"), "signer");
}
