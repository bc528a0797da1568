//! 500 apps from a buffer that Java filled to the values that the agent keeps, in one call. Java's writing is told
//! beside.
//!
//! Ours is the library in the profile that ships, with the doors that tests open: the door parses as the façade does
//! when the sensors are read. The peer is the crate `tests/handover`, built for speed: a list of UniFFI records with
//! the same fields. What UniFFI's Kotlin bindings do with it stands in Java, by hand, since Kotlin's compiler is not
//! here: one `RustBuffer`, big-endian, passed by JNA's direct mapping. Both keep what they took; it is dropped
//! between the rounds.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::row::{Peer, Row, Target, Unit};
use crate::peers::Jdk;
use crate::stage::Mishap;

/// Where Debian's `libjna-java` puts JNA.
const JNA: &str = "/usr/share/java/jna.jar";
/// The package `io.mtdagent.android`: it needs Android's own classes.
const PLATFORM: &str = "android";
/// What is timed compiles at this level of Java.
const RELEASE: &str = "8";
const NANOS: u64 = 1_000;

/// Medians in nanoseconds.
struct Times {
    writing: u64,
    taking: u64,
}

pub(super) fn measure() -> Result<Vec<Row>, Mishap> {
    let jdk = Jdk::find()?;
    let folder = tempfile::tempdir()?;
    let sources = Path::new(env!("CARGO_MANIFEST_DIR"));
    let artefacts = std::env::current_exe()?;
    let artefacts = artefacts.parent().and_then(Path::parent).ok_or("the bench is in no target folder")?;
    let ours = ours(&jdk, sources, artefacts, folder.path())?;
    let peer = uniffi(&jdk, sources, artefacts, folder.path());
    let row = |name, what, target, value: fn(&Times) -> u64| Row {
        name,
        what,
        unit: Unit::Micros,
        ours: value(&ours) / NANOS,
        target,
        peers: vec![Peer {
            name: "UniFFI over JNA",
            value: peer.as_ref().map(|peer| value(peer) / NANOS).map_err(ToString::to_string),
        }],
    };
    let apps = "500 apps from filled byte[] to parsed, one call";
    Ok(vec![
        row("handover-time", apps, Target::AtMost(100), |times| times.taking),
        row("handover-writing", "500 apps written by Java before that", Target::None, |times| times.writing),
    ])
}

fn ours(jdk: &Jdk, sources: &Path, artefacts: &Path, folder: &Path) -> Result<Times, Mishap> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["rustc", "--quiet", "--locked", "--release", "--package", "agent-bindings", "--lib"]);
    // As a shipped library is linked: with the other kind of library beside it, cargo optimises each crate alone.
    cargo.args(["--crate-type", "cdylib", "--features", "jni,dangerous-panic-test"]);
    let library = built(cargo, sources, artefacts, "agent_bindings", folder)?;
    let sdk = sources.join("../android/sdk/src");
    let (main, test) = (folder.join("main"), folder.join("test"));
    std::fs::create_dir(&main)?;
    std::fs::create_dir(&test)?;
    jdk.compile(&sdk.join("main/java"), PLATFORM, RELEASE, &main, &main)?;
    let path = PathBuf::from(format!("{}:{}", main.display(), test.display()));
    jdk.compile(&sdk.join("test/java"), PLATFORM, RELEASE, &path, &test)?;
    jdk.compile(&sources.join("handover/java/ours"), PLATFORM, RELEASE, &path, &test)?;
    times(&jdk.run_with(
        &[option("java.library.path", &library)],
        &class_path(folder),
        "io.mtdagent.Handover",
        &[],
    )?)
}

fn uniffi(jdk: &Jdk, sources: &Path, artefacts: &Path, folder: &Path) -> Result<Times, Mishap> {
    if !Path::new(JNA).is_file() {
        return Err("apt-get install libjna-java".into());
    }
    let workspace = sources.join("handover");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--locked", "--release"]);
    let library = built(cargo, &workspace, &artefacts.join("handover"), "handover_peer", folder)?;
    let path = format!("{}:{JNA}", class_path(folder));
    jdk.compile(&workspace.join("java/uniffi"), PLATFORM, RELEASE, Path::new(&path), &folder.join("test"))?;
    let options = [option("jna.library.path", &library)];
    times(&jdk.run_with(&options, &path, "io.mtdagent.UniffiHandover", &[])?)
}

/// Runs the build in `workspace`; a folder with a copy of the library, which another build may replace.
fn built(
    mut cargo: Command,
    workspace: &Path,
    artefacts: &Path,
    library: &str,
    folder: &Path,
) -> Result<PathBuf, Mishap> {
    cargo.current_dir(workspace).arg("--target-dir").arg(artefacts);
    if !cargo.status()?.success() {
        return Err(format!("{library} cannot be built").into());
    }
    let name = format!("{}{library}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    std::fs::copy(artefacts.join("release").join(&name), folder.join(&name))?;
    Ok(folder.to_owned())
}

fn option(name: &str, value: &Path) -> OsString {
    format!("-D{name}={}", value.display()).into()
}

fn class_path(folder: &Path) -> String {
    format!("{}:{}", folder.join("main").display(), folder.join("test").display())
}

/// Two numbers: writing, taking.
fn times(said: &str) -> Result<Times, Mishap> {
    let mut numbers = said.split_whitespace().map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(writing)), Some(Ok(taking))) => Ok(Times { writing, taking }),
        (None | Some(Ok(_) | Err(_)), _) => Err(format!("no two times: {said}").into()),
    }
}
