//! Somebody else's name.

use agent_logic::wire::ProblemKind;

use super::super::Outcome;
use super::super::device::Device;
use super::{NOT_ENROLLED, expect, parse, refused, with_identity};

/// The chain goes on: the report was counted for the certificate's device.
pub(super) fn named(device: &mut Device) -> Outcome {
    let (Ok(serde_json::Value::Object(mut report)), Some(stranger)) =
        (serde_json::to_value(device.report()), device.stranger())
    else {
        return NOT_ENROLLED;
    };
    for key in ["deviceId", "device", "aadDeviceId", "sub"] {
        report.insert(key.into(), stranger.reveal().into());
    }
    let body = serde_json::to_vec(&report).unwrap_or_default();
    let answer = with_identity(device, |device| device.post(&[], &body));
    let applied = expect(answer, |answer| parse(answer).is_some());
    if applied != Outcome::Pass {
        return applied;
    }
    let again = device.post(&[], &body);
    device.resync();
    expect(again, |again| parse(again).is_some())
}

/// What proxies tell a server behind them, told by a client.
pub(super) fn headers(device: &mut Device) -> Outcome {
    let Some(id) = device.stranger() else { return NOT_ENROLLED };
    let id = id.reveal();
    let subject = format!("CN={id}");
    let all = [
        ("Content-Type", "application/json"),
        ("X-Device-Id", id.as_str()),
        ("X-SSL-Client-Verify", "SUCCESS"),
        ("X-SSL-Client-S-DN", subject.as_str()),
        ("X-Forwarded-Client-Cert", subject.as_str()),
    ];
    let body = serde_json::to_vec(&device.report()).unwrap_or_default();
    refused(device.client.send(None, "POST /v1/check-in", &all, &body), ProblemKind::CertificateRequired)
}
