//! A disk that fails, fills up or loses power at the wrong moment costs nothing that was acknowledged.

#![expect(clippy::unwrap_used, reason = "a test may panic, and says what it did")]

#[path = "support/forgetful_disk.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared by several tests")]
mod forgetful_disk;
#[path = "support/journal.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared by several tests")]
mod journal;

use agent_core::vault::{MAX_BATCH, MAX_RECORD, Vault};
use agent_logic::failure::StorageFailure;
use agent_logic::redact::Bytes;
use forgetful_disk::ForgetfulDisk;
use journal::{key, open, record};

#[test]
fn a_full_disk_loses_nothing_and_appending_goes_on_when_there_is_space() {
    let disk = ForgetfulDisk::new(1);
    let mut vault = open(&disk).vault;
    vault.append(&[record(1, 100)]).unwrap();
    for space in [0, 1, 50, 130] {
        disk.set_space(space);
        assert_eq!(vault.append(&[record(2, 100)]), Err(StorageFailure::Full));
        assert_eq!(vault.compact(&record(9, 500)), Err(StorageFailure::Full));
    }
    disk.set_space(10_000);
    vault.append(&[record(3, 100)]).unwrap();
    drop(vault);
    assert_eq!(open(&disk).records, [record(1, 100), record(3, 100)]);
}

#[test]
fn a_full_disk_at_the_first_record_leaves_an_empty_vault() {
    let disk = ForgetfulDisk::new(1);
    let mut vault = open(&disk).vault;
    disk.set_space(20);
    assert_eq!(vault.append(&[record(1, 100)]), Err(StorageFailure::Full));
    drop(vault);
    let mut vault = open(&disk).vault;
    disk.set_space(10_000);
    vault.append(&[record(2, 100)]).unwrap();
    drop(vault);
    assert_eq!(open(&disk).records, [record(2, 100)]);
}

#[test]
fn a_batch_that_an_open_did_not_find_never_comes_back() {
    for seed in 0..40 {
        let disk = ForgetfulDisk::new(seed);
        let mut vault = open(&disk).vault;
        vault.append(&[record(1, 100)]).unwrap();
        disk.fail_sync(0);
        assert_eq!(vault.append(&[record(2, 100)]), Err(StorageFailure::Io));
        drop(vault);
        disk.respawn();
        // The sync that fails may be the one that was to carry the cut.
        disk.fail_sync(0);
        assert_eq!(Vault::open(disk.clone(), &key()).err(), Some(StorageFailure::Io));
        disk.respawn();
        assert_eq!(open(&disk).records, [record(1, 100)], "seed {seed}");
        disk.restart();
        assert_eq!(open(&disk).records, [record(1, 100)], "seed {seed}");
    }
}

#[test]
fn a_failed_sync_is_not_made_good_by_a_later_one() {
    let disk = ForgetfulDisk::new(5);
    let mut vault = open(&disk).vault;
    vault.append(&[record(1, 100)]).unwrap();
    disk.fail_sync(0);
    assert_eq!(vault.append(&[record(2, 100)]), Err(StorageFailure::Io));
    vault.append(&[record(3, 100)]).unwrap();
    drop(vault);
    disk.restart();
    assert_eq!(open(&disk).records, [record(1, 100), record(3, 100)]);
}

#[test]
fn a_first_record_that_failed_is_not_doubled_by_its_repetition() {
    for syncs_before in 0..2 {
        let disk = ForgetfulDisk::new(5);
        let mut vault = open(&disk).vault;
        disk.fail_sync(syncs_before);
        assert_eq!(vault.append(&[record(1, 100)]), Err(StorageFailure::Io));
        vault.append(&[record(1, 100)]).unwrap();
        drop(vault);
        disk.restart();
        assert_eq!(open(&disk).records, [record(1, 100)]);
    }
}

#[test]
fn a_compaction_that_failed_at_its_name_leaves_a_journal_that_power_cuts_do_not_change() {
    for seed in 0..50 {
        let disk = ForgetfulDisk::new(seed);
        let mut vault = open(&disk).vault;
        vault.append(&[record(1, 100)]).unwrap();
        // The file's sync succeeds, the folder's fails: the new name shows and is not kept.
        disk.fail_sync(1);
        assert_eq!(vault.compact(&record(9, 10)), Err(StorageFailure::Io));
        vault.append(&[record(2, 100)]).unwrap();
        drop(vault);
        disk.restart();
        assert_eq!(open(&disk).records, [record(9, 10), record(2, 100)], "seed {seed}");
    }
}

#[test]
fn a_name_that_a_failed_sync_left_in_doubt_is_given_again_by_the_next_process() {
    for seed in 0..50 {
        let disk = ForgetfulDisk::new(seed);
        let mut vault = open(&disk).vault;
        vault.append(&[record(1, 100)]).unwrap();
        // The file's sync succeeds, the folder's fails.
        disk.fail_sync(1);
        assert_eq!(vault.compact(&record(9, 10)), Err(StorageFailure::Io));
        drop(vault);
        disk.respawn();
        open(&disk).vault.append(&[record(2, 100)]).unwrap();
        disk.restart();
        assert_eq!(open(&disk).records, [record(9, 10), record(2, 100)], "seed {seed}");
    }
}

#[test]
fn what_an_open_found_wiped_does_not_come_back() {
    for seed in 0..50 {
        let disk = ForgetfulDisk::new(seed);
        let mut vault = open(&disk).vault;
        vault.append(&[record(1, 100)]).unwrap();
        disk.fail_sync(0);
        assert_eq!(vault.erase(), Err(StorageFailure::Io));
        drop(vault);
        disk.respawn();
        assert_eq!(open(&disk).records, []);
        disk.restart();
        assert_eq!(open(&disk).records, [], "seed {seed}");
    }
}

#[test]
fn a_wipe_that_succeeds_after_one_that_failed_wipes() {
    for seed in 0..50 {
        let disk = ForgetfulDisk::new(seed);
        let mut vault = open(&disk).vault;
        vault.append(&[record(1, 100)]).unwrap();
        disk.fail_sync(0);
        assert_eq!(vault.erase(), Err(StorageFailure::Io));
        vault.erase().unwrap();
        drop(vault);
        disk.restart();
        assert_eq!(open(&disk).records, [], "seed {seed}");
    }
}

#[test]
fn a_failed_compaction_does_not_bring_a_failed_append_back() {
    let disk = ForgetfulDisk::new(3);
    let mut vault = open(&disk).vault;
    vault.append(&[record(1, 100)]).unwrap();
    disk.fail_sync(0);
    disk.fail_truncates(1);
    assert_eq!(vault.append(&[record(2, 100)]), Err(StorageFailure::Io));
    disk.fail_renames(1);
    assert_eq!(vault.compact(&record(9, 10)), Err(StorageFailure::Io));
    vault.append(&[record(2, 100)]).unwrap();
    drop(vault);
    disk.restart();
    assert_eq!(open(&disk).records, [record(1, 100), record(2, 100)]);
}

#[test]
fn bounds_are_refused_before_anything_is_written() {
    let disk = ForgetfulDisk::new(1);
    let mut vault = open(&disk).vault;
    vault.append(&[record(1, 10)]).unwrap();
    let before = disk.count();
    let large = Bytes::new(vec![0; MAX_RECORD + 1]);
    assert_eq!(vault.append(std::slice::from_ref(&large)), Err(StorageFailure::Full));
    assert_eq!(vault.compact(&large), Err(StorageFailure::Full));
    let many = vec![record(1, 0); MAX_BATCH + 1];
    assert_eq!(vault.append(&many), Err(StorageFailure::Full));
    assert_eq!(disk.count(), before);

    let largest = Bytes::new(vec![0; MAX_RECORD]);
    for _ in 0..3 {
        vault.append(std::slice::from_ref(&largest)).unwrap();
    }
    assert_eq!(vault.append(std::slice::from_ref(&largest)), Err(StorageFailure::Full));
    drop(vault);
    let mut opened = open(&disk);
    assert_eq!(opened.records.len(), 4);
    opened.vault.compact(&largest).unwrap();
    opened.vault.append(&[record(2, 10)]).unwrap();
}
