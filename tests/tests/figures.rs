//! What a device sends and writes does not grow unseen: the bench's rows that count, against what stands in the README.
//! Times are not judged here; they are the machine's.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

/// Row, and the most it may be: the README's value and one hundredth, for what differs by chance.
const CEILINGS: [(&str, u64); 11] = [
    ("idle-cold", 2_470),
    ("idle-warm", 1_523),
    ("idle-body", 347),
    ("signatures-cold", 1),
    ("signatures-warm", 0),
    ("record-written", 348),
    ("record-size", 348),
    ("record-syncs", 1),
    ("inventory-first", 9_400),
    ("inventory-three", 743),
    ("inventory-same", 345),
];

#[test]
fn no_figure_that_counts_has_grown() {
    let mut bench = Command::new(env!("CARGO_BIN_EXE_bench"));
    bench.args(["--json", "--only", "idle", "--only", "record", "--only", "inventory"]);
    let told = bench.output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let rows: BTreeMap<String, u64> = String::from_utf8(told.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|row| (row["row"].as_str().unwrap().to_owned(), row["ours"].as_u64().unwrap()))
        .collect();
    assert_eq!(rows.len(), CEILINGS.len(), "{rows:?}");
    for (name, most) in CEILINGS {
        assert!(rows[name] <= most, "{name}: {} above {most}", rows[name]);
    }
}
