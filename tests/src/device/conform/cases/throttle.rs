//! Too many requests.

use agent_logic::wire::ProblemKind;

use super::super::Outcome;
use super::super::device::Device;

/// Attempts in a row; a server that lets them all pass throttles nobody.
const ATTEMPTS: usize = 64;

/// Longest pause that a device honours, in seconds.
const LONGEST: u64 = 24 * 60 * 60;

/// Attempts with a key that many devices share, by a device that it does not enrol.
pub(super) fn told(device: &mut Device) -> Outcome {
    let (Some(key), Some(stranger)) = (device.enrolment_key.clone(), device.stranger()) else {
        return Outcome::Skip("no enrolment key was given; name one with --enrolment-key to try it");
    };
    for _ in 0..ATTEMPTS {
        let Some(answer) = device.enrol_as(stranger, Some(&key)) else {
            return Outcome::Fail("no answer that can be read".into());
        };
        match answer.problem().map(|problem| problem.kind) {
            Some(ProblemKind::Throttled | ProblemKind::Unavailable) => {
                let pause = answer.header("retry-after");
                let seconds = pause.as_deref().and_then(|text| text.parse::<u64>().ok());
                let dated = pause.as_deref().is_some_and(|text| text.ends_with("gmt"));
                let good = dated || seconds.is_some_and(|seconds| (1..=LONGEST).contains(&seconds));
                return if good {
                    Outcome::Pass
                } else {
                    Outcome::Fail(format!("Retry-After is {}", pause.as_deref().unwrap_or("absent")))
                };
            }
            Some(ProblemKind::NotEligible | ProblemKind::CredentialRefused) => {}
            _ => return Outcome::Fail(format!("answered {}", answer.status)),
        }
    }
    Outcome::Fail(format!("{ATTEMPTS} attempts in a row were let pass"))
}
