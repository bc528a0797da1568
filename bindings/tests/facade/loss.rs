//! What is stored, and who may give it up.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use agent_bindings::facade::{MtdActivation, MtdAgent, MtdError, MtdKeyFault, MtdNeedKind, MtdRemedy};
use tempfile::TempDir;

use super::host::{Bench, Blind, Keys, Loud, WAIT, config, configuration, start};

// R12
#[test]
fn what_can_be_read_is_never_given_up_and_what_is_lost_only_by_start_over() {
    let folder = TempDir::new().unwrap();
    let first = start(&folder, Ok(vec![7; 32])).0.unwrap();
    first.configure(configuration()).unwrap();
    assert!(first.settle(10_000).unwrap());
    let needs = |agent: &MtdAgent| agent.status().unwrap().need.map(|need| need.kind);
    assert_eq!(needs(&first), Some(MtdNeedKind::Consent));
    assert_eq!(start_over(&folder, Ok(vec![8; 32])).unwrap_err().code(), 505, "another agent holds it");
    first.stop().unwrap();
    for (fault, code) in [(MtdKeyFault::Locked, 201), (MtdKeyFault::Busy, 202)] {
        assert_eq!(start_over(&folder, Err(fault)).unwrap_err().code(), code);
    }
    let again = start_over(&folder, Ok(vec![7; 32])).unwrap();
    assert_eq!(needs(&again), Some(MtdNeedKind::Consent), "the right key opens what was there");
    again.stop().unwrap();

    let refused = start(&folder, Ok(vec![8; 32])).0.unwrap_err();
    assert_eq!((refused.code(), refused.fault().remedy), (504, MtdRemedy::StartOver));
    let gone = start(&folder, Err(MtdKeyFault::Gone)).0.unwrap_err();
    assert_eq!((gone.code(), gone.fault().remedy), (203, MtdRemedy::StartOver));
    let anew = start_over(&folder, Ok(vec![8; 32])).unwrap();
    assert!(anew.settle(10_000).unwrap());
    assert_eq!(needs(&anew), Some(MtdNeedKind::Configuration), "nothing of before is left");
    anew.stop().unwrap();
    assert!(start(&folder, Ok(vec![8; 32])).0.is_ok());
}

fn start_over(folder: &TempDir, data_key: Result<Vec<u8>, MtdKeyFault>) -> Result<MtdAgent, MtdError> {
    let loud = Loud { told: Mutex::new(channel().0), agent: Arc::default() };
    MtdAgent::start_over(config(folder), Some(Arc::new(Keys(data_key))), Arc::new(Blind), Arc::new(loud))
}

#[test]
fn what_comes_in_during_the_wipe_is_not_written_under_the_key_that_goes() {
    let bench = Bench::open();
    let journal = bench.folder.path().join("state/journal");
    let agent = bench.agent();
    agent.settle(5_000).unwrap();
    assert!(journal.exists(), "a start is recorded");
    agent.deactivate().unwrap();
    let end = std::time::Instant::now() + WAIT;
    while journal.exists() && std::time::Instant::now() < end {
        std::thread::sleep(Duration::from_millis(1));
    }
    agent.set_consent(true).unwrap();
    agent.settle(5_000).unwrap();
    assert_eq!(agent.status().unwrap().activation, MtdActivation::Deactivated);
    assert!(!journal.exists(), "the next start would find what it cannot read");
}
