//! Who rates: the cloud, by what it is told and by its policy.

use agent_logic::model::{Classification, Level, Subject, ThreatId};
use agent_logic::time::Stamp;
use agent_logic::wire::{CheckInAnswer, OpenThreat, Report, Transition, TransitionKind};

use super::super::Outcome;
use super::super::device::Device;
use super::{expect, parse, with_identity};

/// The threat of these cases, and one that is milder.
const THREAT: ThreatId = ThreatId::new([7; 16]);
const OTHER: ThreatId = ThreatId::new([8; 16]);

const QUIET: Outcome =
    Outcome::Skip("the policy keeps threats on the device, or rates none of two levels; change it to try it");

/// A classification and what the policy makes of it.
type Rated = (Classification, Level);

pub(super) fn opens(device: &mut Device) -> Outcome {
    let Some((worst, _)) = rated(device) else { return QUIET };
    tell(device, worst, (1, TransitionKind::Opened), |answer| {
        named(answer) == (worst.1, vec![(THREAT, worst.1)])
    })
}

pub(super) fn resolves(device: &mut Device) -> Outcome {
    let Some((worst, _)) = rated(device) else { return QUIET };
    tell(device, worst, (2, TransitionKind::Resolved), is_secured)
}

/// The transition of [`opens`], in a report that follows.
pub(super) fn once(device: &mut Device) -> Outcome {
    let Some((worst, _)) = rated(device) else { return QUIET };
    tell(device, worst, (1, TransitionKind::Opened), is_secured)
}

pub(super) fn worst_first(device: &mut Device) -> Outcome {
    let Some((worst, mild)) = rated(device) else { return QUIET };
    let open = vec![open(OTHER, mild), open(THREAT, worst)];
    begin(device, open, |answer| named(answer) == (worst.1, vec![(THREAT, worst.1), (OTHER, mild.1)]))
}

pub(super) fn replaced(device: &mut Device) -> Outcome {
    if rated(device).is_some() { begin(device, Vec::new(), is_secured) } else { QUIET }
}

/// The level in force, and why.
fn named(answer: &CheckInAnswer) -> (Level, Vec<(ThreatId, Level)>) {
    (answer.level, answer.why.iter().map(|reason| (reason.id, reason.level)).collect())
}

fn is_secured(answer: &CheckInAnswer) -> bool {
    named(answer) == (Level::Secured, Vec::new())
}

/// What the policy rates worst, and what it rates mildest of what counts.
fn rated(device: &Device) -> Option<(Rated, Rated)> {
    let policy = device.policy.as_ref().filter(|policy| policy.threat_state_sync)?;
    let level = |classification: &Classification| (*classification, policy.severity(*classification).level());
    let counts = |(_, level): &Rated| *level > Level::Secured;
    let all = || Classification::ALL.iter().map(level).filter(counts);
    let (worst, mild) = (all().max_by_key(|(_, level)| *level)?, all().min_by_key(|(_, level)| *level)?);
    (worst.1 > mild.1).then_some((worst, mild))
}

fn tell(
    device: &mut Device,
    threat: Rated,
    (ordinal, kind): (u64, TransitionKind),
    holds: impl FnOnce(&CheckInAnswer) -> bool,
) -> Outcome {
    let OpenThreat { id, classification, severity, subject, detected, ignored: _ } = open(THREAT, threat);
    let transition =
        Transition { ordinal, kind, id, classification, severity, subject, detected, at: Stamp::default() };
    let report = Report { transitions: vec![transition], ..device.report() };
    send(device, &report, holds)
}

fn begin(device: &mut Device, open: Vec<OpenThreat>, holds: impl FnOnce(&CheckInAnswer) -> bool) -> Outcome {
    device.resync();
    let report = Report { open: Some(open), ..device.report() };
    send(device, &report, holds)
}

fn open(id: ThreatId, (classification, _): Rated) -> OpenThreat {
    let severity = classification.default_severity();
    OpenThreat {
        id,
        classification,
        severity,
        subject: Subject::Device,
        detected: Stamp::default(),
        ignored: false,
    }
}

fn send(device: &mut Device, report: &Report, holds: impl FnOnce(&CheckInAnswer) -> bool) -> Outcome {
    let answer = with_identity(device, |device| device.check_in(report));
    let said = answer.as_ref().and_then(parse).map(|answer| format!("said {:?}", named(&answer)));
    match (expect(answer, |answer| parse(answer).is_some_and(|answer| holds(&answer))), said) {
        (Outcome::Fail(_), Some(said)) => Outcome::Fail(said),
        (outcome, _) => outcome,
    }
}
