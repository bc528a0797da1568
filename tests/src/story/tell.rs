//! How the story is told.

use std::io::Write as _;
use std::time::Instant;

use serde::Serialize;
use serde_json::{Map, Value};

use super::steps::Step;
use crate::stage::{Mishap, Stage};

/// What a step showed.
#[derive(Debug)]
pub(super) struct Outcome {
    lines: Vec<String>,
    facts: Map<String, Value>,
    failed: Vec<&'static str>,
}

/// A step as one object.
#[derive(Serialize)]
struct Line<'a> {
    step: &'static str,
    ok: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    failed: &'a [&'static str],
    #[serde(flatten)]
    facts: &'a Map<String, Value>,
}

/// Prints each step as it ends.
pub(super) struct Teller {
    as_json: bool,
    began: Instant,
    step_began: Instant,
    held: usize,
    told: usize,
}

impl Outcome {
    pub(super) fn new() -> Self {
        Self { lines: Vec::new(), facts: Map::new(), failed: Vec::new() }
    }

    /// A line for people.
    pub(super) fn say(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    /// A fact for programs.
    pub(super) fn fact(&mut self, name: &str, value: impl Into<Value>) {
        self.facts.insert(name.into(), value.into());
    }

    /// Something that must hold.
    pub(super) fn must(&mut self, what: &'static str, holds: bool) {
        if !holds {
            self.failed.push(what);
        }
    }
}

impl Teller {
    pub(super) fn new(as_json: bool) -> Self {
        let now = Instant::now();
        Self { as_json, began: now, step_began: now, held: 0, told: 0 }
    }

    pub(super) fn opening(&self, stage: &Stage) {
        if !self.as_json {
            print(&format!(
                "One phone, its partner's cloud, a stand-in for Intune that allows at most medium, and the\nnetwork between: four processes on this machine, in {}.\n",
                stage.folder().display()
            ));
        }
    }

    pub(super) fn step(&mut self, step: &Step, outcome: &Outcome) {
        let ok = outcome.failed.is_empty();
        self.told = self.told.saturating_add(1);
        self.held = self.held.saturating_add(usize::from(ok));
        let took = self.step_began.elapsed();
        self.step_began = Instant::now();
        if self.as_json {
            let line = Line { step: step.name, ok, failed: &outcome.failed, facts: &outcome.facts };
            return print(&serde_json::to_string(&line).unwrap_or_default());
        }
        let mark = if ok { "holds" } else { "DOES NOT HOLD" };
        print(&format!(
            "{}. {:<13} {} ({mark}, {:.1} s)",
            self.told,
            step.name,
            step.claim,
            took.as_secs_f32()
        ));
        for line in &outcome.lines {
            print(&format!("   {line}"));
        }
        for failed in &outcome.failed {
            print(&format!("   NOT SO: {failed}"));
        }
        print("");
    }

    pub(super) fn closing(&self) {
        if !self.as_json {
            let took = self.began.elapsed().as_secs_f32();
            print(&format!("{} of {} steps hold, in {took:.1} s.", self.held, self.told));
        }
    }

    pub(super) const fn all_hold(&self) -> bool {
        self.told > 0 && self.held == self.told
    }
}

/// Prints what broke the machinery.
pub(super) fn mishap(mishap: &Mishap) {
    let _closed = writeln!(std::io::stderr().lock(), "The story cannot go on: {mishap}");
}

pub(super) fn print(line: &str) {
    let mut out = std::io::stdout().lock();
    let _closed = writeln!(out, "{line}");
    let _closed = out.flush();
}
