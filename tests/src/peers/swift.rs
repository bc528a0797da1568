//! Swift: compiles the package in `ios`, runs its tests, and lives an app's life at the gateway.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::child::{run, succeed};
use super::{Missing, PeerError, on_path};

const PROGRAM: &str = "swift";
/// Names what stands before a program that is to run where Swift is; `cargo xtask test` sets it.
const VARIABLE: &str = "MTD_SWIFT_RUN";
/// Where Debian puts the part that makes pages of comments.
const DOCC: &str = "/usr/libexec/swift/bin/docc";
/// Where `cargo xtask setup` puts it; and the package, seen from this crate.
const INSTALLED: &str = "../target/tools/bin/swift-run";
const PACKAGE: &str = "../ios";
/// A cold build of the package on a machine that builds other things meanwhile.
const BUILDS_WITHIN: Duration = Duration::from_secs(600);
const TESTS_WITHIN: Duration = Duration::from_secs(300);
/// A life of an app, with a wake's budget in it.
const LIVES_WITHIN: Duration = Duration::from_secs(120);

/// The programs, and the package built with a library.
pub struct Swift {
    launcher: Option<PathBuf>,
    package: PathBuf,
    /// Where the package's build lies, and the folder with the library beside it.
    built: PathBuf,
    library: PathBuf,
    /// The program `Life`.
    life: PathBuf,
}

/// How a life ended.
pub struct Lived {
    /// Its standard output.
    pub said: String,
    /// Whether the process ended by itself, in success.
    pub well: bool,
}

impl Swift {
    /// Looks for Swift and builds the package, its tests among it, with the library in `library`; what it builds lies in
    /// `built`. One build at a time, whoever else asks.
    ///
    /// # Errors
    ///
    /// [`Missing::Swift`]; [`PeerError::Refused`] with what the compiler says.
    pub fn build(library: &Path, built: &Path) -> Result<Self, PeerError> {
        let told = std::env::var_os(VARIABLE).map(PathBuf::from);
        let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join(INSTALLED);
        let launcher = told.into_iter().chain([installed]).find(|program| program.is_file());
        let launcher = match on_path(PROGRAM) {
            Some(_) => None,
            None => Some(launcher.ok_or(Missing::Swift)?),
        };
        let package = Path::new(env!("CARGO_MANIFEST_DIR")).join(PACKAGE).canonicalize()?;
        let life = built.join("debug/Life");
        let swift = Self { launcher, package, built: built.to_owned(), library: library.to_owned(), life };
        std::fs::create_dir_all(built)?;
        let lock = File::create(built.join("build.lock"))?;
        lock.lock()?;
        succeed(swift.tool("build", &["--build-tests"]), PROGRAM, b"", BUILDS_WITHIN)?;
        Ok(swift)
    }

    /// What is built, loading the library in another folder from now on.
    #[must_use]
    pub fn with_library(self, library: &Path) -> Self {
        Self { library: library.to_owned(), ..self }
    }

    /// What is built, its program `Life` being a copy in the folder `bundle` from now on.
    ///
    /// # Errors
    ///
    /// The copy could not be made.
    pub fn installed(self, bundle: &Path) -> Result<Self, PeerError> {
        std::fs::create_dir_all(bundle)?;
        let life = bundle.join("Life");
        std::fs::copy(&self.life, &life)?;
        Ok(Self { life, ..self })
    }

    /// Runs the package's own tests; what they said.
    ///
    /// # Errors
    ///
    /// [`PeerError::Refused`] with what they said where one fails.
    pub fn test(&self) -> Result<String, PeerError> {
        let ended = run(self.tool("test", &["--skip-build"]), PROGRAM, b"", TESTS_WITHIN)?;
        let said = String::from_utf8_lossy(&ended.out).into_owned() + &ended.err;
        if ended.status.success() { Ok(said) } else { Err(PeerError::Refused { program: PROGRAM, said }) }
    }

    /// A folder with these modules of what is built, and no other.
    ///
    /// # Errors
    ///
    /// One of them was not built.
    pub fn modules(&self, names: &[String]) -> Result<TempDir, PeerError> {
        let folder = tempfile::tempdir()?;
        for name in names {
            let file = format!("{name}.swiftmodule");
            std::fs::copy(self.built.join("debug/Modules").join(&file), folder.path().join(file))?;
        }
        Ok(folder)
    }

    /// Makes the module `ObjectiveC` of this file in `folder`: with it, and only for [`Self::check_app`], `#selector` has
    /// a type.
    ///
    /// # Errors
    ///
    /// [`PeerError::Refused`] with what the compiler says.
    pub fn objective_c(&self, file: &Path, folder: &Path) -> Result<(), PeerError> {
        let mut compiler = self.compiler("-emit-module", "ObjectiveC", &[], &[file.to_owned()]);
        compiler.arg("-emit-module-path").arg(folder.join("ObjectiveC.swiftmodule"));
        succeed(compiler, PROGRAM, b"", BUILDS_WITHIN).map(drop)
    }

    /// Whether these files are one module that finds others in `folders`.
    ///
    /// # Errors
    ///
    /// [`PeerError::Refused`] with what the compiler says.
    pub fn check_module(&self, name: &str, folders: &[&Path], files: &[PathBuf]) -> Result<(), PeerError> {
        self.check(name, folders, files, &[])
    }

    /// Writes what is public of a module of these files, with its comments, into the folder `graph` as `NAME.symbols.json`;
    /// and has DocC make its pages of that, without a warning.
    ///
    /// # Errors
    ///
    /// [`PeerError::Refused`] with what the compiler or DocC says.
    pub fn document(
        &self,
        name: &str,
        folders: &[&Path],
        files: &[PathBuf],
        graph: &Path,
    ) -> Result<(), PeerError> {
        let mut compiler = self.compiler("-emit-module", name, folders, files);
        compiler.arg("-emit-module-path").arg(graph.join("module"));
        compiler.args(["-emit-symbol-graph", "-symbol-graph-minimum-access-level", "public"]);
        compiler.arg("-emit-symbol-graph-dir").arg(graph);
        succeed(compiler, PROGRAM, b"", BUILDS_WITHIN)?;
        let mut docc = self.command(if self.launcher.is_some() { DOCC } else { "docc" });
        docc.args(["convert", "--warnings-as-errors", "--fallback-display-name", name]);
        docc.args(["--fallback-bundle-identifier", name, "--additional-symbol-graph-dir"]).arg(graph);
        docc.arg("--output-path").arg(graph.join("pages"));
        succeed(docc, "docc", b"", BUILDS_WITHIN).map(drop)
    }

    /// As [`Self::check_module`], where Objective-C calls in.
    ///
    /// # Errors
    ///
    /// [`PeerError::Refused`] with what the compiler says.
    pub fn check_app(&self, name: &str, folders: &[&Path], files: &[PathBuf]) -> Result<(), PeerError> {
        self.check(name, folders, files, &["-enable-objc-interop", "-import-module", "ObjectiveC"])
    }

    fn check(
        &self,
        name: &str,
        folders: &[&Path],
        files: &[PathBuf],
        more: &[&str],
    ) -> Result<(), PeerError> {
        let mut compiler = self.compiler("-typecheck", name, folders, files);
        compiler.args(more.iter().flat_map(|word| ["-Xfrontend", word]));
        succeed(compiler, PROGRAM, b"", BUILDS_WITHIN).map(drop)
    }

    fn compiler(&self, what: &str, module: &str, folders: &[&Path], files: &[PathBuf]) -> Command {
        let mut compiler = self.command("swiftc");
        compiler.args([what, "-swift-version", "5", "-parse-as-library", "-warnings-as-errors"]);
        compiler.args(["-module-name", module]);
        compiler.args(folders.iter().flat_map(|folder| [OsStr::new("-I"), folder.as_os_str()])).args(files);
        compiler
    }

    /// Runs the program `Life`, which finds its user's settings in `home`. `told` are further variables.
    ///
    /// # Errors
    ///
    /// It did not run, or not to an end.
    pub fn live(&self, home: &Path, told: &[(&str, &str)], arguments: &[&str]) -> Result<Lived, PeerError> {
        let mut life = self.command("env");
        life.arg(format!("HOME={}", home.display()));
        life.args(told.iter().map(|(name, value)| format!("{name}={value}")));
        life.arg(&self.life).args(arguments);
        let ended = run(life, PROGRAM, b"", LIVES_WITHIN)?;
        let said = String::from_utf8_lossy(&ended.out).into_owned() + &ended.err;
        Ok(Lived { said: said.trim().to_owned(), well: ended.status.success() })
    }

    fn tool(&self, what: &str, words: &[&str]) -> Command {
        let mut swift = self.command(PROGRAM);
        swift.arg(what).args(words).arg("--package-path").arg(&self.package);
        swift.arg("--scratch-path").arg(&self.built).args([
            "--disable-sandbox",
            "-Xswiftc",
            "-warnings-as-errors",
        ]);
        swift.args(["-Xlinker", "-lagent_bindings", "-Xlinker"]).arg(format!("-L{}", self.library.display()));
        swift
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.launcher.as_deref().unwrap_or(Path::new(program)));
        if self.launcher.is_some() {
            command.arg(program);
        }
        command.current_dir(&self.package).env("LD_LIBRARY_PATH", &self.library);
        command
    }
}
