//! Swift on Linux: one on the path, else that of Debian 13 in a system of its own below `target/tools`, entered by
//! `chroot`, which needs root.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::apt::{self, on_path};
use super::{folder, lacking};
use crate::process::{answer, command, quietly};
use crate::report::{Outcome, say};

/// Tells the tests where the launcher is: `LAUNCHER PROGRAM [ARGUMENTS]` runs a program where Swift is.
pub(crate) const VARIABLE: &str = "MTD_SWIFT_RUN";

const SWIFT: &str = "swift";
/// The release of Debian that has a Swift.
const SUITE: &str = "trixie";
/// Swift, what it links with, and what the tests' key store calls.
const PACKAGES: &str = "swiftlang,libc6-dev,libstdc++-14-dev,openssl";
/// What makes a system, and the keys that its packages are signed with.
const MAKER: &str = "mmdebstrap";
const KEYRING: &str = "debian-archive-keyring";
const RUN: &str = include_str!("swift-run.sh");
/// How long a question to a program may take.
const ANSWERS_WITHIN: Duration = Duration::from_secs(60);

/// What stands before a program that is to run where Swift is; nothing where Swift is on the path.
pub(crate) fn launcher(root: &Path) -> Option<PathBuf> {
    let installed = folder(root).join("bin/swift-run");
    (!on_path(SWIFT) && installed.is_file()).then_some(installed)
}

/// Swift, wherever it is.
pub(crate) fn swift(root: &Path) -> Command {
    match launcher(root) {
        Some(launcher) => {
            let mut swift = command(root, launcher);
            swift.arg(SWIFT);
            swift
        }
        None => command(root, SWIFT),
    }
}

pub(crate) fn ready(root: &Path) -> Outcome {
    if on_path(SWIFT) || works(root) {
        return Outcome::Passed;
    }
    if !apt::is_root(root) {
        return cannot("root is needed for Debian's");
    }
    if let Err(why) = make(root) {
        return cannot(&why);
    }
    if works(root) { Outcome::Passed } else { cannot("installed, but it does not answer") }
}

fn system(root: &Path) -> PathBuf {
    folder(root).join(SWIFT)
}

fn works(root: &Path) -> bool {
    let Some(launcher) = launcher(root) else { return false };
    // An old launcher may stand beside a newer tree.
    if !std::fs::read_to_string(&launcher).is_ok_and(|stands| stands == script(root)) {
        return false;
    }
    let mut version = command(root, launcher);
    version.args([SWIFT, "--version"]);
    answer(version, ANSWERS_WITHIN).is_some_and(|said| said.contains("Swift version"))
}

fn make(root: &Path) -> Result<(), String> {
    let system = system(root);
    if !system.is_dir() {
        apt::install(root, &[MAKER, KEYRING])?;
        say(&format!(
            "installing Swift of Debian {SUITE} below target/tools, once: 450 MB to fetch, 2.5 GB there"
        ));
        let begun = Instant::now();
        let unfinished = system.with_extension("new");
        let mut clear = command(root, "rm");
        clear.args(["--recursive", "--force", "--one-file-system"]).arg(&unfinished);
        done(clear)?;
        std::fs::create_dir_all(folder(root)).map_err(|error| error.to_string())?;
        let mut make = command(root, "unshare");
        // Its mounts end with it, however it ends.
        make.args(["--mount", MAKER, "--quiet", "--mode=root", "--variant=essential"]);
        make.args([&format!("--include={PACKAGES}"), SUITE]).arg(&unfinished);
        done(make)?;
        std::fs::rename(&unfinished, &system).map_err(|error| error.to_string())?;
        say(&format!("Swift is there after {} s", begun.elapsed().as_secs()));
    }
    let launcher = folder(root).join("bin/swift-run");
    std::fs::create_dir_all(folder(root).join("bin")).map_err(|error| error.to_string())?;
    std::fs::write(&launcher, script(root)).map_err(|error| error.to_string())?;
    let mut mode = command(root, "chmod");
    mode.arg("755").arg(&launcher);
    done(mode)
}

/// The launcher of this tree.
fn script(root: &Path) -> String {
    let quoted = |path: &Path| format!("'{}'", path.display().to_string().replace('\'', "'\\''"));
    RUN.replace("@SYSTEM@", &quoted(&system(root))).replace("@TREE@", &quoted(root))
}

fn done(step: Command) -> Result<(), String> {
    match quietly(step) {
        Outcome::Passed => Ok(()),
        Outcome::Failed(said) | Outcome::Excused(said) => Err(said),
        Outcome::Lacking(what) => Err(format!("{what:?}")),
    }
}

fn cannot(why: &str) -> Outcome {
    lacking(
        SWIFT,
        format!(
            "{why}; get Swift 5.5 or newer from https://swift.org, or as root on Debian: cargo xtask setup"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_launcher_names_the_tree_it_was_written_for() {
        let script = script(Path::new("/a tree/of 'mine'"));
        assert!(script.contains("tree='/a tree/of '\\''mine'\\'''"), "{script}");
        assert!(!script.contains('@') || script.contains("\"$@\""));
        assert!(!script.contains("@SYSTEM@") && !script.contains("@TREE@"));
    }
}
