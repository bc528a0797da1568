//! An e-mail address that mail from here goes to.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One address of printable ASCII, as RFC 5321 bounds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(String);

/// Not such an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAddress;

impl Address {
    /// `name@host`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Address {
    type Err = NoAddress;

    fn from_str(text: &str) -> Result<Self, NoAddress> {
        let plain = |part: &str, longest| {
            (1..=longest).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_graphic() && !b"()<>,;:\\\"[]@".contains(&byte))
        };
        match text.split_once('@') {
            Some((user, host)) if plain(user, 64) && plain(host, 255) => Ok(Self(text.to_owned())),
            Some(_) | None => Err(NoAddress),
        }
    }
}

impl TryFrom<String> for Address {
    type Error = NoAddress;

    fn try_from(text: String) -> Result<Self, NoAddress> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for NoAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an address is name@host, without spaces")
    }
}

impl std::error::Error for NoAddress {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_cannot_write_headers() {
        assert!("ops+mtd@example.com".parse::<Address>().is_ok());
        for text in ["", "ops", "@x", "a@", "a@b@c", "a b@c", "a@b\r\nBcc: x@y", "a@b,c@d", "<a@b>", "ä@b"] {
            assert_eq!(text.parse::<Address>(), Err(NoAddress), "{text:?}");
        }
    }
}
