//! The Java layer on Android's framework code: one Maven run per version of Robolectric, one virtual machine per API; then
//! a partner's build of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::partner;
use crate::process::{cargo, command, quietly};
use crate::report::{Outcome, say};
use crate::tools::apt::on_path;
use crate::tools::lacking;

/// What the run needs: the packages of `tools/debian.rs`.
const PROGRAMS: [&str; 3] = ["mvn", "javac", "aapt"];

const OUT: &str = "target/android-tests";
/// Robolectric unpacks a framework into it for each virtual machine, and one that is killed clears nothing away.
const SCRATCH: &str = "target/android-tests/scratch";
const LIBRARY: &str = "target/release";
const GATEWAY: &str = "target/debug/mtd-gateway";

/// One run of Maven: the folder of its reports, and the APIs that it runs.
struct Run {
    pom: &'static str,
    profile: Option<&'static str>,
    folder: &'static str,
    apis: &'static [u32],
}

const SDK: &str = "android/pom.xml";
const RUNS: [Run; 2] = [
    Run { pom: SDK, profile: Some("old"), folder: "4.10.3", apis: &[16, 19, 21] },
    Run { pom: SDK, profile: Some("new"), folder: "4.16", apis: &[23, 28, 35] },
];
/// Takes what the runs before have made.
const PARTNER: Run =
    Run { pom: "android/sample/pom.xml", profile: None, folder: "partners-build", apis: &[28] };

pub(crate) fn judge(root: &Path) -> Outcome {
    let absent: Vec<&str> = PROGRAMS.into_iter().filter(|program| !on_path(program)).collect();
    if !absent.is_empty() {
        return lacking("android", format!("{} cannot be found; cargo xtask setup", absent.join(", ")));
    }
    // The library as it is shipped: same features, same profile.
    for words in
        ["build --locked --release -p agent-bindings --features jni", "build --locked -p agent-gateway"]
    {
        let mut build = cargo(root);
        build.args(words.split_whitespace());
        if let failed @ (Outcome::Failed(_) | Outcome::Lacking(_) | Outcome::Excused(_)) = quietly(build) {
            return failed;
        }
    }
    for run in &RUNS {
        let outcome = run.judge(root);
        if !matches!(outcome, Outcome::Passed) {
            return outcome;
        }
    }
    match partner::prepare(root, &root.join(OUT).join("partner"), &root.join(GATEWAY)) {
        Outcome::Passed => PARTNER.judge(root),
        failed @ (Outcome::Failed(_) | Outcome::Lacking(_) | Outcome::Excused(_)) => failed,
    }
}

impl Run {
    fn judge(&self, root: &Path) -> Outcome {
        let reports = root.join(OUT).join(self.folder).join("surefire-reports");
        let scratch = root.join(SCRATCH);
        // What an earlier run left must not be counted.
        let ready = emptied(&reports).and_then(|()| std::fs::create_dir_all(&scratch));
        if let Err(error) = ready {
            return Outcome::Failed(format!("{}: {error}", reports.display()));
        }
        let ran = quietly(self.maven(root));
        let cleared = emptied(&scratch);
        if let failed @ (Outcome::Failed(_) | Outcome::Lacking(_) | Outcome::Excused(_)) = ran {
            return failed;
        }
        if let Err(error) = cleared {
            return Outcome::Failed(format!("{}: {error}", scratch.display()));
        }
        for &api in self.apis {
            match tests_of(&reports, api) {
                0 => return Outcome::Failed(format!("no test ran on API {api}")),
                count => say(&format!("android: {count} tests passed on API {api}")),
            }
        }
        Outcome::Passed
    }

    fn maven(&self, root: &Path) -> Command {
        let mut maven = command(root, "mvn");
        maven.args(["--batch-mode", "--no-transfer-progress", "-Dstyle.color=never"]);
        maven.args(["--file", self.pom]);
        maven.args(self.profile.map(|name| format!("--activate-profiles={name}")));
        maven.arg(property("mtd.library", root.join(LIBRARY)));
        maven.arg(property("mtd.gateway", root.join(GATEWAY)));
        maven.arg(property("mtd.scratch", root.join(SCRATCH)));
        maven.arg("test");
        maven
    }
}

fn property(name: &str, value: PathBuf) -> std::ffi::OsString {
    let mut property = std::ffi::OsString::from(format!("-D{name}="));
    property.push(value);
    property
}

fn emptied(folder: &Path) -> std::io::Result<()> {
    if folder.exists() { std::fs::remove_dir_all(folder) } else { Ok(()) }
}

/// How many tests the reports of one API count, skipped ones left out.
fn tests_of(reports: &Path, api: u32) -> u64 {
    let Ok(files) = std::fs::read_dir(reports) else { return 0 };
    let suffix = format!("-api-{api}.xml");
    let of_api = |path: &PathBuf| path.to_string_lossy().ends_with(&suffix);
    let reports = files.filter_map(Result::ok).map(|file| file.path()).filter(of_api);
    reports.filter_map(|path| std::fs::read_to_string(path).ok()).map(|report| run_in(&report)).sum()
}

fn run_in(report: &str) -> u64 {
    let suite = report.split_once("<testsuite").map_or("", |(_, rest)| rest);
    let suite = suite.split_once('>').map_or(suite, |(attributes, _)| attributes);
    let number = |name: &str| {
        let (_, rest) = suite.split_once(&format!(" {name}=\""))?;
        rest.split_once('"')?.0.parse::<u64>().ok()
    };
    number("tests").unwrap_or(0).saturating_sub(number("skipped").unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skipped_tests_are_not_counted() {
        let report = r#"<?xml version="1.0"?><testsuite name="X" time="1" tests="5" errors="0" skipped="2">
            <testcase tests="9"/></testsuite>"#;
        assert_eq!(run_in(report), 3);
        assert_eq!(run_in("<other/>"), 0);
    }
}
