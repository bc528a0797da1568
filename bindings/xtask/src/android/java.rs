//! The Java side: what is compiled against, compiled with, and how.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{Fault, folder, run, sources};
use crate::making::archive::{Entries, pack};
use crate::process::command;

/// A file of Maven Central, with its SHA-256.
pub(super) struct Artifact {
    coordinates: &'static str,
    file: &'static str,
    digest: &'static str,
}

/// Android 15's classes: newer ones are called behind a look at the level; that none is called
/// unguarded is judged by the tests of the Java layer.
pub(super) const ANDROID: Artifact = Artifact {
    coordinates: "org.robolectric:android-all:15-robolectric-13954326",
    file: "android-all-15-robolectric-13954326.jar",
    digest: "e17105f6c432357e6bb278a527f8e848d01fc56ccee01be77725bea23d871990",
};
/// Android 9's resources, with the numbers of the names that a manifest has: aapt 10 cannot read those of Android 15.
pub(super) const RESOURCES: Artifact = Artifact {
    coordinates: "org.robolectric:android-all-instrumented:9-robolectric-4913185-2-i7",
    file: "android-all-instrumented-9-robolectric-4913185-2-i7.jar",
    digest: "dbb1c88987b54cef3132695a1b4d2f4851ba06286a6fa7d15772f98fd1f0cdf7",
};
/// Writes the form that Dalvik reads.
pub(super) const DX: Artifact = Artifact {
    coordinates: "com.jakewharton.android.repackaged:dalvik-dx:16.0.1",
    file: "dalvik-dx-16.0.1.jar",
    digest: "1e4b645628e3bdb097b5331d669e177ef235a551582a8c646dbe36865e541907",
};
const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy";

impl Artifact {
    /// Where it lies; fetched and compared with its digest once.
    pub(super) fn ready(&self, root: &Path) -> Result<PathBuf, Fault> {
        let place = root.join("target/tools/maven");
        let path = place.join(self.file);
        if path.is_file() {
            return Ok(path);
        }
        let fetched = place.join("fetched");
        folder(&fetched)?;
        let mut maven = command(root, "mvn");
        maven.args(["--quiet", "--batch-mode", COPY]).arg(format!("-Dartifact={}", self.coordinates));
        maven.arg(format!("-DoutputDirectory={}", fetched.display()));
        run(maven)?;
        let fetched = fetched.join(self.file);
        let bytes = std::fs::read(&fetched).map_err(|error| Fault::at(&fetched, &error))?;
        let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        if digest != self.digest {
            return Err(Fault::at(&fetched, &format!("has the digest {digest}, not {}", self.digest)));
        }
        std::fs::rename(&fetched, &path).map_err(|error| Fault::at(&path, &error))?;
        Ok(path)
    }
}

/// Compiles what lies below `from`, at the level of Java that Android 4.1 reads; the classes by name.
pub(super) fn compile(root: &Path, from: &[&Path], against: &[&Path], to: &Path) -> Result<Entries, Fault> {
    let _absent = std::fs::remove_dir_all(to);
    folder(to)?;
    let mut javac = command(root, "javac");
    javac.args(["--release", "7", "-encoding", "UTF-8", "-g:source,lines", "-implicit:none"]);
    // That level 7 is old is why it is asked for; what is deprecated is called where nothing newer is.
    javac.args(["-Xlint:-options", "-nowarn"]);
    let against = std::env::join_paths(against).map_err(|error| Fault(format!("{error}: {against:?}")))?;
    javac.arg("-classpath").arg(against).arg("-d").arg(to);
    for folder in from {
        javac.args(sources(folder, "java")?);
    }
    run(javac)?;
    let mut classes = Entries::new();
    for path in sources(to, "class")? {
        let name = path.strip_prefix(to).unwrap_or(&path).display().to_string();
        classes.insert(name, std::fs::read(&path).map_err(|error| Fault::at(&path, &error))?);
    }
    Ok(classes)
}

/// A jar of these classes.
pub(super) fn jar(classes: &Entries) -> Result<Vec<u8>, Fault> {
    pack(classes, |_| false)
}
