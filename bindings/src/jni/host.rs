//! `io.mtdagent.Host`: the host's key store, sensors and listener behind one object.
//!
//! A thread of ours is attached for the length of one callback, and local references end with it. Whatever the host
//! throws is cleared before the thread goes on: an `MtdException` counts by its code, anything else as a failure that
//! may pass.

use jni::objects::JObject;

use super::classes::{self, Host};
use super::env::{Env, Refused};
use super::methods::{GivesArray, Value};
use super::vm::{Global, Vm};
use super::{entry, given, status};
use crate::facade::{
    MtdError, MtdKeyFault, MtdKeyProtection, MtdKeyStore, MtdListener, MtdPosture, MtdPublicKey,
    MtdSensorFault, MtdSensors, MtdSlot, MtdStatus, MtdWebAnswer,
};

/// The object, for as long as the agent lives.
pub(super) struct JavaHost {
    vm: Vm,
    object: Global,
}

/// The object of one callback, and what is called on it.
struct Java<'call> {
    methods: &'static Host,
    object: &'call JObject<'call>,
}

/// The host threw, or JNI failed; the code of an `MtdException`.
struct Thrown(Option<u16>);

type Called<T> = Result<T, Thrown>;

impl JavaHost {
    /// Keeps the object, which must be a `Host`.
    pub(super) fn new(env: &Env<'_>, object: &JObject<'_>) -> Result<Self, MtdError> {
        if !classes::get()?.host.is(env, object) {
            return Err(MtdError::argument());
        }
        Ok(Self { vm: env.vm()?, object: env.keep(object)? })
    }

    fn call<T>(&self, run: impl FnOnce(&Env<'_>, Java<'_>) -> Result<T, Refused>) -> Called<T> {
        let methods = &classes::get().map_err(|_| Thrown(None))?.host;
        let called = self.vm.attached(|env| {
            let done = run(env, Java { methods, object: &self.object.object() });
            done.map_err(|_| Thrown(take_code(env)))
        });
        called.unwrap_or(Err(Thrown(None)))
    }

    /// Calls a method that takes a slot and gives bytes.
    fn bytes_of_slot(&self, method: fn(&Host) -> GivesArray<1>, slot: MtdSlot) -> Called<Option<Vec<u8>>> {
        self.call(|env, java| {
            let given = method(java.methods).call(env, java.object, [number(slot)])?;
            env.bytes(&given)
        })
    }

    /// Calls a method that gives bytes.
    fn bytes(&self, method: fn(&Host) -> GivesArray<0>) -> Called<Option<Vec<u8>>> {
        self.call(|env, java| {
            let given = method(java.methods).call(env, java.object, [])?;
            env.bytes(&given)
        })
    }
}

impl MtdKeyStore for JavaHost {
    fn find(&self, slot: MtdSlot) -> Result<Option<MtdPublicKey>, MtdKeyFault> {
        self.bytes_of_slot(|host| host.find_key, slot)?.map(public_key).transpose()
    }

    fn make(&self, slot: MtdSlot) -> Result<MtdPublicKey, MtdKeyFault> {
        public_key(self.bytes_of_slot(|host| host.make_key, slot)?.ok_or(MtdKeyFault::Busy)?)
    }

    fn sign(&self, slot: MtdSlot, message: Vec<u8>) -> Result<Vec<u8>, MtdKeyFault> {
        let signed = self.call(|env, java| {
            let message = env.array(&message)?;
            let values = [number(slot), Value::object(&message)];
            let given = java.methods.sign.call(env, java.object, values)?;
            env.bytes(&given)
        });
        signed?.ok_or(MtdKeyFault::Busy)
    }

    fn destroy(&self, slot: MtdSlot) -> Result<(), MtdKeyFault> {
        let done = self.call(|env, java| java.methods.destroy_key.call(env, java.object, [number(slot)]));
        Ok(done?)
    }

    fn data_key(&self) -> Result<Vec<u8>, MtdKeyFault> {
        let given = self.call(|env, java| {
            let array = java.methods.data_key.call(env, java.object, [])?;
            let key = env.bytes(&array)?;
            // `Host` gives a copy of its own for this.
            if let Some(key) = &key {
                env.overwrite(&array, &vec![0; key.len()])?;
            }
            Ok(key)
        });
        given?.ok_or(MtdKeyFault::Busy)
    }

    fn destroy_data_key(&self) -> Result<(), MtdKeyFault> {
        let done = self.call(|env, java| java.methods.destroy_data_key.call(env, java.object, []));
        Ok(done?)
    }
}

impl MtdSensors for JavaHost {
    fn posture(&self) -> Result<MtdPosture, MtdSensorFault> {
        let given = self.bytes(|host| host.posture)?.ok_or(MtdSensorFault::Failed)?;
        given::posture(&given).map_err(|_| MtdSensorFault::Failed)
    }

    fn apps(&self) -> Result<Vec<u8>, MtdSensorFault> {
        self.bytes(|host| host.apps)?.ok_or(MtdSensorFault::Failed)
    }

    fn hash(&self, app_id: String) -> Result<Vec<u8>, MtdSensorFault> {
        let hashed = self.call(|env, java| {
            let app = env.string(&app_id)?;
            let given = java.methods.hash.call(env, java.object, [Value::object(&app)])?;
            env.bytes(&given)
        });
        hashed?.ok_or(MtdSensorFault::Failed)
    }
}

impl MtdListener for JavaHost {
    fn status_changed(&self, status: MtdStatus) {
        let _thrown = self.call(|env, java| {
            let status = env.array(&status::write(&status))?;
            java.methods.status_changed.call(env, java.object, [Value::object(&status)])
        });
    }

    fn web_verdict(&self, answer: MtdWebAnswer) {
        let _thrown = self.call(|env, java| {
            let answer = env.array(&status::write_answer(&answer))?;
            java.methods.web_verdict.call(env, java.object, [Value::object(&answer)])
        });
    }

    fn inert(&self, error: MtdError) {
        let _thrown = self.call(|env, java| {
            let error = entry::exception(env, &error)?;
            java.methods.inert.call(env, java.object, [Value::object(&error)])
        });
    }
}

impl From<Thrown> for MtdKeyFault {
    fn from(thrown: Thrown) -> Self {
        match thrown.0 {
            Some(201) => Self::Locked,
            Some(203) => Self::Gone,
            Some(204) => Self::Unsupported,
            // Only a store that says so has lost a key.
            _ => Self::Busy,
        }
    }
}

impl From<Thrown> for MtdSensorFault {
    fn from(thrown: Thrown) -> Self {
        if thrown.0 == Some(501) { Self::Denied } else { Self::Failed }
    }
}

/// Clears what was thrown; its code.
fn take_code(env: &Env<'_>) -> Option<u16> {
    let thrown = env.thrown()?;
    env.clear();
    let exception = &classes::get().ok()?.exception;
    if !env.is(&thrown, &exception.class) {
        return None;
    }
    let code = exception.code.call(env, &thrown);
    env.clear();
    u16::try_from(code.ok()?).ok()
}

fn number(slot: MtdSlot) -> Value<'static> {
    Value::int(slot.number().into())
}

/// One byte of protection, then the SubjectPublicKeyInfo.
fn public_key(mut given: Vec<u8>) -> Result<MtdPublicKey, MtdKeyFault> {
    let protection = given.first().and_then(|number| MtdKeyProtection::of_number(*number));
    let protection = protection.ok_or(MtdKeyFault::Busy)?;
    given.remove(0);
    Ok(MtdPublicKey { spki: given, protection })
}
