//! LLVM's libunwind, which a panic needs to be caught: its source comes in the package `ziglang` of PyPI.

use std::fs;
use std::path::{Path, PathBuf};

use super::abi::Abi;
use super::link::{ARCHIVER, compiler};
use super::{Fault, run};
use crate::making::ziglang::{self, PACKAGE};
use crate::process::command;

/// Where the source lies in it.
const INSIDE: &str = "ziglang/lib/libunwind/";

const CPP: [&str; 2] = ["libunwind.cpp", "Unwind-EHABI.cpp"];
const C: [&str; 2] = ["UnwindLevel1.c", "UnwindLevel1-gcc-ext.c"];
const ASSEMBLY: [&str; 2] = ["UnwindRegistersSave.S", "UnwindRegistersRestore.S"];

/// The folder with the source.
pub(super) struct Unwinder(PathBuf);

impl Unwinder {
    /// Fetches the source where it is not there.
    pub(super) fn ready(root: &Path) -> Result<Self, Fault> {
        let here = root.join("target/tools/libunwind");
        let source = here.join("source");
        ziglang::ready(root, &here, INSIDE, &source)?;
        Ok(Self(source))
    }

    /// The version of the package that carried it.
    pub(super) fn version(&self, root: &Path) -> Result<String, Fault> {
        let text = super::read(&root.join(PACKAGE))?;
        let pinned = text.lines().find_map(|line| line.split_once("=="));
        let version =
            pinned.and_then(|(package, rest)| Some(format!("{package}-{}", rest.split(' ').next()?)));
        version.ok_or_else(|| Fault(format!("{PACKAGE} pins no version")))
    }

    /// What its licence asks to be passed on.
    pub(super) fn license(&self) -> Result<String, Fault> {
        super::read(&self.0.join("LICENSE.TXT"))
    }

    /// Makes `libunwind.a`.
    pub(super) fn build(&self, root: &Path, abi: Abi, place: &Path) -> Result<(), Fault> {
        let mut objects = Vec::new();
        for (files, words) in [
            (CPP, &["-std=c++17", "-nostdinc++", "-fno-exceptions", "-fno-rtti"][..]),
            (C, &["-fexceptions"]),
            (ASSEMBLY, &[]),
        ] {
            for file in files {
                let object = place.join(format!("{file}.o"));
                let mut clang = compiler(root, abi);
                clang.args(["-Os", "-DNDEBUG", "-D_LIBUNWIND_IS_NATIVE_ONLY", "-D_LIBUNWIND_HIDE_SYMBOLS"]);
                if abi == Abi::Armv7 {
                    // dl_iterate_phdr is API 21 on ARM, this always was.
                    clang.arg("-D_LIBUNWIND_USE_DL_UNWIND_FIND_EXIDX");
                }
                clang.args([
                    "-fvisibility=hidden",
                    "-funwind-tables",
                    "-ffunction-sections",
                    "-fdata-sections",
                ]);
                // Not our code: its warnings are not ours to mend.
                clang.arg("-Wno-everything").args(words);
                clang.arg(format!("-ffile-prefix-map={}=libunwind", self.0.display()));
                clang.arg("-I").arg(self.0.join("include")).arg("-I").arg(self.0.join("src"));
                clang.arg("-c").arg(self.0.join("src").join(file)).arg("-o").arg(&object);
                run(clang)?;
                objects.push(object);
            }
        }
        let archive = place.join("libunwind.a");
        let _absent = fs::remove_file(&archive);
        let mut ar = command(root, ARCHIVER);
        // D: no times, no owners.
        ar.arg("rcD").arg(archive).args(objects);
        run(ar)
    }
}
