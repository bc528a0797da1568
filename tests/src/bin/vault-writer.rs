//! Appends to a vault and tells a port what was acknowledged; a child of `tests/vault_fiu.rs`, which makes its disk
//! fail. It speaks by `send`, which is not made to fail, and prints nothing: printing is writing.

use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use agent_core::folder::Folder;
use agent_core::vault::{Opened, Vault};
use agent_logic::failure::StorageFailure;
use agent_logic::redact::Secret;
use agent_tests::disk_faults::{KEY, fold, item, snapshot};

/// Most times that the vault is opened.
const OPENINGS: usize = 200;

fn main() -> ExitCode {
    match run() {
        Some(()) => ExitCode::SUCCESS,
        None => ExitCode::FAILURE,
    }
}

fn run() -> Option<()> {
    let mut words = std::env::args().skip(1);
    let folder = words.next()?;
    let port: u16 = words.next()?.parse().ok()?;
    let turns: u64 = words.next()?.parse().ok()?;
    let mut told = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let mut tell = |what: &str, count: usize| told.write_all(format!("{what} {count}\n").as_bytes()).ok();
    let Opened { mut vault, records, .. } = open(Path::new(&folder), &mut tell)?;
    let mut held = fold(&records);
    for turn in 0..turns {
        if turn % 8 == 7 {
            match vault.compact(&snapshot(&held)) {
                Ok(()) => tell("compacted", held.len())?,
                Err(failure) => tell(name(failure), held.len())?,
            }
            continue;
        }
        let from = u64::try_from(held.len()).ok()?.saturating_add(1);
        let batch: Vec<u64> = (from..=from.saturating_add(turn % 3)).collect();
        let records: Vec<_> = batch.iter().map(|number| item(*number)).collect();
        // A batch that failed is appended again in the next turn, as the machine does.
        match vault.append(&records) {
            Ok(()) => {
                held.extend(batch);
                tell("held", held.len())?;
            }
            Err(failure) => tell(name(failure), held.len())?,
        }
    }
    Some(())
}

/// Opening writes too, and fails too.
fn open(folder: &Path, tell: &mut impl FnMut(&str, usize) -> Option<()>) -> Option<Opened> {
    for _ in 0..OPENINGS {
        let opened = Folder::open(folder).and_then(|folder| Vault::open(Arc::new(folder), &Secret::new(KEY)));
        match opened {
            Ok(opened) => return Some(opened),
            Err(failure @ (StorageFailure::Full | StorageFailure::Io)) => tell(name(failure), 0)?,
            Err(failure @ (StorageFailure::Unreadable | StorageFailure::Busy | StorageFailure::Newer)) => {
                tell(name(failure), 0)?;
                return None;
            }
        }
    }
    None
}

const fn name(failure: StorageFailure) -> &'static str {
    match failure {
        StorageFailure::Full => "full",
        StorageFailure::Io => "io",
        StorageFailure::Unreadable => "unreadable",
        StorageFailure::Busy => "busy",
        StorageFailure::Newer => "newer",
    }
}
