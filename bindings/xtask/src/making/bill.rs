//! What goes with the library: a bill of materials (CycloneDX 1.6) and the notices that licences ask for.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::crates::{Crate, Crates};
use super::{Fault, read, said};
use crate::debian_rust::RUSTC;
use crate::process::command;

/// What each file that holds a licence begins with, in capitals.
const LICENSES: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE"];
/// Where Debian says what its standard library of Rust is made of.
const STANDARD_LIBRARY: &str = "/usr/share/doc/rust-web-src/copyright";

/// What the bill and the notices are of.
pub(crate) struct Product {
    /// Without its version.
    pub(crate) purl: &'static str,
    pub(crate) group: &'static str,
    pub(crate) name: &'static str,
    pub(crate) library: &'static str,
}

/// Name, version and licence of a part that is no crate.
pub(crate) type Other = (String, String, &'static str);

/// That of the Rust which builds the libraries.
pub(crate) fn standard_library(root: &Path) -> Result<Other, Fault> {
    let mut rustc = command(root, RUSTC);
    rustc.arg("--version");
    let said = said(rustc)?;
    let version = said.split_whitespace().nth(1);
    let version = version.ok_or_else(|| Fault(format!("{said:?} is no version")))?;
    Ok(("rust-std".to_owned(), version.to_owned(), "MIT OR Apache-2.0"))
}

/// The bill, one object.
pub(crate) fn bill(product: &Product, version: &str, crates: &Crates, others: &[Other]) -> Value {
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
    let other = |(name, version, license): &Other| {
        let purl = format!("pkg:generic/{name}@{version}");
        json!({
            "type": "library", "bom-ref": purl, "name": name, "version": version,
            "licenses": [{ "expression": license }], "purl": purl,
        })
    };
    let mut components: Vec<Value> = crates.values().map(part).collect();
    components.extend(others.iter().map(other));
    let uses = |one: &Crate| {
        let on: Vec<String> = one.uses.iter().filter_map(|id| crates.get(id)).map(reference).collect();
        json!({ "ref": reference(one), "dependsOn": on })
    };
    let purl = format!("{}@{version}", product.purl);
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": {
            "type": "library", "bom-ref": purl, "group": product.group, "name": product.name, "version": version,
            "licenses": [{ "expression": "Apache-2.0" }], "purl": purl,
        }},
        "components": components,
        "dependencies": crates.values().map(uses).collect::<Vec<_>>(),
    })
}

/// Every licence's own text, as the crate carries it.
pub(crate) fn notices(
    product: &Product,
    crates: &Crates,
    others: &[(&str, String)],
) -> Result<String, Fault> {
    let mut text = format!("What {} is made of, and the terms of each part.\n", product.library);
    for one in crates.values().filter(|one| one.checksum.is_some()) {
        text.push_str(&head(&format!("{} {}: {}", one.name, one.version, one.license)));
        for (name, content) in licenses(&one.folder)? {
            text.push_str(&format!("--- {name}\n\n{content}\n"));
        }
    }
    for (title, license) in others {
        text.push_str(&head(title));
        text.push_str(license);
    }
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
