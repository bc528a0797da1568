//! The public indicators that stand in the tree.

use serde::Deserialize;

use super::Mishap;

/// Public indicators, after `tests/data/stalkerware-indicators/README.md`.
pub(crate) const IOC: &str = include_str!("../../data/stalkerware-indicators/ioc.yaml");
pub(crate) const SAMPLES: &str = include_str!("../../data/stalkerware-indicators/samples.csv");

/// One app that the indicators name.
pub struct Indicator {
    /// The family.
    pub name: String,
    /// A package name.
    pub package: String,
    /// SHA-1 of its signer certificate, lower-case hexadecimal.
    pub signer: String,
}

/// One family in `ioc.yaml`, as far as the story needs it.
#[derive(Deserialize)]
struct IocFamily {
    name: String,
    #[serde(default)]
    packages: Vec<String>,
    #[serde(default)]
    certificates: Vec<String>,
}

impl Indicator {
    /// The first family of which a package name and a signer are public.
    ///
    /// # Errors
    /// When the file names none.
    pub fn real() -> Result<Self, Mishap> {
        let families: Vec<IocFamily> = serde_norway::from_str(IOC)?;
        let named = families.into_iter().find_map(|family| {
            let package = family.packages.into_iter().next()?;
            let signer = family.certificates.into_iter().next()?.to_ascii_lowercase();
            Some(Self { name: family.name, package, signer })
        });
        named.ok_or_else(|| "no indicator has both a package name and a signer".into())
    }
}
