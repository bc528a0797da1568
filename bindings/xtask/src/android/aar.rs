//! The archive that an app's build takes, in a folder that Maven and Gradle read as a repository.

use std::fs;
use std::path::{Path, PathBuf};

use super::build::Built;
use super::java::{compile, jar};
use super::{Fault, LIBRARY, Parts, folder, reached, read, write};
use crate::making::archive::{Entries, pack};
use crate::making::bill::{Product, bill, notices, standard_library};
use crate::making::crates::Crates;

const GROUP: &str = "io.mtdagent";
const NAME: &str = "mtd-agent";
const PRODUCT: Product =
    Product { purl: "pkg:maven/io.mtdagent/mtd-agent", group: GROUP, name: NAME, library: LIBRARY };
const UNWINDER_LICENSE: &str = "Apache-2.0 WITH LLVM-exception";
const UNWINDER_TITLE: &str = "LLVM libunwind: Apache-2.0 WITH LLVM-exception";
pub(super) const MANIFEST: &str = "android/sdk/src/main/AndroidManifest.xml";
const SOURCES: &str = "android/sdk/src/main/java";
const POM: &str = "android/native/pom.xml";

/// Makes the archive and the files beside it; the archive.
pub(super) fn make(root: &Path, built: &[Built], crates: &Crates, parts: &Parts) -> Result<PathBuf, Fault> {
    let version = env!("CARGO_PKG_VERSION");
    let to = root.join("target/android/classes/sdk");
    let classes = compile(root, &[&root.join(SOURCES)], &[&parts.android], &to)?;
    let others = [
        standard_library(root)?,
        ("llvm-libunwind".to_owned(), parts.unwinder.version(root)?, UNWINDER_LICENSE),
    ];
    let unwinder = (UNWINDER_TITLE, parts.unwinder.license()?);
    let bill = format!("{:#}\n", bill(&PRODUCT, version, crates, &others)).into_bytes();
    let mut entries = Entries::from([
        ("AndroidManifest.xml".to_owned(), read(&root.join(MANIFEST))?.into_bytes()),
        // No resources; the tools want the list.
        ("R.txt".to_owned(), Vec::new()),
        ("classes.jar".to_owned(), jar(&classes)?),
        ("proguard.txt".to_owned(), read(&root.join(reached::RULES))?.into_bytes()),
        ("LICENSE".to_owned(), read(&root.join("LICENSE"))?.into_bytes()),
        ("sbom.cdx.json".to_owned(), bill.clone()),
        ("third-party-notices.txt".to_owned(), notices(&PRODUCT, crates, &[unwinder])?.into_bytes()),
    ]);
    for built in built {
        let bytes = fs::read(&built.library).map_err(|error| Fault::at(&built.library, &error))?;
        entries.insert(format!("jni/{}/{LIBRARY}", built.abi), bytes);
    }
    let place = root.join("target/android/maven").join(GROUP.replace('.', "/")).join(NAME).join(version);
    folder(&place)?;
    let file = |ending: &str| place.join(format!("{NAME}-{version}{ending}"));
    write(&file(".pom"), read(&root.join(POM))?.replace("@VERSION@", version).as_bytes())?;
    write(&file("-cyclonedx.json"), &bill)?;
    let archive = file(".aar");
    write(&archive, &pack(&entries, |_| false)?)?;
    Ok(archive)
}
