//! Captures the seeds of the fuzz targets into `tests/fuzz`: `cargo run -p agent-tests --bin fuzz-seeds`.

use std::path::Path;
use std::process::ExitCode;

use agent_tests::fuzz::seeds;
use agent_tests::stage::{Mishap, Part};

fn main() -> Result<ExitCode, Mishap> {
    let part = std::env::args().nth(1).as_deref().and_then(Part::named);
    if let Some(part) = part {
        let program = std::env::args_os().take(1);
        return Ok(part.run(program.chain(std::env::args_os().skip(2))));
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    seeds::capture(&std::env::current_exe()?, &folder)?;
    Ok(ExitCode::SUCCESS)
}
