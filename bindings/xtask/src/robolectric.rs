//! The Java layer on Android's framework code: one Maven run per version of Robolectric, one virtual machine per API.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{cargo, command, quietly};
use crate::report::{Outcome, say};
use crate::tools::apt::on_path;
use crate::tools::lacking;

/// What the run needs: the packages of `tools/debian.rs`.
const PROGRAMS: [&str; 3] = ["mvn", "javac", "aapt"];

/// A profile of `android/pom.xml`: the folder of its reports, and the APIs that it runs.
struct Run {
    profile: &'static str,
    folder: &'static str,
    apis: [u32; 3],
}

const RUNS: [Run; 2] = [
    Run { profile: "old", folder: "4.10.3", apis: [16, 19, 21] },
    Run { profile: "new", folder: "4.16", apis: [23, 28, 35] },
];

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
    Outcome::Passed
}

impl Run {
    fn judge(&self, root: &Path) -> Outcome {
        let reports = root.join("target/android-tests").join(self.folder).join("surefire-reports");
        // What an earlier run left must not be counted.
        if let Err(error) = emptied(&reports) {
            return Outcome::Failed(format!("{}: {error}", reports.display()));
        }
        if let failed @ (Outcome::Failed(_) | Outcome::Lacking(_) | Outcome::Excused(_)) =
            quietly(self.maven(root))
        {
            return failed;
        }
        for api in self.apis {
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
        maven.args(["--file", "android/pom.xml", "--activate-profiles", self.profile]);
        maven.arg(property("mtd.library", root.join("target/release")));
        maven.arg(property("mtd.gateway", root.join("target/debug/mtd-gateway")));
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
