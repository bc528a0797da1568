//! The administrator's password: random, kept as a PBKDF2 hash.

use std::num::NonZeroU32;

use agent_logic::redact::Secret;
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use ring::pbkdf2;
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::failure::SetupError;

/// Rounds of PBKDF2-HMAC-SHA256. A password of 160 random bits needs no stretching; these are for one that a
/// person sets later.
const ROUNDS: NonZeroU32 = NonZeroU32::new(50_000).unwrap();

/// Random bytes as text that can be typed: 160 bits for 20 bytes.
pub fn make_secret() -> Result<Secret<String>, SetupError> {
    let bytes: [u8; 20] = make_random()?;
    Ok(Secret::new(BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()))
}

/// `N` random bytes.
pub fn make_random<const N: usize>() -> Result<[u8; N], SetupError> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| SetupError::Crypto("the system's randomness"))?;
    Ok(bytes)
}

/// The form in which a password is stored: salt and hash.
pub fn hash(password: &Secret<String>) -> Result<String, SetupError> {
    let salt: [u8; 16] = make_random()?;
    let mut out = [0; 32];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, &salt, password.reveal().as_bytes(), &mut out);
    Ok(format!("{}${}", HEXLOWER.encode(&salt), HEXLOWER.encode(&out)))
}

/// Whether `password` is the one that `stored` was made from.
#[must_use]
pub fn verify(stored: &str, password: &str) -> bool {
    let Some((salt, hash)) = stored.split_once('$') else {
        return false;
    };
    let (Ok(salt), Ok(hash)) = (HEXLOWER.decode(salt.as_bytes()), HEXLOWER.decode(hash.as_bytes())) else {
        return false;
    };
    pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, &salt, password.as_bytes(), &hash).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_itself_is_accepted() {
        let password = make_secret().unwrap();
        let stored = hash(&password).unwrap();
        assert!(verify(&stored, password.reveal()));
        assert!(!verify(&stored, "password"));
        assert!(!verify("", password.reveal()));
        assert!(!stored.contains(password.reveal()));
    }
}
