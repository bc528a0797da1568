//! Every parser of foreign bytes, as a function of bytes that panics when a promise is broken.
//!
//! The promises: no panic, bounded output, and what is emitted can be read again. `tests/fuzz` runs these under
//! libFuzzer, `tests/tests/fuzz_smoke.rs` in every test run; both begin with the corpora in `tests/fuzz/corpus`.

mod cloud;
mod configuration;
mod device;
mod disk;
mod documents;
mod imports;
mod indicators;
mod life;
pub mod mutation;
mod partner;
pub mod seeds;
mod world;

pub use cloud::{certificate, csr_attributes, est_body, http_answer, pkcs7};
pub use configuration::configuration;
pub use device::{frame, journal, records};
pub use documents::{answer, document, jws, problem};
pub use imports::{ioc, samples, stix, token};
pub use indicators::indicators;
pub use partner::{csr, report};

/// One function, and the name of its target and of its corpus.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name.
    pub name: &'static str,
    /// Takes bytes in; whether they were taken for what they claim to be.
    pub run: fn(&[u8]) -> bool,
}

/// A promise that is broken: the fuzzer hears a panic.
#[expect(clippy::panic, reason = "how a fuzz target says no")]
fn broken(promise: impl std::fmt::Display) -> ! {
    panic!("{promise}")
}

/// All of them.
pub const TARGETS: [Target; 20] = [
    Target { name: "answer", run: answer },
    Target { name: "certificate", run: certificate },
    Target { name: "configuration", run: configuration },
    Target { name: "csr", run: csr },
    Target { name: "csr_attributes", run: csr_attributes },
    Target { name: "document", run: document },
    Target { name: "est_body", run: est_body },
    Target { name: "frame", run: frame },
    Target { name: "http_answer", run: http_answer },
    Target { name: "indicators", run: indicators },
    Target { name: "ioc", run: ioc },
    Target { name: "journal", run: journal },
    Target { name: "jws", run: jws },
    Target { name: "pkcs7", run: pkcs7 },
    Target { name: "problem", run: problem },
    Target { name: "records", run: records },
    Target { name: "report", run: report },
    Target { name: "samples", run: samples },
    Target { name: "stix", run: stix },
    Target { name: "token", run: token },
];
