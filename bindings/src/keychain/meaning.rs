//! What the Keychain's and the Secure Enclave's answers mean. A number that is not known is "busy": only what says so is
//! gone, and a key is never made anew by a guess (D4).

use agent_logic::failure::KeyFailure;

/// `errSecSuccess`.
pub(super) const SUCCESS: i32 = 0;
/// `errSecItemNotFound`.
pub(super) const NOT_FOUND: i32 = -25300;
/// `errSecUnimplemented`.
const UNIMPLEMENTED: i32 = -4;
/// `errSecParam`.
const PARAMETER: i32 = -50;
/// `errSecInteractionNotAllowed`: before the first unlock after a boot.
const INTERACTION_NOT_ALLOWED: i32 = -25308;
/// `errSecDecode`: the item is there and can never be opened.
const UNDECODABLE: i32 = -26275;

/// `kCFErrorDomainOSStatus`: the code is one of the above.
const STATUS_DOMAIN: &str = "NSOSStatusErrorDomain";
/// `TKErrorDomain`: the Enclave's.
const TOKEN_DOMAIN: &str = "CryptoTokenKit";
/// `TKErrorCodeNotImplemented`.
const TOKEN_NOT_IMPLEMENTED: i64 = -1;
/// `TKErrorCodeCorruptedData`: the key's blob is of another Enclave.
const TOKEN_CORRUPTED: i64 = -3;
/// `TKErrorCodeObjectNotFound`.
const TOKEN_NOT_FOUND: i64 = -6;
/// `TKErrorCodeBadParameter`.
const TOKEN_PARAMETER: i64 = -8;
/// `TKErrorCodeAuthenticationNeeded`.
const TOKEN_AUTHENTICATION: i64 = -9;

/// What a status that is no success means for a key or secret that is used.
pub(super) fn of_status(status: i32) -> KeyFailure {
    match status {
        NOT_FOUND | UNDECODABLE => KeyFailure::Gone,
        INTERACTION_NOT_ALLOWED => KeyFailure::Locked,
        UNIMPLEMENTED | PARAMETER => KeyFailure::Unsupported,
        _ => KeyFailure::Busy,
    }
}

/// What an error with this domain and code means.
pub(super) fn of_error(domain: &str, code: i64) -> KeyFailure {
    match (domain, code) {
        (STATUS_DOMAIN, _) => i32::try_from(code).map_or(KeyFailure::Busy, of_status),
        (TOKEN_DOMAIN, TOKEN_CORRUPTED | TOKEN_NOT_FOUND) => KeyFailure::Gone,
        (TOKEN_DOMAIN, TOKEN_AUTHENTICATION) => KeyFailure::Locked,
        (TOKEN_DOMAIN, TOKEN_NOT_IMPLEMENTED | TOKEN_PARAMETER) => KeyFailure::Unsupported,
        _ => KeyFailure::Busy,
    }
}

/// Whether a key that the Enclave did not make is made in the Keychain: not where the Enclave may do it later.
pub(super) const fn falls_back(failure: KeyFailure) -> bool {
    match failure {
        KeyFailure::Unsupported | KeyFailure::Gone => true,
        KeyFailure::Locked | KeyFailure::Busy => false,
    }
}

/// What an answer to "is it there" says: absent is no failure.
pub(super) fn found(status: i32) -> Result<bool, KeyFailure> {
    match status {
        SUCCESS => Ok(true),
        NOT_FOUND => Ok(false),
        _ => Err(of_status(status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // R1
    #[test]
    fn locked_busy_and_gone_are_told_apart() {
        assert_eq!(of_status(-25308), KeyFailure::Locked);
        assert_eq!(of_status(-25300), KeyFailure::Gone);
        assert_eq!(of_error("NSOSStatusErrorDomain", -25308), KeyFailure::Locked);
        assert_eq!(of_error("NSOSStatusErrorDomain", i64::MIN), KeyFailure::Busy);
        assert_eq!(of_error("CryptoTokenKit", -3), KeyFailure::Gone);
        assert_eq!(of_error("CryptoTokenKit", -9), KeyFailure::Locked);
    }

    #[test]
    fn what_is_not_known_is_never_gone() {
        // Not available, authentication failed, a missing entitlement (which old systems also say in passing), no memory.
        for status in [-25291, -25293, -34018, -108, 1, i32::MIN] {
            assert_eq!(of_status(status), KeyFailure::Busy, "{status}");
        }
        assert_eq!(of_error("of.another.system", -25300), KeyFailure::Busy);
        assert_eq!(of_error("CryptoTokenKit", -25300), KeyFailure::Busy);
    }

    #[test]
    fn a_key_is_made_in_software_only_where_the_enclave_will_never_make_it() {
        assert!(falls_back(KeyFailure::Unsupported));
        assert!(!falls_back(KeyFailure::Locked) && !falls_back(KeyFailure::Busy));
    }

    #[test]
    fn an_absent_item_is_an_answer() {
        assert_eq!(found(0), Ok(true));
        assert_eq!(found(-25300), Ok(false));
        assert_eq!(found(-25308), Err(KeyFailure::Locked));
    }
}
