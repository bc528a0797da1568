//! A phone whose files can never be read again: it starts over when the host says so, and never by itself (D4).
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "support/front.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod front;
#[path = "support/phone.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod phone;
#[path = "support/world.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod world;

use agent_core::agent::{AgentHandle, StartError, StartRemedy};
use agent_core::ports::KeyStore as _;
use agent_logic::event::Event;
use agent_logic::failure::{KeyFailure, StorageFailure};
use agent_logic::model::Activation;
use agent_tests::device::keys::SoftwareKeys;

use phone::{check_in, online, rest};
use world::World;

// R12
#[test]
fn a_lost_data_key_costs_the_registration_and_the_administrator_hears_of_it() {
    let world = World::open(131);
    let phone = &world.phone;
    let agent = phone.start();
    assert_eq!(phone.launch(&agent, world.code()).activation, Activation::Activated);
    drop(agent);
    let keys = phone.dir.join("keys");
    let journal = phone.dir.join("state/journal");
    let lost = || std::fs::read(&journal).unwrap();

    // What seals the data key is gone, as after a restored backup.
    std::fs::remove_file(keys.join("sealing-key")).unwrap();
    let before = lost();
    for _ in 0..2 {
        let refused = AgentHandle::start(phone.platform(), phone.trust(), None).err().unwrap();
        assert_eq!(refused, StartError::Key(KeyFailure::Gone));
        assert_eq!((refused.remedy(), lost() == before), (StartRemedy::StartOver, true));
    }
    start_over_and_activate(&world);

    // Another data key: the journal opens under none that is there.
    SoftwareKeys::open(&keys).unwrap().destroy_data_key().unwrap();
    let refused = AgentHandle::start(phone.platform(), phone.trust(), None).err().unwrap();
    assert_eq!(refused, StartError::Storage(StorageFailure::Unreadable));
    assert_eq!(refused.remedy(), StartRemedy::StartOver);
    start_over_and_activate(&world);
    assert_eq!(world.stage.diagnosed(&world.stage.main, 515).unwrap(), 2);
}

fn start_over_and_activate(world: &World) {
    let phone = &world.phone;
    let agent = AgentHandle::start_over(phone.platform(), phone.trust(), None).unwrap();
    assert_eq!(rest(&agent).activation, Activation::Pending, "nothing of before is left");
    agent.send(Event::Network(online())).unwrap();
    assert_eq!(phone.launch(&agent, world.code()).activation, Activation::Activated);
    drop(agent);
    // What was begun anew is gone on with.
    assert_eq!(check_in(&phone.start()).unacknowledged, 0);
}
