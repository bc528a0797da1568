//! The Swift package on Linux: compiled in Swift 5 mode, its own tests, and an app's life with the real library at the
//! real gateway over mutual TLS. Each life of the app is a process.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test may panic")]

use std::path::{Path, PathBuf};

use agent_tests::path::Mode;
use agent_tests::peers::{self, Lived, Swift};
use agent_tests::stage::Stage;
use tempfile::TempDir;

#[path = "support/library.rs"]
mod library;

const STORY: &str = env!("CARGO_BIN_EXE_story");
const SEED: u64 = 7;

/// The package with the library of these features: `None` after a loud skip.
fn swift(features: &str) -> Option<Swift> {
    let artefacts = Path::new(STORY).parent().unwrap().join("swift");
    // The library that is linked has the features of what ships; a life may load another.
    let (linked, built) = (artefacts.join("uniffi"), artefacts.join("built"));
    for name in ["uniffi", features] {
        std::fs::create_dir_all(artefacts.join(name)).unwrap();
        library::library(name, &artefacts.join(name));
    }
    let swift = peers::present(Swift::build(&linked, &built)).unwrap()?;
    Some(swift.with_library(&artefacts.join(features)))
}

/// A phone: the app's home and folder.
struct Phone {
    swift: Swift,
    home: TempDir,
    stage: Stage,
}

impl Phone {
    fn of(features: &str) -> Option<Self> {
        let swift = swift(features)?;
        let stage = Stage::set(Path::new(STORY), SEED).unwrap();
        Some(Self { swift, home: tempfile::tempdir().unwrap(), stage })
    }

    fn lived(&self, told: &[(&str, &str)], command: &[&str]) -> Lived {
        let trust = self.stage.cloud().join("trust.json");
        let place = [trust.to_str().unwrap(), self.home.path().to_str().unwrap()];
        let lived = self.swift.live(self.home.path(), told, &[place.as_slice(), command].concat()).unwrap();
        println!("{:?}: {}", command.first(), lived.said);
        lived
    }

    fn live(&self, command: &[&str]) -> String {
        let lived = self.lived(&[], command);
        assert!(lived.well, "{}", lived.said);
        lived.said
    }

    fn activate(&self, command: &str) -> String {
        let (url, code) = (self.stage.gateway_url(), self.stage.code(&self.stage.main).unwrap());
        self.live(&[command, &url, &self.stage.main.id, Stage::tenant(), &code])
    }

    fn keys(&self) -> PathBuf {
        self.home.path().join("keys")
    }
}

#[test]
fn the_package_compiles_and_its_own_tests_pass() {
    let Some(swift) = swift("uniffi") else { return };
    let said = swift.test().unwrap();
    let ran = said.lines().rev().find(|line| line.contains("Executed")).unwrap_or_default();
    println!("{}", ran.trim());
    assert!(ran.contains("with 0 failures") && !ran.contains("Executed 0 tests"), "{said}");
}

/// Most lines of the README's example.
const LINES_AT_MOST: usize = 15;

#[test]
fn the_sample_and_the_readmes_example_fit_the_package() {
    let Some(swift) = swift("uniffi") else { return };
    let readme = std::fs::read_to_string(ios("README.md")).unwrap();
    let blocks: Vec<&str> =
        readme.split("```swift\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.len(), 1, "one example");
    assert!(blocks[0].lines().count() <= LINES_AT_MOST, "{}", blocks[0]);
    let folder = tempfile::tempdir().unwrap();
    let example = folder.path().join("App.swift");
    std::fs::write(&example, blocks[0]).unwrap();
    let sample = [swift_files(&ios("Sample")), swift_files(&ios("Sample/Page"))].concat();
    assert!(sample.len() >= 3, "{sample:?}");

    let modules = swift.modules(&[apple(), vec!["MtdAgent".into(), "MtdAgentFFI".into()]].concat()).unwrap();
    swift.objective_c(&ios("Tests/ObjectiveC/Selector.swift"), modules.path()).unwrap();
    let folders = [&ios("Sources/CMtdAgent/include"), modules.path()];
    for (name, files) in [("Example", vec![example, ios("Tests/Example/Partner.swift")]), ("Sample", sample)]
    {
        swift.check_app(name, &folders, &files).unwrap();
    }
}

#[test]
fn the_sources_are_one_module_too_as_a_pod_compiles_them() {
    let Some(swift) = swift("uniffi") else { return };
    let modules = swift.modules(&apple()).unwrap();
    let folders = [&ios("Sources/CMtdAgent/include"), modules.path()];
    swift.check_module("MtdAgent", &folders, &sources()).unwrap();
}

/// What UniFFI writes without a comment: initialisers by all fields, and its own beginning.
const WRITTEN: &str = "MtdAgentFFI.swift";

#[test]
fn every_public_declaration_has_a_comment_and_its_links_hold() {
    let Some(swift) = swift("uniffi") else { return };
    let modules = swift.modules(&apple()).unwrap();
    let folders = [&ios("Sources/CMtdAgent/include"), modules.path()];
    let graph = tempfile::tempdir().unwrap();
    swift.document("MtdAgent", &folders, &sources(), graph.path()).unwrap();
    let graph = std::fs::read(graph.path().join("MtdAgent.symbols.json")).unwrap();
    let graph: serde_json::Value = serde_json::from_slice(&graph).unwrap();
    let (commented, bare): (Vec<_>, Vec<_>) =
        graph["symbols"].as_array().unwrap().iter().partition(|symbol| symbol.get("docComment").is_some());
    assert!(commented.iter().any(|symbol| symbol["names"]["title"] == "start(_:listener:)"), "the way in");
    let written = |symbol: &serde_json::Value| {
        let kind = symbol["kind"]["identifier"].as_str().unwrap();
        let file = symbol["location"]["uri"].as_str().unwrap_or_default();
        file.ends_with(WRITTEN)
            && (kind == "swift.init" || symbol["names"]["title"] == "uniffiEnsureAgentBindingsInitialized()")
    };
    let ours: Vec<String> = bare
        .iter()
        .filter(|symbol| !written(symbol))
        .map(|symbol| symbol["pathComponents"].to_string())
        .collect();
    assert!(ours.is_empty(), "without a comment: {ours:?}");
}

/// What a pod compiles.
fn sources() -> Vec<PathBuf> {
    ["MtdAgent", "MtdAgent/Apple", "MtdAgentFFI"]
        .map(|folder| swift_files(&ios("Sources").join(folder)))
        .concat()
}

fn ios(inside: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../ios").join(inside).canonicalize().unwrap()
}

/// The modules that stand for Apple's.
fn apple() -> Vec<String> {
    let folders = std::fs::read_dir(ios("Tests/Apple")).unwrap().map(|entry| entry.unwrap().file_name());
    folders.map(|name| name.into_string().unwrap()).collect()
}

fn swift_files(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "swift")).collect()
}

#[test]
fn a_swift_app_lives_at_a_real_gateway_from_first_launch_to_deactivation() {
    let Some(phone) = Phone::of("uniffi") else { return };
    let (stage, device) = (&phone.stage, &phone.stage.main);
    // Gateway, ID and tenant come from the managed configuration, the code from the app.
    let said = phone.activate("activate");
    assert_eq!(
        said,
        "activated secured threats=0 shared=- failure=0 heard on mtd-agent end=settled feedback=secured",
        "first launch"
    );
    assert_eq!(stage.device_row(device).unwrap().unwrap().activation, "activated");

    stage.administer(&["policy", "--app-sync", "on", "--ownership", "company"]).unwrap();
    phone.live(&["check-in"]);
    let app = stage.first_app(device).unwrap();
    assert_eq!((&app["name"], &app["shortVersion"]), (&"Ex\u{e4}mple".into(), &"1.2".into()));

    let dead = phone.lived(&[], &["report-and-die", "ROGUE_WIFI"]);
    assert!(!dead.well, "killed: {}", dead.said);
    let said = phone.live(&["check-in"]);
    assert!(said.starts_with("activated high threats=1 shared=1"), "what was saved before the death: {said}");
    assert!(stage.standing(device, "highSeverity").unwrap().is_some_and(|standing| !standing.granted));
    let said = phone.live(&["clear", "ROGUE_WIFI"]);
    assert!(said.starts_with("activated secured threats=0"), "the fix: {said}");
    assert!(stage.standing(device, "secured").unwrap().is_some_and(|standing| standing.granted));

    let said = phone.live(&["deactivate"]);
    assert!(said.starts_with("deactivated"), "{said}");
    let row = stage.device_row(device).unwrap().unwrap();
    assert_eq!((row.activation.as_str(), row.apps), ("deactivated", 0));
    assert!(!phone.keys().join("a.pem").exists(), "the key is destroyed");
}

#[test]
fn a_contact_ends_within_its_seconds_and_when_the_system_says_so() {
    let Some(mut phone) = Phone::of("uniffi") else { return };
    phone.activate("activate");
    phone.stage.path(Mode::Withhold).unwrap();
    let end = |phone: &Phone, seconds: &str, after: &str| {
        let said = phone.live(&["cancel", seconds, after]);
        let (end, millis) = said.split_once(' ').unwrap();
        (end.to_owned(), millis.parse::<u64>().unwrap())
    };
    let (ended, millis) = end(&phone, "2", "0");
    assert_eq!(ended, "outOfTime", "the cloud's answer is held back");
    assert!((1_900..4_000).contains(&millis), "{millis} ms");
    let (ended, millis) = end(&phone, "25", "1");
    assert_eq!(ended, "cancelled");
    assert!((1_000..3_000).contains(&millis), "{millis} ms");

    phone.stage.path(Mode::Pass).unwrap();
    let said = phone.live(&["check-in"]);
    assert!(
        said.starts_with("activated secured") && said.contains("end=settled"),
        "the next finishes: {said}"
    );
    assert_eq!(phone.stage.certificates(&phone.stage.main).unwrap().len(), 1, "the same device");
}

#[test]
fn each_wake_of_the_system_is_a_contact_within_its_seconds() {
    let Some(mut phone) = Phone::of("uniffi") else { return };
    phone.activate("activate");
    assert_eq!(phone.live(&["fetch"]), "newData on main");
    assert_eq!(phone.live(&["foreground"]), "contact=true");
    let said = phone.live(&["task"]);
    assert!(said.starts_with("success=true next=true "), "{said}");
    // A second handler for one task would end the app.
    let said = phone.live(&["restart"]);
    assert!(said.starts_with("followed=0 end=settled success=true next=true "), "{said}");

    phone.stage.path(Mode::Withhold).unwrap();
    let said = phone.live(&["expiring-task"]);
    let millis = said.strip_prefix("success=false next=true ").unwrap_or_else(|| panic!("{said}"));
    assert!(millis.parse::<u64>().unwrap() < 1_000, "{said}");
    assert_eq!(phone.live(&["fetch"]), "failed on main");
}

#[test]
fn what_the_system_tells_of_network_and_unlocking_reaches_the_agent() {
    let Some(mut phone) = Phone::of("uniffi") else { return };
    phone.activate("activate");
    phone.stage.seen().unwrap();
    assert_eq!(phone.live(&["offline"]), "waiting=1 gone=true");
    let said = phone.live(&["unlocked"]);
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("identity waitForUnlock 201: "), "{said}");
    assert!(lines[1].starts_with("activated high"), "{said}");
}

#[test]
fn a_configuration_that_comes_while_the_app_runs_activates_it() {
    let Some(phone) = Phone::of("uniffi") else { return };
    assert_eq!(phone.activate("managed"), "need=configuration active=true feedback=true");
}

/// The bundle of an extension ends so: what iOS calls it is the only thing that tells.
#[test]
fn an_extension_of_the_app_opens_no_file() {
    let Some(mut phone) = Phone::of("uniffi") else { return };
    let bundle = phone.home.path().join("Share.appex");
    phone.swift = phone.swift.installed(&bundle).unwrap();
    let said = phone.live(&["check-in"]);
    assert!(said.starts_with("device stop 505: "), "{said}");
    assert!(!phone.home.path().join("state").exists());
}

#[test]
fn what_goes_wrong_reaches_swift_as_an_error_with_its_remedy() {
    let Some(phone) = Phone::of("uniffi") else { return };
    let said = phone.live(&["errors"]);
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("use correctTheCall 134: "), "{said}");
    assert!(lines[1].starts_with("device stop 505: "), "one writer: {said}");
    assert_eq!(lines[2], "use correctTheCall 132: The agent was stopped.");

    // A store that throws what nobody declared is busy: nothing is lost, nothing is told of what it said.
    let said = phone.activate("activate-throwing");
    assert!(said.starts_with("pending - threats=0 shared=- failure=202"), "{said}");
    assert!(!said.contains("PERSONAL"));
    let said = phone.live(&["check-in"]);
    assert!(said.starts_with("pending") || said.starts_with("activated"), "the app goes on: {said}");
}

#[test]
fn a_panic_inside_an_entry_reaches_swift_as_an_error() {
    let Some(phone) = Phone::of("uniffi,dangerous-panic-test") else { return };
    for entry in ["status", "check_in", "settle", "ledger"] {
        let lived = phone.lived(&[("MTD_PANIC_AT", entry)], &["panic", entry]);
        let lines: Vec<&str> =
            lived.said.lines().filter(|line| line.starts_with("internal stop 902: ")).collect();
        assert_eq!(lines.len(), 2, "{entry}: {}", lived.said);
        assert!(lived.well && lines[0].ends_with("inert=902"), "{entry}: {}", lived.said);
    }
}
