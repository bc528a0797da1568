//! One edit, tried in the copy: break, build, test, mend.

use std::process::Command;
use std::time::Duration;

use super::tree::Tree;
use crate::process::{Bounded, bounded, cargo};

/// A build, the first one included.
const BUILD_LIMIT: Duration = Duration::from_secs(900);
/// The named tests of one edit; what loops for ever is red too.
const TEST_LIMIT: Duration = Duration::from_secs(180);

/// A change of one text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edit {
    pub(crate) file: &'static str,
    /// Stands in the file exactly once.
    pub(crate) find: &'static str,
    pub(crate) replace: &'static str,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Red,
    Survived,
    /// The edit is at fault.
    Misfit(String),
}

impl Edit {
    /// `text` with the edit in it.
    pub(crate) fn apply(&self, text: &str) -> Result<String, String> {
        match text.matches(self.find).count() {
            1 => Ok(text.replacen(self.find, self.replace, 1)),
            0 => Err("its text is gone; look where the code went, and write it anew".into()),
            many => Err(format!("its text stands there {many} times")),
        }
    }
}

/// Why the suite is no judge.
pub(crate) fn unbroken(tree: &Tree, suite: &str) -> Option<String> {
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

/// What each of `suites` makes of the edit; one that is at fault has that fate alone.
pub(crate) fn tried(tree: &Tree, edit: &Edit, suites: &[&str]) -> Vec<Fate> {
    let misfit = |why: String| vec![Fate::Misfit(why)];
    let whole = match tree.read(edit.file) {
        Ok(text) => text,
        Err(error) => return misfit(error.to_string()),
    };
    let broken = match edit.apply(&whole) {
        Ok(broken) => broken,
        Err(why) => return misfit(why),
    };
    if let Err(error) = tree.write(edit.file, &broken) {
        return misfit(error.to_string());
    }
    let fates = suites.iter().map(|suite| fate(tree, suite)).collect();
    match tree.write(edit.file, &whole) {
        Ok(()) => fates,
        Err(error) => misfit(format!("cannot be mended: {error}")),
    }
}

fn fate(tree: &Tree, suite: &str) -> Fate {
    match bounded(test(tree, suite, &["--no-run"]), BUILD_LIMIT) {
        Bounded::Succeeded => match bounded(test(tree, suite, &[]), TEST_LIMIT) {
            Bounded::Succeeded => Fate::Survived,
            Bounded::Failed(_) | Bounded::TooLong => Fate::Red,
        },
        Bounded::Failed(said) => Fate::Misfit(format!("does not build\n{said}")),
        Bounded::TooLong => Fate::Misfit("builds for too long".into()),
    }
}

fn test(tree: &Tree, suite: &str, more: &[&str]) -> Command {
    let mut test = cargo(tree.root());
    // What is for the test program itself comes last in a suite.
    test.args(["test", "--quiet"]).args(more).args(suite.split_whitespace());
    test.env("CARGO_TARGET_DIR", tree.target());
    test
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_must_stand_there_once() {
        let edit = Edit { file: "f", find: "a < b", replace: "a > b" };
        assert_eq!(edit.apply("if a < b {").as_deref(), Ok("if a > b {"));
        assert!(edit.apply("if a > b {").is_err());
        assert!(edit.apply("a < b && a < b").is_err());
    }
}
