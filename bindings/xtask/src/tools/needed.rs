//! Debian packages that one part needs: installed where that may be, else named.

use std::path::Path;

use super::{apt, lacking};
use crate::report::Outcome;

pub(crate) struct Needed {
    pub(super) what: &'static str,
    /// Wanted from Debian and from nowhere else.
    pub(super) packages: &'static [&'static str],
    /// Programs that any package may have brought, and the package that brings them where none did.
    pub(super) programs: &'static [(&'static str, &'static str)],
}

impl Needed {
    pub(super) fn ready(&self, root: &Path) -> Outcome {
        let absent = self.absent(root);
        if absent.is_empty() {
            return Outcome::Passed;
        }
        match apt::install(root, &absent) {
            Ok(()) => self.present(root),
            Err(why) => self.cannot(&why, &absent),
        }
    }

    /// Whether all is there; what is not, with how to get it.
    pub(crate) fn present(&self, root: &Path) -> Outcome {
        let absent = self.absent(root);
        if absent.is_empty() { Outcome::Passed } else { self.cannot("not installed", &absent) }
    }

    fn absent(&self, root: &Path) -> Vec<&'static str> {
        let packages = self.packages.iter().copied().filter(|package| !apt::has(root, &[package]));
        let programs = self.programs.iter().filter(|(program, _)| !apt::on_path(program));
        packages.chain(programs.map(|(_, package)| *package)).collect()
    }

    fn cannot(&self, why: &str, absent: &[&str]) -> Outcome {
        let get = absent.join(" ");
        let how = format!("{why}; get it on Debian 12 by: apt-get install --no-install-recommends {get}");
        lacking(self.what, how)
    }
}
