//! What goes out, each as one buffer, which `StatusReader.java` reads in the same order. Numbers and texts as in
//! [`agent_buffer::apps`]; a number that is not known is all ones; an enum that is not known is 255.

use crate::facade::{
    MtdAccess, MtdBlocker, MtdError, MtdFinding, MtdLedgerEntry, MtdNeed, MtdStatus, MtdThreat, MtdWebAnswer,
};
use agent_buffer::Writer;

/// First byte.
const VERSION: u8 = 1;

const UNKNOWN: u8 = u8::MAX;

/// Most threats, findings or blockers that are written; more are not shown.
const MAX_LISTED: usize = 1_000;

/// An answer to a visit.
pub(super) fn write_answer(answer: &MtdWebAnswer) -> Vec<u8> {
    let mut out = Writer::default();
    out.u8(VERSION);
    out.text(Some(&answer.domain));
    out.u8(answer.verdict.number());
    out.text(answer.classification.as_deref());
    out.finish()
}

/// The privacy ledger.
pub(super) fn write_ledger(entries: &[MtdLedgerEntry]) -> Vec<u8> {
    let mut out = Writer::default();
    out.u8(VERSION);
    list(&mut out, entries, |out, entry| {
        out.u64(entry.at_ms);
        out.u8(entry.why.number());
        out.u8(u8::from(entry.acknowledged));
        out.u64(entry.bytes.unwrap_or(u64::MAX));
        out.text(Some(&entry.text));
    });
    out.finish()
}

/// A status.
pub(super) fn write(status: &MtdStatus) -> Vec<u8> {
    let mut out = Writer::default();
    out.u8(VERSION);
    out.u8(status.activation.number());
    out.u8(status.protection.number());
    out.u8(status.level.map_or(UNKNOWN, |level| level.number()));
    out.text(Some(&status.health));
    need(&mut out, status.need.as_ref());
    out.u8(status.notice.as_ref().map_or(UNKNOWN, |notice| notice.kind.number()));
    out.text(status.notice.as_ref().map(|notice| notice.text.as_str()));
    error(&mut out, status.last_failure);
    out.u8(status.lateness.number());
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
    list(&mut out, &status.threats, threat);
    list(&mut out, &status.findings, finding);
    list(&mut out, &status.access, access);
    out.finish()
}

/// A u16 count, then each.
fn list<T>(out: &mut Writer, all: &[T], write: fn(&mut Writer, &T)) {
    let shown = all.get(..MAX_LISTED).unwrap_or(all);
    out.u16(u16::try_from(shown.len()).unwrap_or_default());
    for one in shown {
        write(out, one);
    }
}

fn need(out: &mut Writer, need: Option<&MtdNeed>) {
    out.u8(need.map_or(UNKNOWN, |need| need.kind.number()));
    error(out, need.and_then(|need| need.error));
    out.text(need.map(|need| need.text.as_str()));
}

fn finding(out: &mut Writer, finding: &MtdFinding) {
    out.u8(finding.provenance.number());
    out.text(finding.key.as_deref());
    error(out, Some(finding.error));
}

fn access(out: &mut Writer, access: &MtdAccess) {
    out.u8(access.required.number());
    out.u8(u8::from(access.passes));
    list(out, &access.blockers, blocker);
}

fn blocker(out: &mut Writer, blocker: &MtdBlocker) {
    out.text(blocker.threat_id.as_deref());
    out.text(blocker.classification.as_deref());
    out.u8(blocker.level.map_or(UNKNOWN, |level| level.number()));
    out.text(Some(&blocker.remedy));
}

fn threat(out: &mut Writer, open: &MtdThreat) {
    out.text(Some(&open.id));
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
    let fault = error.fault();
    out.u16(fault.code);
    out.u8(error.kind().number());
    out.u8(fault.remedy.number());
    out.u64(fault.retry_after_ms);
    out.text(Some(error.text()));
}
