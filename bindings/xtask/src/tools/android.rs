//! What builds for Android: Debian's Rust with the source of its standard library, clang, lld, pip for the unwinder;
//! a JDK, Maven and Debian's own tools for the app.

use super::needed::Needed;

pub(crate) const ANDROID: Needed = Needed {
    what: "android",
    // Of Debian 12, the first three of its security archive.
    packages: &["rustc-web", "cargo-web", "rust-web-src", "clang-19", "lld-19", "llvm-19"],
    programs: &[
        ("pip3", "python3-pip"),
        ("javac", "default-jdk-headless"),
        ("mvn", "maven"),
        ("aapt", "aapt"),
        ("zipalign", "zipalign"),
        ("apksigner", "apksigner"),
    ],
};
