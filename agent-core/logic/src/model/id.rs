//! Identifiers. The Entra device ID is personal data: it does not print.

use std::fmt;
use std::str::FromStr;

use base16ct::lower;
use serde::{Deserialize, Serialize};

/// Not 32 hexadecimal digits in the form an identifier of this kind has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdError;

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a well-formed identifier")
    }
}

impl std::error::Error for IdError {}

macro_rules! guid {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; 16]);

        impl $name {
            /// The hyphenated lower-case form, for the wire and for certificates.
            #[must_use]
            pub fn reveal(&self) -> String {
                let hex = lower::encode_string(&self.0);
                let mut out = String::with_capacity(36);
                for (at, digit) in hex.chars().enumerate() {
                    if matches!(at, 8 | 12 | 16 | 20) {
                        out.push('-');
                    }
                    out.push(digit);
                }
                out
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            /// Takes the hyphenated form, any case. The all-zero value is no identifier.
            fn from_str(text: &str) -> Result<Self, IdError> {
                let well_formed = text.len() == 36
                    && text.bytes().enumerate().all(|(at, byte)| match at {
                        8 | 13 | 18 | 23 => byte == b'-',
                        _ => byte.is_ascii_hexdigit(),
                    });
                if !well_formed {
                    return Err(IdError);
                }
                let hex: String = text.chars().filter(|c| *c != '-').map(|c| c.to_ascii_lowercase()).collect();
                let bytes = lower::decode_vec(&hex).map_err(|_| IdError)?;
                let bytes: [u8; 16] = bytes.try_into().map_err(|_| IdError)?;
                if bytes == [0; 16] { Err(IdError) } else { Ok(Self(bytes)) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.reveal()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

guid! {
    /// The Entra (Azure AD) device ID: `{{aaddeviceid}}`, never Intune's own `{{deviceid}}`.
    DeviceId
}

guid! {
    /// The Entra tenant (directory) ID.
    TenantId
}

macro_rules! opaque {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; 16]);

        impl $name {
            /// From raw bytes.
            #[must_use]
            pub const fn new(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&lower::encode_string(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                let bytes = lower::decode_vec(&text).map_err(|_| IdError)?;
                Ok(Self(bytes.try_into().map_err(|_| IdError)?))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    };
}

opaque! {
    /// One threat from detection to resolution: 32 lower-case hexadecimal digits.
    ThreatId
}

opaque! {
    /// One unbroken chain of reports: 32 lower-case hexadecimal digits, random.
    ChainId
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "b9841cd9-9843-405f-be28-b2265c59ef97";

    #[test]
    fn a_guid_survives_the_round_trip_in_lower_case() {
        let id: DeviceId = ID.to_uppercase().parse().unwrap();
        assert_eq!(id.reveal(), ID);
    }

    #[test]
    fn a_threat_id_is_read_as_it_is_written_and_nothing_else_is() {
        let id = ThreatId::new([0xa5; 16]);
        assert_eq!(ThreatId::try_from(id.to_string()), Ok(id));
        for text in ["", "a5", &"A5".repeat(16), &"x5".repeat(16), &"a5".repeat(17), &"é".repeat(16)] {
            assert_eq!(ThreatId::try_from(text.to_owned()), Err(IdError), "{text}");
        }
    }

    #[test]
    fn what_is_no_guid_is_refused() {
        for text in [
            "",
            "{{aaddeviceid}}",
            "b9841cd9-9843-405f-be28-b2265c59ef9",
            "b9841cd99843-405f-be28-b2265c59ef97-",
            "b9841cd9-9843-405f-be28-b2265c59ef9é",
            "00000000-0000-0000-0000-000000000000",
        ] {
            assert_eq!(text.parse::<DeviceId>(), Err(IdError), "{text}");
        }
    }

    #[test]
    fn a_device_id_does_not_print() {
        assert_eq!(format!("{:?}", ID.parse::<DeviceId>().unwrap()), "DeviceId(…)");
    }
}
