//! Classes and their methods, found once: on a thread of our own, Android's loader knows the system's classes only.

use std::sync::OnceLock;

use jni::objects::JObject;

use super::env::{Env, Refused};
use super::methods::{Constructor, GivesArray, GivesInt, GivesNothing};
use super::vm::Global;

static CLASSES: OnceLock<Classes> = OnceLock::new();

/// What is found when the library is loaded.
pub(super) struct Classes {
    pub(super) host: Host,
    pub(super) exception: Exception,
}

/// `io.mtdagent.Host`.
pub(super) struct Host {
    class: Global,
    pub(super) find_key: GivesArray<1>,
    pub(super) make_key: GivesArray<1>,
    pub(super) sign: GivesArray<2>,
    pub(super) destroy_key: GivesNothing<1>,
    pub(super) data_key: GivesArray<0>,
    pub(super) destroy_data_key: GivesNothing<0>,
    pub(super) posture: GivesArray<0>,
    pub(super) apps: GivesArray<0>,
    pub(super) hash: GivesArray<1>,
    pub(super) status_changed: GivesNothing<1>,
    pub(super) web_verdict: GivesNothing<1>,
    pub(super) inert: GivesNothing<1>,
}

/// `io.mtdagent.MtdException`.
pub(super) struct Exception {
    pub(super) class: Global,
    pub(super) new: Constructor<5>,
    pub(super) code: GivesInt,
}

/// Finds the classes by the loader of the class that loads this library.
pub(super) fn find(env: &Env<'_>) -> Result<(), Refused> {
    let found = Classes { host: Host::find(env)?, exception: Exception::find(env)? };
    CLASSES.get_or_init(|| found);
    Ok(())
}

/// The classes.
pub(super) fn get() -> Result<&'static Classes, Refused> {
    CLASSES.get().ok_or(Refused)
}

impl Host {
    fn find(env: &Env<'_>) -> Result<Self, Refused> {
        let class = env.class(c"io/mtdagent/Host")?;
        Ok(Self {
            find_key: GivesArray::find(env, &class, "findKey", "I")?,
            make_key: GivesArray::find(env, &class, "makeKey", "I")?,
            sign: GivesArray::find(env, &class, "sign", "I[B")?,
            destroy_key: GivesNothing::find(env, &class, "destroyKey", "I")?,
            data_key: GivesArray::find(env, &class, "dataKey", "")?,
            destroy_data_key: GivesNothing::find(env, &class, "destroyDataKey", "")?,
            posture: GivesArray::find(env, &class, "posture", "")?,
            apps: GivesArray::find(env, &class, "apps", "")?,
            hash: GivesArray::find(env, &class, "hash", "Ljava/lang/String;")?,
            status_changed: GivesNothing::find(env, &class, "statusChanged", "[B")?,
            web_verdict: GivesNothing::find(env, &class, "webVerdict", "[B")?,
            inert: GivesNothing::find(env, &class, "inert", "Lio/mtdagent/MtdException;")?,
            class: env.keep(&class)?,
        })
    }

    /// Whether an object is a `Host`.
    pub(super) fn is(&self, env: &Env<'_>, object: &JObject<'_>) -> bool {
        env.is(object, &self.class)
    }
}

impl Exception {
    fn find(env: &Env<'_>) -> Result<Self, Refused> {
        let class = env.class(c"io/mtdagent/MtdException")?;
        Ok(Self {
            new: Constructor::find(env, &class, "IIIJLjava/lang/String;")?,
            code: GivesInt::find(env, &class, "code")?,
            class: env.keep(&class)?,
        })
    }
}
