//! Methods of Java, found once by name and signature and called by their number after that. A type says how many
//! values a method takes, and what it gives.

use std::ffi::CString;
use std::marker::PhantomData;

use jni::objects::{JByteArray, JClass, JObject, JThrowable};
use jni::sys::{jmethodID, jvalue};

use super::env::{Env, Refused, ask};

/// What is passed to a method.
#[derive(Clone, Copy)]
pub(super) struct Value<'object>(jvalue, PhantomData<&'object ()>);

impl<'object> Value<'object> {
    pub(super) fn int(number: i32) -> Self {
        Self(jvalue { i: number }, PhantomData)
    }

    pub(super) fn long(number: i64) -> Self {
        Self(jvalue { j: number }, PhantomData)
    }

    pub(super) fn object(object: &'object JObject<'_>) -> Self {
        Self(jvalue { l: object.as_raw() }, PhantomData)
    }
}

/// The number of a method, for as long as its class is loaded, and how many values it takes.
#[derive(Clone, Copy)]
struct Number<const N: usize>(jmethodID);

// SAFETY: it is the same number on every thread.
unsafe impl<const N: usize> Send for Number<N> {}
// SAFETY: as above.
unsafe impl<const N: usize> Sync for Number<N> {}

impl<const N: usize> Number<N> {
    fn find(env: &Env<'_>, class: &JClass<'_>, name: &str, signature: String) -> Result<Self, Refused> {
        let name = CString::new(name).map_err(|_| Refused)?;
        let signature = CString::new(signature).map_err(|_| Refused)?;
        let number = ask!(env, v1_1.GetMethodID, class.as_raw(), name.as_ptr(), signature.as_ptr())?;
        if number.is_null() { Err(Refused) } else { Ok(Self(number)) }
    }
}

/// A method that takes `N` values and gives a byte array, or null.
#[derive(Clone, Copy)]
pub(super) struct GivesArray<const N: usize>(Number<N>);

impl<const N: usize> GivesArray<N> {
    /// `takes` is the part of the signature between the brackets.
    pub(super) fn find(env: &Env<'_>, class: &JClass<'_>, name: &str, takes: &str) -> Result<Self, Refused> {
        Number::find(env, class, name, format!("({takes})[B")).map(Self)
    }

    pub(super) fn call<'frame>(
        self,
        env: &Env<'frame>,
        object: &JObject<'_>,
        values: [Value<'_>; N],
    ) -> Result<JByteArray<'frame>, Refused> {
        let values = values.map(|value| value.0);
        let array = ask!(env, v1_1.CallObjectMethodA, object.as_raw(), self.0.0, values.as_ptr())?;
        // SAFETY: by the method's signature a new reference to a byte array, unless it is null.
        Ok(unsafe { env.new_local::<JByteArray<'_>>(array) }.unwrap_or_default())
    }
}

/// A method that takes `N` values and gives nothing.
#[derive(Clone, Copy)]
pub(super) struct GivesNothing<const N: usize>(Number<N>);

impl<const N: usize> GivesNothing<N> {
    /// `takes` is the part of the signature between the brackets.
    pub(super) fn find(env: &Env<'_>, class: &JClass<'_>, name: &str, takes: &str) -> Result<Self, Refused> {
        Number::find(env, class, name, format!("({takes})V")).map(Self)
    }

    pub(super) fn call(
        self,
        env: &Env<'_>,
        object: &JObject<'_>,
        values: [Value<'_>; N],
    ) -> Result<(), Refused> {
        let values = values.map(|value| value.0);
        ask!(env, v1_1.CallVoidMethodA, object.as_raw(), self.0.0, values.as_ptr())
    }
}

/// A method that takes nothing and gives an `int`.
#[derive(Clone, Copy)]
pub(super) struct GivesInt(Number<0>);

impl GivesInt {
    pub(super) fn find(env: &Env<'_>, class: &JClass<'_>, name: &str) -> Result<Self, Refused> {
        Number::find(env, class, name, "()I".to_owned()).map(Self)
    }

    pub(super) fn call(self, env: &Env<'_>, object: &JObject<'_>) -> Result<i32, Refused> {
        let none: [jvalue; 0] = [];
        ask!(env, v1_1.CallIntMethodA, object.as_raw(), self.0.0, none.as_ptr())
    }
}

/// A constructor of a throwable that takes `N` values.
#[derive(Clone, Copy)]
pub(super) struct Constructor<const N: usize>(Number<N>);

impl<const N: usize> Constructor<N> {
    /// `takes` is the part of the signature between the brackets; `class` extends `Throwable`.
    pub(super) fn find(env: &Env<'_>, class: &JClass<'_>, takes: &str) -> Result<Self, Refused> {
        Number::find(env, class, "<init>", format!("({takes})V")).map(Self)
    }

    /// A new object; `class` is the one that the constructor was found in.
    pub(super) fn throwable<'frame>(
        self,
        env: &Env<'frame>,
        class: &JObject<'_>,
        values: [Value<'_>; N],
    ) -> Result<JThrowable<'frame>, Refused> {
        let values = values.map(|value| value.0);
        let object = ask!(env, v1_1.NewObjectA, class.as_raw(), self.0.0, values.as_ptr())?;
        // SAFETY: a new reference to a throwable.
        unsafe { env.new_local::<JThrowable<'_>>(object) }
    }
}
