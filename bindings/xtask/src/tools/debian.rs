//! strongSwan's `pki` and `openssl`, which judge the gateway; libfiu, which makes the journal's disk fail; a browser,
//! a JDK, Maven and Android's packager where there is none; requests and JNA, which the benches measure beside us.

use std::path::Path;
use std::time::Duration;

use super::apt::{self, on_path};
use super::lacking;
use crate::process::{answer, command};
use crate::report::Outcome;

/// `pki`, the TLS stack it uses, its ciphers and its HTTP fetcher; `openssl`; `fiu-run` and its library; peers of the
/// benches that are no programs.
const PACKAGES: [&str; 9] = [
    "strongswan-pki",
    "libcharon-extra-plugins",
    "libstrongswan-extra-plugins",
    "libstrongswan-standard-plugins",
    "openssl",
    "fiu-utils",
    "libfiu0",
    "python3-requests",
    "libjna-java",
];
/// Programs that any package may have brought, and the package that brings them where none did.
const PROGRAMS: [(&str, &str); 6] = [
    ("chromium", "chromium"),
    ("javac", "default-jdk-headless"),
    ("mvn", "maven"),
    ("aapt", "aapt"),
    ("curl", "curl"),
    ("nginx", "nginx-light"),
];
/// How long a question to the system may take.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

pub(crate) fn ready(root: &Path) -> Outcome {
    let absent = PROGRAMS.iter().filter(|(program, _)| !on_path(program)).map(|(_, package)| *package);
    let absent: Vec<&str> = absent.chain(Some("python3-venv").filter(|_| !has_venv(root))).collect();
    let has = if on_path("dpkg-query") { apt::has(root, &PACKAGES) } else { has_programs(root) };
    if absent.is_empty() && has {
        return Outcome::Passed;
    }
    let packages = [PACKAGES.as_slice(), &absent].concat();
    if let Err(why) = apt::install(root, &packages) {
        return cannot(&why);
    }
    if has_programs(root) {
        Outcome::Passed
    } else {
        cannot("installed, but pki, openssl and fiu-run do not answer")
    }
}

/// On a system without dpkg. Another program is called `pki` too.
fn has_programs(root: &Path) -> bool {
    let says = |program: &str, word: &str, mark: &str| {
        let mut question = command(root, program);
        question.arg(word);
        answer(question, ANSWERS_WITHIN).is_some_and(|said| said.contains(mark))
    };
    // It answers every question with a failure.
    says("pki", "--help", "strongSwan") && says("openssl", "version", "OpenSSL") && on_path("fiu-run")
}

/// Debian's Python comes without the part that makes environments.
fn has_venv(root: &Path) -> bool {
    let mut question = command(root, "python3");
    question.args(["-c", "import ensurepip"]);
    answer(question, ANSWERS_WITHIN).is_some()
}

fn cannot(why: &str) -> Outcome {
    lacking(
        "debian",
        format!("{why}; get it by: apt-get install --no-install-recommends {}", PACKAGES.join(" ")),
    )
}
