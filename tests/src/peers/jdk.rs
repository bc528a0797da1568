//! A Java virtual machine and its compiler: what an Android app's code runs in, as far as this machine has it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::{Missing, PeerError, on_path};

/// The last major version whose compiler takes `--release 7`.
const LAST_WITH_JAVA_7: u32 = 19;

/// `java`, `javac` and `javap`.
pub struct Jdk {
    java: PathBuf,
    javac: PathBuf,
    javap: PathBuf,
    version: u32,
}

impl Jdk {
    /// The JDK on the search path.
    ///
    /// # Errors
    /// [`Missing::Jdk`] where there is none.
    pub fn find() -> Result<Self, PeerError> {
        let programs = (on_path("java"), on_path("javac"), on_path("javap"));
        let (Some(java), Some(javac), Some(javap)) = programs else {
            return Err(Missing::Jdk.into());
        };
        let said = Command::new(&javac).arg("-version").output()?;
        let said = [said.stdout, said.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        let number = said.split_whitespace().nth(1).and_then(|version| version.split('.').next());
        let version = number.and_then(|number| number.parse().ok());
        let version = version.ok_or(PeerError::Refused { program: "javac", said })?;
        Ok(Self { java, javac, javap, version })
    }

    /// The oldest language level up to 7 that the compiler knows: 7, or 8 where 7 was dropped.
    #[must_use]
    pub const fn oldest_release(&self) -> &'static str {
        if self.version <= LAST_WITH_JAVA_7 { "7" } else { "8" }
    }

    /// Compiles every source below `sources`, those in folders named `but` left out, at the language level `release`.
    /// A warning is a failure.
    ///
    /// # Errors
    /// [`PeerError::Refused`] with what the compiler says.
    pub fn compile(
        &self,
        sources: &Path,
        but: &str,
        release: &str,
        class_path: &Path,
        classes: &Path,
    ) -> Result<(), PeerError> {
        let mut files = Vec::new();
        collect(sources, "java", &mut files)?;
        files.retain(|file| {
            let below = file.strip_prefix(sources).unwrap_or(file);
            below.components().all(|part| part.as_os_str() != but)
        });
        let mut command = Command::new(&self.javac);
        // `options`: that level 7 is old is why it is asked for.
        command.args(["--release", release, "-encoding", "UTF-8", "-Xlint:all,-options", "-Werror", "-cp"]);
        command.arg(class_path).arg("-d").arg(classes).args(files);
        said("javac", command.output()?).map(drop)
    }

    /// Every instruction of every class below `classes`, as `javap` writes them.
    ///
    /// # Errors
    /// [`PeerError::Refused`] with what it says.
    pub fn disassemble(&self, classes: &Path) -> Result<String, PeerError> {
        let mut files = Vec::new();
        collect(classes, "class", &mut files)?;
        said("javap", Command::new(&self.javap).args(["-p", "-c"]).args(files).output()?)
    }

    /// Runs `main` of a class with JNI's own checks on; its standard output.
    ///
    /// # Errors
    /// [`PeerError::Refused`] with what it says, also where the checks of JNI find something.
    pub fn run(
        &self,
        class_path: &str,
        library: &Path,
        main: &str,
        args: &[&str],
    ) -> Result<String, PeerError> {
        let mut path = OsString::from("-Djava.library.path=");
        path.push(library);
        let options = ["-Xcheck:jni".into(), "-Xmx256m".into(), path];
        let out = self.run_with(&options, class_path, main, args)?;
        if out.contains("WARNING in native method") || out.contains("FATAL ERROR") {
            return Err(PeerError::Refused { program: "java -Xcheck:jni", said: out });
        }
        Ok(out)
    }

    /// Runs `main` of a class as these options of the virtual machine say; its standard output.
    ///
    /// # Errors
    /// [`PeerError::Refused`] with what it says.
    pub fn run_with(
        &self,
        options: &[OsString],
        class_path: &str,
        main: &str,
        args: &[&str],
    ) -> Result<String, PeerError> {
        let mut command = Command::new(&self.java);
        command.args(options).args(["-cp", class_path, main]).args(args);
        said("java", command.output()?)
    }
}

fn said(program: &'static str, output: Output) -> Result<String, PeerError> {
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(out);
    }
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(PeerError::Refused { program, said: format!("{out}{error}") })
}

fn collect(folder: &Path, kind: &str, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, kind, files)?;
        } else if path.extension().is_some_and(|extension| extension == kind) {
            files.push(path);
        }
    }
    Ok(())
}
