//! Apple's public C headers, which PyPI's `ziglang` carries: the package whose libunwind Android's build takes.

use std::path::{Path, PathBuf};

use crate::making::{Fault, ziglang};

/// Where they lie in it.
const INSIDE: &str = "ziglang/lib/libc/include/any-darwin-any/";

/// What of them is looked into for the system that introduced a name.
pub(super) const HEADERS: [&str; 28] = [
    "stdlib.h",
    "string.h",
    "unistd.h",
    "fcntl.h",
    "errno.h",
    "time.h",
    "dirent.h",
    "netdb.h",
    "pthread.h",
    "sched.h",
    "math.h",
    "stdio.h",
    "signal.h",
    "dlfcn.h",
    "sys/event.h",
    "sys/mman.h",
    "sys/socket.h",
    "sys/stat.h",
    "sys/sysctl.h",
    "sys/time.h",
    "sys/uio.h",
    "sys/file.h",
    "sys/ioctl.h",
    "mach/mach.h",
    "mach/mach_time.h",
    "mach-o/dyld.h",
    "dispatch/dispatch.h",
    "CommonCrypto/CommonRandom.h",
];

/// The folder that clang calls the system's root.
pub(super) struct Sdk(PathBuf);

impl Sdk {
    /// Fetches the headers where they are not there.
    pub(super) fn ready(root: &Path) -> Result<Self, Fault> {
        let here = root.join("target/tools/apple");
        let system = here.join("sdk");
        ziglang::ready(root, &here, INSIDE, &system.join("usr/include"))?;
        Ok(Self(system))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}
