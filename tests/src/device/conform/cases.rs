//! The contract's cases, in the order in which they run.

use std::io::Write as _;

use agent_logic::model::{Activation, Digest};
use agent_logic::redact::Redacted;
use agent_logic::wire::{CheckInAnswer, FactsPart, MAX_REPORT, Order, Problem, ProblemKind, Report};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::de::DeserializeOwned;

use super::Outcome;
use super::client::Answer;
use super::device::Device;

/// A case.
pub(super) type Test = fn(&mut Device) -> Outcome;

/// Every case.
pub(super) const ALL: &[(&str, Test)] = &[
    ("cacerts answers base64 of DER", |device| bytes(device, "cacerts")),
    ("csrattrs answers base64 of DER", |device| bytes(device, "csrattrs")),
    ("a method that an address does not have is answered 405", |device| {
        expect(device.client.send(None, "DELETE /v1/check-in", &[], b""), |answer| {
            let allowed =
                answer.header("allow").is_some_and(|all| all.split(',').any(|one| one.trim() == "post"));
            let kind = serde_json::from_slice::<Problem>(&answer.body).ok().map(|problem| problem.kind);
            answer.status == 405 && allowed && kind == Some(ProblemKind::NotFound)
        })
    }),
    ("an unknown address is the problem not-found", |device| {
        refused(
            device.client.send(device.identity.as_ref(), "GET /v1/nothing", &[], b""),
            ProblemKind::NotFound,
        )
    }),
    ("enrolment without a credential is refused with a challenge", |device| challenged(device.enrol(None))),
    ("enrolment with a wrong code is refused with a challenge", |device| {
        challenged(device.enrol(Some("wrong")))
    }),
    ("a report without a certificate is refused", |device| {
        let body = serde_json::to_vec(&device.report()).unwrap_or_default();
        refused(device.post(&[], &body), ProblemKind::CertificateRequired)
    }),
    ("enrolment with the code answers a certificate for the device", enrol),
    ("the same request again is answered again", enrol),
    ("the first report of a chain is applied and answered with the policy", first),
    ("the policy is signed as the contract says, by a key that the app has", signed::policy),
    ("the manifest of the indicators is signed so too", signed::indicators),
    ("the next report is applied", |device| acknowledged(device, 2)),
    ("a report that comes again is answered and not applied twice", duplicate),
    ("a report that leaves one out is the problem chain-broken", gap),
    ("a clone's report in place of the last one is the problem chain-broken", chain::clone),
    ("a report on top of another body is the problem chain-broken", chain::rollback),
    ("a restored backup's report of an earlier day is the problem chain-broken", chain::restored),
    ("a new chain with the whole truth is applied", |device| {
        device.resync();
        acknowledged(device, 1)
    }),
    ("a digest of apps that the cloud does not hold asks for all of them", inventory::unknown),
    ("all apps are taken", inventory::full),
    ("a change of the apps is taken", inventory::delta),
    ("a change of other apps asks for all of them", inventory::foreign),
    ("apps that a report leaves out are dropped", inventory::dropped),
    ("facts that the cloud does not hold are asked for", unknown_facts),
    ("a threat that opens makes the level in force and is named", threats::opens),
    ("a threat that is resolved makes no level any more", threats::resolves),
    ("a transition that comes again in a later report has no effect", threats::once),
    ("of two open threats the worse is named first and makes the level", threats::worst_first),
    ("a new chain without open threats ends those that the cloud held", threats::replaced),
    ("keys of a later version are passed over", unknown_keys),
    ("what is no report is the problem report-invalid", |device| {
        refused(with_identity(device, |device| device.post(&[], b"{}")), ProblemKind::ReportInvalid)
    }),
    ("a body above the bound is the problem too-large", |device| {
        let body = vec![b' '; MAX_REPORT + 1];
        refused(with_identity(device, |device| device.post(&[], &body)), ProblemKind::TooLarge)
    }),
    ("a compressed body that grows above the bound is the problem too-large", bomb),
    ("a compressed report is read", compressed),
    ("a body that names another device is the certificate's device's report", others::named),
    ("headers that name a device are no certificate", others::headers),
    ("a range of the indicators is the bytes that the manifest describes", indicators::range),
    ("a range beyond the indicators is answered 416", indicators::beyond),
    ("indicators of no version are the problem not-found", |device| {
        let asked = |device: &mut Device| {
            device.client.send(device.identity.as_ref(), "GET /v1/indicators/18446744073709551615", &[], b"")
        };
        refused(with_identity(device, asked), ProblemKind::NotFound)
    }),
    ("renewal without a certificate is refused", renewal::without),
    ("renewal in another device's name is the problem request-invalid", renewal::stranger),
    (
        "renewal answers the next certificate, the present one stays good, and the next one ends it",
        renewal::renews,
    ),
    ("who asks too often is told when to come again", throttle::told),
    ("a device that leaves is told so and is out", leave),
];

mod chain;
mod indicators;
mod inventory;
mod others;
mod renewal;
mod signed;
mod threats;
mod throttle;

fn bytes(device: &mut Device, name: &str) -> Outcome {
    let answer = device.client.send(None, &format!("GET /.well-known/est/{name}"), &[], b"");
    expect(answer, |answer| {
        let text: Vec<u8> = answer.body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        answer.status == 200 && BASE64.decode(&text).is_ok_and(|der| der.first() == Some(&0x30))
    })
}

fn enrol(device: &mut Device) -> Outcome {
    let answer = device.enrol(Some(device.code()));
    let kept = answer.as_ref().is_some_and(|answer| answer.status == 200 && device.keep(answer).is_some());
    expect(answer, |_| kept)
}

fn first(device: &mut Device) -> Outcome {
    let report = device.report();
    let answer = with_identity(device, |device| device.check_in(&report));
    let read = answer.as_ref().and_then(parse);
    let signed = |jws: Option<&Redacted<String>>| jws.map(|jws| jws.reveal().clone());
    device.signed_policy = signed(read.as_ref().and_then(|read| read.policy.as_ref()));
    device.signed_manifest = signed(read.as_ref().and_then(|read| read.indicators.as_ref()));
    device.policy = device.signed_policy.as_deref().and_then(payload);
    device.manifest = device.signed_manifest.as_deref().and_then(payload);
    expect(answer, |_| read.is_some_and(|read| read.acknowledged == 1) && device.policy.is_some())
}

fn acknowledged(device: &mut Device, sequence: u64) -> Outcome {
    let report = device.report();
    let answer = with_identity(device, |device| device.check_in(&report));
    expect(answer, |answer| parse(answer).is_some_and(|read| read.acknowledged == sequence))
}

fn duplicate(device: &mut Device) -> Outcome {
    let report = device.report();
    let before = with_identity(device, |device| device.check_in(&report));
    let Some(before) = before.as_ref().and_then(parse) else { return NOT_ENROLLED };
    let again = device.check_in(&report);
    expect(again, |again| parse(again).is_some_and(|again| again.acknowledged == before.acknowledged))
}

fn gap(device: &mut Device) -> Outcome {
    let report = device.report();
    let report = Report { sequence: report.sequence.saturating_add(1), ..report };
    let body = serde_json::to_vec(&report).unwrap_or_default();
    refused(with_identity(device, |device| device.post(&[], &body)), ProblemKind::ChainBroken)
}

fn unknown_facts(device: &mut Device) -> Outcome {
    let digest = Digest::of(b"facts that nobody sent");
    let report = Report { facts: FactsPart { digest, value: None }, ..device.report() };
    let answer = with_identity(device, |device| device.check_in(&report));
    device.resync();
    let told =
        expect(answer, |answer| parse(answer).is_some_and(|read| read.orders.contains(&Order::Resync)));
    // As it was told to.
    let whole = device.report();
    let taken = with_identity(device, |device| device.check_in(&whole));
    if told == Outcome::Pass { expect(taken, |answer| parse(answer).is_some()) } else { told }
}

fn unknown_keys(device: &mut Device) -> Outcome {
    let Ok(serde_json::Value::Object(mut report)) = serde_json::to_value(device.report()) else {
        return NOT_ENROLLED;
    };
    report.insert("ofALaterVersion".into(), serde_json::json!({ "any": [1, "thing"] }));
    let body = serde_json::to_vec(&report).unwrap_or_default();
    let answer = with_identity(device, |device| device.post(&[], &body));
    device.resync();
    expect(answer, |answer| parse(answer).is_some())
}

fn bomb(device: &mut Device) -> Outcome {
    let body = gzip(&vec![b' '; MAX_REPORT.saturating_mul(8)]);
    let headers = [("Content-Encoding", "gzip")];
    refused(with_identity(device, |device| device.post(&headers, &body)), ProblemKind::TooLarge)
}

fn compressed(device: &mut Device) -> Outcome {
    device.resync();
    let body = gzip(&serde_json::to_vec(&device.report()).unwrap_or_default());
    let headers = [("Content-Encoding", "gzip")];
    let answer = with_identity(device, |device| device.post(&headers, &body));
    device.resync();
    expect(answer, |answer| parse(answer).is_some_and(|read| read.acknowledged == 1))
}

fn leave(device: &mut Device) -> Outcome {
    device.resync();
    let report = Report { activation: Activation::Deactivated, ..device.report() };
    let answer = with_identity(device, |device| device.check_in(&report));
    let told = expect(answer, |answer| parse(answer).is_some());
    if told != Outcome::Pass {
        return told;
    }
    let report = device.report();
    expect(device.check_in(&report), |answer| answer.problem().is_some())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    let _infallible = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// What a JWS says; whether its signature holds is a case of its own.
fn payload<T: DeserializeOwned>(jws: &str) -> Option<T> {
    serde_json::from_slice(&BASE64URL_NOPAD.decode(jws.split('.').nth(1)?.as_bytes()).ok()?).ok()
}

fn parse(answer: &Answer) -> Option<CheckInAnswer> {
    serde_json::from_slice(&answer.body).ok().filter(|_| answer.status == 200)
}

/// The answer to a request under the certificate; a status of 0 without one.
fn with_identity(device: &mut Device, send: impl FnOnce(&mut Device) -> Option<Answer>) -> Option<Answer> {
    if device.identity.is_some() { send(device) } else { Some(Answer::default()) }
}

fn challenged(answer: Option<Answer>) -> Outcome {
    expect(answer, |answer| {
        answer.status == 401
            && answer.header("www-authenticate").is_some_and(|value| value.starts_with("basic"))
            && answer.problem().is_some_and(|problem| problem.kind == ProblemKind::CredentialRefused)
    })
}

fn refused(answer: Option<Answer>, kind: ProblemKind) -> Outcome {
    expect(answer, |answer| answer.problem().is_some_and(|problem| problem.kind == kind))
}

fn expect(answer: Option<Answer>, holds: impl FnOnce(&Answer) -> bool) -> Outcome {
    match answer {
        None => Outcome::Fail("no answer that can be read".into()),
        Some(answer) if answer.status == 0 => NOT_ENROLLED,
        Some(answer) => {
            if holds(&answer) {
                return Outcome::Pass;
            }
            let kind = answer.problem().and_then(|problem| serde_json::to_string(&problem.kind).ok());
            Outcome::Fail(format!("answered {} {}", answer.status, kind.unwrap_or_default()))
        }
    }
}

const NOT_ENROLLED: Outcome = Outcome::Skip("the device could not be enrolled");
