//! The journal on a real disk whose calls fail: nothing acknowledged is lost, nothing is there twice.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test may panic, and says what it did")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use agent_core::folder::Folder;
use agent_core::vault::Vault;
use agent_logic::redact::Secret;
use agent_tests::disk_faults::{KEY, fold};
use agent_tests::peers::{self, Fault, Fiu};

/// Lives of the writer with each set of faults, and appends in each.
const LIVES: usize = 12;
const TURNS: usize = 120;
/// A batch: what failed last may be found, once.
const BATCH: usize = 3;

const EIO: i32 = 5;
const ENOSPC: i32 = 28;

const SHORT: Fault = Fault { call: "posix/io/rw/write/reduce", percent: 30, errno: 0 };

const fn fault(call: &'static str, percent: u8, errno: i32) -> Fault {
    Fault { call, percent, errno }
}

#[test]
fn a_write_without_space() {
    survive(&[SHORT, fault("posix/io/rw/write", 15, ENOSPC)], "full");
}

#[test]
fn a_write_that_fails_in_the_middle() {
    survive(&[SHORT, fault("posix/io/rw/write", 15, EIO)], "io");
}

#[test]
fn an_fdatasync_that_fails() {
    survive(&[fault("posix/io/sync/fdatasync", 15, EIO)], "io");
}

#[test]
fn an_fdatasync_without_space() {
    survive(&[fault("posix/io/sync/fdatasync", 15, ENOSPC)], "full");
}

#[test]
fn a_folder_that_does_not_sync() {
    survive(&[fault("posix/io/sync/fsync", 40, EIO)], "io");
}

#[test]
fn a_rename_that_fails_and_a_folder_that_does_not_sync() {
    survive(&[fault("posix/io/dir/rename", 30, EIO), fault("posix/io/sync/fsync", 30, EIO)], "io");
}

#[test]
fn a_rename_without_space() {
    survive(&[fault("posix/io/dir/rename", 40, ENOSPC)], "full");
}

#[test]
fn a_tail_that_cannot_be_cut_off_at_once() {
    let cut = fault("posix/io/rw/ftruncate", 50, EIO);
    survive(&[SHORT, fault("posix/io/rw/write", 15, ENOSPC), cut], "full");
}

#[test]
fn everything_at_once() {
    let faults = [
        SHORT,
        fault("posix/io/rw/write", 5, ENOSPC),
        fault("posix/io/rw/ftruncate", 30, EIO),
        fault("posix/io/sync/*", 5, EIO),
        fault("posix/io/dir/*", 10, EIO),
        fault("posix/io/oc/open", 5, EIO),
    ];
    survive(&faults, "io");
}

/// One folder through many lives; `expected` is the failure that must have been seen.
fn survive(faults: &[Fault], expected: &str) {
    let Some(fiu) = peers::present(Fiu::find()).unwrap() else { return };
    let temp = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut acknowledged = 0;
    for life in 0..LIVES {
        let (last, ended_well) = live(&fiu, faults, temp.path(), &mut seen);
        acknowledged = acknowledged.max(last);
        assert!(ended_well, "life {life}: {seen:?}");
        let found = stands(temp.path());
        assert_eq!(found, (1..).take(found.len()).collect::<Vec<u64>>(), "life {life}: in order, none twice");
        assert!(
            found.len() >= acknowledged,
            "life {life}: {acknowledged} acknowledged, {} there",
            found.len()
        );
        assert!(found.len() <= acknowledged + BATCH, "life {life}: {} there", found.len());
        acknowledged = found.len();
    }
    println!("{acknowledged} records, {seen:?}");
    // A disk that never failed, or always did, would prove nothing.
    assert!(seen.get(expected).is_some_and(|count| *count >= LIVES), "{seen:?}");
    assert!(seen.get("held").is_some_and(|count| *count >= LIVES * TURNS / 10), "{seen:?}");
    assert!(seen.get("compacted").is_some_and(|count| *count >= LIVES), "{seen:?}");
}

/// The last number that was acknowledged, and whether the writer came to its end.
fn live(fiu: &Fiu, faults: &[Fault], folder: &Path, seen: &mut BTreeMap<String, usize>) -> (usize, bool) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut writer = fiu.command(Path::new(env!("CARGO_BIN_EXE_vault-writer")), faults);
    let mut child = writer.arg(folder).args([port.to_string(), TURNS.to_string()]).spawn().unwrap();
    let mut last = 0;
    for line in BufReader::new(listener.accept().unwrap().0).lines() {
        let line = line.unwrap();
        let (what, count) = line.split_once(' ').unwrap();
        if what == "held" {
            last = count.parse().unwrap();
        }
        *seen.entry(what.to_owned()).or_default() += 1;
    }
    (last, child.wait().unwrap().success())
}

/// What a later life without faults finds.
fn stands(folder: &Path) -> Vec<u64> {
    let folder = Folder::open(folder).unwrap();
    fold(&Vault::open(Arc::new(folder), &Secret::new(KEY)).unwrap().records)
}
