//! The crates whose code is in the libraries that partners ship: a closed list with a bound (R19).

use std::collections::BTreeSet;
use std::path::Path;

use crate::process::{captured, cargo};
use crate::report::Outcome;

/// One crate a line, in order.
const LIST: &str = "bindings/shipped-crates.txt";

/// The most that may stand there. Each is code that a partner's reviewer has to trust: raised with a reason only.
/// From 70: UniFFI brings eleven, on iOS alone. From 80: three name Apple's frameworks for the Keychain, there alone.
const BUDGET: usize = 82;

/// What is shipped: the features of each library and one target of each of its systems.
const LIBRARIES: [(&str, &str); 4] = [
    ("--features jni", "armv7-linux-androideabi"),
    ("--features jni", "aarch64-linux-android"),
    ("--features jni", "x86_64-linux-android"),
    ("--features uniffi", "aarch64-apple-ios"),
];

pub(crate) fn check(root: &Path) -> Outcome {
    let Ok(list) = std::fs::read_to_string(root.join(LIST)) else {
        return Outcome::Failed(format!("{LIST} cannot be read"));
    };
    let mut linked = BTreeSet::new();
    for (features, target) in LIBRARIES {
        let mut tree = cargo(root);
        tree.args(["tree", "--locked", "--package", "agent-bindings", "--edges", "normal,no-proc-macro"]);
        tree.args(["--prefix", "none", "--format", "{p}", "--target", target])
            .args(features.split_whitespace());
        match captured(tree) {
            Ok(said) => linked.extend(names(&said)),
            Err(outcome) => return outcome,
        }
    }
    let faults = judge(&list, &linked);
    if faults.is_empty() { Outcome::Passed } else { Outcome::Failed(faults.join("\n")) }
}

/// The crates of others in what `cargo tree` said; our own stand there with a path.
fn names(said: &str) -> BTreeSet<String> {
    let foreign = said.lines().filter(|line| !line.contains("(/"));
    foreign.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

fn judge(list: &str, linked: &BTreeSet<String>) -> Vec<String> {
    let listed: BTreeSet<String> = list.lines().map(str::to_owned).collect();
    let mut faults = Vec::new();
    if list.lines().count() != listed.len() || !list.lines().is_sorted() {
        faults.push(format!("{LIST} is not in order, or names a crate twice"));
    }
    let new = linked.difference(&listed);
    faults.extend(new.map(|name| format!("{name} would be shipped and is not in {LIST}")));
    let gone = listed.difference(linked);
    faults.extend(gone.map(|name| format!("{name} is in {LIST} and is not shipped")));
    if linked.len() > BUDGET {
        faults.push(format!("{} crates would be shipped; the budget is {BUDGET}", linked.len()));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    // R19
    #[test]
    fn a_crate_that_comes_or_goes_is_named() {
        assert!(judge("a\nb\n", &set(&["a", "b"])).is_empty());
        assert_eq!(judge("a\n", &set(&["a", "b"])).len(), 1);
        assert_eq!(judge("a\nb\n", &set(&["a"])).len(), 1);
        assert_eq!(judge("b\na\n", &set(&["a", "b"])).len(), 1);
    }

    // R19
    #[test]
    fn more_crates_than_the_budget_are_too_many_even_if_listed() {
        let many: Vec<String> = (0..=BUDGET).map(|nth| format!("c{nth:03}")).collect();
        let linked: BTreeSet<String> = many.iter().cloned().collect();
        assert_eq!(judge(&many.join("\n"), &linked).len(), 1);
    }

    #[test]
    fn our_own_crates_and_repeats_are_left_out() {
        let said = "agent-core v0.1.0 (/home/me/agent-core)\nring v0.17.14\nlog v0.4.35\nring v0.17.14 (*)\n";
        assert_eq!(names(said), set(&["log", "ring"]));
    }
}
