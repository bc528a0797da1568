//! What builds for iOS: Debian's Rust with the source of its standard library and its clippy, clang, lld, pip for
//! Apple's headers.

use super::needed::Needed;

pub(crate) const APPLE: Needed = Needed {
    what: "apple",
    // Of Debian 12, the first four of its security archive.
    packages: &["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy", "clang-19", "lld-19", "llvm-19"],
    programs: &[("pip3", "python3-pip")],
};
