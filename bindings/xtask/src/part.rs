//! What can be judged, cheapest first.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::android::{self, Abi, Order};
use crate::ios;
use crate::length;
use crate::mutants;
use crate::process::{aloud, answer, captured, cargo, command, quietly};
use crate::qemu;
use crate::report::Outcome;
use crate::robolectric;
use crate::rules;
use crate::seeds;
use crate::shipped;
use crate::tools::{self, CargoDeny, Tool, bindgen, estserver, schemathesis, swift};

/// The database that `advisories` reads.
const ADVISORIES: &str = "https://github.com/RustSec/advisory-db";
/// How long it may take to answer.
const REACHED_WITHIN: Duration = Duration::from_secs(10);
/// How many steps the story has at least.
const STEPS: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Format,
    Length,
    Rules,
    Shipped,
    Deny,
    Advisories,
    Clippy,
    Docs,
    Story,
    Tests,
    Core,
    Partner,
    Interop,
    Ios,
    Android,
    AndroidBuild,
    IosBuild,
    Long,
    Mutants,
    Seeds,
    Qemu,
}

impl Part {
    pub(crate) const ALL: [Self; 21] = [
        Self::Format,
        Self::Length,
        Self::Rules,
        Self::Shipped,
        Self::Deny,
        Self::Advisories,
        Self::Clippy,
        Self::Docs,
        Self::Story,
        Self::Tests,
        Self::Core,
        Self::Partner,
        Self::Interop,
        Self::Ios,
        Self::Android,
        Self::AndroidBuild,
        Self::IosBuild,
        Self::Long,
        Self::Mutants,
        Self::Seeds,
        Self::Qemu,
    ];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }

    /// The parts of a run that names none; `all` adds the long ones.
    pub(crate) fn default_run(all: bool) -> Vec<Self> {
        Self::ALL.into_iter().filter(|part| !part.by_name_only() || (all && part.is_long())).collect()
    }

    /// Whether `--all` adds it.
    fn is_long(self) -> bool {
        matches!(self, Self::Long | Self::Mutants | Self::Seeds | Self::Qemu)
    }

    /// Whether it runs only when named: a share of others, or too long for every run.
    fn by_name_only(self) -> bool {
        match self {
            Self::Core
            | Self::Partner
            | Self::Interop
            | Self::Ios
            | Self::Long
            | Self::Mutants
            | Self::Seeds
            | Self::Qemu => true,
            Self::Format
            | Self::Length
            | Self::Rules
            | Self::Shipped
            | Self::Deny
            | Self::Advisories
            | Self::Clippy
            | Self::Docs
            | Self::Story
            | Self::Tests
            | Self::Android
            | Self::AndroidBuild
            | Self::IosBuild => false,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Format => "fmt",
            Self::Length => "length",
            Self::Rules => "rules",
            Self::Shipped => "shipped",
            Self::Deny => "deny",
            Self::Advisories => "advisories",
            Self::Clippy => "clippy",
            Self::Docs => "docs",
            Self::Tests => "tests",
            Self::Core => "core",
            Self::Partner => "partner",
            Self::Interop => "interop",
            Self::Ios => "ios",
            Self::Android => "android",
            Self::Story => "story",
            Self::AndroidBuild => "android-build",
            Self::IosBuild => "ios-build",
            Self::Long => "long",
            Self::Mutants => "mutants",
            Self::Seeds => "seeds",
            Self::Qemu => "qemu",
        }
    }

    pub(crate) fn what(self) -> &'static str {
        match self {
            Self::Format => "cargo fmt --check",
            Self::Length => "no source file over its length",
            Self::Rules => "every rule of RULES.md is cited in code and in a test",
            Self::Shipped => "the crates in the shipped libraries are those of a list, within a bound",
            Self::Deny => "dependencies: duplicates, licences, sources",
            Self::Advisories => "dependencies: known vulnerabilities, where the database is reachable",
            Self::Clippy => "cargo clippy, all targets and features, warnings are errors",
            Self::Docs => "cargo doc with private items, warnings are errors",
            Self::Tests => "cargo test --workspace, the interop tests among them",
            Self::Core => "the tests of agent-logic and agent-core",
            Self::Partner => "the tests of agent-gateway and intune-stand-in",
            Self::Android => "the Java layer on Android's framework code, API 16 to 35, at the real gateway",
            Self::Interop => "the tests against servers and clients nobody here wrote",
            Self::Ios => "the façade by UniFFI, driven by Python; the Swift package, run on Linux; ios-build",
            Self::Story => "the story, told as JSON: every step holds",
            Self::AndroidBuild => "the library for Android, two ABIs: built from the floor up, judged",
            Self::IosBuild => "the library for iOS, phones and simulators: linted, built, judged, packaged",
            Self::Long => "with --all: the tests that take minutes, a thousand kills on a real disk",
            Self::Seeds => "with --all: each feature of the seeds switched off, its tests go red",
            Self::Mutants => "with --all: the code broken on purpose in many places, tests go red each time",
            Self::Qemu => "with --all: the core's tests as programs for ARM, 32 and 64 bit, under qemu",
        }
    }

    fn tools(self) -> &'static [Tool] {
        match self {
            Self::Deny | Self::Advisories => &[Tool::CargoDeny],
            Self::AndroidBuild => &[Tool::Android],
            Self::IosBuild => &[Tool::Apple],
            Self::Qemu => &[Tool::Qemu],
            Self::Tests => &[Tool::Bindgen, Tool::Debian, Tool::EstServer, Tool::Schemathesis, Tool::Swift],
            Self::Interop => &[Tool::Debian, Tool::EstServer, Tool::Schemathesis],
            Self::Ios => &[Tool::Apple, Tool::Bindgen, Tool::Debian, Tool::Swift],
            Self::Android => &[Tool::Debian],
            Self::Format
            | Self::Length
            | Self::Rules
            | Self::Shipped
            | Self::Clippy
            | Self::Docs
            | Self::Core
            | Self::Partner
            | Self::Long
            | Self::Mutants
            | Self::Seeds
            | Self::Story => &[],
        }
    }

    pub(crate) fn judge(self, root: &Path) -> Outcome {
        match self {
            Self::Format => quietly(words(cargo(root), "fmt --all --check")),
            Self::Length => length::check(root),
            Self::Rules => rules::check(root),
            Self::Shipped => shipped::check(root),
            Self::Deny => deny(root, "bans licenses sources"),
            Self::Advisories => advisories(root),
            Self::Clippy => {
                quietly(words(cargo(root), "clippy --workspace --all-targets --all-features -- -D warnings"))
            }
            Self::Docs => {
                let mut docs = words(cargo(root), "doc --workspace --no-deps --document-private-items");
                docs.env("RUSTDOCFLAGS", "-D warnings");
                quietly(docs)
            }
            Self::Tests => test(root, "--workspace"),
            Self::Core => test(root, "-p agent-logic -p agent-core"),
            Self::Partner => test(root, "-p agent-gateway -p intune-stand-in"),
            Self::Interop => test(root, "-p agent-tests --test interop_*"),
            Self::Ios => on_ios(root),
            Self::Android => robolectric::judge(root),
            Self::Story => story(root),
            Self::AndroidBuild => android_build(root),
            Self::IosBuild => apple(root),
            // What is ignored because it writes into the tree belongs to `parity`.
            Self::Long => aloud(words(cargo(root), "test --workspace -- --ignored --skip write")),
            Self::Mutants => mutants::judge(root, &[]),
            Self::Seeds => seeds::judge(root, &[]),
            Self::Qemu => on_arm(root),
        }
    }
}

/// What is written twice, here and for another language, says the same; `write` writes it first where it is derived.
pub(crate) fn parity(root: &Path, write: bool) -> Outcome {
    match bindgen::ready(root) {
        Outcome::Passed => {}
        other @ (Outcome::Lacking(_) | Outcome::Excused(_) | Outcome::Failed(_)) => return other,
    }
    let tests = ["-p agent-bindings --test parity", "-p agent-tests --test uniffi"];
    let pass = |which: &str, more: &str| {
        let mut test = words(words(cargo(root), "test --quiet"), which);
        test.env(bindgen::VARIABLE, bindgen::program(root));
        quietly(words(test, more))
    };
    let written = tests.iter().filter(|_| write).map(|which| pass(which, "-- --ignored write"));
    let said = tests.iter().map(|which| pass(which, "-- --skip python"));
    written.chain(said).find(|outcome| !matches!(outcome, Outcome::Passed)).unwrap_or(Outcome::Passed)
}

/// The tools that `parts` need, each once.
pub(crate) fn tools_of(parts: &[Part]) -> Vec<Tool> {
    let needed = |tool: &Tool| parts.iter().any(|part| part.tools().contains(tool));
    Tool::ALL.into_iter().filter(needed).collect()
}

fn test(root: &Path, which: &str) -> Outcome {
    let mut test = words(cargo(root), "test --no-fail-fast");
    test.env(estserver::VARIABLE, estserver::program(root));
    test.env(bindgen::VARIABLE, bindgen::program(root));
    test.env(schemathesis::VARIABLE, schemathesis::program(root));
    if let Some(launcher) = swift::launcher(root) {
        test.env(swift::VARIABLE, launcher);
    }
    aloud(words(test, which))
}

/// The story prints one object per step; that none is missing is judged here, not by the story.
fn story(root: &Path) -> Outcome {
    let story = words(cargo(root), "run --quiet --package agent-tests --bin story -- --json");
    match captured(story) {
        Ok(told) if steps_that_hold(&told) >= STEPS => Outcome::Passed,
        Ok(told) => Outcome::Failed(format!("{told}\n{} of {STEPS} steps hold", steps_that_hold(&told))),
        Err(failed) => failed,
    }
}

fn steps_that_hold(told: &str) -> usize {
    told.lines().filter(|line| line.contains("\"step\":") && line.contains("\"ok\":true")).count()
}

fn android_build(root: &Path) -> Outcome {
    let order = Order { abis: Abi::IN_EVERY_RUN.to_vec(), json: false, twice: false };
    match tools::android::ANDROID.present(root) {
        Outcome::Passed => android::judge(root, &order),
        lacking @ (Outcome::Lacking(_) | Outcome::Failed(_) | Outcome::Excused(_)) => lacking,
    }
}

fn on_ios(root: &Path) -> Outcome {
    in_order(&[&|| test(root, "-p agent-tests --test uniffi --test swift"), &|| apple(root), &|| {
        ios::described(root)
    }])
}

fn apple(root: &Path) -> Outcome {
    let order = ios::Order { json: false, twice: false };
    in_order(&[&|| tools::apple::APPLE.present(root), &|| ios::lint(root), &|| ios::judge(root, &order)])
}

/// Until one does not pass.
fn in_order(steps: &[&dyn Fn() -> Outcome]) -> Outcome {
    let mut ends = steps.iter().map(|step| step());
    ends.find(|end| !matches!(end, Outcome::Passed)).unwrap_or(Outcome::Passed)
}

fn on_arm(root: &Path) -> Outcome {
    match tools::qemu::QEMU.present(root) {
        Outcome::Passed => qemu::judge(root),
        lacking @ (Outcome::Lacking(_) | Outcome::Failed(_) | Outcome::Excused(_)) => lacking,
    }
}

fn deny(root: &Path, checks: &str) -> Outcome {
    match CargoDeny::of(root) {
        Some(deny) => quietly(words(words(command(root, deny.program()), "--color never check"), checks)),
        None => CargoDeny::lacking(),
    }
}

fn advisories(root: &Path) -> Outcome {
    let mut probe = command(root, "git");
    probe.args(["ls-remote", ADVISORIES, "HEAD"]).env("GIT_TERMINAL_PROMPT", "0");
    if answer(probe, REACHED_WITHIN).is_none() {
        return Outcome::Excused(format!("{ADVISORIES} cannot be reached from here; nothing was checked"));
    }
    deny(root, "advisories")
}

fn words(mut command: Command, words: &str) -> Command {
    command.args(words.split_whitespace());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_found_by_its_own_name_alone() {
        for part in Part::ALL {
            assert_eq!(Part::named(part.name()), Some(part));
        }
    }

    #[test]
    fn a_step_that_does_not_hold_is_not_counted() {
        let told = "{\"step\":\"gate\",\"ok\":true}\n{\"step\":\"activated\",\"ok\":false}\n";
        assert_eq!(steps_that_hold(told), 1);
    }

    #[test]
    fn a_cheap_part_fetches_nothing() {
        assert!(tools_of(&[Part::Format, Part::Core]).is_empty());
        assert!(!tools_of(&Part::default_run(false)).contains(&Tool::Qemu), "only --all emulates");
        assert_eq!(tools_of(&Part::default_run(true)), Tool::ALL);
    }
}
