//! The virtual machine on threads of ours, and what is kept across calls.

use std::ffi::CString;
use std::ptr::NonNull;

use jni::objects::JObject;
use jni::refs::Reference as _;
use jni::sys::{self, jobject};

use super::env::{Env, Refused, always};

/// Local references of one call: arguments, an answer, what was thrown; two classes when the library is loaded.
const LOCALS: sys::jsize = 8;
const VERSION: sys::jint = sys::JNI_VERSION_1_6;

/// A process has one, for its whole life.
#[derive(Clone, Copy)]
pub(super) struct Vm(NonNull<sys::JavaVM>);

// SAFETY: its functions may be called on every thread.
unsafe impl Send for Vm {}
// SAFETY: as above.
unsafe impl Sync for Vm {}

impl Vm {
    /// `vm` is what the virtual machine gave.
    pub(super) fn new(vm: NonNull<sys::JavaVM>) -> Self {
        Self(vm)
    }

    /// Runs a call on this thread, attached for its length if it was not: a thread that stays attached keeps the virtual
    /// machine from ending, and pins its objects.
    pub(super) fn attached<T>(self, run: impl FnOnce(&Env<'_>) -> T) -> Result<T, Refused> {
        let (table, _attachment) = self.table()?;
        // SAFETY: the table is of this thread until `_attachment` is dropped.
        unsafe { Env::new(table) }.framed(LOCALS, run)
    }

    fn table(self) -> Result<(NonNull<sys::JNIEnv>, Option<Attachment>), Refused> {
        let vm = self.0.as_ptr();
        let mut table = std::ptr::null_mut();
        // SAFETY: the virtual machine lives; it writes a pointer there.
        let code = unsafe { ((**vm).v1_2.GetEnv)(vm, &raw mut table, VERSION) };
        if code != sys::JNI_EDETACHED {
            return there(code, table.cast()).map(|table| (table, None));
        }
        // What Java shows of the thread, and what the listener's page promises.
        let name = std::thread::current().name().and_then(|name| CString::new(name).ok()).unwrap_or_default();
        let mut arguments = sys::JavaVMAttachArgs {
            version: VERSION,
            name: name.as_ptr().cast_mut(),
            group: std::ptr::null_mut(),
        };
        // SAFETY: as above; it reads the arguments before it returns.
        let code =
            unsafe { ((**vm).v1_1.AttachCurrentThread)(vm, &raw mut table, (&raw mut arguments).cast()) };
        there(code, table.cast()).map(|table| (table, Some(Attachment { vm: self, table })))
    }
}

fn there(code: sys::jint, table: *mut sys::JNIEnv) -> Result<NonNull<sys::JNIEnv>, Refused> {
    NonNull::new(table).filter(|_| code == sys::JNI_OK).ok_or(Refused)
}

/// Ends with the call that needed it.
struct Attachment {
    vm: Vm,
    table: NonNull<sys::JNIEnv>,
}

impl Drop for Attachment {
    fn drop(&mut self) {
        // An exception that is pending at the end of a thread ends the app.
        // SAFETY: the table is of this thread until the next call.
        unsafe { Env::new(self.table) }.clear();
        let vm = self.vm.0.as_ptr();
        // SAFETY: this thread was attached by us, and no frame of Java is on it.
        let _code = unsafe { ((**vm).v1_1.DetachCurrentThread)(vm) };
    }
}

/// A reference that lives until it is dropped, on any thread.
pub(super) struct Global {
    vm: Vm,
    object: NonNull<sys::_jobject>,
}

// SAFETY: a global reference is good on every thread.
unsafe impl Send for Global {}
// SAFETY: as above.
unsafe impl Sync for Global {}

impl Global {
    /// # Safety
    /// `object` is a global reference of nobody else.
    pub(super) unsafe fn new(vm: Vm, object: NonNull<sys::_jobject>) -> Self {
        Self { vm, object }
    }

    pub(super) fn as_raw(&self) -> jobject {
        self.object.as_ptr()
    }

    pub(super) fn object(&self) -> JObject<'_> {
        // SAFETY: it lives as long as `self`; the wrapper has nothing to drop.
        unsafe { JObject::kind_from_raw(self.as_raw()) }
    }
}

impl Drop for Global {
    fn drop(&mut self) {
        // A machine that cannot attach this thread has ended, and its references with it.
        let _refused = self.vm.attached(|env| always!(env, v1_1.DeleteGlobalRef, self.as_raw()));
    }
}
