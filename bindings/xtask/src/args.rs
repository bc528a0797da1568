//! The command line.

use std::fmt;

use crate::android::{Abi, Order};
use crate::ios;
use crate::part::Part;

pub(crate) const USAGE: &str = "\
cargo xtask test             format, lints, docs, dependencies, every test
cargo xtask test --all       the long runs as well
cargo xtask test --only NAME one part; may be repeated
cargo xtask test --list      the parts
cargo xtask android          the library for Android under target/android: built, judged, packaged;
                             --abi ABI (may be repeated), --json, --twice (two builds must be the same)
cargo xtask ios              the library for iOS under target/ios: built, judged, packaged; --json, --twice
cargo xtask bench            the figures, each beside its peer: --only NAME, --json
cargo xtask mutants [NAME…]  break the code on purpose: tests must go red
cargo xtask parity           Rust and Java say the same; --write writes what is derived from the tables
cargo xtask seeds [ROW…]    switch off what tests/README.md says is built: its tests must go red
cargo xtask world            simulated histories: --seeds N, --days D; --seed S replays one
cargo xtask setup            fetch the tools that the tests need";

pub(crate) enum Command {
    Android(Order),
    /// With the arguments of the program `bench`.
    Bench(Vec<String>),
    Help,
    Ios(ios::Order),
    List,
    /// Those whose name contains one of these.
    Mutants(Vec<String>),
    /// Whether to write what is derived.
    Parity {
        write: bool,
    },
    /// Those whose name contains one of these.
    Seeds(Vec<String>),
    Setup,
    Test(Vec<Part>),
    /// With the arguments of the program `world`.
    World(Vec<String>),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    NoAbi,
    UnknownAbi(String),
    NoName,
    UnknownPart(String),
    UnknownWord(String),
}

pub(crate) fn parse(words: &[String]) -> Result<Command, Mistake> {
    let mut words = words.iter().map(String::as_str);
    match words.next() {
        None | Some("help" | "--help" | "-h") => Ok(Command::Help),
        Some("android") => parse_android(words),
        Some("ios") => parse_ios(words),
        Some("setup") => words.next().map_or(Ok(Command::Setup), |word| Err(Mistake::unknown(word))),
        Some("bench") => Ok(Command::Bench(words.map(str::to_owned).collect())),
        Some("mutants") => Ok(Command::Mutants(words.map(str::to_owned).collect())),
        Some("parity") => parse_parity(words),
        Some("seeds") => Ok(Command::Seeds(words.map(str::to_owned).collect())),
        Some("test") => parse_test(words),
        Some("world") => Ok(Command::World(words.map(str::to_owned).collect())),
        Some(word) => Err(Mistake::unknown(word)),
    }
}

fn parse_parity<'a>(mut words: impl Iterator<Item = &'a str>) -> Result<Command, Mistake> {
    match (words.next(), words.next()) {
        (None, _) => Ok(Command::Parity { write: false }),
        (Some("--write"), None) => Ok(Command::Parity { write: true }),
        (Some("--write"), Some(word)) | (Some(word), _) => Err(Mistake::unknown(word)),
    }
}

fn parse_android<'a>(mut words: impl Iterator<Item = &'a str>) -> Result<Command, Mistake> {
    let mut order = Order { abis: Vec::new(), json: false, twice: false };
    while let Some(word) = words.next() {
        match word {
            "--help" | "-h" => return Ok(Command::Help),
            "--json" => order.json = true,
            "--twice" => order.twice = true,
            "--abi" => {
                let name = words.next().ok_or(Mistake::NoAbi)?;
                order.abis.push(Abi::named(name).ok_or_else(|| Mistake::UnknownAbi(name.to_owned()))?);
            }
            _ => return Err(Mistake::unknown(word)),
        }
    }
    if order.abis.is_empty() {
        order.abis = Abi::ALL.to_vec();
    }
    order.abis.sort_unstable();
    order.abis.dedup();
    Ok(Command::Android(order))
}

fn parse_ios<'a>(words: impl Iterator<Item = &'a str>) -> Result<Command, Mistake> {
    let mut order = ios::Order { json: false, twice: false };
    for word in words {
        match word {
            "--help" | "-h" => return Ok(Command::Help),
            "--json" => order.json = true,
            "--twice" => order.twice = true,
            _ => return Err(Mistake::unknown(word)),
        }
    }
    Ok(Command::Ios(order))
}

fn parse_test<'a>(mut words: impl Iterator<Item = &'a str>) -> Result<Command, Mistake> {
    let mut only = Vec::new();
    let mut all = false;
    while let Some(word) = words.next() {
        match word {
            "--list" => return Ok(Command::List),
            "--help" | "-h" => return Ok(Command::Help),
            "--all" => all = true,
            "--only" => {
                let name = words.next().ok_or(Mistake::NoName)?;
                only.push(Part::named(name).ok_or_else(|| Mistake::UnknownPart(name.to_owned()))?);
            }
            _ => return Err(Mistake::unknown(word)),
        }
    }
    Ok(Command::Test(if only.is_empty() { Part::default_run(all) } else { only }))
}

impl Mistake {
    fn unknown(word: &str) -> Self {
        Self::UnknownWord(word.to_owned())
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAbi => f.write_str("--abi needs the name of an ABI"),
            Self::UnknownAbi(name) => {
                let names = Abi::ALL.map(Abi::name).join(", ");
                write!(f, "no ABI is called {name:?}; the ABIs are {names}")
            }
            Self::NoName => f.write_str("--only needs the name of a part"),
            Self::UnknownPart(name) => {
                let names: Vec<&str> = Part::ALL.iter().map(|part| part.name()).collect();
                write!(f, "no part is called {name:?}; the parts are {}", names.join(", "))
            }
            Self::UnknownWord(word) => write!(f, "{word:?} is not understood"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(line: &str) -> Result<Vec<Part>, Mistake> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        match parse(&words)? {
            Command::Test(parts) => Ok(parts),
            Command::Android(_)
            | Command::Bench(_)
            | Command::Help
            | Command::Ios(_)
            | Command::List
            | Command::Mutants(_)
            | Command::Seeds(_)
            | Command::Parity { .. }
            | Command::Setup
            | Command::World(_) => panic!("not a test run"),
        }
    }

    #[test]
    fn a_plain_run_judges_everything_once() {
        let plain = parts("test").unwrap();
        assert!(plain.contains(&Part::Tests));
        assert!(!plain.contains(&Part::Interop), "the interop tests are among the tests");
    }

    #[test]
    fn only_named_parts_run() {
        assert_eq!(parts("test --only fmt --only length"), Ok(vec![Part::Format, Part::Length]));
    }

    #[test]
    fn an_unknown_part_is_answered_with_the_known_ones() {
        let mistake = parts("test --only gui").unwrap_err();
        assert!(mistake.to_string().contains("interop"), "{mistake}");
    }

    #[test]
    fn only_without_a_name_is_refused() {
        assert_eq!(parts("test --only"), Err(Mistake::NoName));
    }

    fn android(line: &str) -> Result<Order, Mistake> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        match parse(&words)? {
            Command::Android(order) => Ok(order),
            Command::Bench(_)
            | Command::Help
            | Command::Ios(_)
            | Command::List
            | Command::Mutants(_)
            | Command::Seeds(_)
            | Command::Parity { .. }
            | Command::Setup
            | Command::Test(_)
            | Command::World(_) => {
                panic!("not a build")
            }
        }
    }

    #[test]
    fn every_abi_is_built_unless_some_are_named() {
        assert_eq!(android("android").unwrap().abis, Abi::ALL);
        let named = android("android --abi x86 --abi armeabi-v7a --abi x86 --json").unwrap();
        assert_eq!(named, Order { abis: vec![Abi::Armv7, Abi::X86], json: true, twice: false });
    }

    #[test]
    fn an_unknown_abi_is_answered_with_the_known_ones() {
        let mistake = android("android --abi mips").unwrap_err();
        assert!(mistake.to_string().contains("arm64-v8a"), "{mistake}");
        assert_eq!(android("android --abi"), Err(Mistake::NoAbi));
    }
}
