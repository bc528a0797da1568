//! The core's own tests as Linux programs for the processors of phones, run under qemu's user mode: 32 bit, another
//! alignment, another width of `usize`, ring's own code for ARM. From nothing ten minutes of one core, over a minute of them
//! emulated.

use std::path::Path;

use crate::debian_rust;
use crate::process::aloud;
use crate::report::Outcome;

/// Where the builds leave their files.
const BUILT: &str = "target/qemu";
/// TLS and all of the line, and of the vault what starts no program: qemu's user mode starts none of another processor by
/// itself.
const TESTS: [&str; 5] = ["transport_*", "vault_faults", "vault_indicators", "vault_journal", "vault_power"];

/// One kind of processor.
struct Processor {
    /// As rustc calls it.
    triple: &'static str,
    /// As Debian's cross compiler calls it.
    gnu: &'static str,
    qemu: &'static str,
}

const PROCESSORS: [Processor; 2] = [
    Processor {
        triple: "armv7-unknown-linux-gnueabihf",
        gnu: "arm-linux-gnueabihf",
        qemu: "qemu-arm-static",
    },
    Processor { triple: "aarch64-unknown-linux-gnu", gnu: "aarch64-linux-gnu", qemu: "qemu-aarch64-static" },
];

pub(crate) fn judge(root: &Path) -> Outcome {
    for processor in PROCESSORS {
        match test(root, &processor) {
            Outcome::Passed => {}
            other @ (Outcome::Lacking(_) | Outcome::Excused(_) | Outcome::Failed(_)) => return other,
        }
    }
    Outcome::Passed
}

fn test(root: &Path, processor: &Processor) -> Outcome {
    let Processor { triple, gnu, qemu } = processor;
    let mut cargo = debian_rust::cargo(root);
    cargo.args(["test", "--locked", "--no-fail-fast", "--package", "agent-logic", "--package", "agent-core"]);
    cargo.arg("--lib").args(TESTS.iter().flat_map(|name| ["--test", name]));
    cargo.args(["-Zbuild-std=std,panic_unwind,test", "--target-dir", BUILT, "--target", triple]);
    cargo.args(["--config", &format!("target.{triple}.linker=\"{gnu}-gcc\"")]);
    // Where the C library of that processor lies.
    cargo.args(["--config", &format!("target.{triple}.runner=[\"{qemu}\", \"-L\", \"/usr/{gnu}\"]")]);
    cargo.env(format!("CC_{}", triple.replace('-', "_")), format!("{gnu}-gcc"));
    // Emulated: the tests of agent-logic take half a minute so, and were never waited for without.
    cargo.env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_PROFILE_DEV_OPT_LEVEL", "1");
    aloud(cargo)
}
