//! What the seeds say, where it is built and which test shows it: the table of `tests/README.md`, held to its word.
//!
//! ```text
//! table ─▶ files and tests are there ─▶ each test once: green ─▶ each feature switched off: its tests go red
//! ```
//!
//! A row without a switch, a switch without a row, and a switch outside the files that the row names are faults.

mod switches;
mod table;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use crate::mutants::tree::Tree;
use crate::mutants::trial::{Edit, Fate, tried, unbroken};
use crate::report::{Outcome, say};

use switches::SWITCHES;
use table::{Row, TABLE};

/// The edit that switches the feature of one row off.
#[derive(Debug)]
pub(crate) struct Switch {
    pub(crate) row: &'static str,
    pub(crate) edit: Edit,
}

/// One row with what it needs to be tried.
struct Trial {
    row: String,
    edit: &'static Edit,
    /// Arguments of `cargo test`, one for each test.
    suites: Vec<String>,
}

/// Tries the rows that are named; all of them if none is.
pub(crate) fn judge(root: &Path, names: &[String]) -> Outcome {
    let trials = match planned(root) {
        Ok(trials) => trials,
        Err(faults) => return Outcome::Failed(faults.join("\n")),
    };
    let wanted = |trial: &&Trial| names.is_empty() || names.iter().any(|name| trial.row.contains(name));
    let chosen: Vec<&Trial> = trials.iter().filter(wanted).collect();
    if chosen.is_empty() {
        return Outcome::Failed(format!("no row is called so; there are {}", trials.len()));
    }
    match try_all(root, &chosen) {
        Ok(faults) if faults.is_empty() => Outcome::Passed,
        Ok(faults) => Outcome::Failed(faults.join("\n")),
        Err(why) => Outcome::Failed(why),
    }
}

/// Every row with its switch and its tests, or what is wrong with the table.
fn planned(root: &Path) -> Result<Vec<Trial>, Vec<String>> {
    let text =
        std::fs::read_to_string(root.join(TABLE)).map_err(|error| vec![format!("{TABLE}: {error}")])?;
    let rows = table::read(&text)?;
    let (mut trials, mut faults) = (Vec::new(), Vec::new());
    let known: BTreeSet<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    let switched: BTreeSet<&str> = SWITCHES.iter().map(|switch| switch.row).collect();
    if known.len() != rows.len() || switched.len() != SWITCHES.len() {
        faults.push("a row or a switch stands there twice".into());
    }
    faults.extend(switched.difference(&known).map(|row| format!("{row} has a switch and no row")));
    for row in &rows {
        match plan(root, row) {
            Ok(trial) => trials.push(trial),
            Err(why) => faults.push(format!("{}: {why}", row.name)),
        }
    }
    if faults.is_empty() { Ok(trials) } else { Err(faults) }
}

fn plan(root: &Path, row: &Row) -> Result<Trial, String> {
    if let Some(lost) = row.built.iter().find(|file| !root.join(file).is_file()) {
        return Err(format!("{lost} is not there"));
    }
    let switch = SWITCHES.iter().find(|switch| switch.row == row.name).ok_or("no switch turns it off")?;
    let edit = &switch.edit;
    if !row.built.iter().any(|file| file == edit.file) {
        return Err(format!("its switch is in {}, which the row does not name", edit.file));
    }
    let text = std::fs::read_to_string(root.join(edit.file)).map_err(|error| error.to_string())?;
    edit.apply(&text)?;
    let suites = row.tests.iter().map(|test| table::suite(root, test)).collect::<Result<_, _>>()?;
    Ok(Trial { row: row.name.clone(), edit, suites })
}

fn try_all(root: &Path, chosen: &[&Trial]) -> Result<Vec<String>, String> {
    let tree = Tree::copy(root).map_err(|error| format!("the tree cannot be copied: {error}"))?;
    let suites: BTreeSet<&String> = chosen.iter().flat_map(|trial| &trial.suites).collect();
    say(&format!("{} rows, {} tests; the tests first, nothing switched off", chosen.len(), suites.len()));
    for suite in suites {
        if let Some(why) = unbroken(&tree, suite) {
            return Err(format!("nothing switched off, cargo test {suite}: {why}"));
        }
    }
    let mut faults = Vec::new();
    for trial in chosen {
        let begun = Instant::now();
        let suites: Vec<&str> = trial.suites.iter().map(String::as_str).collect();
        let fates = tried(&tree, trial.edit, &suites);
        let took = begun.elapsed().as_secs();
        for (fate, suite) in fates.iter().zip(&suites) {
            let (word, fault) = verdict(&trial.row, fate, suite);
            say(&format!("{word:<9}{took:>4} s  {}", trial.row));
            faults.extend(fault);
        }
    }
    Ok(faults)
}

fn verdict(row: &str, fate: &Fate, suite: &str) -> (&'static str, Option<String>) {
    match fate {
        Fate::Red => ("red", None),
        Fate::Survived => {
            ("SURVIVED", Some(format!("{row}: switched off, `cargo test {suite}` stays green")))
        }
        Fate::Misfit(why) => ("MISFIT", Some(format!("{row}: {why}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_has_its_files_its_tests_and_a_switch_that_fits() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let trials = planned(&root).unwrap();
        assert_eq!(trials.len(), SWITCHES.len());
    }

    #[test]
    fn a_test_that_stays_green_is_a_fault() {
        assert!(verdict("r", &Fate::Survived, "s").1.is_some());
        assert!(verdict("r", &Fate::Misfit(String::new()), "s").1.is_some());
        assert!(verdict("r", &Fate::Red, "s").1.is_none());
    }
}
