//! What was measured, for people and for programs.

use serde_json::{Value, json};

use super::Measured;
use super::imports::Import;

/// One block for each library.
pub(super) fn text(measured: &[Measured]) -> String {
    measured.iter().map(block).collect::<Vec<_>>().join("\n")
}

fn block(m: &Measured) -> String {
    let stamps: Vec<String> =
        m.stamps.iter().map(|(stamp, count)| format!("{count} objects {stamp}")).collect();
    let mut lines = vec![format!(
        "{}  {} bytes, {}, {} imports",
        m.slice.triple(),
        m.bytes,
        stamps.join(", "),
        m.imports.0.len()
    )];
    let mut by_version: Vec<_> =
        m.imports.0.iter().map(|(name, import)| (import.since, name, import.weak)).collect();
    by_version.sort();
    for group in by_version.chunk_by(|one, other| one.0 == other.0) {
        let names = group
            .iter()
            .map(|(_, name, weak)| if *weak { format!("{name} (weak)") } else { (*name).clone() });
        let since = group.first().and_then(|(since, ..)| *since);
        lines.push(format!("  {}: {}", told(since), names.collect::<Vec<_>>().join(" ")));
    }
    lines.join("\n")
}

fn told(since: Option<(u32, u32)>) -> String {
    match since {
        None => "nobody says since when".to_owned(),
        Some((7, 0)) => "iOS 7.0 and before".to_owned(),
        Some((major, minor)) => format!("since iOS {major}.{minor}"),
    }
}

/// One array, one object for each library.
pub(super) fn json(measured: &[Measured]) -> Value {
    let import = |(name, import): (&String, &Import)| {
        let since = import.since.map(|(major, minor)| format!("{major}.{minor}"));
        json!({ "symbol": name, "weak": import.weak, "since": since })
    };
    let object = |m: &Measured| {
        let stamps = m.stamps.iter().map(|(stamp, count)| json!({ "stamp": stamp, "objects": count }));
        json!({
            "target": m.slice.triple(),
            "bytes": m.bytes,
            "stamps": stamps.collect::<Vec<_>>(),
            "imports": m.imports.0.iter().map(import).collect::<Vec<_>>(),
            "faults": m.faults,
        })
    };
    measured.iter().map(object).collect()
}

/// What does not hold, one line each.
pub(super) fn faults(measured: &[Measured]) -> String {
    let lines = measured
        .iter()
        .flat_map(|m| m.faults.iter().map(move |fault| format!("{}: {fault}", m.slice.triple())));
    lines.collect::<Vec<_>>().join("\n")
}
