//! UniFFI's generator, of the version that the library's scaffolding has.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::child::succeed;
use super::{Missing, PeerError};

/// Names the program; `cargo xtask test` sets it.
const VARIABLE: &str = "MTD_BINDGEN";
/// Where `cargo xtask setup` puts it, and how the façade is named in Swift; seen from this crate.
const INSTALLED: &str = "../target/tools/bindgen/debug/bindgen";
const SETTINGS: &str = "../bindings/uniffi.toml";
const PROGRAM: &str = "bindgen";
const ENDS_WITHIN: Duration = Duration::from_secs(60);

/// The program.
pub struct Bindgen(PathBuf);

impl Bindgen {
    /// Looks for the program.
    ///
    /// # Errors
    ///
    /// [`Missing::Bindgen`].
    pub fn find() -> Result<Self, PeerError> {
        let told = std::env::var_os(VARIABLE).map(PathBuf::from);
        let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join(INSTALLED);
        let known = told.into_iter().chain([installed]).find(|program| program.is_file());
        known.map(Self).ok_or_else(|| Missing::Bindgen.into())
    }

    /// Writes what `language` needs to call `library` into `folder`.
    ///
    /// # Errors
    ///
    /// The program did not run, or not to its end.
    pub fn write(&self, library: &Path, language: &str, folder: &Path) -> Result<(), PeerError> {
        let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join(SETTINGS);
        let mut generate = Command::new(&self.0);
        generate.args([OsStr::new("generate"), library.as_os_str()]);
        generate.args(["--no-format", "--language", language]);
        generate.args([
            OsStr::new("--config"),
            settings.as_os_str(),
            OsStr::new("--out-dir"),
            folder.as_os_str(),
        ]);
        // Its metadata is in the library; cargo is not asked.
        generate.current_dir(folder);
        succeed(generate, PROGRAM, &[], ENDS_WITHIN).map(drop)
    }
}
