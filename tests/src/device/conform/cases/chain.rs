//! A device that is two, or that lives a day again.

use agent_logic::model::Digest;
use agent_logic::wire::{ProblemKind, Report};

use super::super::Outcome;
use super::super::device::Device;
use super::{refused, with_identity};

/// Another report of the same number: somebody else went on from the same state.
pub(super) fn clone(device: &mut Device) -> Outcome {
    let mine = device.report();
    let theirs = Report { policy: mine.policy.saturating_add(1), ..mine.clone() };
    after(device, &mine, &theirs)
}

/// The right number on top of a body that was never applied.
pub(super) fn rollback(device: &mut Device) -> Outcome {
    let mine = device.report();
    let next = mine.sequence.saturating_add(1);
    let theirs = Report { sequence: next, previous: Some(Digest::of(b"never sent")), ..mine.clone() };
    after(device, &mine, &theirs)
}

/// A number that was used two reports ago.
pub(super) fn restored(device: &mut Device) -> Outcome {
    let old = device.report();
    let _applied = with_identity(device, |device| device.check_in(&old));
    let mine = device.report();
    let theirs = Report { policy: old.policy.saturating_add(1), ..old };
    after(device, &mine, &theirs)
}

/// What becomes of `theirs` when `mine` was applied.
fn after(device: &mut Device, mine: &Report, theirs: &Report) -> Outcome {
    let Some(applied) = with_identity(device, |device| device.check_in(mine)) else {
        return Outcome::Fail("no answer that can be read".into());
    };
    if applied.status == 0 {
        return super::NOT_ENROLLED;
    }
    if applied.status != 200 {
        return Outcome::Fail(format!("the report before was answered {}", applied.status));
    }
    let body = serde_json::to_vec(theirs).unwrap_or_default();
    let outcome = refused(device.post(&[], &body), ProblemKind::ChainBroken);
    device.resync();
    let fresh = device.report();
    let taken = device.check_in(&fresh).is_some_and(|answer| answer.status == 200);
    if taken { outcome } else { Outcome::Fail("a new chain was not taken afterwards".into()) }
}
