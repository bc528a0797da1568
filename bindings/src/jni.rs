//! The entry points that Java calls, written by hand (D10).
//!
//! ```text
//!   native     one function for each method of io.mtdagent.internal.Native
//!   entry      what surrounds each: a panic contained, an error thrown as MtdException
//!   handles    numbers that Java holds; a number after its end is an error, never a use after free
//!   host       io.mtdagent.Host as key store, sensors and listener; attached for the length of a call
//!   classes    found once with their methods, when the library is loaded
//!   methods    what a method of Java takes and gives
//!   env        what is asked of Java, by the functions of JNI's table
//!   vm         threads of ours attached; references that outlive a call
//!   given      buffers that Java writes: posture, configurations
//!   status     buffers that Java reads: a status, an answer
//! ```
//!
//! Strings, numbers and byte arrays cross, no other objects but `Host` and `MtdException`. A change of a method is
//! one commit here, in `Native.java` or `Host.java`, and in the test.

#![expect(unsafe_code, reason = "JNI finds functions by unmangled names and hands over raw pointers")]

mod classes;
#[cfg(feature = "dangerous-panic-test")]
mod doors;
mod entry;
mod env;
mod given;
mod handles;
mod host;
mod methods;
mod native;
mod status;
mod vm;

use std::ffi::c_void;
use std::ptr::NonNull;

use jni::sys::{self, JNI_ERR, JNI_VERSION_1_6, jint};

use self::vm::Vm;
use crate::guard;

/// What an app's log shows of us at most.
#[cfg(target_os = "android")]
const LOGGED: log::LevelFilter = log::LevelFilter::Info;

/// Log messages go to Android's log from now on, unless somebody set a logger before: then that one and its level stay.
#[cfg(target_os = "android")]
fn log_to_android() {
    android_logger::init_once(android_logger::Config::default().with_tag("mtd-agent").with_max_level(LOGGED));
}

/// The virtual machine loads the library. It is refused if a class is not there: keep rules were lost.
#[unsafe(no_mangle)]
extern "system" fn JNI_OnLoad(vm: *mut sys::JavaVM, _reserved: *mut c_void) -> jint {
    let loaded = guard::contain("jni.load", || {
        #[cfg(target_os = "android")]
        log_to_android();
        let Some(vm) = NonNull::new(vm) else { return false };
        // What is thrown is left to the virtual machine: it says which class or method is not there.
        Vm::new(vm).attached(classes::find) == Ok(Ok(()))
    });
    if loaded == Ok(true) { JNI_VERSION_1_6 } else { JNI_ERR }
}
