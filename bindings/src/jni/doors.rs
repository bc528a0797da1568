//! `io.mtdagent.internal.Doors`, which only tests have. Not in a shipped library.

mod heap;

use std::sync::{Mutex, PoisonError};

use agent_buffer::apps;
use agent_logic::model::App;
use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass, JString};
use jni::sys::{jboolean, jint, jlong};

use super::entry::{alone, required};
use super::handles;
use crate::facade::MtdError;
use crate::guard::door;

/// The next pass through the entry of this name panics.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Doors_arm<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    entry: JString<'local>,
) {
    alone(env, "jni.doors", |env| {
        door::arm(required(env, &entry)?);
        Ok(())
    });
}

/// Whether the armed entry has not been passed yet.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Doors_isArmed<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> jboolean {
    alone(env, "jni.doors", |_| Ok(door::is_armed()))
}

/// Agents that have a handle.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Doors_handles<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> jint {
    alone(env, "jni.doors", |_| Ok(jint::try_from(handles::count()).unwrap_or(jint::MAX)))
}

/// Bytes of memory that the library holds.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Doors_heap<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> jlong {
    alone(env, "jni.doors", |_| Ok(jlong::try_from(heap::held()).unwrap_or(jlong::MAX)))
}

/// The list that was parsed last.
static PARSED: Mutex<Vec<App>> = Mutex::new(Vec::new());

/// The number of apps in a buffer, parsed. The list is kept, as the agent keeps it.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Doors_parse<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    buffer: JByteArray<'local>,
) -> jint {
    alone(env, "jni.doors", |env| {
        let bytes = env.bytes(&buffer)?.ok_or_else(MtdError::argument)?;
        let apps = apps::parse(&bytes).map_err(|_| MtdError::argument())?;
        let count = jint::try_from(apps.len()).unwrap_or(jint::MAX);
        *PARSED.lock().unwrap_or_else(PoisonError::into_inner) = apps;
        Ok(count)
    })
}

/// The text, as it was understood.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Doors_echo<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    text: JString<'local>,
) -> JString<'local> {
    alone(env, "jni.doors", |env| Ok(env.string(&required(env, &text)?)?))
}

/// Drops the list that was parsed last.
#[unsafe(no_mangle)]
extern "system" fn Java_io_mtdagent_internal_Doors_forget<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
) {
    alone(env, "jni.doors", |_| {
        *PARSED.lock().unwrap_or_else(PoisonError::into_inner) = Vec::new();
        Ok(())
    });
}
