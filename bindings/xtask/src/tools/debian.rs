//! strongSwan's `pki` and `openssl`, which judge the gateway; libfiu, which makes the journal's disk fail; a browser,
//! a JDK, Maven and Android's packager where there is none.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::lacking;
use crate::process::{answer, command, quietly};
use crate::report::{Outcome, say};

/// `pki`, the TLS stack it uses, its ciphers and its HTTP fetcher; `openssl`; `fiu-run` and its library.
const PACKAGES: [&str; 7] = [
    "strongswan-pki",
    "libcharon-extra-plugins",
    "libstrongswan-extra-plugins",
    "libstrongswan-standard-plugins",
    "openssl",
    "fiu-utils",
    "libfiu0",
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
/// Seconds that apt waits for another apt.
const LOCK_WAIT: &str = "DPkg::Lock::Timeout=300";

pub(crate) fn ready(root: &Path) -> Outcome {
    let absent = PROGRAMS.iter().filter(|(program, _)| !on_path(program)).map(|(_, package)| *package);
    let absent: Vec<&str> = absent.collect();
    if absent.is_empty() && (has_packages(root) || has_programs(root)) {
        return Outcome::Passed;
    }
    let packages = [PACKAGES.as_slice(), &absent].concat();
    let Some(privilege) = Privilege::of(root) else {
        return cannot("root or sudo without a password is needed");
    };
    say(&format!("installing the Debian packages {}", packages.join(" ")));
    for words in [&["update"][..], &["install", "--yes", "--no-install-recommends"]] {
        let mut apt = privilege.apt(root);
        apt.args(words);
        if words.len() > 1 {
            apt.args(&packages);
        }
        match quietly(apt) {
            Outcome::Passed => {}
            Outcome::Failed(said) => return cannot(&said),
            other @ (Outcome::Lacking(_) | Outcome::Excused(_)) => return other,
        }
    }
    if has_programs(root) {
        Outcome::Passed
    } else {
        cannot("installed, but pki, openssl and fiu-run do not answer")
    }
}

fn has_packages(root: &Path) -> bool {
    let mut query = command(root, "dpkg-query");
    query.args(["--show", "--showformat=${db:Status-Abbrev}\n"]).args(PACKAGES);
    answer(query, ANSWERS_WITHIN).is_some_and(|said| {
        said.lines().count() == PACKAGES.len() && said.lines().all(|line| line.starts_with("ii"))
    })
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

pub(crate) fn on_path(program: &str) -> bool {
    let found = |path: OsString| std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    std::env::var_os("PATH").is_some_and(found)
}

fn cannot(why: &str) -> Outcome {
    lacking(
        "debian",
        format!("{why}; get it by: apt-get install --no-install-recommends {}", PACKAGES.join(" ")),
    )
}

/// How apt-get may be run here.
enum Privilege {
    Root,
    Sudo,
}

impl Privilege {
    fn of(root: &Path) -> Option<Self> {
        let succeeds = |program: &str, words: &[&str]| {
            let mut question = command(root, program);
            question.args(words);
            answer(question, ANSWERS_WITHIN)
        };
        succeeds("apt-get", &["--version"])?;
        if succeeds("id", &["-u"])?.trim() == "0" {
            return Some(Self::Root);
        }
        succeeds("sudo", &["-n", "true"]).map(|_| Self::Sudo)
    }

    fn apt(&self, root: &Path) -> Command {
        let mut apt = match self {
            Self::Root => command(root, "apt-get"),
            Self::Sudo => {
                let mut sudo = command(root, "sudo");
                sudo.args(["-n", "apt-get"]);
                sudo
            }
        };
        apt.env("DEBIAN_FRONTEND", "noninteractive").args(["-q", "-o", LOCK_WAIT]);
        apt
    }
}
