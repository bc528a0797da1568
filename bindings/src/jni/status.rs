//! A status as one buffer, which `StatusReader.java` reads in the same order. Numbers and texts as in
//! [`crate::facade::apps`]; a number that is not known is all ones; an enum that is not known is 255.

use crate::facade::buffer::Writer;
use crate::facade::{MtdError, MtdStatus, MtdThreat};

/// First byte.
const VERSION: u8 = 1;

const UNKNOWN: u8 = u8::MAX;

/// Most threats that are written; more are not shown.
const MAX_THREATS: usize = 1_000;

/// The bytes.
pub(super) fn write(status: &MtdStatus) -> Vec<u8> {
    let mut out = Writer::default();
    out.u8(VERSION);
    out.u8(status.activation.number());
    out.u8(status.protection.number());
    out.u8(status.level.map_or(UNKNOWN, |level| level.number()));
    out.text(Some(&status.health));
    out.u8(status.need.map_or(UNKNOWN, |need| need.kind.number()));
    error(&mut out, status.need.and_then(|need| need.error));
    error(&mut out, status.last_failure);
    let numbers = [
        status.last_contact_at_ms,
        status.next_contact_in_ms,
        Some(status.unacknowledged),
        status.shared_apps,
        status.certificate_until_ms,
        Some(status.policy_version),
        Some(status.indicators_version),
        Some(status.sent_bytes),
        Some(status.received_bytes),
    ];
    for number in numbers {
        out.u64(number.unwrap_or(u64::MAX));
    }
    out.u8(status.key_protection.map_or(UNKNOWN, |protection| protection.number()));
    let threats = status.threats.get(..MAX_THREATS).unwrap_or(&status.threats);
    out.u16(u16::try_from(threats.len()).unwrap_or_default());
    for open in threats {
        threat(&mut out, open);
    }
    out.finish()
}

fn threat(out: &mut Writer, open: &MtdThreat) {
    out.text(Some(&open.classification));
    out.u8(open.subject.number());
    out.text(open.subject_name.as_deref());
    out.u8(open.level.number());
    out.u64(open.detected_at_ms);
    out.text(Some(&open.advice));
}

/// A code of 0 says that there is none.
fn error(out: &mut Writer, error: Option<MtdError>) {
    let Some(error) = error else { return out.u16(0) };
    out.u16(error.code);
    out.u8(error.kind.number());
    out.u8(error.remedy.number());
    out.u64(error.retry_after_ms);
    out.text(Some(error.text()));
}
