//! Indicator sets: what to look for, as hashes in buckets that can be read in part.
//!
//! Each indicator is [`Entry::SIZE`] bytes: the first [`HASH`] bytes of its [`indicator_hash`], then the index
//! of its classification in [`Manifest::classifications`]. Entries with the same leading bits share a bucket
//! and stand in ascending order. The manifest signs the digest of every bucket.

use serde::{Deserialize, Serialize};

use crate::model::{Classification, Digest, TenantId};
use crate::time::Wall;

/// Entries a bucket holds on average; a bucket is read whole.
pub const BUCKET_TARGET: usize = 256;

/// Bytes of a hash that are kept: 80 bits, so that no app can be made to match.
const HASH: usize = 10;

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum IndicatorKind {
    /// Package name or bundle identifier, as it is.
    Package,
    /// SHA-1 of a signer certificate, lower-case hexadecimal.
    SignerSha1,
    /// SHA-256 of a signer certificate, lower-case hexadecimal.
    SignerSha256,
    /// SHA-256 of an installation file, lower-case hexadecimal.
    FileSha256,
    /// Domain name, lower case, without a trailing dot.
    Domain,
}

/// The payload of the JWS that announces a set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// [`super::policy_kind::INDICATORS`].
    pub kind: String,
    /// The tenant it is for.
    pub tenant: TenantId,
    /// Grows; an older one is refused.
    pub version: u64,
    /// Refused after this moment.
    pub expires: Wall,
    /// What an entry's index means.
    pub classifications: Vec<Classification>,
    /// The buckets in order; their number is a power of two.
    pub buckets: Vec<Bucket>,
}

/// One bucket of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its length in bytes.
    pub length: u32,
    /// SHA-256 of its bytes.
    pub digest: Digest,
}

/// One indicator as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    hash: [u8; HASH],
    index: u16,
}

impl Entry {
    /// Bytes of an entry in a bucket.
    pub const SIZE: usize = HASH + 2;

    /// An entry for `value`, whose classification stands at `index`.
    #[must_use]
    pub fn new(kind: IndicatorKind, value: &str, index: u16) -> Self {
        Self { hash: short(&indicator_hash(kind, value)), index }
    }

    /// The bytes in a bucket.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::SIZE] {
        let mut out = [0; Self::SIZE];
        for (to, from) in out.iter_mut().zip(self.hash.into_iter().chain(self.index.to_be_bytes())) {
            *to = from;
        }
        out
    }

    /// The bucket this entry belongs to, of `count` (a power of two).
    #[must_use]
    pub fn bucket(&self, count: usize) -> usize {
        let leading = self.hash.iter().take(4).fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte));
        leading_bits(leading, count)
    }
}

impl Manifest {
    /// Looks `value` up in `bucket`, the bytes of the bucket that [`bucket_of`] names.
    #[must_use]
    pub fn find(&self, bucket: &[u8], kind: IndicatorKind, value: &str) -> Option<Classification> {
        self.find_entry(bucket, &Entry::new(kind, value, 0))
    }

    /// Looks an entry's hash up in `bucket`, the bytes of the bucket that [`Entry::bucket`] names. Its index does
    /// not count.
    #[must_use]
    pub fn find_entry(&self, bucket: &[u8], wanted: &Entry) -> Option<Classification> {
        let (entries, _) = bucket.as_chunks::<{ Entry::SIZE }>();
        let at = entries.binary_search_by(|entry| entry.iter().take(HASH).cmp(wanted.hash.iter())).ok()?;
        let [.., high, low] = *entries.get(at)?;
        self.classifications.get(usize::from(u16::from_be_bytes([high, low]))).copied()
    }
}

/// SHA-256 over the kind's name, a zero byte and the value.
#[must_use]
pub fn indicator_hash(kind: IndicatorKind, value: &str) -> Digest {
    let name: &[u8] = match kind {
        IndicatorKind::Package => b"package",
        IndicatorKind::SignerSha1 => b"signerSha1",
        IndicatorKind::SignerSha256 => b"signerSha256",
        IndicatorKind::FileSha256 => b"fileSha256",
        IndicatorKind::Domain => b"domain",
    };
    Digest::of_parts([name, &[0], value.as_bytes()])
}

/// The bucket that would hold `value`, of `count` (a power of two).
#[must_use]
pub fn bucket_of(kind: IndicatorKind, value: &str, count: usize) -> usize {
    Entry::new(kind, value, 0).bucket(count)
}

fn leading_bits(leading: u32, count: usize) -> usize {
    let bits = count.max(1).ilog2().min(32);
    let shifted = u64::from(leading) >> 32_u32.saturating_sub(bits);
    usize::try_from(shifted).unwrap_or_default()
}

fn short(digest: &Digest) -> [u8; HASH] {
    let mut out = [0; HASH];
    for (to, from) in out.iter_mut().zip(digest.as_bytes()) {
        *to = *from;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_the_set_is_found_and_nothing_else() {
        let names: Vec<String> = (0..600).map(|n| format!("com.bad{n}")).collect();
        let count = 4;
        let mut buckets = vec![Vec::new(); count];
        for name in &names {
            let entry = Entry::new(IndicatorKind::Package, name, 1);
            buckets[entry.bucket(count)].push(entry);
        }
        let bytes: Vec<Vec<u8>> = buckets
            .iter_mut()
            .map(|entries| {
                entries.sort_unstable();
                entries.iter().flat_map(|entry| entry.to_bytes()).collect()
            })
            .collect();
        let manifest = Manifest {
            kind: "indicators".into(),
            tenant: "b9841cd9-9843-405f-be28-b2265c59ef97".parse().unwrap(),
            version: 1,
            expires: Wall(0),
            classifications: vec![Classification::Adware, Classification::Spyware],
            buckets: bytes
                .iter()
                .map(|b| Bucket { length: u32::try_from(b.len()).unwrap(), digest: Digest::of(b) })
                .collect(),
        };
        let find = |kind, value: &str| manifest.find(&bytes[bucket_of(kind, value, count)], kind, value);
        for name in &names {
            assert_eq!(find(IndicatorKind::Package, name), Some(Classification::Spyware));
        }
        assert_eq!(find(IndicatorKind::Package, "com.good"), None);
        assert_eq!(find(IndicatorKind::Domain, "com.bad1"), None);
        assert!(buckets.iter().all(|b| b.len() > 100));
    }
}
