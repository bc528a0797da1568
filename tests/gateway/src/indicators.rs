//! Imports public indicators as a signed set: stalkerware-indicators' `ioc.yaml` and `samples.csv`, and STIX 2.1.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use agent_logic::model::{Classification, Digest};
use agent_logic::time::Wall;
use agent_logic::wire::{BUCKET_TARGET, Bucket, Entry, IndicatorKind, Manifest, policy_kind};
use serde::Deserialize;

use crate::clock::{days, now};
use crate::failure::SetupError;
use crate::found;
use crate::home::{self, Home};
use crate::signer::Signer;
use crate::store::{Setting, Store, StoreError, StoredIndicators};

mod pattern;
mod stix;

pub use pattern::PatternFault;
pub use stix::{MAX_BUNDLE, StixError, StixFault};

/// Where indicators come from. The files together make one set, which replaces the one before.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// An `ioc.yaml` and its `samples.csv`.
    pub stalkerware: Option<(PathBuf, PathBuf)>,
    /// STIX 2.1 bundles.
    pub stix: Vec<PathBuf>,
    /// What a STIX indicator is a sign of whose malware has no type that is known here.
    pub otherwise: Option<Classification>,
}

/// What an import made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The set's version.
    pub version: u64,
    /// Entries in it.
    pub entries: usize,
    /// Buckets they are in.
    pub buckets: usize,
    /// Lines of the files that are no indicator.
    pub skipped: usize,
}

/// One family of `ioc.yaml`.
#[derive(Deserialize)]
struct Family {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    packages: Vec<String>,
    #[serde(default)]
    certificates: Vec<String>,
    #[serde(default)]
    websites: Vec<String>,
    #[serde(default)]
    c2: Servers,
}

#[derive(Default, Deserialize)]
struct Servers {
    #[serde(default)]
    domains: Vec<String>,
}

/// One line of `samples.csv`.
#[derive(Deserialize)]
struct Sample {
    #[serde(rename = "SHA256")]
    sha256: String,
    #[serde(rename = "App")]
    family: String,
}

/// Indicators before they are in buckets.
#[derive(Default)]
pub struct Collected {
    classes: Vec<Classification>,
    entries: BTreeMap<Vec<u8>, Entry>,
    skipped: usize,
}

/// Imports the files of `sources` as the next version.
pub fn import(home: &Home, store: &Store, sources: &Sources) -> Result<Imported, SetupError> {
    let mut collected = match &sources.stalkerware {
        Some((ioc, samples)) => collect(&home::read(ioc)?, &home::read(samples)?)?,
        None => Collected::default(),
    };
    for path in &sources.stix {
        collected.add_stix(&read_bounded(path)?, sources.otherwise.unwrap_or(OTHERWISE), now())?;
    }
    if collected.entries() > stix::MAX_VALUES {
        return Err(StixError { object: None, fault: StixFault::TooMany }.into());
    }
    let (buckets, bytes) = collected.buckets();
    let signer = Signer::open(home)?;
    let imported = store.transact(|tx| {
        let version = tx.next_indicators_version()?;
        let manifest = Manifest {
            kind: policy_kind::INDICATORS.into(),
            tenant: tx.get(Setting::Tenant)?.parse().map_err(|_| StoreError::Corrupt)?,
            version,
            expires: now().plus(days(LIFE_DAYS)),
            classifications: collected.classes.clone(),
            buckets,
        };
        let entries = collected.entries();
        let set = StoredIndicators { version, jws: signer.sign(&manifest)? };
        tx.add_indicators(&set, u64::try_from(entries).unwrap_or(u64::MAX), &bytes, now())?;
        found::begin_look(tx)?;
        Ok::<_, SetupError>(Imported {
            version,
            entries,
            buckets: manifest.buckets.len(),
            skipped: collected.skipped,
        })
    })?;
    while store.step(|tx| found::look_on(tx, now()))? {}
    Ok(imported)
}

/// Reads the two files.
pub fn collect(ioc: &[u8], samples: &[u8]) -> Result<Collected, SetupError> {
    let families: Vec<Family> =
        serde_norway::from_slice(ioc).map_err(|_| SetupError::Form("the ioc file"))?;
    let mut out = Collected::default();
    let mut kinds = BTreeMap::new();
    for family in &families {
        let class = if family.kind == "stalkerware" {
            Classification::Surveillanceware
        } else {
            Classification::Spyware
        };
        kinds.insert(family.name.as_str(), class);
        for package in &family.packages {
            out.add(
                IndicatorKind::Package,
                package.parse::<agent_logic::model::AppId>().ok().map(|id| id.reveal().to_owned()),
                class,
            );
        }
        for certificate in &family.certificates {
            out.add(IndicatorKind::SignerSha1, hex(certificate, 40), class);
        }
        let domains: BTreeSet<&String> = family.websites.iter().chain(&family.c2.domains).collect();
        for domain in domains {
            out.add(IndicatorKind::Domain, host(domain), class);
        }
    }
    for line in csv::Reader::from_reader(samples).deserialize::<Sample>() {
        let sample = line.map_err(|_| SetupError::Form("the samples file"))?;
        let class = kinds.get(sample.family.as_str()).copied().unwrap_or(Classification::Spyware);
        out.add(IndicatorKind::FileSha256, hex(&sample.sha256, 64), class);
    }
    Ok(out)
}

impl Collected {
    /// How many there are.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.entries.len()
    }

    /// What an entry's index means.
    #[must_use]
    pub fn classifications(&self) -> &[Classification] {
        &self.classes
    }

    /// The buckets' lengths and digests, and their bytes one after another.
    #[must_use]
    pub fn buckets(&self) -> (Vec<Bucket>, Vec<u8>) {
        let count = self.entries.len().div_ceil(BUCKET_TARGET).next_power_of_two();
        let mut sorted: Vec<Vec<u8>> = vec![Vec::new(); count];
        for entry in self.entries.values() {
            if let Some(bucket) = sorted.get_mut(entry.bucket(count)) {
                bucket.extend(entry.to_bytes());
            }
        }
        let described = |bytes: &Vec<u8>| Bucket {
            length: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
            digest: Digest::of(bytes),
        };
        (sorted.iter().map(described).collect(), sorted.concat())
    }

    /// Adds what a STIX 2.1 bundle holds.
    pub fn add_stix(&mut self, bundle: &[u8], otherwise: Classification, now: Wall) -> Result<(), StixError> {
        let read = stix::read(bundle, otherwise, now)?;
        self.skipped = self.skipped.saturating_add(read.passed_over);
        for found in read.values {
            self.add(found.kind, Some(found.value), found.class);
        }
        Ok(())
    }

    fn add(&mut self, kind: IndicatorKind, value: Option<String>, class: Classification) {
        let Some(value) = value else {
            self.skipped += 1;
            return;
        };
        let at = self.classes.iter().position(|known| *known == class).unwrap_or_else(|| {
            self.classes.push(class);
            self.classes.len() - 1
        });
        let entry = Entry::new(kind, &value, u16::try_from(at).unwrap_or_default());
        // One hash, one entry: the search in a bucket finds any of several.
        let hash: Vec<u8> = Entry::new(kind, &value, 0).to_bytes().to_vec();
        self.entries.entry(hash).or_insert(entry);
    }
}

/// `digits` hexadecimal digits in lower case, colons left out.
fn hex(text: &str, digits: usize) -> Option<String> {
    let clean: String = text.trim().chars().filter(|c| *c != ':').map(|c| c.to_ascii_lowercase()).collect();
    (clean.len() == digits && clean.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(clean)
}

/// The host in a domain or URL, lower case, without a trailing dot. An address of numbers is none.
fn host(text: &str) -> Option<String> {
    let text = text.trim();
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = rest.split(['/', ':', '?', '#']).next()?.trim_end_matches('.').to_ascii_lowercase();
    let clean = host.contains('.')
        && host.len() <= MAX_HOST
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
        && host.parse::<std::net::Ipv4Addr>().is_err();
    clean.then_some(host)
}

/// A bundle, and a byte more than there may be.
fn read_bounded(path: &Path) -> Result<Vec<u8>, SetupError> {
    let failed = |error| SetupError::File(path.into(), error);
    let mut bytes = Vec::new();
    let most = u64::try_from(MAX_BUNDLE).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path).map_err(failed)?.take(most).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// What STIX indicators are signs of unless they or the administrator say otherwise.
const OTHERWISE: Classification = Classification::MaliciousApp;

/// Longest host name in DNS, in text.
const MAX_HOST: usize = 253;

/// Days a set is accepted.
const LIFE_DAYS: u64 = 90;

#[cfg(test)]
mod tests {
    use agent_logic::wire::bucket_of;

    use super::*;

    const IOC: &[u8] = b"- name: A\n  type: stalkerware\n  packages: [com.bad.a]\n  certificates: [31A6ECECD97CF39BC4126B8745CD94A7C30BF81C, 31A6]\n  websites: ['https://Bad.example/x']\n  c2:\n    ips: [1.2.3.4]\n    domains: [bad.example, c2.bad.example.]\n";
    const SAMPLES: &[u8] = b"SHA256,Package Name,Certificate,Version,App\n2f3bc9ebe8c249f0416f5b0367f34b4b8f6aaa7d351dc5b4912fe2558491b6b7,com.x,31A6,9,A\n";

    #[test]
    fn each_kind_of_indicator_is_found_and_what_is_none_is_counted() {
        let collected = collect(IOC, SAMPLES).unwrap();
        assert_eq!((collected.entries.len(), collected.skipped), (5, 1));
        let (buckets, bytes) = collected.buckets();
        assert_eq!(buckets.len(), 1);
        let manifest = Manifest {
            kind: policy_kind::INDICATORS.into(),
            tenant: "b9841cd9-9843-405f-be28-b2265c59ef97".parse().unwrap(),
            version: 1,
            expires: now(),
            classifications: collected.classes,
            buckets,
        };
        for (kind, value) in [
            (IndicatorKind::Package, "com.bad.a"),
            (IndicatorKind::SignerSha1, "31a6ececd97cf39bc4126b8745cd94a7c30bf81c"),
            (IndicatorKind::Domain, "bad.example"),
            (IndicatorKind::Domain, "c2.bad.example"),
            (IndicatorKind::FileSha256, "2f3bc9ebe8c249f0416f5b0367f34b4b8f6aaa7d351dc5b4912fe2558491b6b7"),
        ] {
            assert_eq!(bucket_of(kind, value, 1), 0);
            assert_eq!(manifest.find(&bytes, kind, value), Some(Classification::Surveillanceware), "{value}");
        }
        assert_eq!(manifest.find(&bytes, IndicatorKind::Domain, "1.2.3.4"), None);
    }
}
