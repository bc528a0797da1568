//! The sample app, as a partner would build it: from the archive's classes and libraries to a signed APK.

use std::fs;
use std::path::{Path, PathBuf};

use super::java::compile;
use super::{Fault, LIBRARY, Parts, aar, folder, manifest, read, run, said, write};
use crate::making::archive::{Entries, pack, unpack};
use crate::process::command;

const SAMPLE: &str = "android/sample/src/main";
/// The floor of the app: Android 4.1.
const FLOOR: &str = "16";
/// Where the numbers of its resources are written.
const NUMBERS: &str = "numbers";
/// Of a key that is made for this machine's builds and signs nothing that is shipped.
const PASSWORD: &str = "android";

/// Makes the app of the library in `archive`; the app before it is signed.
pub(super) fn make(root: &Path, archive: &Path, parts: &Parts) -> Result<PathBuf, Fault> {
    let place = root.join("target/android/sample");
    let _absent = fs::remove_dir_all(&place);
    folder(&place)?;
    let library = unpack(archive, "")?;
    let jar = place.join("classes.jar");
    let classes = library.get("classes.jar").ok_or_else(|| Fault::at(archive, &"has no classes.jar"))?;
    write(&jar, classes)?;
    let mut entries = resources(root, &place, &parts.resources)?;
    let (own, java) = (place.join("classes"), root.join(SAMPLE).join("java"));
    compile(root, &[&java, &place.join(NUMBERS)], &[&parts.android, &jar], &own)?;
    let dex = place.join("classes.dex");
    let mut dx = command(root, "java");
    dx.arg("-cp").arg(&parts.dx).args(["com.android.dx.command.Main", "--dex"]);
    dx.arg(format!("--min-sdk-version={FLOOR}"))
        .arg(format!("--output={}", dex.display()))
        .args([&own, &jar]);
    run(dx)?;
    entries.insert("classes.dex".to_owned(), fs::read(&dex).map_err(|error| Fault::at(&dex, &error))?);
    for (name, bytes) in library {
        if let Some(abi) = name.strip_prefix("jni/") {
            entries.insert(format!("lib/{abi}"), bytes);
        }
    }
    let (packed, unsigned) = (place.join("packed.apk"), place.join("unsigned.apk"));
    // Android maps it from the file.
    write(&packed, &pack(&entries, |name| name == "resources.arsc")?)?;
    let mut align = command(root, "zipalign");
    align.args(["-f", "-p", "4"]).args([&packed, &unsigned]);
    run(align)?;
    let signed = root.join("target/android/sample.apk");
    sign(root, &unsigned, &signed)?;
    Ok(unsigned)
}

/// The manifest with the library's in it, resources and assets, compiled; the numbers of the resources as Java.
fn resources(root: &Path, place: &Path, android: &Path) -> Result<Entries, Fault> {
    let (packed, manifest) = (place.join("resources.apk"), place.join("AndroidManifest.xml"));
    let (sample, numbers) = (root.join(SAMPLE), place.join(NUMBERS));
    write(&manifest, self::manifest(root)?.as_bytes())?;
    folder(&numbers)?;
    let mut aapt = command(root, "aapt");
    aapt.args(["package", "-f", "--version-code", "1", "--version-name", env!("CARGO_PKG_VERSION")]);
    aapt.arg("-M").arg(manifest).arg("-S").arg(sample.join("res")).arg("-A").arg(sample.join("assets"));
    aapt.arg("-J").arg(numbers).arg("-I").arg(android).arg("-F").arg(&packed);
    run(aapt)?;
    unpack(&packed, "")
}

/// The app's manifest with the library's in it.
pub(super) fn manifest(root: &Path) -> Result<String, Fault> {
    let own = read(&root.join(SAMPLE).join("AndroidManifest.xml"))?;
    manifest::merge(&own, &read(&root.join(aar::MANIFEST))?)
}

/// Signed for every Android, and judged by the signer's own check.
fn sign(root: &Path, unsigned: &Path, signed: &Path) -> Result<(), Fault> {
    let key = root.join("target/android/debug.keystore");
    if !key.is_file() {
        let mut keytool = command(root, "keytool");
        keytool.args([
            "-genkeypair",
            "-alias",
            "debug",
            "-keyalg",
            "RSA",
            "-keysize",
            "2048",
            "-validity",
            "10000",
        ]);
        keytool
            .args(["-dname", "CN=debug", "-storepass", PASSWORD, "-keypass", PASSWORD, "-keystore"])
            .arg(&key);
        run(keytool)?;
    }
    let mut sign = command(root, "apksigner");
    sign.args(["sign", "--min-sdk-version", FLOOR]);
    for scheme in ["v1", "v2", "v3"] {
        sign.args([&format!("--{scheme}-signing-enabled"), "true"]);
    }
    sign.args(["--v4-signing-enabled", "false"]);
    sign.args(["--ks-pass", &format!("pass:{PASSWORD}"), "--ks"])
        .arg(&key)
        .arg("--out")
        .arg(signed)
        .arg(unsigned);
    run(sign)?;
    let mut verify = command(root, "apksigner");
    verify.args(["verify", "--Werr", "--min-sdk-version", FLOOR]).arg(signed);
    run(verify)?;
    // What the system's own reader says of it.
    let mut badging = command(root, "aapt");
    badging.args(["dump", "badging"]).arg(signed);
    let told = said(badging)?;
    let floor = format!("sdkVersion:'{FLOOR}'");
    if told.lines().any(|line| line == floor) && told.contains("native-code:") && fs::metadata(signed).is_ok()
    {
        return Ok(());
    }
    Err(Fault(format!("the app is not for API {FLOOR}, or lacks {LIBRARY}:\n{told}")))
}
