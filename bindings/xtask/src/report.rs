//! One line per part with its time, the whole output of what failed, one line at the end.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How a part ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    Passed,
    /// Passed, apart from the named things for whose want something was left out.
    Lacking(BTreeMap<String, String>),
    /// Not judged, and that is no fault of this machine: allowed under CI too.
    Excused(String),
    Failed(String),
}

pub(crate) struct Report<W> {
    out: W,
    under_ci: bool,
    begun: Instant,
    passed: usize,
    failed: Vec<&'static str>,
    skipped: BTreeMap<String, String>,
    excused: Vec<&'static str>,
}

impl<W: Write> Report<W> {
    pub(crate) fn new(out: W, under_ci: bool) -> Self {
        Self {
            out,
            under_ci,
            begun: Instant::now(),
            passed: 0,
            failed: Vec::new(),
            skipped: BTreeMap::new(),
            excused: Vec::new(),
        }
    }

    pub(crate) fn run(&mut self, name: &'static str, judge: impl FnOnce() -> Outcome) {
        let begun = Instant::now();
        let outcome = judge();
        let took = seconds(begun.elapsed());
        match outcome {
            Outcome::Passed => {
                self.passed += 1;
                self.say(&format!("{name:<15}passed   {took}"));
            }
            Outcome::Lacking(lacking) => {
                self.say(&format!("{name:<15}SKIPPED  {took}"));
                for (what, why) in &lacking {
                    self.say(&format!("SKIPPED {what}: {why}"));
                }
                self.skipped.extend(lacking);
            }
            Outcome::Excused(why) => {
                self.excused.push(name);
                self.say(&format!("{name:<15}SKIPPED  {took}\nSKIPPED {name}: {why}"));
            }
            Outcome::Failed(output) => {
                self.failed.push(name);
                self.say(&format!("{name:<15}FAILED   {took}\n{}", output.trim_end()));
            }
        }
    }

    pub(crate) fn close(mut self) -> ExitCode {
        let skipped: Vec<&str> =
            self.skipped.keys().map(String::as_str).chain(self.excused.iter().copied()).collect();
        self.say(&format!(
            "xtask: {} passed, {} failed{}, {} skipped{}, {}",
            self.passed,
            self.failed.len(),
            listed(&self.failed),
            skipped.len(),
            listed(&skipped),
            seconds(self.begun.elapsed()),
        ));
        let skip_counts = self.under_ci && !self.skipped.is_empty();
        if skip_counts {
            self.say("xtask: under CI=true a skip is a failure");
        }
        if self.failed.is_empty() && !skip_counts { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn say(&mut self, line: &str) {
        // A reader that went away is no reason to stop judging.
        let _ = writeln!(self.out, "{line}").and_then(|()| self.out.flush());
    }
}

/// One line to standard output, about what takes long.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closed(under_ci: bool, outcome: Outcome) -> ExitCode {
        let mut report = Report::new(std::io::sink(), under_ci);
        report.run("part", || outcome);
        report.close()
    }

    fn lacking() -> Outcome {
        Outcome::Lacking(BTreeMap::from([("tool".to_owned(), "get it".to_owned())]))
    }

    #[test]
    fn a_skip_fails_only_under_ci() {
        assert_eq!(closed(false, lacking()), ExitCode::SUCCESS);
        assert_eq!(closed(true, lacking()), ExitCode::FAILURE);
    }

    #[test]
    fn an_excused_part_never_fails() {
        assert_eq!(closed(true, Outcome::Excused("no network".to_owned())), ExitCode::SUCCESS);
    }

    #[test]
    fn a_failure_fails_everywhere() {
        assert_eq!(closed(false, Outcome::Failed("text".to_owned())), ExitCode::FAILURE);
    }
}
