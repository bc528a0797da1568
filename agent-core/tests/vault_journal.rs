//! The journal keeps what it acknowledged, says what it cannot read, and costs what it may.

#![expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::unwrap_used,
    reason = "a test may panic, and says what it did"
)]

#[path = "support/forgetful_disk.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared by several tests")]
mod forgetful_disk;
#[path = "support/journal.rs"]
#[expect(unreachable_pub, reason = "shared by several tests")]
mod journal;

use std::sync::Arc;

use agent_core::vault::Vault;
use agent_logic::failure::StorageFailure;
use agent_logic::redact::{Bytes, Secret};
use forgetful_disk::{Chance, Count, ForgetfulDisk};
use journal::{JOURNAL, key, open, record};

#[test]
fn a_300_byte_record_costs_at_most_400_bytes_and_one_sync() {
    let disk = ForgetfulDisk::new(1);
    let mut vault = open(&disk).vault;
    vault.append(&[record(1, 300)]).unwrap();
    let (before, size) = (disk.count(), vault.size());
    vault.append(&[record(2, 300)]).unwrap();
    let after = disk.count();
    println!("300 B record: {} B on disk", after.bytes - before.bytes);
    assert!(after.bytes - before.bytes <= 400);
    assert_eq!(vault.size() - size, after.bytes - before.bytes);
    assert_eq!(after.syncs - before.syncs, 1);
    assert_eq!(after.folder_syncs, before.folder_syncs);
}

#[test]
fn a_batch_costs_one_sync_too() {
    let disk = ForgetfulDisk::new(1);
    let mut vault = open(&disk).vault;
    vault.append(&[record(1, 10)]).unwrap();
    let before = disk.count().syncs;
    let batch: Vec<Bytes> = (2..502).map(|n| record(n, 100)).collect();
    vault.append(&batch).unwrap();
    assert_eq!(disk.count().syncs - before, 1);
    vault.append(&[]).unwrap();
    assert_eq!(disk.count().syncs - before, 1);
    drop(vault);
    assert_eq!(open(&disk).records.len(), 501);
}

#[test]
fn nothing_is_written_before_the_first_record() {
    let disk = ForgetfulDisk::new(1);
    let opened = open(&disk);
    assert!(opened.records.is_empty() && !opened.torn);
    assert_eq!(opened.vault.size(), 0);
    assert_eq!(disk.count(), Count::default());
}

#[test]
fn what_is_appended_is_read_in_order_and_a_snapshot_replaces_it() {
    let disk = ForgetfulDisk::new(1);
    let mut vault = open(&disk).vault;
    vault.append(&[record(1, 20), record(2, 0)]).unwrap();
    vault.append(&[record(3, 5_000)]).unwrap();
    drop(vault);
    let mut opened = open(&disk);
    assert_eq!(opened.records, [record(1, 20), record(2, 0), record(3, 5_000)]);
    let size = opened.vault.size();
    opened.vault.compact(&record(9, 50)).unwrap();
    assert!(opened.vault.size() < size);
    opened.vault.append(&[record(4, 1)]).unwrap();
    drop(opened);
    disk.restart();
    let opened = open(&disk);
    assert_eq!(opened.records, [record(9, 50), record(4, 1)]);
    assert_eq!(opened.vault.size(), disk.show(JOURNAL).unwrap().len() as u64);
}

#[test]
fn an_empty_record_is_a_record() {
    let disk = ForgetfulDisk::new(1);
    open(&disk).vault.append(&[Bytes::default(), Bytes::default()]).unwrap();
    assert_eq!(open(&disk).records, [Bytes::default(), Bytes::default()]);
}

#[test]
fn no_altered_bit_is_believed() {
    let (disk, frames) = three_frames();
    let whole = disk.show(JOURNAL).unwrap();
    let last = frames[2];
    for at in 0..whole.len() {
        disk.tamper(JOURNAL, |bytes| bytes[at] ^= 1 << (at % 8));
        let opened = Vault::open(disk.clone(), &key());
        if at < last {
            let failure = opened.err().unwrap();
            let expected = match (4..8).contains(&at) {
                // The version: a larger one is a later library's.
                true if u32::from_be_bytes(disk.show(JOURNAL).unwrap()[4..8].try_into().unwrap()) > 1 => {
                    StorageFailure::Newer
                }
                _ => StorageFailure::Unreadable,
            };
            assert_eq!(failure, expected, "at {at}");
            assert_ne!(disk.show(JOURNAL).unwrap(), whole, "left as it is");
        } else {
            // Looks like a write that power did not outlast, and nothing acknowledged stands behind it.
            let opened = opened.unwrap();
            assert!(opened.torn, "at {at}");
            assert_eq!(opened.records.len(), 2, "at {at}");
        }
        disk.tamper(JOURNAL, |bytes| *bytes = whole.clone());
    }
}

#[test]
fn a_tail_torn_at_any_byte_is_cut_off_and_appending_goes_on() {
    let (disk, frames) = three_frames();
    let whole = disk.show(JOURNAL).unwrap();
    for end in frames[2] + 1..whole.len() {
        for filler in [None, Some(0), Some(0xAA)] {
            disk.tamper(JOURNAL, |bytes| {
                *bytes = whole[..end].to_vec();
                bytes.resize(filler.map_or(end, |_| whole.len()), filler.unwrap_or_default());
            });
            if disk.show(JOURNAL).unwrap() == whole {
                // The bytes that were lost happened to be the filler.
                continue;
            }
            let mut opened = open(&disk);
            assert!(opened.torn && opened.records.len() == 2, "at {end}");
            opened.vault.append(&[record(7, 30)]).unwrap();
            drop(opened);
            let opened = open(&disk);
            assert!(!opened.torn && opened.records[2] == record(7, 30), "at {end}");
        }
    }
}

#[test]
fn whatever_happens_to_the_file_what_is_believed_is_a_beginning_of_the_truth() {
    let disk = ForgetfulDisk::new(1);
    let mut vault = open(&disk).vault;
    let truth: Vec<Bytes> = (0..24).map(|n| record(n, 8 + n as usize * 7)).collect();
    for batch in truth.chunks(3) {
        vault.append(batch).unwrap();
    }
    drop(vault);
    let whole = disk.show(JOURNAL).unwrap();
    let mut chance = Chance::new(77);
    let (mut believed, mut refused) = (0, 0);
    for turn in 0..4_000 {
        disk.tamper(JOURNAL, |bytes| {
            *bytes = whole.clone();
            for _ in 0..=chance.below(3) {
                mangle(bytes, &mut chance);
            }
        });
        match Vault::open(disk.clone(), &key()) {
            Ok(opened) => {
                believed += 1;
                assert!(truth.starts_with(&opened.records), "turn {turn}");
                assert_eq!(opened.records.len() % 3, 0, "turn {turn}: whole batches");
            }
            Err(failure) => {
                refused += 1;
                assert!(matches!(failure, StorageFailure::Unreadable | StorageFailure::Newer));
            }
        }
    }
    println!("{believed} believed in part, {refused} refused");
    assert!(believed > 200 && refused > 200);
}

#[test]
fn a_tail_full_of_marks_takes_no_time() {
    let (disk, frames) = three_frames();
    disk.tamper(JOURNAL, |bytes| {
        let mark = bytes[frames[2]..frames[2] + 8].to_vec();
        // Every mark begins a frame that claims 4 MiB of the rest.
        let claim = [mark.as_slice(), &[0; 4], &0x0040_0000_u32.to_be_bytes()].concat();
        bytes.truncate(frames[2] + 4);
        bytes.extend(claim.iter().cycle().take(15 * 1024 * 1024));
    });
    let start = std::time::Instant::now();
    let failure = Vault::open(disk.clone(), &key()).err();
    assert_eq!(failure, Some(StorageFailure::Unreadable));
    assert!(start.elapsed().as_secs() < 20);
}

#[test]
fn the_first_frame_is_never_taken_for_torn() {
    let (disk, frames) = three_frames();
    for end in 0..frames[1] {
        disk.tamper(JOURNAL, |bytes| bytes.truncate(frames[1] - end - 1));
        assert_eq!(Vault::open(disk.clone(), &key()).err(), Some(StorageFailure::Unreadable));
    }
}

#[test]
fn frames_moved_repeated_removed_or_of_another_file_are_noticed() {
    let (disk, frames) = three_frames();
    let whole = disk.show(JOURNAL).unwrap();
    let [zero, one, two] = [&whole[frames[0]..frames[1]], &whole[frames[1]..frames[2]], &whole[frames[2]..]];
    let (other, other_frames) = three_frames();
    let other = other.show(JOURNAL).unwrap();
    let foreign = &other[other_frames[1]..other_frames[2]];
    let header = &whole[..frames[0]];
    let histories: [&[&[u8]]; 8] = [
        &[header, zero, two, one],
        &[header, one, zero, two],
        &[header, zero, two],
        &[header, one, two],
        &[header, zero, one, one],
        &[header, zero, foreign, two],
        &[&other[..frames[0]], zero, one, two],
        &[header, zero, b"junk", one, two],
    ];
    for (at, history) in histories.iter().enumerate() {
        disk.tamper(JOURNAL, |bytes| *bytes = history.concat());
        let failure = Vault::open(disk.clone(), &key()).err();
        assert_eq!(failure, Some(StorageFailure::Unreadable), "history {at}");
        assert_eq!(disk.show(JOURNAL).unwrap(), history.concat());
    }
}

#[test]
fn another_key_reads_nothing_and_destroys_nothing() {
    let (disk, _) = three_frames();
    let whole = disk.show(JOURNAL);
    let failure = Vault::open(disk.clone(), &Secret::new([8; 32])).err();
    assert_eq!(failure, Some(StorageFailure::Unreadable));
    assert_eq!(disk.show(JOURNAL), whole);
    assert_eq!(open(&disk).records.len(), 3);
}

#[test]
fn a_later_version_is_left_as_it_is() {
    let (disk, _) = three_frames();
    for length in [None, Some(17 * 1024 * 1024)] {
        disk.tamper(JOURNAL, |bytes| {
            bytes[4..8].copy_from_slice(&2_u32.to_be_bytes());
            bytes.resize(length.unwrap_or(bytes.len()), 0);
        });
        let there = disk.show(JOURNAL);
        assert_eq!(Vault::open(disk.clone(), &key()).err(), Some(StorageFailure::Newer));
        assert_eq!(disk.show(JOURNAL), there);
    }
}

#[test]
fn an_unreadable_journal_goes_aside_when_told_and_a_new_one_begins() {
    let (disk, _) = three_frames();
    disk.tamper(JOURNAL, |bytes| bytes.truncate(10));
    assert!(Vault::open(disk.clone(), &key()).is_err());
    Vault::set_aside(&*disk).unwrap();
    let mut vault = open(&disk).vault;
    vault.append(&[record(1, 1)]).unwrap();
    assert_eq!(disk.show("journal.aside").unwrap().len(), 10);
    vault.erase().unwrap();
    assert_eq!(disk.show("journal.aside"), None);
}

#[test]
fn erased_is_gone_after_a_power_cut_too() {
    let (disk, _) = three_frames();
    let mut vault = open(&disk).vault;
    vault.erase().unwrap();
    assert_eq!(vault.size(), 0);
    drop(vault);
    disk.restart();
    assert_eq!(disk.show(JOURNAL), None);
    assert!(open(&disk).records.is_empty());
}

#[test]
fn a_vault_goes_to_another_thread_and_prints_nothing_it_holds() {
    fn sendable<T: Send>(value: T) -> T {
        value
    }
    let (disk, _) = three_frames();
    let opened = sendable(open(&disk));
    let printed = format!("{opened:?}");
    assert!(printed.starts_with("Opened { vault: Vault("), "{printed}");
    assert!(printed.contains("records: [Bytes(40), "), "{printed}");
}

#[test]
fn two_vaults_do_not_share_a_folder() {
    let disk = ForgetfulDisk::new(1);
    let first = open(&disk).vault;
    assert_eq!(Vault::open(disk.clone(), &key()).err(), Some(StorageFailure::Busy));
    assert_eq!(Vault::set_aside(&*disk), Err(StorageFailure::Busy));
    drop(first);
    assert!(Vault::open(disk.clone(), &key()).is_ok());
}

#[test]
fn no_record_stands_readable_in_the_file() {
    let disk = ForgetfulDisk::new(1);
    let marker = b"com.example.diary";
    open(&disk).vault.append(&[Bytes::new(marker.to_vec())]).unwrap();
    let file = disk.show(JOURNAL).unwrap();
    assert!(!file.windows(marker.len()).any(|window| window == marker));
}

/// One thing that bad memory, a bad disk or a bad person does.
fn mangle(bytes: &mut Vec<u8>, chance: &mut Chance) {
    let at = chance.index(bytes.len() + 1);
    let to = (at + chance.index(200)).min(bytes.len());
    match chance.below(6) {
        0 => bytes.truncate(at),
        1 => bytes[at..to].fill(0),
        2 => bytes[at..to].reverse(),
        3 => drop(bytes.drain(at..to)),
        4 => {
            let part = bytes[at..to].to_vec();
            let place = chance.index(bytes.len() + 1);
            bytes.splice(place..place, part);
        }
        _ => bytes.extend((0..50).map(|n: u8| n.wrapping_mul(37))),
    }
}

fn three_frames() -> (Arc<ForgetfulDisk>, [usize; 3]) {
    let disk = ForgetfulDisk::new(1);
    let mut vault = open(&disk).vault;
    vault.append(&[record(1, 40)]).unwrap();
    let one = vault.size() as usize;
    vault.append(&[record(2, 40)]).unwrap();
    let two = vault.size() as usize;
    vault.append(&[record(4, 40)]).unwrap();
    drop(vault);
    (disk, [24, one, two])
}
