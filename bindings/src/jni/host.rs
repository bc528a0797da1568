//! `io.mtdagent.Host`: the host's key store, sensors and listener behind one object.
//!
//! A thread of ours is attached for the length of one callback; a thread that stays attached keeps the virtual
//! machine from ending and pins its objects. Local references end with the frame of the callback. Whatever the host
//! throws is cleared before the thread goes on: an `MtdException` counts by its code, anything else as a failure
//! that may pass.

use jni::objects::{JByteArray, JObject};
use jni::refs::Global;
use jni::strings::{JNIStr, JNIString};
use jni::{AttachConfig, Env, JValue, JValueOwned, JavaVM, errors, jni_sig, jni_str};

use super::{classes, entry, given, status};
use crate::facade::{
    MtdError, MtdKeyFault, MtdKeyProtection, MtdKeyStore, MtdListener, MtdPosture, MtdPublicKey,
    MtdSensorFault, MtdSensors, MtdSlot, MtdStatus, MtdWebAnswer,
};

/// The object, for as long as the agent lives.
pub(super) struct JavaHost {
    vm: JavaVM,
    object: Global<JObject<'static>>,
}

/// The host threw, or JNI failed; the code of an `MtdException`.
struct Thrown(Option<u16>);

type Called<T> = Result<T, Thrown>;

/// Local references of one callback: arguments, an answer, what was thrown.
const LOCALS: usize = 8;

impl JavaHost {
    /// Keeps the object, which must be a `Host`.
    pub(super) fn new(env: &mut Env<'_>, object: &JObject<'_>) -> Result<Self, MtdError> {
        let class = &classes::get().map_err(entry::fault)?.host;
        if object.is_null() || !env.is_instance_of(object, class).map_err(entry::fault)? {
            return Err(MtdError::argument());
        }
        let vm = env.get_java_vm().map_err(entry::fault)?;
        Ok(Self { vm, object: env.new_global_ref(object).map_err(entry::fault)? })
    }

    fn call<T>(&self, run: impl FnOnce(&mut Env<'_>, &JObject<'_>) -> errors::Result<T>) -> Called<T> {
        // What Java shows of the thread, and what the listener's page promises.
        let name = JNIString::from(std::thread::current().name().unwrap_or("mtd"));
        let scope = || AttachConfig::new().scoped(true).thread_name(&name);
        let call = |env: &mut Env<'_>| -> errors::Result<Called<T>> {
            let done = run(env, &self.object);
            Ok(done.map_err(|_| Thrown(take_code(env))))
        };
        let called = self.vm.attach_current_thread_with_config(scope, Some(LOCALS), call);
        called.unwrap_or(Err(Thrown(None)))
    }

    /// Calls a method that takes a slot and gives bytes.
    fn bytes_of_slot(&self, method: &'static JNIStr, slot: MtdSlot) -> Called<Option<Vec<u8>>> {
        self.call(|env, host| {
            let slot = JValue::Int(slot.number().into());
            let given = env.call_method(host, method, jni_sig!("(I)[B"), &[slot])?;
            bytes(env, given)
        })
    }

    /// Calls a method that gives bytes.
    fn bytes(&self, method: &'static JNIStr) -> Called<Option<Vec<u8>>> {
        self.call(|env, host| {
            let given = env.call_method(host, method, jni_sig!("()[B"), &[])?;
            bytes(env, given)
        })
    }
}

impl MtdKeyStore for JavaHost {
    fn find(&self, slot: MtdSlot) -> Result<Option<MtdPublicKey>, MtdKeyFault> {
        self.bytes_of_slot(jni_str!("findKey"), slot)?.map(public_key).transpose()
    }

    fn make(&self, slot: MtdSlot) -> Result<MtdPublicKey, MtdKeyFault> {
        public_key(self.bytes_of_slot(jni_str!("makeKey"), slot)?.ok_or(MtdKeyFault::Busy)?)
    }

    fn sign(&self, slot: MtdSlot, message: Vec<u8>) -> Result<Vec<u8>, MtdKeyFault> {
        let signed = self.call(|env, host| {
            let message = env.byte_array_from_slice(&message)?;
            let arguments = [JValue::Int(slot.number().into()), JValue::Object(&message)];
            let given = env.call_method(host, jni_str!("sign"), jni_sig!("(I[B)[B"), &arguments)?;
            bytes(env, given)
        });
        signed?.ok_or(MtdKeyFault::Busy)
    }

    fn destroy(&self, slot: MtdSlot) -> Result<(), MtdKeyFault> {
        let done = self.call(|env, host| {
            let slot = JValue::Int(slot.number().into());
            env.call_method(host, jni_str!("destroyKey"), jni_sig!("(I)V"), &[slot])?.into_void()
        });
        Ok(done?)
    }

    fn data_key(&self) -> Result<Vec<u8>, MtdKeyFault> {
        let given = self.call(|env, host| {
            let given = env.call_method(host, jni_str!("dataKey"), jni_sig!("()[B"), &[])?;
            let array = env.cast_local::<JByteArray<'_>>(given.into_object()?)?;
            if array.is_null() {
                return Ok(None);
            }
            let key = env.convert_byte_array(&array)?;
            // `Host` gives a copy of its own for this.
            array.set_region(env, 0, &vec![0; key.len()])?;
            Ok(Some(key))
        });
        given?.ok_or(MtdKeyFault::Busy)
    }

    fn destroy_data_key(&self) -> Result<(), MtdKeyFault> {
        let done = self.call(|env, host| {
            env.call_method(host, jni_str!("destroyDataKey"), jni_sig!("()V"), &[])?.into_void()
        });
        Ok(done?)
    }
}

impl MtdSensors for JavaHost {
    fn posture(&self) -> Result<MtdPosture, MtdSensorFault> {
        let given = self.bytes(jni_str!("posture"))?.ok_or(MtdSensorFault::Failed)?;
        given::posture(&given).map_err(|_| MtdSensorFault::Failed)
    }

    fn apps(&self) -> Result<Vec<u8>, MtdSensorFault> {
        self.bytes(jni_str!("apps"))?.ok_or(MtdSensorFault::Failed)
    }

    fn hash(&self, app_id: String) -> Result<Vec<u8>, MtdSensorFault> {
        let hashed = self.call(|env, host| {
            let app = env.new_string(&app_id)?;
            let signature = jni_sig!("(Ljava/lang/String;)[B");
            let given = env.call_method(host, jni_str!("hash"), signature, &[JValue::Object(&app)])?;
            bytes(env, given)
        });
        hashed?.ok_or(MtdSensorFault::Failed)
    }
}

impl MtdListener for JavaHost {
    fn status_changed(&self, status: MtdStatus) {
        let _thrown = self.call(|env, host| {
            let status = env.byte_array_from_slice(&status::write(&status))?;
            let arguments = [JValue::Object(&status)];
            env.call_method(host, jni_str!("statusChanged"), jni_sig!("([B)V"), &arguments)?.into_void()
        });
    }

    fn web_verdict(&self, answer: MtdWebAnswer) {
        let _thrown = self.call(|env, host| {
            let answer = env.byte_array_from_slice(&status::write_answer(&answer))?;
            let arguments = [JValue::Object(&answer)];
            env.call_method(host, jni_str!("webVerdict"), jni_sig!("([B)V"), &arguments)?.into_void()
        });
    }

    fn inert(&self, error: MtdError) {
        let _thrown = self.call(|env, host| {
            let error = entry::exception(env, &error)?;
            let signature = jni_sig!("(Lio/mtdagent/MtdException;)V");
            env.call_method(host, jni_str!("inert"), signature, &[JValue::Object(&error)])?.into_void()
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
fn take_code(env: &mut Env<'_>) -> Option<u16> {
    let thrown = env.exception_occurred()?;
    env.exception_clear();
    let class = &classes::get().ok()?.exception;
    if !env.is_instance_of(&thrown, class).ok()? {
        return None;
    }
    let code =
        env.call_method(&thrown, jni_str!("code"), jni_sig!("()I"), &[]).and_then(JValueOwned::into_int);
    env.exception_clear();
    u16::try_from(code.ok()?).ok()
}

fn bytes(env: &mut Env<'_>, given: JValueOwned<'_>) -> errors::Result<Option<Vec<u8>>> {
    let array = env.cast_local::<JByteArray<'_>>(given.into_object()?)?;
    if array.is_null() { Ok(None) } else { env.convert_byte_array(&array).map(Some) }
}

/// One byte of protection, then the SubjectPublicKeyInfo.
fn public_key(mut given: Vec<u8>) -> Result<MtdPublicKey, MtdKeyFault> {
    let protection = given.first().and_then(|number| MtdKeyProtection::of_number(*number));
    let protection = protection.ok_or(MtdKeyFault::Busy)?;
    given.remove(0);
    Ok(MtdPublicKey { spki: given, protection })
}
