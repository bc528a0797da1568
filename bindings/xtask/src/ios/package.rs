//! What a partner adds to its app: a folder that is a Swift package and a pod, with the framework in it.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::build::{FEATURES, LIBRARY};
use super::slice::Slice;
use crate::making::bill::{Product, bill, notices, standard_library};
use crate::making::crates::shipped;
use crate::making::{Fault, folder, read, said, sources, write};
use crate::tools::swift;

/// Where it is made.
pub(super) const PLACE: &str = "target/ios/package";
const MANIFEST: &str = "Package.swift";
const FRAMEWORK: &str = "MtdAgent.xcframework";
const HEADERS: &str = "ios/Sources/CMtdAgent/include";
/// What is in the package as it stands in the tree.
const MODULES: [&str; 2] = ["MtdAgentFFI", "MtdAgent"];
const PRODUCT: Product =
    Product { purl: "pkg:swift/mtd-agent", name: "mtd-agent", group: "io.mtdagent", library: LIBRARY };

/// Makes it anew from the libraries.
pub(super) fn make(root: &Path) -> Result<(), Fault> {
    let version = env!("CARGO_PKG_VERSION");
    let to = root.join(PLACE);
    let _absent = fs::remove_dir_all(&to);
    for slice in Slice::ALL {
        let place = to.join(FRAMEWORK).join(slice.folder());
        copy(&root.join("target/ios").join(slice.triple()).join(LIBRARY), &place.join(LIBRARY))?;
        for header in ["CMtdAgent.h", "module.modulemap"] {
            copy(&root.join(HEADERS).join(header), &place.join("Headers").join(header))?;
        }
    }
    write(&to.join(FRAMEWORK).join("Info.plist"), plist().as_bytes())?;
    for module in MODULES {
        let from = root.join("ios/Sources").join(module);
        for extension in ["swift", "xcprivacy"] {
            for file in sources(&from, extension)? {
                let inside = file.strip_prefix(&from).map_err(|error| Fault::at(&file, &error))?;
                copy(&file, &to.join("Sources").join(module).join(inside))?;
            }
        }
    }
    let manifest = for_apple(&read(&root.join("ios").join(MANIFEST))?)?;
    write(&to.join(MANIFEST), manifest.as_bytes())?;
    for (from, name) in [("LICENSE", "LICENSE"), ("ios/README.md", "README.md")] {
        copy(&root.join(from), &to.join(name))?;
    }
    write(&to.join("MtdAgent.podspec"), podspec(version).as_bytes())?;
    let crates = shipped(root, FEATURES, &Slice::ALL.map(Slice::triple))?;
    let others = [standard_library(root)?];
    let bill = format!("{:#}\n", bill(&PRODUCT, version, &crates, &others));
    write(&to.join("sbom.cdx.json"), bill.as_bytes())?;
    write(&to.join("third-party-notices.txt"), notices(&PRODUCT, &crates, &[])?.as_bytes())
}

/// Swift's own package manager reads the package, as a partner's does: both modules whole, and the framework.
pub(super) fn described(root: &Path) -> Result<(), Fault> {
    let place = root.join(PLACE);
    let mut swift = swift::swift(root);
    swift.args(["package", "--disable-sandbox", "--package-path"]).arg(&place);
    swift.arg("--scratch-path").arg(root.join("target/ios/described")).args(["describe", "--type", "json"]);
    let said = said(swift)?;
    let described: Value = serde_json::from_str(&said).map_err(|_| Fault(said.clone()))?;
    let mut found = targets(&described).ok_or(Fault(said))?;
    found.sort();
    let mut wanted = vec![("CMtdAgent".to_owned(), "binary".to_owned(), 0)];
    for module in MODULES {
        let files = sources(&place.join("Sources").join(module), "swift")?.len();
        wanted.push((module.to_owned(), "library".to_owned(), files));
    }
    wanted.sort();
    if found == wanted { Ok(()) } else { Err(Fault(format!("Swift reads {found:?}, not {wanted:?}"))) }
}

/// Name, kind and number of source files of each.
fn targets(described: &Value) -> Option<Vec<(String, String, usize)>> {
    let target = |target: &Value| {
        let text = |key: &str| target.get(key)?.as_str().map(str::to_owned);
        Some((text("name")?, text("type")?, target.get("sources")?.as_array()?.len()))
    };
    described.get("targets")?.as_array()?.iter().map(target).collect()
}

/// The manifest without what is for Linux.
fn for_apple(manifest: &str) -> Result<String, Fault> {
    let parts = manifest.split_once("#if os(Linux)\n").and_then(|(before, rest)| {
        let (apple, after) = rest.split_once("#else\n")?.1.split_once("#endif\n")?;
        Some([before, apple, after].concat())
    });
    parts.ok_or_else(|| Fault(format!("{MANIFEST} has no branch for Linux")))
}

fn copy(from: &Path, to: &Path) -> Result<(), Fault> {
    folder(to.parent().unwrap_or(to))?;
    fs::copy(from, to).map(drop).map_err(|error| Fault::at(from, &error))
}

/// What Xcode reads of the framework.
fn plist() -> String {
    let library = |slice: Slice| {
        let variant = match slice {
            Slice::Phone => "",
            Slice::Simulator => {
                "\t\t\t<key>SupportedPlatformVariant</key>\n\t\t\t<string>simulator</string>\n"
            }
        };
        format!(
            "\t\t<dict>\n\t\t\t<key>HeadersPath</key>\n\t\t\t<string>Headers</string>\n\
             \t\t\t<key>LibraryIdentifier</key>\n\t\t\t<string>{}</string>\n\
             \t\t\t<key>LibraryPath</key>\n\t\t\t<string>{LIBRARY}</string>\n\
             \t\t\t<key>SupportedArchitectures</key>\n\t\t\t<array>\n\t\t\t\t<string>arm64</string>\n\t\t\t</array>\n\
             \t\t\t<key>SupportedPlatform</key>\n\t\t\t<string>ios</string>\n{variant}\t\t</dict>\n",
            slice.folder()
        )
    };
    let libraries = Slice::ALL.map(library).concat();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
         \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n<dict>\n\
         \t<key>AvailableLibraries</key>\n\t<array>\n{libraries}\t</array>\n\
         \t<key>CFBundlePackageType</key>\n\t<string>XFWK</string>\n\
         \t<key>XCFrameworkFormatVersion</key>\n\t<string>1.0</string>\n</dict>\n</plist>\n"
    )
}

fn podspec(version: &str) -> String {
    format!(
        "Pod::Spec.new do |s|\n  s.name = 'MtdAgent'\n  s.version = '{version}'\n\
         \x20 s.summary = 'The on-device half of a Mobile Threat Defense product'\n\
         \x20 s.license = {{ :type => 'Apache-2.0', :file => 'LICENSE' }}\n  s.source = {{ :path => '.' }}\n\
         \x20 s.ios.deployment_target = '8.0'\n  s.swift_versions = ['5']\n\
         \x20 s.source_files = 'Sources/**/*.swift'\n  s.resources = 'Sources/MtdAgent/PrivacyInfo.xcprivacy'\n\
         \x20 s.vendored_frameworks = '{FRAMEWORK}'\n\
         \x20 s.frameworks = 'CoreFoundation', 'Security'\nend\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partners_manifest_has_nothing_of_linux() {
        let manifest = "a\n#if os(Linux)\nb\n#else\nc\n#endif\nd\n";
        assert_eq!(for_apple(manifest).unwrap(), "a\nc\nd\n");
        assert!(for_apple("a\n").is_err());
    }

    #[test]
    fn the_framework_tells_phones_from_simulators() {
        let plist = plist();
        assert_eq!(plist.matches("<string>arm64</string>").count(), 2);
        assert_eq!(plist.matches("SupportedPlatformVariant").count(), 1);
        assert_eq!(plist.matches("<dict>").count(), plist.matches("</dict>").count());
        assert!(plist.contains("ios-arm64-simulator") && plist.contains(LIBRARY));
    }
}
