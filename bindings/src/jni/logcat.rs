//! The log of Android. The crate `android_logger` imports `__android_log_buf_write`, which no header gives an app below
//! API 30, and a strong import that is not there stops the loading of the library.

use std::ffi::{CStr, CString, c_char, c_int};

use log::{Level, LevelFilter, Log, Metadata, Record};

const TAG: &CStr = c"mtd-agent";
/// What an app's log shows of us at most.
const MOST: LevelFilter = LevelFilter::Info;

#[link(name = "log")]
unsafe extern "C" {
    fn __android_log_write(priority: c_int, tag: *const c_char, text: *const c_char) -> c_int;
}

struct Logcat;

/// Log messages go to Android's log from now on.
pub(super) fn begin() {
    // The library is loaded once; a second logger is nobody's.
    if log::set_logger(&Logcat).is_ok() {
        log::set_max_level(MOST);
    }
}

impl Log for Logcat {
    fn enabled(&self, about: &Metadata<'_>) -> bool {
        about.level() <= MOST
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        // No message of ours has a zero byte; one that had is left out.
        if let Ok(text) = CString::new(record.args().to_string()) {
            // SAFETY: both are texts that end with a zero byte and live until the call is over.
            let _written =
                unsafe { __android_log_write(priority(record.level()), TAG.as_ptr(), text.as_ptr()) };
        }
    }

    fn flush(&self) {}
}

/// `android_LogPriority` of `android/log.h`.
fn priority(level: Level) -> c_int {
    match level {
        Level::Error => 6,
        Level::Warn => 5,
        Level::Info => 4,
        Level::Debug => 3,
        Level::Trace => 2,
    }
}
