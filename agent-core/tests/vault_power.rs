//! Power goes at a random byte of a random operation: nothing acknowledged is lost, nothing is doubled.

#![expect(
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::panic,
    reason = "a test may panic, and says what it did"
)]

#[path = "support/forgetful_disk.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared by several tests")]
mod forgetful_disk;

use std::sync::Arc;

use agent_core::vault::{Opened, Vault};
use agent_logic::redact::{Bytes, Secret};
use forgetful_disk::{Chance, ForgetfulDisk};

const SEEDS: u64 = 10;
const CUTS_PER_SEED: u64 = 150;

#[test]
fn no_power_cut_loses_or_doubles_an_acknowledged_record() {
    let mut tally = Tally::default();
    for seed in 1..=SEEDS {
        let mut run = Run::new(seed);
        for _ in 0..CUTS_PER_SEED {
            run.live_until_the_power_goes(&mut tally);
        }
    }
    println!("{tally:?}");
    assert!(tally.cuts >= 1_000);
    // The histories must have been worth it.
    assert!(tally.acknowledged > 10_000 && tally.compactions > 300 && tally.torn > 50);
    assert!(tally.failures > 300 && tally.survived_unacknowledged > 20);
}

/// What the vault owes us, kept outside of it.
struct Run {
    seed: u64,
    disk: Arc<ForgetfulDisk>,
    chance: Chance,
    /// Acknowledged, in order.
    held: Vec<u64>,
    /// Batches that failed since: at most one of them may be found after a restart.
    in_doubt: Vec<Vec<u64>>,
    sync_failed: bool,
    next: u64,
}

#[derive(Debug, Default)]
struct Tally {
    cuts: u64,
    acknowledged: u64,
    compactions: u64,
    failures: u64,
    torn: u64,
    survived_unacknowledged: u64,
}

impl Run {
    fn new(seed: u64) -> Self {
        Self {
            seed,
            disk: ForgetfulDisk::new(seed),
            chance: Chance::new(seed ^ 0xFEED),
            held: Vec::new(),
            in_doubt: Vec::new(),
            sync_failed: false,
            next: 1,
        }
    }

    fn live_until_the_power_goes(&mut self, tally: &mut Tally) {
        tally.cuts += 1;
        // Also during the open.
        self.disk.cut_power_at(self.chance.below(60));
        let opened = Vault::open(self.disk.clone(), &key());
        if let Ok(Opened { mut vault, records, .. }) = opened {
            self.compare(fold(&records), tally);
            while self.step(&mut vault, tally) {}
        }
        if self.chance.below(4) == 0 && !self.sync_failed {
            // Only the process dies, not right after a failed sync (see the vault's page). What the next one believes must outlast a power cut before its first write.
            self.disk.respawn();
        } else {
            self.disk.restart();
        }
        self.sync_failed = false;
        let Opened { records, torn, .. } = Vault::open(self.disk.clone(), &key()).unwrap();
        tally.torn += u64::from(torn);
        self.compare(fold(&records), tally);
    }

    /// One append or compaction; whether there is still power.
    fn step(&mut self, vault: &mut Vault, tally: &mut Tally) -> bool {
        match self.chance.below(20) {
            0 => {
                self.sync_failed = true;
                self.disk.fail_sync(self.chance.below(3));
            }
            1 => self.disk.fail_truncates(1),
            2 => self.disk.fail_renames(1),
            _ => {}
        }
        if self.chance.below(12) == 0 {
            let done = vault.compact(&snapshot(&self.held));
            tally.compactions += u64::from(done.is_ok());
            tally.failures += u64::from(done.is_err());
            if done.is_ok() {
                self.in_doubt.clear();
            }
        } else {
            let size = 1 + self.chance.below(3);
            let batch: Vec<u64> = (self.next..self.next + size).collect();
            self.next += size;
            let records: Vec<Bytes> = batch.iter().map(|n| item(*n, self.chance.index(3_000))).collect();
            match vault.append(&records) {
                Ok(()) => {
                    tally.acknowledged += size;
                    self.held.extend(batch);
                    self.in_doubt.clear();
                }
                Err(_) => {
                    tally.failures += 1;
                    self.in_doubt.push(batch);
                }
            }
        }
        self.disk.has_power()
    }

    fn compare(&mut self, found: Vec<u64>, tally: &mut Tally) {
        let at = self.held.len();
        let said = found.get(..at) == Some(&self.held);
        let extra = found.get(at..).unwrap_or_default().to_vec();
        let explained = extra.is_empty() || self.in_doubt.contains(&extra);
        if !said || !explained {
            panic!(
                "seed {}: held {at} records ending in {:?}, found {} ending in {:?}, in doubt {:?}",
                self.seed,
                self.held.last(),
                found.len(),
                found.last(),
                self.in_doubt
            );
        }
        tally.survived_unacknowledged += extra.len() as u64;
        // Made durable by the open.
        self.held = found;
        self.in_doubt.clear();
    }
}

fn key() -> Secret<[u8; 32]> {
    Secret::new([7; 32])
}

fn item(number: u64, padding: usize) -> Bytes {
    let mut bytes = vec![b'i'];
    bytes.extend(number.to_be_bytes());
    bytes.resize(9 + padding, b'.');
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
        let (kind, rest) = record.as_slice().split_first().unwrap();
        let (words, _) = rest.as_chunks::<8>();
        let mut words = words.iter().map(|word| u64::from_be_bytes(*word));
        match kind {
            b's' => numbers = words.collect(),
            _ => numbers.extend(words.next()),
        }
    }
    numbers
}
