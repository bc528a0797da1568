//! The journal in a real folder: locked, closed to others, and whole after SIGKILL at any moment.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::print_stdout,
    reason = "a test may panic, and says what it did"
)]

use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use agent_core::folder::Folder;
use agent_core::ports::Storage;
use agent_core::vault::{Opened, Vault};
use agent_logic::failure::StorageFailure;
use agent_logic::redact::{Bytes, Secret};
use tempfile::TempDir;

const KILLS: u64 = 40;
const KILLS_LONG: u64 = 1_000;

#[test]
fn nothing_acknowledged_is_lost_or_doubled_by_kills() {
    survive_kills(KILLS);
}

#[test]
#[ignore = "takes half a minute"]
fn nothing_acknowledged_is_lost_or_doubled_by_a_thousand_kills() {
    survive_kills(KILLS_LONG);
}

fn survive_kills(kills: u64) {
    let temp = TempDir::new().unwrap();
    let mut acknowledged = 0;
    let mut unacknowledged = 0;
    for round in 0..kills {
        let (mut child, mut lines) = spawn("append_until_killed", temp.path());
        let mut last = next_number(&mut lines).unwrap();
        // From the first acknowledgement on, at some moment of the next few milliseconds.
        std::thread::sleep(Duration::from_micros(round * 7_919 % 20_000));
        child.kill().unwrap();
        while let Some(number) = next_number(&mut lines) {
            last = number;
        }
        child.wait().unwrap();
        let found = fold(&open(temp.path()).records);
        let expected: Vec<u64> = (1..=found.len() as u64).collect();
        assert_eq!(found, expected, "round {round}: in order, none doubled");
        let held = found.len() as u64;
        assert!(held >= last, "round {round}: {last} was acknowledged, {held} are held");
        // A batch has at most three records, and at most one batch was under way.
        assert!(held - last <= 3, "round {round}");
        acknowledged = last;
        unacknowledged += held - last;
    }
    println!("{kills} kills, {acknowledged} acknowledged, {unacknowledged} found beyond");
    assert!(acknowledged > kills);
}

/// Run in a process of its own by the tests above.
#[test]
#[ignore = "a part of other tests"]
fn append_until_killed() {
    let Some(path) = std::env::var_os(FOLDER) else {
        return;
    };
    let Opened { mut vault, records, .. } = open(Path::new(&path));
    let mut held = fold(&records);
    for turn in 0_u64.. {
        if turn % 16 == 15 {
            vault.compact(&snapshot(&held)).unwrap();
            continue;
        }
        let from = held.len() as u64 + 1;
        let batch: Vec<u64> = (from..=from + turn % 3).collect();
        let records: Vec<Bytes> = batch.iter().map(|n| item(*n)).collect();
        vault.append(&records).unwrap();
        held.extend(batch);
        println!("\nheld {}", held.len());
    }
}

#[test]
fn a_second_agent_is_told_that_the_folder_is_taken() {
    let temp = TempDir::new().unwrap();
    let first = Folder::open(temp.path()).unwrap();
    let lock = first.lock().unwrap();
    let second = Folder::open(temp.path()).unwrap();
    assert_eq!(second.lock().err(), Some(StorageFailure::Busy));
    assert_eq!(first.lock().err(), Some(StorageFailure::Busy));
    drop(lock);
    assert!(second.lock().is_ok());
}

#[test]
fn a_second_process_is_told_so_too_and_a_kill_frees_the_folder() {
    let temp = TempDir::new().unwrap();
    let (mut child, mut lines) = spawn("append_until_killed", temp.path());
    next_number(&mut lines).unwrap();
    let folder: Arc<dyn Storage> = Arc::new(Folder::open(temp.path()).unwrap());
    assert_eq!(Vault::open(folder.clone(), &key()).err(), Some(StorageFailure::Busy));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(Vault::open(folder, &key()).is_ok());
}

#[test]
fn folder_and_files_are_closed_to_others() {
    let temp = TempDir::new().unwrap();
    let path = temp.path().join("a/b");
    open(&path).vault.append(&[item(1)]).unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o700);
    for entry in std::fs::read_dir(&path).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(open(&path).records.len(), 1);
    assert_eq!(mode(&path), 0o700);
}

#[test]
fn no_space_is_told_apart_from_other_errors() {
    let temp = TempDir::new().unwrap();
    let folder = Folder::open(temp.path()).unwrap();
    symlink("/dev/full", temp.path().join("full")).unwrap();
    assert_eq!(folder.append("full", b"x"), Err(StorageFailure::Full));
    std::fs::create_dir(temp.path().join("folder")).unwrap();
    assert_eq!(folder.append("folder", b"x"), Err(StorageFailure::Io));
}

#[test]
fn a_real_disk_that_is_full_loses_nothing() {
    let temp = TempDir::new().unwrap();
    // A small file system of its own, in a name space where this user may mount.
    let script = r#"mount -t tmpfs -o size=128k small "$1" && exec "$2" --exact fill_the_disk --ignored"#;
    let program = std::env::current_exe().unwrap();
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .args([temp.path(), &program])
        .env(FOLDER, temp.path())
        .output();
    match output {
        Ok(output) if String::from_utf8_lossy(&output.stdout).contains("running 1 test") => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        }
        // Only `no_space_is_told_apart_from_other_errors` speaks for such a machine.
        Ok(_) | Err(_) => println!("not run: this machine gives no name space with a small disk"),
    }
}

/// Run by the test above, on a disk of 128 KiB.
#[test]
#[ignore = "a part of another test"]
fn fill_the_disk() {
    let Some(path) = std::env::var_os(FOLDER) else {
        return;
    };
    let path = Path::new(&path);
    let ballast = path.join("ballast");
    std::fs::write(&ballast, vec![0; 32 * 1024]).unwrap();
    let mut vault = open(path).vault;
    let mut held = Vec::new();
    let failure = loop {
        let next = held.len() as u64 + 1;
        match vault.append(&[item(next)]) {
            Ok(()) => held.push(next),
            Err(failure) => break failure,
        }
    };
    assert_eq!(failure, StorageFailure::Full);
    assert_eq!(vault.compact(&snapshot(&vec![0; 8 * 1024])), Err(StorageFailure::Full));
    drop(vault);
    let mut opened = open(path);
    assert_eq!(fold(&opened.records), held);
    assert_eq!(opened.vault.append(&[item(0)]), Err(StorageFailure::Full));
    std::fs::remove_file(ballast).unwrap();
    held.push(held.len() as u64 + 1);
    opened.vault.append(&[item(held.len() as u64)]).unwrap();
    drop(opened);
    assert_eq!(fold(&open(path).records), held);
}

#[test]
fn reads_are_bounded_and_stop_at_the_end() {
    let temp = TempDir::new().unwrap();
    let folder = Folder::open(temp.path()).unwrap();
    folder.append("file", b"0123456789").unwrap();
    assert_eq!(folder.read("file", 10).unwrap().unwrap(), b"0123456789");
    assert_eq!(folder.read("file", 9), Err(StorageFailure::Unreadable));
    assert_eq!(folder.read("none", 9), Ok(None));
    assert_eq!(folder.read_at("file", 8, usize::MAX).unwrap(), b"89");
    assert_eq!(folder.read_at("file", 100, 5).unwrap(), b"");
    assert_eq!(folder.read_at("none", 0, 5), Err(StorageFailure::Io));
    assert_eq!(folder.remove("none"), Ok(()));
}

#[test]
fn a_name_cannot_leave_the_folder() {
    let temp = TempDir::new().unwrap();
    let folder = Folder::open(temp.path().join("inner")).unwrap();
    for name in ["../outside", "/tmp/outside", "..", ".", ""] {
        assert_eq!(folder.append(name, b"x"), Err(StorageFailure::Io), "{name}");
    }
    assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 1);
}

#[test]
fn an_append_reaches_the_file_that_has_the_name_now() {
    let temp = TempDir::new().unwrap();
    let folder = Folder::open(temp.path()).unwrap();
    folder.append("old", b"old").unwrap();
    folder.append("new", b"new").unwrap();
    folder.sync("new").unwrap();
    folder.rename("new", "old").unwrap();
    folder.append("old", b" more").unwrap();
    folder.append("new", b"another").unwrap();
    folder.sync("old").unwrap();
    assert_eq!(folder.read("old", 99).unwrap().unwrap(), b"new more");
    folder.remove("new").unwrap();
    folder.append("new", b"x").unwrap();
    assert_eq!(folder.read("new", 99).unwrap().unwrap(), b"x");
}

/// This program again, with only `test` to run.
fn spawn(test: &str, folder: &Path) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap());
    (child, lines)
}

/// The next number that the child acknowledged; a line that the kill cut off is none.
fn next_number(lines: &mut impl BufRead) -> Option<u64> {
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        if !line.ends_with('\n') {
            return None;
        }
        if let Some(number) = line.trim_end().strip_prefix("held ") {
            return Some(number.parse().unwrap());
        }
    }
}

fn open(path: &Path) -> Opened {
    let folder = Folder::open(path).unwrap();
    Vault::open(Arc::new(folder), &key()).unwrap()
}

fn key() -> Secret<[u8; 32]> {
    Secret::new([7; 32])
}

fn item(number: u64) -> Bytes {
    let mut bytes = vec![b'i'];
    bytes.extend(number.to_be_bytes());
    bytes.resize(300, b'.');
    Bytes::new(bytes)
}

fn snapshot(numbers: &[u64]) -> Bytes {
    let mut bytes = vec![b's'];
    bytes.extend(numbers.iter().flat_map(|n| n.to_be_bytes()));
    Bytes::new(bytes)
}

fn fold(records: &[Bytes]) -> Vec<u64> {
    let mut numbers = Vec::new();
    for record in records {
        let (words, _) = record.as_slice()[1..].as_chunks::<8>();
        let mut words = words.iter().map(|word| u64::from_be_bytes(*word));
        match record.as_slice()[0] {
            b's' => numbers = words.collect(),
            _ => numbers.extend(words.next()),
        }
    }
    numbers
}

const FOLDER: &str = "VAULT_TEST_FOLDER";
