//! The C of `android/native` does what it says, run on this machine.

use std::path::Path;

use super::link::{COMPILER, NATIVE};
use super::{Fault, folder, run};
use crate::process::command;

/// What the shims add to an old C library, under a name of their own: this machine's has them all.
const RENAMED: [&str; 3] = ["epoll_create1", "posix_memalign", "getauxval"];
const SHIMS: [&str; 3] = ["floor", "random", "log"];
const TEST: &str = "shims_test";

pub(super) fn test(root: &Path) -> Result<(), Fault> {
    let place = root.join("target/android/shims");
    folder(&place)?;
    let mut objects = Vec::new();
    for name in SHIMS.into_iter().chain([TEST]) {
        let object = place.join(format!("{name}.o"));
        let mut clang = command(root, COMPILER);
        clang.args(["-O1", "-DNDEBUG", "-Wall", "-Wextra", "-Werror", "-nostdlibinc"]);
        clang.arg(format!("-isystem{NATIVE}/include")).arg("-D__errno=__errno_location");
        if name != TEST {
            clang.args(RENAMED.map(|function| format!("-D{function}=floor_{function}")));
        }
        clang.arg("-c").arg(format!("{NATIVE}/{name}.c")).arg("-o").arg(&object);
        run(clang)?;
        objects.push(object);
    }
    let program = place.join(TEST);
    let mut link = command(root, COMPILER);
    link.args(objects).arg("-o").arg(&program);
    run(link)?;
    run(command(root, program))
}
