//! Breaks the code on purpose, one place at a time, in a copy of the tree: the named tests must go red.
//!
//! ```text
//! copy ─▶ every named test once, unbroken: green ─▶ for each mutant: break, build, test, mend
//! ```
//!
//! A mutant whose text is not in its file exactly once, or that does not build, is a fault of the list. One that
//! survives is a fault of the tests, unless the list says why it may.

mod list;
pub(crate) mod tree;
pub(crate) mod trial;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use crate::report::{Outcome, say};

use list::MUTANTS;
use tree::Tree;
use trial::{Edit, Fate, tried, unbroken};

/// One deliberate mistake.
#[derive(Debug)]
pub(crate) struct Mutant {
    /// What the code does wrong, in a few words.
    pub(crate) name: &'static str,
    pub(crate) edit: Edit,
    /// Arguments of `cargo test`.
    pub(crate) tests: &'static str,
    /// Why it may survive.
    pub(crate) excuse: Option<&'static str>,
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
        let fates = tried(&tree, &mutant.edit, &[mutant.tests]);
        let took = begun.elapsed().as_secs();
        for fate in fates {
            let (word, fault) = verdict(mutant, &fate);
            say(&format!("{word:<9}{took:>4} s  {}", mutant.name));
            faults.extend(fault);
        }
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
        (Fate::Misfit(why), _) => ("MISFIT", Some(format!("{} in {}: {why}", mutant.name, mutant.edit.file))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MUTANT: Mutant = Mutant {
        name: "m",
        edit: Edit { file: "f", find: "a < b", replace: "a > b" },
        tests: "-p p",
        excuse: None,
    };

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
            let text = std::fs::read_to_string(root.join(mutant.edit.file)).unwrap();
            assert!(mutant.edit.apply(&text).is_ok(), "{}: {:?}", mutant.name, mutant.edit.apply(&text));
        }
        let names: BTreeSet<&str> = MUTANTS.iter().map(|mutant| mutant.name).collect();
        assert_eq!(names.len(), MUTANTS.len());
    }
}
