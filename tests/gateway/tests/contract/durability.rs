//! A report is acknowledged after the sync of what it changed: with a disk that does not sync, none is. The disk fails by
//! libfiu, which nobody here wrote; skipped, loudly, where there is none.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use agent_logic::wire::{CHECK_IN_PATH, ProblemKind, Report};
use hyper::{Method, StatusCode};

use crate::device::Chain;
use crate::process::{PROGRAM, Served};
use crate::world::{A, Answer, Identity, World, client, request, send_to};

/// Whether libfiu's programs are here.
fn has_fiu() -> bool {
    let has = |name: &str| {
        std::env::var_os("PATH")
            .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()))
    };
    let found = has("fiu-run") && has("fiu-ctrl");
    if !found {
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED durability: fiu-run is not on the PATH; apt-get install fiu-utils"
        );
    }
    found
}

/// `mtd-gateway`, whose disk can be told to fail by pipes whose names begin with `pipes`.
fn failing(pipes: &Path) -> Command {
    let mut command = Command::new("fiu-run");
    command.arg("-x").arg("-f").arg(pipes).arg(PROGRAM);
    command
}

fn tell(pipes: &Path, served: &Served, what: &str) {
    let mut command = Command::new("fiu-ctrl");
    command.arg("-f").arg(pipes).args(["-c", what]).arg(served.process().to_string());
    assert!(command.status().unwrap().success(), "{what}");
}

async fn send(world: &World, served: &Served, identity: &Identity, report: &Report) -> Answer {
    let body = serde_json::to_vec(report).unwrap();
    let config = Arc::new(client(world, Some(identity)));
    send_to(served.address(), config, request(Method::POST, CHECK_IN_PATH, body)).await.expect("an answer")
}

#[tokio::test]
async fn a_report_whose_changes_are_not_synced_is_not_acknowledged() {
    if !has_fiu() {
        return;
    }
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let pipes = folder.path().join("fiu");
    let served = Served::start_by(failing(&pipes), &world.home, &[]);
    let identity = world.activate(A).await;
    let held = || world.ask::<i64>("SELECT max(sequence) FROM device");
    let mut chain = Chain::new(1);
    let first = chain.report();
    assert_eq!(send(&world, &served, &identity, &first).await.status, StatusCode::OK);
    chain.acknowledged(&first);
    assert_eq!(held(), 1);

    // Everything is written as before; what is asked of the disk at last fails.
    tell(&pipes, &served, "enable name=posix/io/sync/*,failinfo=5");
    let second = chain.report();
    for _ in 0..3 {
        let answer = send(&world, &served, &identity, &second).await;
        assert_eq!(answer.problem(), ProblemKind::Unavailable);
        assert_eq!(held(), 1, "and nothing of it is there");
    }

    tell(&pipes, &served, "disable name=posix/io/sync/*");
    assert_eq!(send(&world, &served, &identity, &second).await.status, StatusCode::OK);
    assert_eq!(held(), 2);
}
