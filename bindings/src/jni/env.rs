//! What is asked of Java, by the functions of JNI's table.
//!
//! The safe calls of `jni` tell Java's exceptions apart by class: they look for a dozen classes through three
//! loaders, and are 100 KB of a library. Here an exception stays pending for the one place that reads it: `host` for
//! what the host throws, `entry` for the rest. Texts cross as UTF-16, which is what Java has.

use std::ffi::CStr;
use std::marker::PhantomData;
use std::ptr::NonNull;

use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass, JObject, JString, JThrowable};
use jni::refs::Reference;
use jni::sys::{self, jobject, jsize};

use super::vm::{Global, Vm};

/// Java did not do what it was asked: an exception is pending, or memory is out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused;

/// The table of this thread, with the frame that new references live in.
pub(super) struct Env<'frame> {
    pub(super) table: NonNull<sys::JNIEnv>,
    frame: PhantomData<&'frame ()>,
}

/// Calls a function of the table that may be called while an exception is pending.
macro_rules! always {
    ($env:expr, $version:ident.$function:ident $(, $argument:expr)*) => {{
        let table = $env.table.as_ptr();
        // SAFETY: the table is of this thread. The arguments are live references, pointers to what outlives the call,
        // and the number of a method that the object's class has.
        unsafe { ((**table).$version.$function)(table $(, $argument)*) }
    }};
}

/// Calls a function of the table. An exception that is pending, before or after, refuses.
macro_rules! ask {
    ($env:expr, $version:ident.$function:ident $(, $argument:expr)*) => {
        $env.pending().and_then(|()| {
            let given = $crate::jni::env::always!($env, $version.$function $(, $argument)*);
            $env.pending().map(|()| given)
        })
    };
}
pub(super) use {always, ask};

impl<'frame> Env<'frame> {
    /// # Safety
    /// `table` is of this thread, and what is made with it is not used behind the frame.
    pub(super) unsafe fn new(table: NonNull<sys::JNIEnv>) -> Self {
        Self { table, frame: PhantomData }
    }

    /// What a virtual machine passes to a native method.
    pub(super) fn given(env: EnvUnowned<'frame>) -> Option<Self> {
        // SAFETY: it is of this thread, for the frame of the native method.
        NonNull::new(env.into_raw()).map(|table| unsafe { Self::new(table) })
    }

    /// The class, by the loader of whoever called into this library.
    pub(super) fn class(&self, name: &CStr) -> Result<JClass<'frame>, Refused> {
        // SAFETY: a new reference to a class.
        ask!(self, v1_1.FindClass, name.as_ptr())
            .and_then(|class| unsafe { self.new_local::<JClass<'_>>(class) })
    }

    /// A reference that lives until it is dropped, on any thread.
    pub(super) fn keep(&self, object: &JObject<'_>) -> Result<Global, Refused> {
        let vm = self.vm()?;
        let object = NonNull::new(ask!(self, v1_1.NewGlobalRef, object.as_raw())?).ok_or(Refused)?;
        // SAFETY: a new global reference, of nobody else.
        Ok(unsafe { Global::new(vm, object) })
    }

    /// The virtual machine.
    pub(super) fn vm(&self) -> Result<Vm, Refused> {
        let mut vm = std::ptr::null_mut();
        let code = ask!(self, v1_1.GetJavaVM, &raw mut vm)?;
        NonNull::new(vm).filter(|_| code == sys::JNI_OK).map(Vm::new).ok_or(Refused)
    }

    /// Whether an object is one of a class. Null is not.
    pub(super) fn is(&self, object: &JObject<'_>, class: &Global) -> bool {
        !object.is_null() && ask!(self, v1_1.IsInstanceOf, object.as_raw(), class.as_raw()) == Ok(true)
    }

    /// A new string.
    pub(super) fn string(&self, text: &str) -> Result<JString<'frame>, Refused> {
        let text: Vec<u16> = text.encode_utf16().collect();
        let length = jsize::try_from(text.len()).map_err(|_| Refused)?;
        let string = ask!(self, v1_1.NewString, text.as_ptr(), length)?;
        // SAFETY: a new reference to a string.
        unsafe { self.new_local::<JString<'_>>(string) }
    }

    /// The text of a string, `None` for null. Half a surrogate pair becomes U+FFFD.
    pub(super) fn text(&self, string: &JString<'_>) -> Result<Option<String>, Refused> {
        if string.is_null() {
            return Ok(None);
        }
        let length = ask!(self, v1_1.GetStringLength, string.as_raw())?;
        let mut text = vec![0_u16; usize::try_from(length).map_err(|_| Refused)?];
        ask!(self, v1_2.GetStringRegion, string.as_raw(), 0, length, text.as_mut_ptr())?;
        Ok(Some(String::from_utf16_lossy(&text)))
    }

    /// A new array with these bytes.
    pub(super) fn array(&self, bytes: &[u8]) -> Result<JByteArray<'frame>, Refused> {
        let length = jsize::try_from(bytes.len()).map_err(|_| Refused)?;
        let array = ask!(self, v1_1.NewByteArray, length)?;
        // SAFETY: a new reference to a byte array.
        let array = unsafe { self.new_local::<JByteArray<'_>>(array) }?;
        self.overwrite(&array, bytes)?;
        Ok(array)
    }

    /// Replaces the first bytes of an array.
    pub(super) fn overwrite(&self, array: &JByteArray<'_>, bytes: &[u8]) -> Result<(), Refused> {
        let length = jsize::try_from(bytes.len()).map_err(|_| Refused)?;
        ask!(self, v1_1.SetByteArrayRegion, array.as_raw(), 0, length, bytes.as_ptr().cast())
    }

    /// The bytes of an array, `None` for null.
    pub(super) fn bytes(&self, array: &JByteArray<'_>) -> Result<Option<Vec<u8>>, Refused> {
        if array.is_null() {
            return Ok(None);
        }
        let length = ask!(self, v1_1.GetArrayLength, array.as_raw())?;
        let mut bytes = vec![0_u8; usize::try_from(length).map_err(|_| Refused)?];
        ask!(self, v1_1.GetByteArrayRegion, array.as_raw(), 0, length, bytes.as_mut_ptr().cast())?;
        Ok(Some(bytes))
    }

    /// What is pending.
    pub(super) fn thrown(&self) -> Option<JThrowable<'frame>> {
        let thrown = always!(self, v1_1.ExceptionOccurred);
        // SAFETY: a new reference to a throwable.
        unsafe { self.new_local::<JThrowable<'_>>(thrown) }.ok()
    }

    /// Nothing is pending behind it.
    pub(super) fn clear(&self) {
        always!(self, v1_1.ExceptionClear);
    }

    /// Refuses if an exception is pending.
    pub(super) fn pending(&self) -> Result<(), Refused> {
        if always!(self, v1_2.ExceptionCheck) { Err(Refused) } else { Ok(()) }
    }

    /// Throws it.
    pub(super) fn throw(&self, throwable: &JThrowable<'_>) {
        // It is pending behind the call, which is no refusal.
        let _pending = ask!(self, v1_1.Throw, throwable.as_raw());
    }

    /// Throws a new object of a class of the platform that has a constructor with a text.
    pub(super) fn throw_new(&self, class: &CStr, text: &CStr) -> Result<(), Refused> {
        let class = self.class(class)?;
        ask!(self, v1_1.ThrowNew, class.as_raw(), text.as_ptr()).map(|_code| ())
    }

    /// Runs a call whose references end with it: at most `locals` at a time.
    pub(super) fn framed<T>(&self, locals: jsize, run: impl FnOnce(&Env<'_>) -> T) -> Result<T, Refused> {
        if always!(self, v1_2.PushLocalFrame, locals) != sys::JNI_OK {
            return Err(Refused);
        }
        let frame = Frame(self);
        // SAFETY: the table is of this thread, and nothing that `run` makes can leave it.
        let ran = run(&unsafe { Env::new(self.table) });
        drop(frame);
        Ok(ran)
    }

    /// # Safety
    /// `local` is null, or a new reference of this frame to what `T` says.
    pub(super) unsafe fn new_local<T: Reference>(&self, local: jobject) -> Result<T::Kind<'frame>, Refused> {
        // SAFETY: as above; null is no object.
        if local.is_null() { Err(Refused) } else { Ok(unsafe { T::kind_from_raw::<'frame>(local) }) }
    }
}

/// Pops the frame, also where the call panics.
struct Frame<'env, 'frame>(&'env Env<'frame>);

impl Drop for Frame<'_, '_> {
    fn drop(&mut self) {
        let _null = always!(self.0, v1_2.PopLocalFrame, std::ptr::null_mut());
    }
}
