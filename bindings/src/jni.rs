//! The entry points that Java calls, written by hand (D10).
//!
//! ```text
//!   native     one function for each method of io.mtdagent.internal.Native
//!   entry      what surrounds each: a panic contained, an error thrown as MtdException
//!   handles    numbers that Java holds; a number after its end is an error, never a use after free
//!   host       io.mtdagent.Host as key store, sensors and listener; attached for the length of a call
//!   classes    found once, when the library is loaded
//!   given      buffers that Java writes: posture, configurations
//!   status     buffers that Java reads: a status, an answer
//!   logcat     Android's log
//! ```
//!
//! Strings, numbers and byte arrays cross, no other objects but `Host` and `MtdException`. A change of a method is
//! one commit here, in `Native.java` or `Host.java`, and in the test.

#![expect(unsafe_code, reason = "JNI finds functions by unmangled names and hands over raw pointers")]

mod classes;
#[cfg(feature = "dangerous-panic-test")]
mod doors;
mod entry;
mod given;
mod handles;
mod host;
#[cfg(target_os = "android")]
mod logcat;
mod native;
mod status;

use std::ffi::c_void;

use jni::sys::{JNI_ERR, JNI_VERSION_1_6, jint};
use jni::{JavaVM, sys};

use crate::guard;

/// The virtual machine loads the library. It is refused if a class is not there: keep rules were lost.
#[unsafe(no_mangle)]
extern "system" fn JNI_OnLoad(vm: *mut sys::JavaVM, _reserved: *mut c_void) -> jint {
    let loaded = guard::contain("jni.load", || {
        #[cfg(target_os = "android")]
        logcat::begin();
        if vm.is_null() {
            return false;
        }
        // SAFETY: the virtual machine passes its own pointer, which is valid for the life of the process.
        let vm = unsafe { JavaVM::from_raw(vm) };
        vm.attach_current_thread_for_scope(classes::find).is_ok()
    });
    if loaded == Ok(true) { JNI_VERSION_1_6 } else { JNI_ERR }
}
