//! The Keychain's calls: items by their tag.
#![expect(unsafe_code, reason = "calls Security.framework")]

use std::ptr;

use agent_logic::command::Slot;
use agent_logic::failure::KeyFailure;
use core_foundation::base::{CFType, CFTypeRef, TCFType};
use core_foundation::boolean::CFBoolean;
use core_foundation::data::CFData;
use core_foundation::dictionary::CFDictionary;
use core_foundation::error::{CFError, CFErrorRef};
use core_foundation::number::CFNumber;
use core_foundation::string::{CFString, CFStringRef};
use security_framework_sys::access_control::{
    SecAccessControlCreateWithFlags, kSecAccessControlPrivateKeyUsage,
    kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly,
};
use security_framework_sys::base::SecKeyRef;
use security_framework_sys::item::{
    kSecAttrAccessControl, kSecAttrAccount, kSecAttrIsPermanent, kSecAttrKeyClass, kSecAttrKeyClassPrivate,
    kSecAttrKeyClassPublic, kSecAttrKeySizeInBits, kSecAttrKeyType, kSecAttrService, kSecClass,
    kSecClassGenericPassword, kSecClassKey, kSecPrivateKeyAttrs, kSecPublicKeyAttrs, kSecReturnData,
    kSecReturnRef, kSecValueData,
};
use security_framework_sys::keychain_item::{SecItemAdd, SecItemCopyMatching, SecItemDelete};
use security_framework_sys::random::{SecRandomCopyBytes, kSecRandomDefault};
use zeroize::Zeroizing;

use super::late::Late;
use super::meaning;

/// Beginning of every tag, and the service of the secret.
const NAME: &str = "io.mtdagent";
const SECRET: &str = "data";
/// Bytes of the secret.
const SECRET_BYTES: usize = 32;
/// The one type of elliptic curve, by the value that it has had under either of its names.
const KEY_TYPE: &str = "73";
const BITS: i32 = 256;
/// `kSecPaddingPKCS1`: for a curve, a digest of X9.62.
const PADDING: u32 = 1;

// In Security.framework since iOS 2 and 8; the bindings leave them out.
#[link(name = "Security", kind = "framework")]
unsafe extern "C" {
    static kSecAttrAccessible: CFStringRef;
    static kSecAttrApplicationTag: CFStringRef;
    fn SecKeyGeneratePair(
        parameters: core_foundation::dictionary::CFDictionaryRef,
        public: *mut SecKeyRef,
        private: *mut SecKeyRef,
    ) -> i32;
    fn SecKeyRawSign(
        key: SecKeyRef,
        padding: u32,
        digest: *const u8,
        digest_length: usize,
        signature: *mut u8,
        signature_length: *mut usize,
    ) -> i32;
}

/// Where a key is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Enclave,
    Keychain,
}

impl Place {
    pub(super) const ALL: [Self; 2] = [Self::Enclave, Self::Keychain];
}

/// Which half of a pair.
#[derive(Clone, Copy)]
enum Half {
    Private,
    Public,
}

type Pairs = Vec<(CFString, CFType)>;

/// A constant of the system.
macro_rules! constant {
    ($name:ident) => {{
        // SAFETY: it is set when the system loads, and lives as long as the process.
        unsafe { CFString::wrap_under_get_rule($name) }
    }};
}

/// The private key with this tag.
pub(super) fn key(place: Place, slot: Slot) -> Result<Option<CFType>, KeyFailure> {
    let mut query = of_half(place, slot, Half::Private);
    query.push((constant!(kSecReturnRef), yes()));
    copy(query)
}

/// The public half's point.
pub(super) fn point(place: Place, slot: Slot, key: &CFType) -> Result<Vec<u8>, KeyFailure> {
    if let Some(late) = Late::find() {
        let mut error: CFErrorRef = ptr::null_mut();
        // SAFETY: `key` is a key; what a copying call gives is ours, and null is looked for.
        let exported = unsafe {
            let public = created((late.public)(key.as_CFTypeRef().cast_mut().cast()).cast())
                .ok_or(KeyFailure::Busy)?;
            created((late.export)(public.as_CFTypeRef().cast_mut().cast(), &raw mut error).cast())
        };
        return exported.and_then(bytes).ok_or_else(|| failure(error));
    }
    let mut query = of_half(place, slot, Half::Public);
    query.push((constant!(kSecReturnData), yes()));
    copy(query)?.and_then(bytes).ok_or(KeyFailure::Gone)
}

/// Makes a key there. Nothing is there before.
pub(super) fn make(place: Place, slot: Slot) -> Result<(), KeyFailure> {
    match (place, Late::find()) {
        (Place::Enclave, None) => Err(KeyFailure::Unsupported),
        (Place::Enclave, Some(late)) => {
            let mut private = kept(place, slot);
            private.push((constant!(kSecAttrAccessControl), for_use_without_a_person()?));
            let mut wanted = curve();
            wanted.push((late.token.0.clone(), late.token.1.as_CFType()));
            wanted.push((constant!(kSecPrivateKeyAttrs), dictionary(private).as_CFType()));
            create(&late, wanted)
        }
        (Place::Keychain, Some(late)) => {
            let mut wanted = curve();
            wanted.push((constant!(kSecPrivateKeyAttrs), dictionary(in_software(place, slot)).as_CFType()));
            create(&late, wanted)
        }
        (Place::Keychain, None) => {
            let mut wanted = curve();
            wanted.push((constant!(kSecPrivateKeyAttrs), dictionary(in_software(place, slot)).as_CFType()));
            wanted.push((constant!(kSecPublicKeyAttrs), dictionary(in_software(place, slot)).as_CFType()));
            generate(wanted)
        }
    }
}

/// Signs `message`, whose SHA-256 is `digest`: DER of X9.62.
pub(super) fn sign(key: &CFType, message: &[u8], digest: &[u8; 32]) -> Result<Vec<u8>, KeyFailure> {
    let key: SecKeyRef = key.as_CFTypeRef().cast_mut().cast();
    if let Some(late) = Late::find() {
        let mut error: CFErrorRef = ptr::null_mut();
        let message = CFData::from_buffer(message);
        let algorithm = late.ecdsa_sha256.as_concrete_TypeRef();
        // SAFETY: key, algorithm and message live through the call; what it creates is ours, and null is looked for.
        let signature = unsafe {
            created((late.sign)(key, algorithm, message.as_concrete_TypeRef(), &raw mut error).cast())
        };
        return signature.and_then(bytes).ok_or_else(|| failure(error));
    }
    // Two integers of 33 bytes with their heads.
    let mut signature = vec![0; 72];
    let mut length = signature.len();
    // SAFETY: the buffer has `length` bytes, and the digest 32.
    let status = unsafe {
        SecKeyRawSign(key, PADDING, digest.as_ptr(), digest.len(), signature.as_mut_ptr(), &raw mut length)
    };
    if status == meaning::SUCCESS {
        signature.truncate(length);
        Ok(signature)
    } else {
        Err(meaning::of_status(status))
    }
}

/// Destroys both halves. None there is a success.
pub(super) fn destroy(place: Place, slot: Slot) -> Result<(), KeyFailure> {
    for half in [Half::Private, Half::Public] {
        delete(of_half(place, slot, half))?;
    }
    Ok(())
}

/// The secret, made where there is none.
pub(super) fn secret() -> Result<Zeroizing<[u8; SECRET_BYTES]>, KeyFailure> {
    let mut query = of_secret();
    query.push((constant!(kSecReturnData), yes()));
    if let Some(there) = copy(query)? {
        let there = Zeroizing::new(bytes(there).ok_or(KeyFailure::Busy)?);
        return <[u8; SECRET_BYTES]>::try_from(there.as_slice())
            .map(Zeroizing::new)
            .map_err(|_| KeyFailure::Gone);
    }
    let mut made = Zeroizing::new([0; SECRET_BYTES]);
    // SAFETY: writes as many bytes as there are.
    let status = unsafe { SecRandomCopyBytes(kSecRandomDefault, made.len(), made.as_mut_ptr().cast()) };
    if status != meaning::SUCCESS {
        return Err(KeyFailure::Busy);
    }
    let mut item = of_secret();
    item.push((constant!(kSecValueData), CFData::from_buffer(made.as_slice()).as_CFType()));
    item.push((constant!(kSecAttrAccessible), accessible()));
    let item = dictionary(item);
    // SAFETY: a dictionary, and no result is wanted.
    let status = unsafe { SecItemAdd(item.as_concrete_TypeRef(), ptr::null_mut()) };
    if status == meaning::SUCCESS { Ok(made) } else { Err(meaning::of_status(status)) }
}

/// Destroys the secret. None there is a success.
pub(super) fn destroy_secret() -> Result<(), KeyFailure> {
    delete(of_secret())
}

fn create(late: &Late, wanted: Pairs) -> Result<(), KeyFailure> {
    let wanted = dictionary(wanted);
    let mut error: CFErrorRef = ptr::null_mut();
    // SAFETY: a dictionary; the key that is created is ours, and null is looked for.
    let made = unsafe { created((late.create)(wanted.as_concrete_TypeRef(), &raw mut error).cast()) };
    made.map(drop).ok_or_else(|| failure(error))
}

/// As iOS 8 and 9 make a key.
fn generate(wanted: Pairs) -> Result<(), KeyFailure> {
    let wanted = dictionary(wanted);
    let (mut public, mut private): (SecKeyRef, SecKeyRef) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: a dictionary, and places for two keys, which are ours then.
    let status = unsafe {
        let status = SecKeyGeneratePair(wanted.as_concrete_TypeRef(), &raw mut public, &raw mut private);
        drop((created(public.cast()), created(private.cast())));
        status
    };
    if status == meaning::SUCCESS { Ok(()) } else { Err(meaning::of_status(status)) }
}

fn copy(query: Pairs) -> Result<Option<CFType>, KeyFailure> {
    let query = dictionary(query);
    let mut found: CFTypeRef = ptr::null();
    // SAFETY: a dictionary, and a place for one item, which is ours then.
    let (status, found) = unsafe {
        let status = SecItemCopyMatching(query.as_concrete_TypeRef(), &raw mut found);
        (status, created(found))
    };
    if meaning::found(status)? { found.map(Some).ok_or(KeyFailure::Busy) } else { Ok(None) }
}

fn delete(query: Pairs) -> Result<(), KeyFailure> {
    let query = dictionary(query);
    // SAFETY: a dictionary.
    let status = unsafe { SecItemDelete(query.as_concrete_TypeRef()) };
    meaning::found(status).map(drop)
}

/// What names one half of a key.
fn of_half(place: Place, slot: Slot, half: Half) -> Pairs {
    let class = match half {
        Half::Private => constant!(kSecAttrKeyClassPrivate),
        Half::Public => constant!(kSecAttrKeyClassPublic),
    };
    vec![
        (constant!(kSecClass), constant!(kSecClassKey).as_CFType()),
        (constant!(kSecAttrKeyType), CFString::from_static_string(KEY_TYPE).as_CFType()),
        (constant!(kSecAttrKeyClass), class.as_CFType()),
        (constant!(kSecAttrApplicationTag), tag(place, slot)),
    ]
}

fn of_secret() -> Pairs {
    vec![
        (constant!(kSecClass), constant!(kSecClassGenericPassword).as_CFType()),
        (constant!(kSecAttrService), CFString::from_static_string(NAME).as_CFType()),
        (constant!(kSecAttrAccount), CFString::from_static_string(SECRET).as_CFType()),
    ]
}

/// A half that stays under its tag.
fn kept(place: Place, slot: Slot) -> Pairs {
    vec![(constant!(kSecAttrIsPermanent), yes()), (constant!(kSecAttrApplicationTag), tag(place, slot))]
}

fn in_software(place: Place, slot: Slot) -> Pairs {
    let mut half = kept(place, slot);
    half.push((constant!(kSecAttrAccessible), accessible()));
    half
}

fn curve() -> Pairs {
    vec![
        (constant!(kSecAttrKeyType), CFString::from_static_string(KEY_TYPE).as_CFType()),
        (constant!(kSecAttrKeySizeInBits), CFNumber::from(BITS).as_CFType()),
    ]
}

fn tag(place: Place, slot: Slot) -> CFType {
    let (place, slot) = (
        match place {
            Place::Enclave => "enclave",
            Place::Keychain => "keychain",
        },
        match slot {
            Slot::A => "a",
            Slot::B => "b",
        },
    );
    CFData::from_buffer(format!("{NAME}.{place}.{slot}").as_bytes()).as_CFType()
}

fn accessible() -> CFType {
    constant!(kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly).as_CFType()
}

/// The Enclave may use the key after the first unlock, and asks nobody.
fn for_use_without_a_person() -> Result<CFType, KeyFailure> {
    let mut error: CFErrorRef = ptr::null_mut();
    // SAFETY: a constant of the system; what is created is ours, and null is looked for.
    let control = unsafe {
        created(
            SecAccessControlCreateWithFlags(
                ptr::null(),
                kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly.cast(),
                kSecAccessControlPrivateKeyUsage,
                &raw mut error,
            )
            .cast_const()
            .cast(),
        )
    };
    control.ok_or_else(|| failure(error))
}

/// What a call created.
///
/// # Safety
/// Null, or an object that is ours to release.
unsafe fn created(object: CFTypeRef) -> Option<CFType> {
    // SAFETY: as the caller vouches.
    (!object.is_null()).then(|| unsafe { CFType::wrap_under_create_rule(object) })
}

fn bytes(data: CFType) -> Option<Vec<u8>> {
    data.downcast_into::<CFData>().map(|data| data.bytes().to_vec())
}

fn failure(error: CFErrorRef) -> KeyFailure {
    if error.is_null() {
        return KeyFailure::Busy;
    }
    // SAFETY: an error that a call created for us.
    let error = unsafe { CFError::wrap_under_create_rule(error) };
    let code = i64::try_from(error.code()).unwrap_or(i64::MIN);
    meaning::of_error(&error.domain().to_string(), code)
}

fn dictionary(pairs: Pairs) -> CFDictionary<CFString, CFType> {
    CFDictionary::from_CFType_pairs(&pairs)
}

fn yes() -> CFType {
    CFBoolean::true_value().as_CFType()
}
