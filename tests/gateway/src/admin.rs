//! The administrator's password: random at first, kept as an Argon2id hash.

use std::num::NonZeroU32;

use agent_logic::redact::Secret;
use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use ring::pbkdf2;
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::failure::SetupError;

/// KiB of memory that one guess costs; the first choice of OWASP's password page.
const MEMORY: u32 = 19_456;

/// Passes over that memory.
const PASSES: u32 = 2;

/// Bytes of the hash.
const LENGTH: usize = 32;

/// Rounds that databases of the first version were made with.
const OLD_ROUNDS: NonZeroU32 = NonZeroU32::new(50_000).unwrap();

/// What a password is to a stored hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// Another one.
    Wrong,
    /// The one.
    Right,
    /// The one, under PBKDF2: the hash is to be made anew.
    Old,
}

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

/// The form in which a password is stored: scheme, salt and hash.
pub fn hash(password: &Secret<String>) -> Result<String, SetupError> {
    let salt: [u8; 16] = make_random()?;
    let out = stretch(password.reveal(), &salt).ok_or(SetupError::Crypto("Argon2"))?;
    Ok(format!("{SCHEME}{}${}", HEXLOWER.encode(&salt), HEXLOWER.encode(&out)))
}

/// Whether `password` is the one that `stored` was made from.
#[must_use]
pub fn verify(stored: &str, password: &str) -> Match {
    let new = stored.strip_prefix(SCHEME);
    let parts = new.unwrap_or(stored).split_once('$').and_then(|(salt, hash)| {
        Some((HEXLOWER.decode(salt.as_bytes()).ok()?, HEXLOWER.decode(hash.as_bytes()).ok()?))
    });
    let Some((salt, hash)) = parts else {
        return Match::Wrong;
    };
    if new.is_some() {
        return match stretch(password, &salt) {
            Some(out) if equal(&out, &hash) => Match::Right,
            _ => Match::Wrong,
        };
    }
    match pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA256, OLD_ROUNDS, &salt, password.as_bytes(), &hash) {
        Ok(()) => Match::Old,
        Err(_) => Match::Wrong,
    }
}

/// Compares without a branch on where the two differ.
#[must_use]
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

fn stretch(password: &str, salt: &[u8]) -> Option<[u8; LENGTH]> {
    let params = Params::new(MEMORY, PASSES, 1, Some(LENGTH)).ok()?;
    let mut out = [0; LENGTH];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, &mut out)
        .ok()?;
    Some(out)
}

/// Before the salt of a hash with the constants above.
const SCHEME: &str = "argon2id-19456-2$";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_itself_is_accepted() {
        let password = make_secret().unwrap();
        let stored = hash(&password).unwrap();
        assert_eq!(verify(&stored, password.reveal()), Match::Right);
        assert_eq!(verify(&stored, "password"), Match::Wrong);
        assert_eq!(verify("", password.reveal()), Match::Wrong);
        assert_eq!(verify(&stored.replace(SCHEME, ""), password.reveal()), Match::Wrong);
        assert!(!stored.contains(password.reveal()));
        assert_ne!(stored, hash(&password).unwrap(), "each has a salt of its own");
        assert_eq!(SCHEME, format!("argon2id-{MEMORY}-{PASSES}$"));
    }

    #[test]
    fn a_hash_of_the_first_version_is_known_as_old() {
        let mut out = [0; 32];
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, OLD_ROUNDS, b"salt", b"password", &mut out);
        let stored = format!("{}${}", HEXLOWER.encode(b"salt"), HEXLOWER.encode(&out));
        assert_eq!(verify(&stored, "password"), Match::Old);
        assert_eq!(verify(&stored, "passwore"), Match::Wrong);
    }
}
