//! Debian packages, where this is Debian and we may install.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::process::{answer, command, quietly};
use crate::report::{Outcome, say};

/// How long a question to the system may take.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
/// Seconds that apt waits for another apt.
const LOCK_WAIT: &str = "DPkg::Lock::Timeout=300";

/// Whether dpkg has them all.
pub(super) fn has(root: &Path, packages: &[&str]) -> bool {
    let mut query = command(root, "dpkg-query");
    query.args(["--show", "--showformat=${db:Status-Abbrev}\n"]).args(packages);
    answer(query, ANSWERS_WITHIN).is_some_and(|said| {
        said.lines().count() == packages.len() && said.lines().all(|line| line.starts_with("ii"))
    })
}

/// Installs them, or says why not.
pub(super) fn install(root: &Path, packages: &[&str]) -> Result<(), String> {
    let Some(privilege) = Privilege::of(root) else {
        return Err("apt-get, and root or sudo without a password, are needed".to_owned());
    };
    say(&format!("installing the Debian packages {}", packages.join(" ")));
    for words in [&["update"][..], &["install", "--yes", "--no-install-recommends"]] {
        let mut apt = privilege.apt(root);
        apt.args(words);
        if words.len() > 1 {
            apt.args(packages);
        }
        match quietly(apt) {
            Outcome::Passed => {}
            Outcome::Failed(said) | Outcome::Excused(said) => return Err(said),
            Outcome::Lacking(what) => return Err(format!("{what:?}")),
        }
    }
    Ok(())
}

pub(crate) fn on_path(program: &str) -> bool {
    let found = |path: OsString| std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    std::env::var_os("PATH").is_some_and(found)
}

pub(super) fn is_root(root: &Path) -> bool {
    let mut question = command(root, "id");
    question.arg("-u");
    answer(question, ANSWERS_WITHIN).is_some_and(|said| said.trim() == "0")
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
        if is_root(root) {
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
