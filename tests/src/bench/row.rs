//! One figure, and how it is told.

use std::io::Write as _;
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::stage::Mishap;

/// What a value counts, in whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Bytes,
    Times,
    Micros,
    Kib,
    PerSecond,
    /// Thousandths of another value.
    Permille,
}

/// What ours is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    AtMost(u64),
    AtLeast(u64),
    /// Shown for comparison.
    None,
}

/// Somebody else's value, or why there is none.
pub(super) struct Peer {
    pub(super) name: &'static str,
    pub(super) value: Result<u64, String>,
}

/// One figure.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    pub(super) unit: Unit,
    pub(super) ours: u64,
    pub(super) target: Target,
    pub(super) peers: Vec<Peer>,
}

impl Row {
    /// Whether the target is reached; `None` without one.
    pub(super) const fn reached(&self) -> Option<bool> {
        match self.target {
            Target::AtMost(most) => Some(self.ours <= most),
            Target::AtLeast(least) => Some(self.ours >= least),
            Target::None => None,
        }
    }

    fn json(&self) -> Value {
        let target = match self.target {
            Target::AtMost(value) => json!({ "atMost": value }),
            Target::AtLeast(value) => json!({ "atLeast": value }),
            Target::None => Value::Null,
        };
        let peer = |peer: &Peer| match &peer.value {
            Ok(value) => json!({ "name": peer.name, "value": value }),
            Err(why) => json!({ "name": peer.name, "absent": why }),
        };
        json!({
            "row": self.name,
            "what": self.what,
            "unit": self.unit.name(),
            "ours": self.ours,
            "target": target,
            "reached": self.reached(),
            "peers": self.peers.iter().map(peer).collect::<Vec<_>>(),
        })
    }

    fn text(&self) -> String {
        let target = match self.target {
            Target::AtMost(value) => format!("at most {}", self.unit.of(value)),
            Target::AtLeast(value) => format!("at least {}", self.unit.of(value)),
            Target::None => String::new(),
        };
        let verdict = match self.reached() {
            Some(true) => "reached",
            Some(false) => "MISSED",
            None => "",
        };
        let ours = self.unit.of(self.ours);
        let mut text = format!("{:<16} {:<46} {ours:>12}  {target:<20} {verdict}", self.name, self.what);
        for peer in &self.peers {
            let value =
                peer.value.as_ref().map_or_else(|why| format!("absent: {why}"), |value| self.unit.of(*value));
            text.push_str(&format!("\n{:<16}   {:<44} {value:>12}", "", peer.name));
        }
        text
    }
}

impl Unit {
    const fn name(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Times => "times",
            Self::Micros => "microseconds",
            Self::Kib => "KiB",
            Self::PerSecond => "per second",
            Self::Permille => "permille",
        }
    }

    fn of(self, value: u64) -> String {
        let thousandths = |value: u64| format!("{}.{:03}", value / 1000, value % 1000);
        match self {
            Self::Bytes => format!("{value} B"),
            Self::Times => value.to_string(),
            Self::Micros => format!("{} ms", thousandths(value)),
            Self::Kib => format!("{value} KiB"),
            Self::PerSecond => format!("{value} /s"),
            Self::Permille => format!("{} x", thousandths(value)),
        }
    }
}

/// Prints each row as it is measured.
pub(super) struct Teller {
    as_json: bool,
    rows: usize,
    reached: usize,
    missed: Vec<&'static str>,
    failed: usize,
}

impl Teller {
    pub(super) const fn new(as_json: bool) -> Self {
        Self { as_json, rows: 0, reached: 0, missed: Vec::new(), failed: 0 }
    }

    pub(super) fn row(&mut self, row: &Row) {
        self.rows = self.rows.saturating_add(1);
        match row.reached() {
            Some(true) => self.reached = self.reached.saturating_add(1),
            Some(false) => self.missed.push(row.name),
            None => {}
        }
        say(&if self.as_json { row.json().to_string() } else { row.text() });
    }

    pub(super) fn failed(&mut self, name: &str, why: &Mishap) {
        self.failed = self.failed.saturating_add(1);
        mishap(name, why);
    }

    pub(super) fn close(&self) -> ExitCode {
        if !self.as_json {
            let missed = match self.missed.as_slice() {
                [] => "none missed".to_owned(),
                names => format!("missed: {}", names.join(", ")),
            };
            say(&format!("\n{} rows; {} targets reached, {missed}", self.rows, self.reached));
        }
        if self.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// A figure that could not be measured.
pub(super) fn mishap(name: &str, why: &Mishap) {
    let _closed = writeln!(std::io::stderr(), "{name}: not measured: {why}");
}

/// The middle of `values`.
pub(super) fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn say(line: &str) {
    let _closed = writeln!(std::io::stdout(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(ours: u64, target: Target) -> Row {
        Row { name: "r", what: "w", unit: Unit::Micros, ours, target, peers: Vec::new() }
    }

    #[test]
    fn a_target_is_reached_at_its_very_value_and_missed_beyond() {
        assert_eq!(row(5, Target::AtMost(5)).reached(), Some(true));
        assert_eq!(row(6, Target::AtMost(5)).reached(), Some(false));
        assert_eq!(row(5, Target::AtLeast(5)).reached(), Some(true));
        assert_eq!(row(4, Target::AtLeast(5)).reached(), Some(false));
        assert_eq!(row(4, Target::None).reached(), None);
    }

    #[test]
    fn a_missed_target_is_told_and_an_absent_peer_too() {
        let mut row = row(5_001, Target::AtMost(5_000));
        row.peers.push(Peer { name: "curl", value: Err("not here".into()) });
        let text = row.text();
        assert!(
            text.contains("5.001 ms") && text.contains("MISSED") && text.contains("absent: not here"),
            "{text}"
        );
        assert_eq!(row.json()["reached"], false);
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(vec![9, 1, 5]), 5);
        assert_eq!(median(Vec::new()), 0);
    }
}
