//! A domain name, as the web verdict hook asks about it (P7).

use std::fmt;
use std::str::FromStr;

use crate::redact::Redacted;

/// Longest domain name (RFC 1035).
const MAX_DOMAIN: usize = 253;

/// Longest label of one.
const MAX_LABEL: usize = 63;

/// A host name in lower case, without a trailing dot; international names in their ASCII form. Personal: it does
/// not print.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Domain(Redacted<String>);

/// No domain name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DomainError;

impl Domain {
    /// The name itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }

    /// The domain and the domains it belongs to, down to two labels: an indicator for `bad.example` is one for
    /// `www.bad.example` too, and none is for all of `example`.
    pub fn and_parents(&self) -> impl Iterator<Item = &str> {
        let parents = std::iter::successors(Some(self.reveal()), |name| Some(name.split_once('.')?.1));
        parents.filter(|name| name.contains('.'))
    }
}

impl fmt::Debug for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Domain(…)")
    }
}

impl fmt::Display for DomainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a domain name")
    }
}

impl std::error::Error for DomainError {}

impl FromStr for Domain {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, DomainError> {
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        let fits = name.len() <= MAX_DOMAIN && name.contains('.') && name.split('.').all(is_label);
        // The last label of an address is a number, that of a name never is.
        let address = name.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
        if fits && !address { Ok(Self(Redacted::new(name))) } else { Err(DomainError) }
    }
}

fn is_label(label: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    !label.is_empty() && label.len() <= MAX_LABEL && label.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    // P7
    #[test]
    fn a_domain_belongs_to_its_parents_but_not_to_the_top() {
        let domain: Domain = "WWW.Login.Bad.Example.".parse().unwrap();
        let names: Vec<_> = domain.and_parents().collect();
        assert_eq!(names, ["www.login.bad.example", "login.bad.example", "bad.example"]);
    }

    // R18
    #[test]
    fn what_is_no_domain_is_refused() {
        let long = format!("{}.example", "a".repeat(64));
        let longer = "a.".repeat(127) + "example";
        for text in ["", ".", "example", "a..b", "192.0.2.1", "a b.example", "é.example", &long, &longer] {
            assert!(text.parse::<Domain>().is_err(), "{text}");
        }
    }
}
