//! What the partner's cloud takes from others: public indicators, and tokens with their issuer's keys.

use agent_gateway::indicators::{Collected, collect};
use agent_gateway::jwt::KeySet;
use agent_logic::model::Classification;
use agent_logic::time::Wall;
use agent_logic::wire::{Entry, Manifest, policy_kind};
use serde_json::Value;

use super::world::DEVICE;
use super::{broken, indicators};

/// A family that a sample can be of, and the heading of a file without samples.
const FAMILY: &[u8] = b"- {name: A, type: stalkerware}\n";
const NO_SAMPLES: &[u8] = b"SHA256,Package Name,Certificate,Version,App\n";
/// A moment at which the seeds of `stix` count.
const NOW: Wall = Wall(1_795_000_000_000);

/// An `ioc.yaml`.
pub fn ioc(data: &[u8]) -> bool {
    collect(data, NO_SAMPLES).is_ok_and(|collected| is_a_set(&collected))
}

/// A `samples.csv`.
pub fn samples(data: &[u8]) -> bool {
    collect(FAMILY, data).is_ok_and(|collected| is_a_set(&collected))
}

/// A STIX bundle.
pub fn stix(data: &[u8]) -> bool {
    let mut collected = Collected::default();
    let taken = collected.add_stix(data, Classification::Spyware, NOW).is_ok();
    is_a_set(&collected) && taken
}

/// Whether anything was collected; that it becomes a set which a device can search is promised.
fn is_a_set(collected: &Collected) -> bool {
    let (buckets, set) = collected.buckets();
    assert_eq!(set.len(), collected.entries().saturating_mul(Entry::SIZE), "an entry is in no bucket");
    let manifest = Manifest {
        kind: policy_kind::INDICATORS.into(),
        tenant: DEVICE.parse().unwrap_or_else(|_| broken("the tenant is none")),
        version: 1,
        expires: Wall(0),
        classifications: collected.classifications().to_vec(),
        buckets,
    };
    assert!(indicators::ordered(&manifest, &set), "a bucket is out of order");
    collected.entries() > 0
}

/// A JWKS on the first line, a token behind it.
pub fn token(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    let Some((keys, token)) = text.split_once('\n') else {
        return false;
    };
    let Ok(keys) = serde_json::from_str::<KeySet>(keys) else {
        return false;
    };
    let verified = keys.verify::<Value>(token).is_ok();
    if verified {
        let other = token.replacen('.', ".e30", 1);
        assert!(keys.verify::<Value>(&other).is_err(), "other claims under the same signature");
    }
    verified
}
