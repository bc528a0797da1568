//! What builds and runs Linux programs for the phones' processors: Debian's Rust with the source of its standard
//! library, its cross compilers with their C libraries, qemu's user mode.

use super::needed::Needed;

pub(crate) const QEMU: Needed = Needed {
    what: "qemu",
    packages: &[
        "rustc-web",
        "cargo-web",
        "rust-web-src",
        "gcc-arm-linux-gnueabihf",
        "libc6-dev-armhf-cross",
        "gcc-aarch64-linux-gnu",
        "libc6-dev-arm64-cross",
        "qemu-user-static",
    ],
    programs: &[],
};
