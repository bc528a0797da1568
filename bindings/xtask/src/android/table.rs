//! What was measured, for people and for programs.

use serde_json::{Value, json};

use super::gate::Measured;

const HEAD: [&str; 8] =
    ["ABI", "bytes", "target", "linked against", "imports", "weak, newer", "page", "thread-locals"];

/// One line for each library.
pub(super) fn text(measured: &[Measured]) -> String {
    let rows = measured.iter().map(|m| {
        [
            m.abi.to_string(),
            m.bytes.to_string(),
            m.target.map_or_else(String::new, |target| reached(m.bytes, target)),
            format!("API {}", m.abi.floor()),
            m.imports.to_string(),
            weak(m),
            m.page.to_string(),
            m.thread_locals.len().to_string(),
        ]
    });
    let rows: Vec<[String; 8]> = [HEAD.map(str::to_owned)].into_iter().chain(rows).collect();
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let line = |row: &[String; 8]| {
        let cells =
            row.iter().enumerate().map(|(at, cell)| format!("{cell:<w$}", w = width(at).unwrap_or_default()));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// One array, one object for each library.
pub(super) fn json(measured: &[Measured]) -> Value {
    let object = |m: &Measured| {
        let weak = m.weak.iter().map(|(name, since)| json!({ "symbol": name, "since": since }));
        json!({
            "abi": m.abi.name(),
            "bytes": m.bytes,
            "target": m.target,
            "floor": m.abi.floor(),
            "imports": m.imports,
            "weak_above_floor": weak.collect::<Vec<_>>(),
            "page": m.page,
            "thread_locals": m.thread_locals,
            "faults": m.faults,
        })
    };
    measured.iter().map(object).collect()
}

/// What does not hold, one line each.
pub(super) fn faults(measured: &[Measured]) -> String {
    let lines = measured.iter().flat_map(|m| m.faults.iter().map(move |fault| format!("{}: {fault}", m.abi)));
    lines.collect::<Vec<_>>().join("\n")
}

fn reached(bytes: u64, target: u64) -> String {
    format!("{target} {}", if bytes <= target { "reached" } else { "missed" })
}

fn weak(measured: &Measured) -> String {
    let name = |(name, since): &(String, Option<u32>)| {
        since.map_or_else(|| format!("{name} (no Android)"), |since| format!("{name} ({since})"))
    };
    let names: Vec<String> = measured.weak.iter().map(name).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(" ") }
}
