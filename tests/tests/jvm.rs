//! The Java layer on this machine's virtual machine, with the library as Android would load it.
//!
//! `javac` compiles `android/sdk/src/main` at Java 7 and `android/sdk/src/test`; the gateway is a process of its own
//! and every life of the app is one.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use agent_tests::peers::{self, Authority, Jdk};
use agent_tests::stage::{Indicator, Stage};
use data_encoding::BASE64;
use serde_json::json;
use tempfile::TempDir;

#[path = "jvm/class_files.rs"]
mod class_files;
#[path = "support/library.rs"]
mod library;

use library::library;

const STORY: &str = env!("CARGO_BIN_EXE_story");
const SEED: u64 = 5;

/// The package `io.mtdagent.android`: it needs Android's own classes.
const PLATFORM: &str = "android";

/// Classes, and the library with and without the doors that tests open.
struct Built {
    jdk: Jdk,
    folder: TempDir,
}

impl Built {
    /// `None` after a loud skip.
    fn make(features: &str) -> Option<Self> {
        let jdk = peers::present(Jdk::find()).unwrap()?;
        let folder = tempfile::tempdir().unwrap();
        let built = Self { jdk, folder };
        let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../android/sdk/src");
        let (main, test) = (built.file("main"), built.file("test"));
        fs::create_dir(&main).unwrap();
        fs::create_dir(&test).unwrap();
        built
            .jdk
            .compile(&sdk.join("main/java"), PLATFORM, built.jdk.oldest_release(), &main, &main)
            .unwrap();
        built.jdk.compile(&sdk.join("test/java"), PLATFORM, "8", &main, &test).unwrap();
        library(features, built.folder.path());
        Some(built)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, main: &str, args: &[&str]) -> String {
        let class_path = format!("{}:{}", self.file("main").display(), self.file("test").display());
        self.jdk.run(&class_path, self.folder.path(), main, args).unwrap()
    }
}

/// An app on a phone: a folder, and a process for each life.
struct App<'a> {
    built: &'a Built,
    trust: String,
    folder: String,
}

impl App<'_> {
    fn live(&self, apps: &str, spy: Option<&Indicator>, command: &[&str]) -> String {
        let (package, signer) = spy.map_or(("-", "-"), |spy| (&spy.package, &spy.signer));
        let fixed = [self.trust.as_str(), &self.folder, apps, package, signer];
        let line = self.built.run("io.mtdagent.Life", &[fixed.as_slice(), command].concat());
        println!("{:?}: {}", command.first(), line.trim());
        line.trim().to_owned()
    }
}

#[test]
fn an_app_lives_at_a_real_gateway_from_first_launch_to_deactivation() {
    let Some(built) = Built::make("jni") else { return };
    let stage = Stage::set(Path::new(STORY), SEED).unwrap();
    let device = &stage.main;
    let code = stage.code(device).unwrap();
    let text = |path: PathBuf| path.to_str().unwrap().to_owned();
    let app =
        App { built: &built, trust: text(stage.cloud().join("trust.json")), folder: text(built.file("app")) };

    let url = stage.gateway_url();
    let status = app.live("500", None, &["activate", &url, &device.id, Stage::tenant(), &code]);
    assert_eq!(
        status, "ACTIVATED SECURED threats=0 shared=-1 key=SANDBOX failure=0 thread=mtd-agent",
        "first launch"
    );
    assert_eq!(stage.device_row(device).unwrap().unwrap().activation, "activated");

    stage.administer(&["policy", "--app-sync", "on", "--ownership", "company"]).unwrap();
    app.live("500", None, &["check-in"]);
    assert_eq!(stage.device_row(device).unwrap().unwrap().apps, 500, "one buffer, every app");
    let first = stage.first_app(device).unwrap();
    assert_eq!(first["name"], json!("Ex\u{e4}mple \u{1f4f1} 0"));
    assert_eq!(first["signers"][0]["sha1"], json!("00".repeat(20)));

    let dead = app.live("500", None, &["report-and-die", "ROGUE_WIFI"]);
    assert!(dead.contains("threats=1") && stage.transitions(device).unwrap().is_empty(), "{dead}");
    let status = app.live("500", None, &["check-in"]);
    assert!(status.starts_with("ACTIVATED HIGH threats=1"), "what was saved before the death: {status}");
    assert!(stage.standing(device, "highSeverity").unwrap().is_some_and(|standing| !standing.granted));
    let status = app.live("500", None, &["clear", "ROGUE_WIFI"]);
    assert!(status.starts_with("ACTIVATED SECURED threats=0"), "the fix: {status}");
    assert!(stage.standing(device, "secured").unwrap().is_some_and(|standing| standing.granted));

    stage.import_indicators().unwrap();
    app.live("500", None, &["check-in"]);
    let spy = Indicator::real().unwrap();
    let status = app.live("500", Some(&spy), &["check-in"]);
    assert!(status.starts_with("ACTIVATED HIGH threats=1 shared=501"), "a spy app: {status}");
    let status = app.live("500", None, &["check-in"]);
    assert!(status.starts_with("ACTIVATED SECURED threats=0 shared=500"), "it is removed: {status}");

    let status = app.live("500", None, &["deactivate"]);
    assert!(status.starts_with("DEACTIVATED"), "{status}");
    let row = stage.device_row(device).unwrap().unwrap();
    assert_eq!((row.activation.as_str(), row.apps, row.certificates), ("deactivated", 0, 1));
    let keys: Vec<_> = fs::read_dir(Path::new(&app.folder).join("keys")).unwrap().collect();
    assert!(keys.is_empty(), "{keys:?}");
}

#[test]
fn the_java_layer_fits_android_4_1_and_the_shipped_library_has_no_doors() {
    let Some(built) = Built::make("jni") else { return };
    println!("compiled at Java {}", built.jdk.oldest_release());
    class_files::must_fit_api_16(&built.jdk, &built.file("main"));
    let holds = |name: &str| {
        let file = built.file("libagent_bindings.so");
        fs::read(file).unwrap().windows(name.len()).any(|window| window == name.as_bytes())
    };
    assert!(holds("Java_io_mtdagent_internal_Native_start"));
    assert!(!holds("Java_io_mtdagent_internal_Doors") && !holds("ordered by a test"));
}

#[test]
fn nothing_that_crosses_takes_the_process_down() {
    boundary("1000");
}

#[test]
#[ignore = "takes minutes"]
fn ten_thousand_starts_and_ends_leave_nothing() {
    boundary("10000");
}

fn boundary(starts: &str) {
    let Some(built) = Built::make("jni,dangerous-panic-test") else { return };
    let authority = Authority::new("a partner").unwrap();
    let trust = json!({ "ca": [BASE64.encode(&authority.der())], "hostSuffix": "localhost" });
    fs::write(built.file("trust.json"), trust.to_string()).unwrap();
    // Each start and end waits for the disk four times, and what is durable is not what is tested here.
    let memory = Path::new("/dev/shm");
    let state = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    let (trust, folder) = (built.file("trust.json"), state.path().join("app"));
    let said =
        built.run("io.mtdagent.Boundary", &[trust.to_str().unwrap(), folder.to_str().unwrap(), starts]);
    println!("{said}");
    assert!(said.ends_with("boundary holds\n"), "{said}");
}
