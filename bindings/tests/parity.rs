//! What is written twice, here and in Java or Swift, says the same.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use agent_bindings::facade::{
    MtdActivation, MtdError, MtdKeyProtection, MtdKind, MtdLateness, MtdLevel, MtdNeedKind, MtdNoticeKind,
    MtdProtection, MtdProvenance, MtdReach, MtdRemedy, MtdSlot, MtdSubject, MtdWebVerdict, MtdWhy,
};
use agent_logic::code::{self, Code};
use agent_logic::configuration::{Keys, Meaning, Partner};
use agent_logic::model::Classification;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../android/sdk/src/main/java/io/mtdagent")
}

fn java(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap()
}

/// The constants of an enum, in order: words in capitals between its braces, comments left out.
fn constants(file: &str, name: &str) -> Vec<String> {
    let text = java(file);
    let (_, after) = text.split_once(&format!("enum {name} {{")).unwrap_or_else(|| panic!("{name}"));
    let body = after.split_once('}').unwrap().0;
    let code = body.lines().map(str::trim).filter(|line| !line.starts_with("/**") && !line.starts_with('*'));
    code.map(|line| line.trim_end_matches(',').to_owned()).filter(|line| !line.is_empty()).collect()
}

macro_rules! same {
    ($($file:literal $java:literal $rust:ident)*) => {$(
        let names: Vec<&str> = $rust::ALL.iter().map(|variant| variant.name()).collect();
        assert_eq!(constants($file, $java), names, concat!($file, " ", $java));
        for (at, variant) in $rust::ALL.iter().enumerate() {
            assert_eq!(usize::from(variant.number()), at, "the number is the ordinal");
            assert_eq!($rust::of_number(variant.number()), Some(*variant));
        }
    )*};
}

#[test]
fn enums_have_the_same_constants_in_the_same_order() {
    same! {
        "MtdException.java" "Kind" MtdKind
        "MtdException.java" "Remedy" MtdRemedy
        "MtdStatus.java" "Activation" MtdActivation
        "MtdStatus.java" "Protection" MtdProtection
        "MtdStatus.java" "Level" MtdLevel
        "MtdThreat.java" "Subject" MtdSubject
        "MtdNeed.java" "Kind" MtdNeedKind
        "MtdKeyStore.java" "Slot" MtdSlot
        "MtdKeyStore.java" "Protection" MtdKeyProtection
        "MtdConfiguration.java" "Provenance" MtdProvenance
        "MtdStatus.java" "Lateness" MtdLateness
        "MtdNotice.java" "Kind" MtdNoticeKind
        "MtdWebAnswer.java" "Verdict" MtdWebVerdict
        "MtdLedgerEntry.java" "Why" MtdWhy
        "MtdAgent.java" "Reach" MtdReach
    }
}

#[test]
fn errors_that_java_makes_are_rows_of_the_table() {
    let text = java("MtdException.java");
    let made: Vec<&str> =
        text.split("return of(").skip(1).map(|rest| rest.split_once(");").unwrap().0).collect();
    assert_eq!(made.len(), 9);
    for arguments in made {
        let parts: Vec<&str> = arguments.splitn(4, ',').map(str::trim).collect();
        let error = MtdError::of_code(Code(parts[1].parse().unwrap()));
        assert_eq!(parts[0], format!("Kind.{}", error.kind().name()), "{arguments}");
        assert_eq!(parts[2], format!("Remedy.{}", error.fault().remedy.name()), "{arguments}");
        assert_eq!(parts[3], format!("\"{}\"", error.text()), "{arguments}");
    }
}

#[test]
fn every_native_method_has_its_function_and_the_other_way_round() {
    let text = java("internal/Native.java");
    let declared: BTreeSet<&str> = text
        .split("public static native ")
        .skip(1)
        .filter_map(|rest| rest.split_once('(')?.0.split_whitespace().last())
        .collect();
    let rust =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/jni/native.rs")).unwrap();
    let defined: BTreeSet<&str> = rust
        .split("fn Java_io_mtdagent_internal_Native_")
        .skip(1)
        .filter_map(|rest| rest.split_once(['<', '(']).map(|(name, _)| name))
        .collect();
    assert_eq!(declared, defined);
    assert!(declared.contains("start") && declared.len() == 20, "{declared:?}");
}

/// `MtdCode.java`, whole: the table of codes as constants.
fn codes_in_java() -> String {
    let mut text = String::from(
        "package io.mtdagent;\n\n/**\n * Every code of {@link MtdException#code}, by name. A number never changes its \
         meaning.\n *\n * <p>Written by {@code cargo xtask parity --write} from the table of the core.\n */\n\
         public final class MtdCode {\n",
    );
    for ((code, meaning), (named, name)) in code::ALL.iter().zip(code::NAMES) {
        assert_eq!(code, named);
        text.push_str(&format!("    /** {meaning} */\n    public static final int {name} = {};\n", code.0));
    }
    text.push_str("\n    private MtdCode() {\n    }\n}\n");
    text
}

#[test]
fn the_codes_of_java_are_those_of_the_table() {
    assert!(java("MtdCode.java") == codes_in_java(), "cargo xtask parity --write");
}

fn swift(name: &str) -> String {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ios/Sources/MtdAgent");
    std::fs::read_to_string(sources.join(name)).unwrap()
}

/// What stands in quotes with one of these between them and nothing else.
fn quoted(text: &str, is: impl Fn(char) -> bool) -> BTreeSet<&str> {
    text.split('"').skip(1).step_by(2).filter(|word| !word.is_empty() && word.chars().all(&is)).collect()
}

/// A posture with a name that is not in the table is refused whole.
#[test]
fn what_swift_reads_of_the_device_are_classifications_of_the_table() {
    let text = swift("Posture.swift");
    let names = quoted(&text, |letter| letter.is_ascii_uppercase() || letter == '_');
    assert!(names.len() == 4 && names.iter().all(|name| name.parse::<Classification>().is_ok()), "{names:?}");
}

#[test]
fn the_keys_that_swift_and_java_write_are_those_of_the_table() {
    let Keys::Public(keys) = Partner::Generic.keys() else { panic!("our own keys are no secret") };
    // An app that is told the Intune device ID has the Entra one beside it.
    let own: BTreeSet<&str> =
        keys.iter().filter(|key| key.meaning != Meaning::IntuneDevice).map(|key| key.name).collect();
    for text in [swift("MtdIosConfig.swift"), java("MtdConfiguration.java")] {
        let mut written = quoted(&text, |letter| letter.is_ascii_alphabetic());
        written.retain(|word| word.starts_with("mtd"));
        assert_eq!(written, own);
    }
}

fn swift_codes() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../ios/Sources/MtdAgent/MtdCode.swift")
}

/// `MtdCode.swift`, whole.
fn codes_in_swift() -> String {
    let mut text = String::from(
        "/// Every code of `MtdError.code()`, by name. A number never changes its meaning.\n///\n/// Written by \
         `cargo xtask parity --write` from the table of the core.\npublic enum MtdCode {\n",
    );
    for ((code, meaning), (_, name)) in code::ALL.iter().zip(code::NAMES) {
        text.push_str(&format!(
            "    /// {meaning}\n    public static let {}: UInt16 = {}\n",
            camel(name),
            code.0
        ));
    }
    text + "}\n"
}

/// `storageBusy` of `STORAGE_BUSY`.
fn camel(name: &str) -> String {
    let capital = |word: &str| {
        let (first, rest) = word.split_at(1);
        first.to_owned() + &rest.to_lowercase()
    };
    let (first, rest) = name.split_once('_').unwrap_or((name, ""));
    first.to_lowercase() + &rest.split('_').filter(|word| !word.is_empty()).map(capital).collect::<String>()
}

#[test]
fn the_codes_of_swift_are_those_of_the_table() {
    let stands = std::fs::read_to_string(swift_codes()).unwrap_or_default();
    assert!(stands == codes_in_swift(), "cargo xtask parity --write");
}

#[test]
#[ignore = "writes what the others compare"]
fn write() {
    std::fs::write(folder().join("MtdCode.java"), codes_in_java()).unwrap();
    std::fs::write(swift_codes(), codes_in_swift()).unwrap();
}
