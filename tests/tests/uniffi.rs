//! The façade as UniFFI exports it: the Swift that stands in the tree is what the library says today, and Python, the
//! second language that UniFFI writes, drives the library at the real gateway. Each life of the app is a process.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use agent_tests::peers::{self, Bindgen, Python};
use agent_tests::stage::Stage;
use tempfile::TempDir;

#[path = "support/library.rs"]
mod library;

const STORY: &str = env!("CARGO_BIN_EXE_story");
const SEED: u64 = 6;
const SCRIPT: &str = "tests/uniffi/life.py";

/// What the generator writes, and where it stands in the tree.
const SWIFT: [(&str, &str); 3] = [
    ("MtdAgentFFI.swift", "MtdAgentFFI/MtdAgentFFI.swift"),
    ("CMtdAgent.h", "CMtdAgent/include/CMtdAgent.h"),
    ("CMtdAgent.modulemap", "CMtdAgent/include/module.modulemap"),
];

/// What the generator writes of today's library for each name: `None` after a loud skip.
fn swift() -> Option<Vec<(PathBuf, String)>> {
    let bindgen = peers::present(Bindgen::find()).unwrap()?;
    let folder = tempfile::tempdir().unwrap();
    let library = library::library("uniffi", folder.path());
    bindgen.write(&library, "swift", folder.path()).unwrap();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ios/Sources");
    let read = |(name, place): (&str, &str)| {
        let text = fs::read_to_string(folder.path().join(name)).unwrap();
        // The generator leaves spaces at the ends of lines.
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        (sources.join(place), lines.join("\n") + "\n")
    };
    Some(SWIFT.into_iter().map(read).collect())
}

#[test]
fn the_swift_in_the_tree_is_what_the_library_says() {
    let Some(written) = swift() else { return };
    for (file, text) in written {
        let stands = fs::read_to_string(&file).unwrap_or_default();
        assert!(stands == text, "{}: cargo xtask parity --write", file.display());
    }
}

#[test]
#[ignore = "writes into the tree: cargo xtask parity --write"]
fn write_the_swift() {
    for (file, text) in swift().into_iter().flatten() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
}

/// A phone's folder, and the library with what Python needs to call it.
struct Phone {
    python: Python,
    modules: TempDir,
    folder: TempDir,
    stage: Stage,
}

impl Phone {
    /// `None` after a loud skip.
    fn of(features: &str) -> Option<Self> {
        let bindgen = peers::present(Bindgen::find()).unwrap()?;
        let python = peers::present(Python::find()).unwrap()?;
        let modules = tempfile::tempdir().unwrap();
        let library = library::library(features, modules.path());
        bindgen.write(&library, "python", modules.path()).unwrap();
        let stage = Stage::set(Path::new(STORY), SEED).unwrap();
        Some(Self { python, modules, folder: tempfile::tempdir().unwrap(), stage })
    }

    fn live(&self, command: &[&str]) -> String {
        let trust = self.stage.cloud().join("trust.json");
        let place = [trust.to_str().unwrap(), self.folder.path().to_str().unwrap(), "openssl"];
        let said =
            self.python.live(SCRIPT, self.modules.path(), &[place.as_slice(), command].concat()).unwrap();
        println!("{:?}: {}", command.first(), said.trim());
        said.trim().to_owned()
    }

    fn activation<'a>(&'a self, url: &'a str, code: &'a str) -> [&'a str; 4] {
        [url, &self.stage.main.id, Stage::tenant(), code]
    }
}

#[test]
fn python_lives_at_a_real_gateway_from_first_launch_to_deactivation() {
    let Some(phone) = Phone::of("uniffi") else { return };
    let (stage, device) = (&phone.stage, &phone.stage.main);
    let (url, code) = (stage.gateway_url(), stage.code(device).unwrap());
    let said = phone.live(&[["activate"].as_slice(), &phone.activation(&url, &code)].concat());
    assert_eq!(said, "ACTIVATED SECURED threats=0 shared=None failure=0 threads=1", "first launch");
    assert_eq!(stage.device_row(device).unwrap().unwrap().activation, "activated");

    stage.administer(&["policy", "--app-sync", "on", "--ownership", "company"]).unwrap();
    phone.live(&["check-in"]);
    assert_eq!(stage.first_app(device).unwrap()["name"], "Ex\u{e4}mple");

    let said = phone.live(&["report", "ROGUE_WIFI"]);
    assert!(said.starts_with("ACTIVATED HIGH threats=1"), "{said}");
    assert!(stage.standing(device, "highSeverity").unwrap().is_some_and(|standing| !standing.granted));
    let said = phone.live(&["clear", "ROGUE_WIFI"]);
    assert!(said.starts_with("ACTIVATED SECURED threats=0"), "the fix: {said}");
    assert!(stage.standing(device, "secured").unwrap().is_some_and(|standing| standing.granted));

    let said = phone.live(&["deactivate"]);
    assert!(said.starts_with("DEACTIVATED"), "{said}");
    let row = stage.device_row(device).unwrap().unwrap();
    assert_eq!((row.activation.as_str(), row.apps), ("deactivated", 0));
    assert!(!phone.folder.path().join("keys/A.pem").exists(), "the key is destroyed");
}

#[test]
fn what_goes_wrong_reaches_python_as_an_error_with_its_remedy() {
    let Some(phone) = Phone::of("uniffi") else { return };
    let said = phone.live(&["errors"]);
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("USE 134 CORRECT_THE_CALL "), "{said}");
    assert_eq!(lines[1], "USE 132 CORRECT_THE_CALL The agent was stopped.");

    // A store that throws what nobody declared is busy: nothing is lost, nothing is told of what it said.
    let (url, code) = (phone.stage.gateway_url(), phone.stage.code(&phone.stage.main).unwrap());
    let said = phone.live(&[["activate-throwing"].as_slice(), &phone.activation(&url, &code)].concat());
    assert!(said.starts_with("PENDING - threats=0 shared=None failure=202"), "{said}");
    let said = phone.live(&["check-in"]);
    assert!(said.starts_with("PENDING") || said.starts_with("ACTIVATED"), "the app goes on: {said}");
}

#[test]
fn a_panic_inside_an_entry_reaches_python_as_an_error() {
    let Some(phone) = Phone::of("uniffi,dangerous-panic-test") else { return };
    for entry in ["status", "check_in", "settle", "ledger"] {
        let said = phone.live(&["panic", entry]);
        let lines: Vec<&str> = said.lines().collect();
        assert!(lines[0].starts_with("INTERNAL 902 STOP "), "{entry}: {said}");
        assert!(lines[0].ends_with("passed=True inert=902"), "{entry}: {said}");
        assert!(lines[1].starts_with("INTERNAL 902 STOP "), "{entry}: {said}");
    }
}
