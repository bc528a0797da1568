//! Breaks the code on purpose, one place at a time, in a copy of the tree: the named tests must go red.
//!
//! ```text
//! copy ─▶ every named test once, unbroken: green ─▶ for each mutant: break, build, test, mend
//! ```
//!
//! A mutant whose text is not in its file exactly once, or that does not build, is a fault of the list. One that
//! survives is a fault of the tests, unless the list says why it may.

mod list;
mod tree;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::process::{Bounded, bounded, cargo};
use crate::report::{Outcome, say};

use list::MUTANTS;
use tree::Tree;

/// A build, the first one included.
const BUILD_LIMIT: Duration = Duration::from_secs(900);
/// The named tests of one mutant; what loops for ever is red too.
const TEST_LIMIT: Duration = Duration::from_secs(180);

/// One deliberate mistake.
#[derive(Debug)]
pub(crate) struct Mutant {
    /// What the code does wrong, in a few words.
    pub(crate) name: &'static str,
    pub(crate) file: &'static str,
    /// Stands in the file exactly once.
    pub(crate) find: &'static str,
    pub(crate) replace: &'static str,
    /// Arguments of `cargo test`.
    pub(crate) tests: &'static str,
    /// Why it may survive.
    pub(crate) excuse: Option<&'static str>,
}

#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Red,
    Survived,
    /// The list is at fault.
    Misfit(String),
}

/// Tries every mutant whose name contains one of `names`; all of them if there is none.
pub(crate) fn judge(root: &Path, names: &[String]) -> Outcome {
    let wanted = |mutant: &&Mutant| names.is_empty() || names.iter().any(|name| mutant.name.contains(name));
    let chosen: Vec<&Mutant> = MUTANTS.iter().filter(wanted).collect();
    if chosen.is_empty() {
        return Outcome::Failed(format!("no mutant is called so; there are {}", MUTANTS.len()));
    }
    match try_all(root, &chosen) {
        Ok(faults) if faults.is_empty() => Outcome::Passed,
        Ok(faults) => Outcome::Failed(faults.join("\n")),
        Err(why) => Outcome::Failed(why),
    }
}

fn try_all(root: &Path, chosen: &[&Mutant]) -> Result<Vec<String>, String> {
    let tree = Tree::copy(root).map_err(|error| format!("the tree cannot be copied: {error}"))?;
    let suites: BTreeSet<&str> = chosen.iter().map(|mutant| mutant.tests).collect();
    say(&format!("{} mutants, {} suites; the suites first, unbroken", chosen.len(), suites.len()));
    for suite in suites {
        if let Some(why) = unbroken(&tree, suite) {
            return Err(format!("without any mutant, cargo test {suite}: {why}"));
        }
    }
    let mut faults = Vec::new();
    for mutant in chosen {
        let begun = Instant::now();
        let fate = tried(&tree, mutant);
        let took = begun.elapsed().as_secs();
        let (word, fault) = verdict(mutant, &fate);
        say(&format!("{word:<9}{took:>4} s  {}", mutant.name));
        faults.extend(fault);
    }
    Ok(faults)
}

fn verdict(mutant: &Mutant, fate: &Fate) -> (&'static str, Option<String>) {
    match (fate, mutant.excuse) {
        (Fate::Red, None) => ("red", None),
        (Fate::Red, Some(_)) => {
            ("red", Some(format!("{}: caught after all; take its excuse away", mutant.name)))
        }
        (Fate::Survived, Some(why)) => {
            say(&format!("         {why}"));
            ("excused", None)
        }
        (Fate::Survived, None) => {
            ("SURVIVED", Some(format!("{}: no test of `{}` went red", mutant.name, mutant.tests)))
        }
        (Fate::Misfit(why), _) => ("MISFIT", Some(format!("{} in {}: {why}", mutant.name, mutant.file))),
    }
}

/// Why the suite is no judge.
fn unbroken(tree: &Tree, suite: &str) -> Option<String> {
    match bounded(test(tree, suite, &["--no-run"]), BUILD_LIMIT) {
        Bounded::Succeeded => {}
        Bounded::Failed(said) => return Some(format!("does not build\n{said}")),
        Bounded::TooLong => return Some("builds for too long".into()),
    }
    match bounded(test(tree, suite, &[]), TEST_LIMIT) {
        Bounded::Succeeded => None,
        Bounded::Failed(said) => Some(format!("red\n{said}")),
        Bounded::TooLong => Some("runs for too long".into()),
    }
}

fn tried(tree: &Tree, mutant: &Mutant) -> Fate {
    let whole = match tree.read(mutant.file) {
        Ok(text) => text,
        Err(error) => return Fate::Misfit(error.to_string()),
    };
    let broken = match broken(&whole, mutant) {
        Ok(broken) => broken,
        Err(why) => return Fate::Misfit(why),
    };
    if let Err(error) = tree.write(mutant.file, &broken) {
        return Fate::Misfit(error.to_string());
    }
    let fate = match bounded(test(tree, mutant.tests, &["--no-run"]), BUILD_LIMIT) {
        Bounded::Succeeded => match bounded(test(tree, mutant.tests, &[]), TEST_LIMIT) {
            Bounded::Succeeded => Fate::Survived,
            Bounded::Failed(_) | Bounded::TooLong => Fate::Red,
        },
        Bounded::Failed(said) => Fate::Misfit(format!("does not build\n{said}")),
        Bounded::TooLong => Fate::Misfit("builds for too long".into()),
    };
    match tree.write(mutant.file, &whole) {
        Ok(()) => fate,
        Err(error) => Fate::Misfit(format!("cannot be mended: {error}")),
    }
}

fn broken(text: &str, mutant: &Mutant) -> Result<String, String> {
    match text.matches(mutant.find).count() {
        1 => Ok(text.replacen(mutant.find, mutant.replace, 1)),
        0 => Err("its text is gone; look where the code went, and write the mutant anew".into()),
        many => Err(format!("its text stands there {many} times")),
    }
}

fn test(tree: &Tree, suite: &str, more: &[&str]) -> Command {
    let mut test = cargo(tree.root());
    test.args(["test", "--quiet"]).args(suite.split_whitespace()).args(more);
    test.env("CARGO_TARGET_DIR", tree.target());
    test
}

#[cfg(test)]
mod tests {
    use super::*;

    const MUTANT: Mutant =
        Mutant { name: "m", file: "f", find: "a < b", replace: "a > b", tests: "-p p", excuse: None };

    #[test]
    fn the_text_must_stand_there_once() {
        assert_eq!(broken("if a < b {", &MUTANT).as_deref(), Ok("if a > b {"));
        assert!(broken("if a > b {", &MUTANT).is_err());
        assert!(broken("a < b && a < b", &MUTANT).is_err());
    }

    #[test]
    fn only_an_excuse_lets_a_survivor_pass_and_no_excuse_outlives_its_reason() {
        let excused = Mutant { excuse: Some("why"), ..MUTANT };
        assert!(verdict(&MUTANT, &Fate::Survived).1.is_some());
        assert!(verdict(&excused, &Fate::Survived).1.is_none());
        assert!(verdict(&MUTANT, &Fate::Red).1.is_none());
        assert!(verdict(&excused, &Fate::Red).1.is_some());
        assert!(verdict(&excused, &Fate::Misfit(String::new())).1.is_some());
    }

    #[test]
    fn every_mutant_fits_the_tree_as_it_stands() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for mutant in MUTANTS {
            let text = std::fs::read_to_string(root.join(mutant.file)).unwrap();
            assert!(broken(&text, mutant).is_ok(), "{}: {:?}", mutant.name, broken(&text, mutant));
        }
        let names: BTreeSet<&str> = MUTANTS.iter().map(|mutant| mutant.name).collect();
        assert_eq!(names.len(), MUTANTS.len());
    }
}
