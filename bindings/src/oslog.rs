//! The log of an iOS app is the system's: `os_log`, or what was there before iOS 10. `ios/native/log.c` tells which.
#![expect(unsafe_code, reason = "calls the C beside this library")]

use std::ffi::{CString, c_char, c_int};

use log::{Level, LevelFilter, Log, Metadata, Record};

/// What an app's log shows of us at most.
const LOGGED: LevelFilter = LevelFilter::Info;
/// `OS_LOG_TYPE_ERROR` and `OS_LOG_TYPE_DEFAULT`.
const ERROR: c_int = 0x10;
const DEFAULT: c_int = 0;

unsafe extern "C" {
    fn mtd_log(level: c_int, text: *const c_char);
}

struct SystemLog;

impl Log for SystemLog {
    fn enabled(&self, about: &Metadata<'_>) -> bool {
        about.level() <= LOGGED
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        // A text with a zero byte is none of ours.
        let Ok(text) = CString::new(record.args().to_string()) else { return };
        let level = match record.level() {
            Level::Error => ERROR,
            Level::Warn | Level::Info | Level::Debug | Level::Trace => DEFAULT,
        };
        // SAFETY: a text that ends with a zero byte and lives through the call.
        unsafe { mtd_log(level, text.as_ptr()) }
    }

    fn flush(&self) {}
}

/// Log messages go to the system's log from now on, unless somebody set a logger before: then that one and its level
/// stay.
pub(crate) fn begin() {
    if log::set_logger(&SystemLog).is_ok() {
        log::set_max_level(LOGGED);
    }
}
