//! The version of the oldest system that an object says it is for.

use std::collections::BTreeMap;

const MAGIC_64: u32 = 0xfeed_facf;
const HEADER: usize = 32;
const COMMANDS: usize = 16;
/// `LC_VERSION_MIN_IPHONEOS`: version, SDK.
const MIN_IPHONEOS: u32 = 0x25;
/// `LC_BUILD_VERSION`: platform, version, SDK, tools.
const BUILD_VERSION: u32 = 0x32;
/// `PLATFORM_IOSSIMULATOR`.
const SIMULATOR: u32 = 7;

/// Where the version stands, and whether it is a phone's.
struct Stamp {
    at: usize,
    platform: Option<u32>,
}

/// How many objects say what. One that says nothing, or is no object, is told too.
pub(super) fn stamps(members: &[(String, Vec<u8>)]) -> Vec<(String, usize)> {
    let mut found = BTreeMap::<String, usize>::new();
    for (_, bytes) in members {
        let said = match find(bytes) {
            None => "with nothing".to_owned(),
            Some(stamp) => {
                let version = u32_at(bytes, stamp.at).unwrap_or_default();
                let system = match stamp.platform {
                    None => "iOS".to_owned(),
                    Some(SIMULATOR) => "simulator".to_owned(),
                    Some(other) => format!("platform {other}"),
                };
                format!("{system} {}.{}", version >> 16, (version >> 8) & 0xff)
            }
        };
        let count = found.entry(said).or_default();
        *count = count.saturating_add(1);
    }
    found.into_iter().collect()
}

/// Stamps an object of a phone with another version; false where it is none.
pub(super) fn stamp(bytes: &mut [u8], (major, minor): (u32, u32)) -> bool {
    let Some(Stamp { at, platform: None }) = find(bytes) else { return false };
    let version = (major << 16) | (minor << 8);
    let Some(place) = bytes.get_mut(at..at.saturating_add(4)) else { return false };
    place.copy_from_slice(&version.to_le_bytes());
    true
}

fn find(bytes: &[u8]) -> Option<Stamp> {
    if u32_at(bytes, 0)? != MAGIC_64 {
        return None;
    }
    let mut at = HEADER;
    for _ in 0..u32_at(bytes, COMMANDS)? {
        match u32_at(bytes, at)? {
            MIN_IPHONEOS => return Some(Stamp { at: at.checked_add(8)?, platform: None }),
            BUILD_VERSION => {
                let platform = u32_at(bytes, at.checked_add(8)?)?;
                return Some(Stamp { at: at.checked_add(12)?, platform: Some(platform) });
            }
            _ => at = at.checked_add(usize::try_from(u32_at(bytes, at.checked_add(4)?)?).ok()?)?,
        }
    }
    None
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|four| u32::from_le_bytes(*four))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(command: &[u32]) -> Vec<u8> {
        let other = [0x19, 12, 0];
        let head = [MAGIC_64, 0, 0, 1, 2, 0, 0, 0];
        head.iter().chain(&other).chain(command).flat_map(|word| word.to_le_bytes()).collect()
    }

    #[test]
    fn a_phones_object_is_stamped_anew_and_no_other() {
        let mut phone = object(&[MIN_IPHONEOS, 16, 10 << 16, 0]);
        assert_eq!(stamps(&[(String::new(), phone.clone())]), [("iOS 10.0".to_owned(), 1)]);
        assert!(stamp(&mut phone, (8, 0)));
        assert_eq!(stamps(&[(String::new(), phone)]), [("iOS 8.0".to_owned(), 1)]);
        let mut simulator = object(&[BUILD_VERSION, 24, SIMULATOR, 14 << 16, 0, 0]);
        assert!(!stamp(&mut simulator, (8, 0)));
        assert_eq!(stamps(&[(String::new(), simulator)]), [("simulator 14.0".to_owned(), 1)]);
        assert_eq!(stamps(&[(String::new(), b"text".to_vec())]), [("with nothing".to_owned(), 1)]);
    }
}
