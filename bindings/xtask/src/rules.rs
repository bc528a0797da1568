//! Every numbered rule of `agent-core/RULES.md` is cited where it is built and where it is tested.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path};

use crate::length;
use crate::report::{Outcome, say};

/// The rules, one a line: `- **R1** …`; `(not built)` at the end excuses a rule and is printed.
const RULES: &str = "agent-core/RULES.md";

#[derive(Debug, Default, PartialEq, Eq)]
struct Cited {
    built: BTreeSet<String>,
    tested: BTreeSet<String>,
}

pub(crate) fn check(root: &Path) -> Outcome {
    let Ok(text) = fs::read_to_string(root.join(RULES)) else {
        return Outcome::Failed(format!("{RULES} cannot be read"));
    };
    let sources = match length::sources(root) {
        Ok(sources) => sources,
        Err(error) => return Outcome::Failed(format!("the tree cannot be read: {error}")),
    };
    let mut cited = Cited::default();
    for path in sources {
        let inside = path.strip_prefix(root).unwrap_or(&path);
        // This file speaks of citations and makes none.
        if inside.ends_with("xtask/src/rules.rs") {
            continue;
        }
        if let Ok(source) = fs::read_to_string(&path) {
            cited.read(is_test(inside), &source);
        }
    }
    let (faults, excused) = judge(&text, &cited);
    for line in excused {
        say(&line);
    }
    if faults.is_empty() { Outcome::Passed } else { Outcome::Failed(faults.join("\n")) }
}

fn judge(rules: &str, cited: &Cited) -> (Vec<String>, Vec<String>) {
    let mut faults = Vec::new();
    let mut excused = Vec::new();
    let mut known = BTreeSet::new();
    for line in rules.lines() {
        let Some((id, rest)) = line.strip_prefix("- **").and_then(|line| line.split_once("**")) else {
            continue;
        };
        if !known.insert(id.to_owned()) {
            faults.push(format!("{id} stands twice in {RULES}"));
        }
        if rest.trim_end().ends_with("(not built)") {
            excused.push(format!("{id} is not built:{rest}"));
            continue;
        }
        for (place, ids) in [("code", &cited.built), ("a test", &cited.tested)] {
            if !ids.contains(id) {
                faults.push(format!("{id} is cited in no {}", place.trim_start_matches("a ")));
            }
        }
    }
    if known.is_empty() {
        faults.push(format!("{RULES} names no rule"));
    }
    faults.extend(
        cited
            .built
            .union(&cited.tested)
            .filter(|id| !known.contains(*id))
            .map(|id| format!("{id} is cited and is no rule")),
    );
    (faults, excused)
}

impl Cited {
    /// Citations stand in comments. What follows `#[cfg(test)] mod … {` is a test.
    fn read(&mut self, test: bool, source: &str) {
        let mut test = test;
        for line in source.lines() {
            test |= line.trim() == "#[cfg(test)]";
            let Some((_, comment)) = line.split_once("//") else { continue };
            let ids = comment.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| is_id(word));
            let place = if test { &mut self.tested } else { &mut self.built };
            place.extend(ids.map(str::to_owned));
        }
    }
}

/// `L`, `P`, `R` or `W` and a number below 100.
fn is_id(word: &str) -> bool {
    let number = word.strip_prefix(['L', 'P', 'R', 'W']);
    number.is_some_and(|n| {
        matches!(n.len(), 1 | 2) && !n.starts_with('0') && n.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Whether a file is tests alone: `tests.rs`, or under a folder `tests` other than the one at the root, which is the
/// partner's side and the world.
fn is_test(path: &Path) -> bool {
    let below = path.components().skip(1);
    below
        .into_iter()
        .any(|part| matches!(part, Component::Normal(name) if name == "tests" || name == "tests.rs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cited(code: &str, test: &str) -> Cited {
        let mut cited = Cited::default();
        cited.read(false, code);
        cited.read(true, test);
        cited
    }

    #[test]
    fn a_rule_is_cited_where_it_is_built_and_where_it_is_tested() {
        let rules = "# Rules\n- **R1** one\n- **L2** two\n- **W3** three (not built)\n";
        let (faults, excused) = judge(rules, &cited("/// See R1, L2.", "// R1"));
        assert_eq!(faults, ["L2 is cited in no test"]);
        assert_eq!(excused.len(), 1);
    }

    #[test]
    fn a_citation_of_no_rule_and_a_list_without_rules_are_faults() {
        assert_eq!(judge("- **R1** one", &cited("// R1 R99", "// R1")).0, ["R99 is cited and is no rule"]);
        assert_eq!(judge("", &Cited::default()).0.len(), 1);
    }

    #[test]
    fn only_comments_cite_and_what_follows_the_test_mark_is_a_test() {
        let source = "let R1 = 1; // R2\n#[cfg(test)]\nmod tests {\n    // R3\n}\n";
        let cited = cited(source, "");
        assert_eq!(cited.built, BTreeSet::from(["R2".to_owned()]));
        assert_eq!(cited.tested, BTreeSet::from(["R3".to_owned()]));
    }

    #[test]
    fn the_folder_at_the_root_is_the_partners_side() {
        assert!(!is_test(Path::new("tests/gateway/src/rating.rs")));
        assert!(is_test(Path::new("tests/gateway/tests/contract/checkin.rs")));
        assert!(is_test(Path::new("agent-core/logic/src/agent/tests/bench.rs")));
        assert!(is_test(Path::new("agent-core/logic/src/agent/threats/tests.rs")));
    }
}
