//! Log lines on standard error.

use std::io::Write as _;

use log::LevelFilter;

/// Sends log lines up to `most` to standard error.
pub(crate) fn to_stderr(most: LevelFilter) {
    if log::set_logger(&Stderr).is_ok() {
        log::set_max_level(most);
    }
}

struct Stderr;

impl log::Log for Stderr {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{} {}: {}", record.level(), record.target(), record.args());
        let _closed = writeln!(std::io::stderr().lock(), "{line}");
    }

    fn flush(&self) {}
}
