//! Classes, found once: on a thread of our own, Android's loader knows the system's classes only.

use std::sync::OnceLock;

use jni::objects::JClass;
use jni::refs::Global;
use jni::{Env, errors, jni_str};

static CLASSES: OnceLock<Classes> = OnceLock::new();

/// What is found when the library is loaded.
pub(super) struct Classes {
    /// `io.mtdagent.Host`.
    pub(super) host: Global<JClass<'static>>,
    /// `io.mtdagent.MtdException`.
    pub(super) exception: Global<JClass<'static>>,
}

/// Finds the classes by the loader of the class that loads this library.
pub(super) fn find(env: &mut Env<'_>) -> errors::Result<()> {
    let host = env.find_class(jni_str!("io/mtdagent/Host"))?;
    let exception = env.find_class(jni_str!("io/mtdagent/MtdException"))?;
    let found = Classes { host: env.new_global_ref(host)?, exception: env.new_global_ref(exception)? };
    CLASSES.get_or_init(|| found);
    Ok(())
}

/// The classes.
pub(super) fn get() -> errors::Result<&'static Classes> {
    CLASSES.get().ok_or(errors::Error::UninitializedJavaVM)
}
