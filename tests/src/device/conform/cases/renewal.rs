//! `simplereenroll`.

use agent_logic::wire::ProblemKind;
use rcgen::KeyPair;

use super::super::Outcome;
use super::super::device::Device;
use super::{NOT_ENROLLED, expect, parse, refused, with_identity};

pub(super) fn without(device: &mut Device) -> Outcome {
    let (Ok(key), Some(stranger)) = (KeyPair::generate(), device.stranger()) else { return NOT_ENROLLED };
    let held = device.identity.take();
    let answer = device.renew(&key, stranger);
    device.identity = held;
    refused(answer, ProblemKind::CertificateRequired)
}

pub(super) fn stranger(device: &mut Device) -> Outcome {
    let (Ok(key), Some(stranger)) = (KeyPair::generate(), device.stranger()) else { return NOT_ENROLLED };
    let answer = with_identity(device, |device| device.renew(&key, stranger));
    refused(answer, ProblemKind::RequestInvalid)
}

pub(super) fn renews(device: &mut Device) -> Outcome {
    let Ok(key) = KeyPair::generate() else { return NOT_ENROLLED };
    let answer = with_identity(device, |device| device.renew(&key, device.id()));
    let next = answer.as_ref().and_then(|answer| device.issued(answer, &key));
    let renewed = expect(answer, |answer| answer.status == 200 && next.is_some());
    let (Some(next), Some(present)) = (next, device.identity.clone()) else { return renewed };
    for (identity, which) in [(&present, "present"), (&next, "next")] {
        device.identity = Some(identity.clone());
        device.resync();
        let report = device.report();
        let read = device.check_in(&report).as_ref().and_then(parse);
        if read.is_none_or(|read| read.acknowledged != 1) {
            return Outcome::Fail(format!("no report was taken under the {which} certificate"));
        }
    }
    device.identity = Some(present);
    let body = serde_json::to_vec(&device.report()).unwrap_or_default();
    let outcome = refused(device.post(&[], &body), ProblemKind::CertificateRequired);
    device.identity = Some(next);
    outcome
}
