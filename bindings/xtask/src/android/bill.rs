//! What goes with the library: a bill of materials (CycloneDX 1.6) and the notices that licences ask for.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::crates::{Crate, Crates};
use super::unwinder::Unwinder;
use super::{Fault, read};

/// What each file that holds a licence begins with, in capitals.
const LICENSES: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE"];
/// Where Debian says what its standard library of Rust is made of.
const STANDARD_LIBRARY: &str = "/usr/share/doc/rust-web-src/copyright";

/// What is in the library beside crates: name, version, licence.
pub(super) struct Others {
    pub(super) standard_library: String,
    pub(super) unwinder: String,
}

/// The bill, one object.
pub(super) fn bill(version: &str, crates: &Crates, others: &Others) -> Value {
    let reference = |one: &Crate| format!("pkg:cargo/{}@{}", one.name, one.version);
    let part = |one: &Crate| {
        let mut part = json!({
            "type": "library",
            "bom-ref": reference(one),
            "name": one.name,
            "version": one.version,
            "licenses": [{ "expression": one.license }],
            "purl": reference(one),
        });
        if let (Some(checksum), Some(part)) = (&one.checksum, part.as_object_mut()) {
            part.insert("hashes".to_owned(), json!([{ "alg": "SHA-256", "content": checksum }]));
        }
        part
    };
    let other = |name: &str, version: &str, license: &str| {
        let purl = format!("pkg:generic/{name}@{version}");
        json!({
            "type": "library", "bom-ref": purl, "name": name, "version": version,
            "licenses": [{ "expression": license }], "purl": purl,
        })
    };
    let mut components: Vec<Value> = crates.values().map(part).collect();
    components.push(other("rust-std", &others.standard_library, "MIT OR Apache-2.0"));
    components.push(other("llvm-libunwind", &others.unwinder, "Apache-2.0 WITH LLVM-exception"));
    let uses = |one: &Crate| {
        let on: Vec<String> = one.uses.iter().filter_map(|id| crates.get(id)).map(reference).collect();
        json!({ "ref": reference(one), "dependsOn": on })
    };
    let purl = format!("pkg:maven/io.mtdagent/mtd-agent@{version}");
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": {
            "type": "library", "bom-ref": purl, "group": "io.mtdagent", "name": "mtd-agent", "version": version,
            "licenses": [{ "expression": "Apache-2.0" }], "purl": purl,
        }},
        "components": components,
        "dependencies": crates.values().map(uses).collect::<Vec<_>>(),
    })
}

/// Every licence's own text, as the crate carries it.
pub(super) fn notices(crates: &Crates, unwinder: &Unwinder) -> Result<String, Fault> {
    let mut text = String::from("What libagent_bindings.so is made of, and the terms of each part.\n");
    for one in crates.values().filter(|one| one.checksum.is_some()) {
        text.push_str(&head(&format!("{} {}: {}", one.name, one.version, one.license)));
        for (name, content) in licenses(&one.folder)? {
            text.push_str(&format!("--- {name}\n\n{content}\n"));
        }
    }
    text.push_str(&head("LLVM libunwind: Apache-2.0 WITH LLVM-exception"));
    text.push_str(&unwinder.license()?);
    text.push_str(&head("Rust's standard library: MIT OR Apache-2.0, as Debian lists it"));
    text.push_str(&read(Path::new(STANDARD_LIBRARY))?);
    Ok(text)
}

fn head(title: &str) -> String {
    format!("\n{}\n{title}\n\n", "=".repeat(100))
}

fn licenses(folder: &Path) -> Result<Vec<(String, String)>, Fault> {
    let fault = |error| Fault::at(folder, &error);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let upper = name.to_uppercase();
        if entry.path().is_file() && LICENSES.iter().any(|start| upper.starts_with(start)) {
            found.push((name, read(&entry.path())?));
        }
    }
    found.sort();
    Ok(found)
}
