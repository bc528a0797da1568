//! The crates that are in the library: what cargo resolves for the phones, without what only builds or tests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Fault, read, said};
use crate::process::cargo;

const LIBRARY: &str = "agent-bindings";

/// One crate.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Crate {
    pub(super) name: String,
    pub(super) version: String,
    /// As SPDX writes it.
    pub(super) license: String,
    /// Where its source lies.
    pub(super) folder: PathBuf,
    /// SHA-256 of the package in the registry; none for our own.
    pub(super) checksum: Option<String>,
    /// Ids of those that it uses.
    pub(super) uses: BTreeSet<String>,
}

/// By id.
pub(crate) type Crates = BTreeMap<String, Crate>;

/// The crates of a library of these features for all of these targets.
pub(crate) fn shipped(root: &Path, features: &str, triples: &[&str]) -> Result<Crates, Fault> {
    let sums = checksums(&read(&root.join("Cargo.lock"))?);
    let mut crates = Crates::new();
    for triple in triples {
        let mut metadata = cargo(&root.join("bindings"));
        metadata.args(["metadata", "--format-version", "1", "--locked", "--no-default-features"]);
        metadata.args(["--features", features, "--filter-platform", triple]);
        let said = said(metadata)?;
        let wrong = |what: &str| Fault(format!("cargo metadata says nothing of {what}"));
        let value: Value = serde_json::from_str(&said).map_err(|_| wrong("anything"))?;
        let found = walk(&value, &sums).ok_or_else(|| wrong(LIBRARY))?;
        for (id, one) in found {
            crates.entry(id).or_insert(one);
        }
    }
    Ok(crates)
}

fn walk(metadata: &Value, sums: &BTreeMap<(String, String), String>) -> Option<Crates> {
    let by_id = |list: &Value| -> Option<BTreeMap<String, Value>> {
        let pair = |one: &Value| Some((one.get("id")?.as_str()?.to_owned(), one.clone()));
        list.as_array()?.iter().map(pair).collect()
    };
    let packages = by_id(metadata.get("packages")?)?;
    let nodes = by_id(metadata.get("resolve")?.get("nodes")?)?;
    let named = |package: &Value| package.get("name").and_then(Value::as_str) == Some(LIBRARY);
    let mut open = vec![packages.iter().find(|(_, package)| named(package))?.0.clone()];
    let mut crates = Crates::new();
    while let Some(id) = open.pop() {
        if crates.contains_key(&id) {
            continue;
        }
        let package = packages.get(&id)?;
        let text = |key: &str| package.get(key).and_then(Value::as_str).map(str::to_owned);
        let uses: BTreeSet<String> = used(nodes.get(&id)?)?
            .into_iter()
            // It runs in the compiler.
            .filter(|id| packages.get(id).is_some_and(|package| !is_macro(package)))
            .collect();
        open.extend(uses.iter().cloned());
        let (name, version) = (text("name")?, text("version")?);
        let manifest = PathBuf::from(text("manifest_path")?);
        let checksum = sums.get(&(name.clone(), version.clone())).cloned();
        let (license, folder) = (text("license")?, manifest.parent()?.to_owned());
        crates.insert(id, Crate { name, version, license, folder, checksum, uses });
    }
    Some(crates)
}

/// What a crate uses when it runs.
fn used(node: &Value) -> Option<Vec<String>> {
    let runs = |dep: &&Value| {
        let kinds = dep.get("dep_kinds").and_then(Value::as_array);
        kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind.get("kind").is_some_and(Value::is_null)))
    };
    let id = |dep: &Value| dep.get("pkg").and_then(Value::as_str).map(str::to_owned);
    node.get("deps")?.as_array()?.iter().filter(runs).map(id).collect()
}

fn is_macro(package: &Value) -> bool {
    let kinds = package.get("targets").and_then(Value::as_array).into_iter().flatten();
    let mut kinds = kinds.filter_map(|target| target.get("kind").and_then(Value::as_array)).flatten();
    kinds.any(|kind| kind == "proc-macro")
}

/// Name and version, then the checksum, of each package of a lock file that has one.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let value = |block: &str, key: &str| {
        let mut lines = block.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""));
        lines.next().and_then(|rest| rest.strip_suffix('"')).map(str::to_owned)
    };
    let package =
        |block: &str| Some(((value(block, "name")?, value(block, "version")?), value(block, "checksum")?));
    lock.split("[[package]]").filter_map(package).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_builds_or_tests_is_not_shipped() {
        let package = |name: &str, kind: &str| {
            json!({"id": name, "name": name, "version": "1.0.0", "license": "MIT",
                   "manifest_path": format!("/r/{name}/Cargo.toml"), "targets": [{"kind": [kind]}]})
        };
        let dep = |name: &str, kind: Value| json!({"pkg": name, "dep_kinds": [{"kind": kind}]});
        let metadata = json!({
            "packages": [package("agent-bindings", "lib"), package("ring", "lib"), package("cc", "lib"),
                         package("derive", "proc-macro"), package("tempfile", "lib"), package("unused", "lib")],
            "resolve": {"nodes": [
                {"id": "agent-bindings", "deps": [dep("ring", Value::Null), dep("derive", Value::Null),
                                                  dep("tempfile", json!("dev"))]},
                {"id": "ring", "deps": [dep("cc", json!("build"))]},
            ]},
        });
        let sums = checksums("[[package]]\nname = \"ring\"\nversion = \"1.0.0\"\nchecksum = \"ab\"\n");
        let crates = walk(&metadata, &sums).unwrap();
        assert_eq!(crates.keys().collect::<Vec<_>>(), ["agent-bindings", "ring"]);
        assert_eq!(crates["ring"].checksum.as_deref(), Some("ab"));
        assert_eq!(crates["agent-bindings"].uses, BTreeSet::from(["ring".to_owned()]));
    }
}
