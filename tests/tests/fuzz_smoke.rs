//! The fuzz targets on stable Rust: every seed, and seeded mutations of each, through the same functions.
//!
//! `MTD_FUZZ_SEED` takes another stream of mutations; an input that breaks a promise is printed as base64.
#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test may panic")]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use agent_tests::fuzz::mutation::{Chance, mutated};
use agent_tests::fuzz::{TARGETS, Target};
use data_encoding::BASE64;

/// Mutations of each seed.
const MUTATIONS: usize = 2_000;
/// A target stops here, if it has run the least: 20 targets on two cores take about 20 seconds.
const ENOUGH: Duration = Duration::from_secs(2);
/// Mutations that every target runs, however slow the machine is.
const LEAST: u32 = 100;
/// The corpora together.
const LARGEST_CORPORA: usize = 1024 * 1024;

macro_rules! targets {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            smoke(stringify!($name));
        })*

        #[test]
        fn each_target_is_smoked_and_has_a_program() {
            let known: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(known, [$(stringify!($name)),*]);
            for name in known {
                let program = fs::read_to_string(fuzz().join(format!("fuzz_targets/{name}.rs"))).unwrap();
                assert!(program.contains(&format!("fuzz::{name}(data)")), "{name}");
            }
        }
    };
}

targets! {
    answer certificate configuration csr csr_attributes document est_body frame http_answer indicators ioc journal
    jws pkcs7 problem records report samples stix token
}

#[test]
fn the_corpora_stay_small() {
    let bytes: usize = TARGETS.iter().flat_map(|target| seeds(target.name)).map(|(_, seed)| seed.len()).sum();
    assert!(bytes <= LARGEST_CORPORA, "{bytes} bytes");
}

fn smoke(name: &str) {
    let target = TARGETS.into_iter().find(|target| target.name == name).unwrap();
    let seeds = seeds(name);
    let taken = seeds.iter().filter(|(path, seed)| run(target, path, seed)).count();
    assert!(taken > 0, "no seed of {name} is taken: the corpus is stale, or the target rejects everything");
    let begun = Instant::now();
    let seed = std::env::var("MTD_FUZZ_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut streams: Vec<Chance> = seeds
        .iter()
        .map(|(path, _)| Chance::new(seed, &path.file_name().unwrap().to_string_lossy()))
        .collect();
    let (mut ran, mut still_taken) = (0_u32, 0_u32);
    'all: for _ in 0..MUTATIONS {
        for ((path, bytes), chance) in seeds.iter().zip(&mut streams) {
            if ran >= LEAST && begun.elapsed() > ENOUGH {
                break 'all;
            }
            let (_, other) = seeds.get(chance.below(seeds.len())).unwrap();
            still_taken += u32::from(run(target, path, &mutated(bytes, other, chance)));
            ran += 1;
        }
    }
    println!("{name}: {taken} of {} seeds taken; {still_taken} of {ran} mutations", seeds.len());
}

fn run(target: Target, path: &Path, bytes: &[u8]) -> bool {
    catch_unwind(AssertUnwindSafe(|| (target.run)(bytes))).unwrap_or_else(|_| {
        panic!("{} after {}: base64 {}", target.name, path.display(), BASE64.encode(bytes));
    })
}

/// The seeds of a target, by name.
fn seeds(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = fs::read_dir(fuzz().join("corpus").join(name)).unwrap();
    let mut paths: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}
