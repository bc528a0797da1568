//! What surrounds every function that Java calls.

use agent_logic::code;
use jni::objects::{JByteArray, JString, JThrowable};
use jni::{Env, EnvUnowned, JValue, Outcome, errors, jni_sig, jni_str};
use zeroize::Zeroizing;

use super::{classes, handles};
use crate::facade::{MtdAgent, MtdError};
use crate::guard;

/// Runs a call on the agent of `number`. A panic leaves that agent inert.
pub(super) fn on_agent<'local, T: Default>(
    env: EnvUnowned<'local>,
    name: &'static str,
    number: i64,
    run: impl FnOnce(&mut Env<'local>, &MtdAgent) -> Result<T, MtdError>,
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
    run: impl FnOnce(&mut Env<'local>) -> Result<T, MtdError>,
) -> T {
    enter(env, |env| guard::contain(name, || run(env)).unwrap_or_else(|_| Err(MtdError::internal())))
}

/// The text, `None` for null.
pub(super) fn text(env: &Env<'_>, text: &JString<'_>) -> Result<Option<String>, MtdError> {
    if text.is_null() { Ok(None) } else { text.try_to_string(env).map(Some).map_err(fault) }
}

/// The text, which must be there.
pub(super) fn required(env: &Env<'_>, argument: &JString<'_>) -> Result<String, MtdError> {
    text(env, argument)?.ok_or_else(MtdError::argument)
}

/// The bytes of an array, wiped after use: a configuration holds a credential.
pub(super) fn buffer(env: &Env<'_>, array: &JByteArray<'_>) -> Result<Zeroizing<Vec<u8>>, MtdError> {
    if array.is_null() {
        return Err(MtdError::argument());
    }
    env.convert_byte_array(array).map(Zeroizing::new).map_err(fault)
}

/// A new array with these bytes.
pub(super) fn array<'local>(env: &mut Env<'local>, bytes: &[u8]) -> Result<JByteArray<'local>, MtdError> {
    env.byte_array_from_slice(bytes).map_err(fault)
}

/// A failure of JNI itself: memory is out, or the virtual machine is not as it was when we were loaded.
#[expect(clippy::needless_pass_by_value, reason = "the form that map_err wants")]
pub(super) fn fault(error: errors::Error) -> MtdError {
    let of_the_caller = matches!(error, errors::Error::NullPtr(_) | errors::Error::WrongObjectType);
    if of_the_caller { MtdError::argument() } else { MtdError::from(code::SYSTEM) }
}

/// An `MtdException`.
pub(super) fn exception<'local>(
    env: &mut Env<'local>,
    error: &MtdError,
) -> errors::Result<JThrowable<'local>> {
    let text = env.new_string(error.text())?;
    let fault = error.fault();
    let object = env.new_object(
        &classes::get()?.exception,
        jni_sig!("(IIIJLjava/lang/String;)V"),
        &[
            JValue::Int(error.kind().number().into()),
            JValue::Int(fault.code.into()),
            JValue::Int(fault.remedy.number().into()),
            JValue::Long(i64::try_from(fault.retry_after_ms).unwrap_or(i64::MAX)),
            JValue::Object(&text),
        ],
    )?;
    env.cast_local::<JThrowable<'_>>(object)
}

/// A second net lies below the guard, in `with_env`: nothing unwinds into Java.
fn enter<'local, T: Default>(
    mut env: EnvUnowned<'local>,
    run: impl FnOnce(&mut Env<'local>) -> Result<T, MtdError>,
) -> T {
    let outcome = env.with_env(|env| -> errors::Result<T> {
        match run(env) {
            Ok(value) => Ok(value),
            Err(error) => {
                throw(env, &error);
                Ok(T::default())
            }
        }
    });
    match outcome.into_outcome() {
        Outcome::Ok(value) => value,
        Outcome::Err(_) | Outcome::Panic(_) => T::default(),
    }
}

/// Some throwable is thrown, whatever happens: Java must not take a default for an answer.
fn throw(env: &mut Env<'_>, error: &MtdError) {
    env.exception_clear();
    if exception(env, error).and_then(|thrown| env.throw(thrown)).is_err() && !env.exception_check() {
        let class = jni_str!("java/lang/IllegalStateException");
        let _nothing_more_to_do = env.throw_new(class, jni_str!("mtd-agent: no memory"));
    }
}
