//! No file longer than a person reads in one go: style rule 10.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::report::Outcome;

/// Lines of a source file without a stated reason.
const FILE: usize = 400;
/// Lines of a table of contents.
const CONTENTS: usize = 80;
/// A longer file states its reason within so many lines.
const REASON_WITHIN: usize = 5;

pub(crate) fn check(root: &Path) -> Outcome {
    let sources = match sources(root) {
        Ok(sources) => sources,
        Err(error) => return Outcome::Failed(format!("the tree cannot be read: {error}")),
    };
    let mut faults = Vec::new();
    for path in &sources {
        let shown = path.strip_prefix(root).unwrap_or(path).display();
        match fs::read_to_string(path) {
            Ok(text) => {
                faults.extend(fault(path.ends_with("lib.rs"), &text).map(|f| format!("{shown}: {f}")))
            }
            Err(error) => faults.push(format!("{shown}: {error}")),
        }
    }
    if faults.is_empty() { Outcome::Passed } else { Outcome::Failed(faults.join("\n")) }
}

/// Every source file of ours, sorted.
pub(crate) fn sources(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut sources = Vec::new();
    gather(root, &mut sources)?;
    Ok(sources)
}

fn gather(folder: &Path, sources: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let kind = entry.file_type()?;
        if kind.is_dir() && name != "target" && !name.starts_with('.') {
            gather(&entry.path(), sources)?;
        } else if kind.is_file() && name.ends_with(".rs") {
            sources.push(entry.path());
        }
    }
    sources.sort();
    Ok(())
}

fn fault(contents: bool, text: &str) -> Option<String> {
    let lines = text.lines().count();
    if contents && lines > CONTENTS {
        return Some(format!("{lines} lines; lib.rs is a table of contents of at most {CONTENTS}"));
    }
    if lines <= FILE || text.lines().take(REASON_WITHIN).any(states_reason) {
        return None;
    }
    Some(format!("{lines} lines; split it, or open it with `//! Long: <reason>`"))
}

fn states_reason(line: &str) -> bool {
    let reason = line.strip_prefix("//! Long:").or_else(|| line.strip_prefix("// Long:"));
    reason.is_some_and(|reason| !reason.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(head: &str, count: usize) -> String {
        format!("{head}\n{}", "x\n".repeat(count.saturating_sub(1)))
    }

    #[test]
    fn the_bounds_are_inclusive() {
        assert_eq!(fault(false, &lines("x", FILE)), None);
        assert!(fault(false, &lines("x", FILE + 1)).is_some());
        assert_eq!(fault(true, &lines("x", CONTENTS)), None);
        assert!(fault(true, &lines("x", CONTENTS + 1)).is_some());
    }

    #[test]
    fn a_long_file_needs_a_reason_in_words() {
        assert_eq!(fault(false, &lines("//! Long: one table", FILE + 1)), None);
        assert!(fault(false, &lines("//! Long: ", FILE + 1)).is_some());
    }

    #[test]
    fn a_table_of_contents_has_no_excuse() {
        assert!(fault(true, &lines("//! Long: one table", CONTENTS + 1)).is_some());
    }
}
