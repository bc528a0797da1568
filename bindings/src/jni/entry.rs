//! What surrounds every function that Java calls.

use agent_logic::code;
use jni::EnvUnowned;
use jni::objects::{JByteArray, JString, JThrowable};
use zeroize::Zeroizing;

use super::env::{Env, Refused};
use super::methods::Value;
use super::{classes, handles};
use crate::facade::{MtdAgent, MtdError};
use crate::guard;

/// Runs a call on the agent of `number`. A panic leaves that agent inert.
pub(super) fn on_agent<'local, T: Default>(
    env: EnvUnowned<'local>,
    name: &'static str,
    number: i64,
    run: impl FnOnce(&Env<'local>, &MtdAgent) -> Result<T, MtdError>,
) -> T {
    enter(env, |env| {
        let agent = handles::agent(number)?;
        guard::contain(name, || run(env, &agent)).unwrap_or_else(|_| Err(agent.fault()))
    })
}

/// Runs a call that has no agent yet.
pub(super) fn alone<'local, T: Default>(
    env: EnvUnowned<'local>,
    name: &'static str,
    run: impl FnOnce(&Env<'local>) -> Result<T, MtdError>,
) -> T {
    enter(env, |env| guard::contain(name, || run(env)).unwrap_or_else(|_| Err(MtdError::internal())))
}

/// The text, which must be there.
pub(super) fn required(env: &Env<'_>, argument: &JString<'_>) -> Result<String, MtdError> {
    env.text(argument)?.ok_or_else(MtdError::argument)
}

/// The bytes of an array, wiped after use: a configuration holds a credential.
pub(super) fn buffer(env: &Env<'_>, array: &JByteArray<'_>) -> Result<Zeroizing<Vec<u8>>, MtdError> {
    env.bytes(array)?.map(Zeroizing::new).ok_or_else(MtdError::argument)
}

/// Memory is out, or the virtual machine is not as it was when we were loaded.
impl From<Refused> for MtdError {
    fn from(_: Refused) -> Self {
        Self::from(code::SYSTEM)
    }
}

/// An `MtdException`.
pub(super) fn exception<'frame>(env: &Env<'frame>, error: &MtdError) -> Result<JThrowable<'frame>, Refused> {
    let text = env.string(error.text())?;
    let fault = error.fault();
    let exception = &classes::get()?.exception;
    let values = [
        Value::int(error.kind().number().into()),
        Value::int(fault.code.into()),
        Value::int(fault.remedy.number().into()),
        Value::long(i64::try_from(fault.retry_after_ms).unwrap_or(i64::MAX)),
        Value::object(&text),
    ];
    exception.new.throwable(env, &exception.class.object(), values)
}

/// A second net lies below the guard of `run`: nothing unwinds into Java.
fn enter<'local, T: Default>(
    env: EnvUnowned<'local>,
    run: impl FnOnce(&Env<'local>) -> Result<T, MtdError>,
) -> T {
    let answered = guard::contain("jni", || {
        let env = Env::given(env)?;
        run(&env).inspect_err(|error| throw(&env, error)).ok()
    });
    answered.ok().flatten().unwrap_or_default()
}

/// Some throwable is thrown, whatever happens: Java must not take a default for an answer.
fn throw(env: &Env<'_>, error: &MtdError) {
    env.clear();
    if let Ok(thrown) = exception(env, error) {
        env.throw(&thrown);
    }
    if env.pending().is_ok() {
        let class = c"java/lang/IllegalStateException";
        let _nothing_more_to_do = env.throw_new(class, c"mtd-agent: no memory");
    }
}
