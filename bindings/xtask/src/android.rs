//! `cargo xtask android`: the library for each ABI of Android, judged and packaged.
//!
//! ```text
//! abi        the four ABIs and their floors
//! levels     since when each symbol of Android's C libraries is there
//! unwinder   LLVM's libunwind
//! link       what the library is linked with
//! shims      the C that fills what old Androids lack, tested
//! build      Debian's Rust builds it
//! elf        what a loader reads of it
//! reached    what native code reaches of the Java layer
//! ledger     how large it may be
//! gate       what must hold of it
//! table      what was measured
//! java       the Java side: fetched, compiled
//! aar        the archive that an app's build takes
//! manifest   the library's manifest in the app's
//! sample     the sample app
//! ```

mod aar;
mod abi;
mod build;
mod elf;
mod gate;
mod java;
mod ledger;
mod levels;
mod link;
mod manifest;
mod reached;
mod sample;
mod shims;
mod table;
mod unwinder;

use std::path::{Path, PathBuf};

use crate::making::crates::shipped;
use crate::making::twice;
use crate::making::{Fault, folder, read, run, said, sources, write};
use crate::report::{Outcome, say};
use build::Built;
use gate::Measured;
use ledger::Ledger;
use reached::Reached;
use unwinder::Unwinder;

pub(crate) use abi::Abi;

/// As `System.loadLibrary("agent_bindings")` finds it.
const LIBRARY: &str = "libagent_bindings.so";
/// Where the second copy of the tree is.
const AGAIN: &str = "target/android/again";

/// What to build and how to tell.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) abis: Vec<Abi>,
    pub(crate) json: bool,
    pub(crate) twice: bool,
}

/// Builds, prints what was measured, and judges it.
pub(crate) fn judge(root: &Path, order: &Order) -> Outcome {
    match fill(root, order) {
        Ok(measured) => {
            say(&if order.json { table::json(&measured).to_string() } else { table::text(&measured) });
            let faults = table::faults(&measured);
            if faults.is_empty() { Outcome::Passed } else { Outcome::Failed(faults) }
        }
        Err(Fault(why)) => Outcome::Failed(why),
    }
}

/// The manifest that a build makes of the sample's and the library's; else why not.
pub(crate) fn manifest_of_the_sample(root: &Path) -> Result<String, String> {
    sample::manifest(root).map_err(|Fault(why)| why)
}

fn fill(root: &Path, order: &Order) -> Result<Vec<Measured>, Fault> {
    let (ledger, reached) = (Ledger::open(root)?, Reached::find(root)?);
    let lost = reached.not_kept(&read(&root.join(reached::RULES))?);
    if !lost.is_empty() {
        return Err(Fault(lost.join("\n")));
    }
    shims::test(root)?;
    let parts = Parts::ready(root)?;
    let made = Made::of(root, &order.abis, &parts)?;
    let measured = made.libraries.iter().map(|built| gate::measure(root, built, &ledger, &reached));
    let measured = measured.collect::<Result<Vec<_>, _>>()?;
    if order.twice {
        let again = Made::of(&twice::copy(root, AGAIN)?, &order.abis, &parts)?;
        twice::compare(made.files().zip(again.files()))?;
    }
    Ok(measured)
}

/// What is fetched once.
struct Parts {
    unwinder: Unwinder,
    /// Android's classes.
    android: PathBuf,
    /// The numbers of Android's resources.
    resources: PathBuf,
    dx: PathBuf,
}

impl Parts {
    fn ready(root: &Path) -> Result<Self, Fault> {
        let unwinder = Unwinder::ready(root)?;
        let (android, resources) = (java::ANDROID.ready(root)?, java::RESOURCES.ready(root)?);
        Ok(Self { unwinder, android, resources, dx: java::DX.ready(root)? })
    }
}

/// What is made of one tree.
struct Made {
    libraries: Vec<Built>,
    archive: PathBuf,
    /// Before it is signed: a signature differs each time.
    app: PathBuf,
}

impl Made {
    fn of(root: &Path, abis: &[Abi], parts: &Parts) -> Result<Self, Fault> {
        for abi in abis {
            link::make(root, *abi, &parts.unwinder)?;
        }
        let libraries = build::build(root, abis)?;
        let crates = shipped(root, build::FEATURES, &Abi::ALL.map(Abi::triple))?;
        let archive = aar::make(root, &libraries, &crates, parts)?;
        let app = sample::make(root, &archive, parts)?;
        Ok(Self { libraries, archive, app })
    }

    /// What must be the same each time.
    fn files(&self) -> impl Iterator<Item = &Path> {
        let libraries = self.libraries.iter().map(|built| built.library.as_path());
        libraries.chain([self.archive.as_path(), self.app.as_path()])
    }
}
