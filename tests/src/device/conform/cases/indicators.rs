//! The indicator set in pieces.

use agent_logic::model::Digest;

use super::super::Outcome;
use super::super::client::Answer;
use super::super::device::Device;
use super::expect;

/// Each bucket is fetched and compared, up to this many.
const BUCKETS: usize = 4;

pub(super) fn range(device: &mut Device) -> Outcome {
    let Some(manifest) = device.manifest.clone() else { return NONE };
    let total: u64 = manifest.buckets.iter().map(|bucket| u64::from(bucket.length)).sum();
    let mut from = 0_u64;
    for bucket in manifest.buckets.iter().filter(|bucket| bucket.length > 0).take(BUCKETS) {
        let last = from.saturating_add(u64::from(bucket.length)).saturating_sub(1);
        let told = format!("bytes {from}-{last}/{total}");
        let outcome = expect(get(device, &format!("bytes={from}-{last}"), manifest.version), |answer| {
            answer.status == 206
                && answer.header("content-range").is_some_and(|range| range == told)
                && Digest::of(&answer.body) == bucket.digest
        });
        if outcome != Outcome::Pass {
            return outcome;
        }
        from = last.saturating_add(1);
    }
    Outcome::Pass
}

pub(super) fn beyond(device: &mut Device) -> Outcome {
    let Some(manifest) = device.manifest.clone() else { return NONE };
    let total: u64 = manifest.buckets.iter().map(|bucket| u64::from(bucket.length)).sum();
    expect(get(device, &format!("bytes={total}-"), manifest.version), |answer| answer.status == 416)
}

fn get(device: &Device, range: &str, version: u64) -> Option<Answer> {
    let line = format!("GET /v1/indicators/{version}");
    device.client.send(device.identity.as_ref(), &line, &[("Range", range)], b"")
}

pub(super) const NONE: Outcome = Outcome::Skip("the server has no indicators; import some to try it");
