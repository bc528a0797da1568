//! A gateway that was restored from a backup, on another machine: devices hold what it never signed.

use std::fs;

use agent_gateway::home::Home;
use agent_gateway::serve::{self, Options};
use agent_logic::wire::{Policy, ProblemKind, Report};

use crate::administration::verified;
use crate::device::Chain;
use crate::world::{A, B, World};

/// Goes on with the database as `backup` has it and every other file as it is now.
async fn restore(world: &mut World, backup: &std::path::Path) {
    let restored = Home::new(world.home.dir().join("restored"));
    fs::create_dir(restored.dir()).unwrap();
    let database = world.home.database();
    let of_database = |name: &str| name.starts_with(database.file_name().unwrap().to_str().unwrap());
    for file in fs::read_dir(world.home.dir()).unwrap().map(Result::unwrap) {
        let name = file.file_name().into_string().unwrap();
        if file.file_type().unwrap().is_file() && !of_database(&name) {
            fs::copy(file.path(), restored.dir().join(name)).unwrap();
        }
    }
    fs::create_dir(restored.policy_key().parent().unwrap()).unwrap();
    fs::copy(world.home.policy_key(), restored.policy_key()).unwrap();
    fs::copy(backup, restored.database()).unwrap();
    world.running = serve::start(&Options::on_loopback(&restored)).await.unwrap();
    world.home = restored;
}

#[tokio::test]
async fn after_a_backup_was_restored_what_is_signed_is_newer_than_what_devices_hold() {
    let mut world = World::new().await;
    let (identity, liar) = (world.activate(A).await, world.activate(B).await);
    let backup = world.home.dir().join("backup");
    let connection = rusqlite::Connection::open(world.home.database()).unwrap();
    connection.execute("VACUUM INTO ?1", [backup.to_str().unwrap()]).unwrap();
    drop(connection);
    for severity in ["ADWARE=high", "ADWARE=low"] {
        world.command(&["policy", "--severity", severity]);
    }
    let mut chain = Chain::new(1);
    let report = Report { policy: 3, ..chain.report() };
    assert_eq!(world.check_in(&identity, &mut chain, &report).await.policy, None, "it holds the newest");
    restore(&mut world, &backup).await;

    let report = Report { policy: 3, ..chain.report() };
    assert_eq!(world.report(&identity, &report).await.problem(), ProblemKind::ChainBroken);
    let (mut chain, mut lies) = (Chain::new(2), Chain::new(3));
    let report = Report { policy: 3, ..chain.report() };
    assert_eq!(world.check_in(&identity, &mut chain, &report).await.policy, None, "there is none it takes");
    let report = Report { policy: u64::MAX, ..lies.report() };
    world.check_in(&liar, &mut lies, &report).await;
    world.command(&["policy", "--severity", "ADWARE=high"]);
    let report = Report { policy: 3, ..chain.report() };
    let policy = world.check_in(&identity, &mut chain, &report).await.policy.expect("one that it takes");
    assert_eq!(verified::<Policy>(&world, &policy).version, 4, "whatever another says that it holds");
}
