//! What Security.framework has since iOS 10, found at run time: an import would keep the library from iOS 8 and 9.
#![expect(unsafe_code, reason = "symbols of the system are looked up by name")]

use std::ffi::{CStr, c_void};
use std::mem::transmute_copy;

use core_foundation::base::TCFType as _;
use core_foundation::data::CFDataRef;
use core_foundation::dictionary::CFDictionaryRef;
use core_foundation::error::CFErrorRef;
use core_foundation::string::{CFString, CFStringRef};
use security_framework_sys::base::SecKeyRef;

type Create = unsafe extern "C" fn(CFDictionaryRef, *mut CFErrorRef) -> SecKeyRef;
type Public = unsafe extern "C" fn(SecKeyRef) -> SecKeyRef;
type Export = unsafe extern "C" fn(SecKeyRef, *mut CFErrorRef) -> CFDataRef;
type Sign = unsafe extern "C" fn(SecKeyRef, CFStringRef, CFDataRef, *mut CFErrorRef) -> CFDataRef;

/// All of it, or nothing.
pub(super) struct Late {
    pub(super) create: Create,
    pub(super) public: Public,
    pub(super) export: Export,
    pub(super) sign: Sign,
    /// `kSecKeyAlgorithmECDSASignatureMessageX962SHA256`.
    pub(super) ecdsa_sha256: CFString,
    /// `kSecAttrTokenID` and `kSecAttrTokenIDSecureEnclave`.
    pub(super) token: (CFString, CFString),
}

impl Late {
    /// `None` before iOS 10.
    pub(super) fn find() -> Option<Self> {
        // SAFETY: each name has had the type that stands in `Late` since iOS 10, by Apple's headers.
        unsafe {
            Some(Self {
                create: function(c"SecKeyCreateRandomKey")?,
                public: function(c"SecKeyCopyPublicKey")?,
                export: function(c"SecKeyCopyExternalRepresentation")?,
                sign: function(c"SecKeyCreateSignature")?,
                ecdsa_sha256: constant(c"kSecKeyAlgorithmECDSASignatureMessageX962SHA256")?,
                token: (constant(c"kSecAttrTokenID")?, constant(c"kSecAttrTokenIDSecureEnclave")?),
            })
        }
    }
}

fn symbol(name: &CStr) -> Option<*mut c_void> {
    // SAFETY: the name ends with a zero byte.
    let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    (!found.is_null()).then_some(found)
}

/// # Safety
/// The symbol is a function of type `F`.
unsafe fn function<F: Copy>(name: &CStr) -> Option<F> {
    const { assert!(size_of::<F>() == size_of::<*mut c_void>()) };
    // SAFETY: a function's address, of the type that the caller vouches for.
    symbol(name).map(|found| unsafe { transmute_copy::<*mut c_void, F>(&found) })
}

/// # Safety
/// The symbol is a constant string.
unsafe fn constant(name: &CStr) -> Option<CFString> {
    let found = symbol(name)?.cast::<CFStringRef>();
    // SAFETY: the system's constants are set when it loads, and live as long as the process.
    let value = unsafe { *found };
    // SAFETY: a string that is counted once more.
    (!value.is_null()).then(|| unsafe { CFString::wrap_under_get_rule(value) })
}
