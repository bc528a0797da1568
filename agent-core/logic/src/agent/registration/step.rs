//! The next step towards a certificate, and the pauses before it.
//!
//! Rules: L3, R9, R20.

use std::time::Duration;

use super::{Candidate, Current, Registration};
use crate::command::{Authority, Identity, Slot};
use crate::event::Certificate;
use crate::redact::Bytes;
use crate::time::{Now, Timer, Wall};

/// The shortest pause before a request that waits for approval is sent again, doubled each time.
const ASK_AGAIN: Duration = Duration::from_secs(5);
const ASK_AGAIN_MOST: Duration = Duration::from_secs(3_600);

/// What counts as left of a certificate when no clock shows a time within its life.
const LEFT: Duration = Duration::from_secs(86_400);

/// The next step towards an identity.
#[derive(Debug)]
pub(crate) enum Step {
    MakeKey(Slot),
    MakeRequest {
        slot: Slot,
        like: Option<Bytes>,
    },
    Enrol {
        slot: Slot,
        request: Bytes,
        authority: Authority,
    },
    /// A pause runs.
    Wait(Timer),
    /// A certificate waits for its proof.
    Prove,
}

impl Current {
    /// The pause is over. After a boot with a calendar that was set back nobody knows how much of it is: then what is
    /// left of the certificate tells, since a third was to be left (R20).
    fn is_to_be_renewed(&self, now: &Now, trusted: Wall) -> bool {
        let third = self.renewal.whole().checked_div(2).unwrap_or_default();
        let nearly_over = self.certificate.not_after.since(trusted) <= third;
        self.renewal.is_over(now) || (self.renewal.is_doubtful(now) && nearly_over)
    }
}

impl Registration {
    /// The next step of activation or renewal, if one is due. `trusted`: the time that certificates are judged by.
    pub(crate) fn step(
        &self,
        key_ready: Option<Slot>,
        same_key: bool,
        now: &Now,
        trusted: Wall,
    ) -> Option<Step> {
        match &self.candidate {
            Some(Candidate::Unproven { .. }) => Some(Step::Prove),
            Some(Candidate::Asked { slot, request, wait, .. }) => {
                if let Some(wait) = wait.filter(|wait| !wait.is_over(now)) {
                    return Some(Step::Wait(wait));
                }
                let authority = self.authority()?;
                Some(Step::Enrol { slot: *slot, request: request.clone(), authority })
            }
            None => match &self.identity {
                Some(current) if self.outlived => {
                    self.credential.as_ref()?;
                    Some(self.ask(current.slot.other(), key_ready, false, None))
                }
                Some(current) => {
                    if !current.is_to_be_renewed(now, trusted) {
                        return Some(Step::Wait(current.renewal));
                    }
                    let slot = if same_key { current.slot } else { current.slot.other() };
                    let like = Some(current.certificate.der.clone());
                    Some(self.ask(slot, key_ready, same_key, like))
                }
                None => {
                    self.credential.as_ref()?;
                    Some(self.ask(Slot::A, key_ready, false, None))
                }
            },
        }
    }

    /// The pause after the cloud said to ask again after `told`: at least that, and longer the more often it said
    /// so. Whoever approves by hand does it in the first minutes or some time in the day.
    pub(crate) fn asking_pause(&self, told: Duration) -> Duration {
        let times = match &self.candidate {
            Some(Candidate::Asked { told, .. }) => *told,
            Some(Candidate::Unproven { .. }) | None => 0,
        };
        ASK_AGAIN.saturating_mul(2_u32.saturating_pow(times.min(16))).min(ASK_AGAIN_MOST).max(told)
    }

    /// Time after which a certificate is renewed that was just used: 2/3 of what is left of it (R9), by the first
    /// of `clocks` that shows a time within its life. A clock that does not is wrong: the cloud took the
    /// certificate.
    pub(crate) fn renewal_pause(certificate: &Certificate, clocks: [Wall; 2]) -> Duration {
        let left = clocks.into_iter().map(|clock| certificate.not_after.since(clock));
        let left = left.into_iter().find(|left| !left.is_zero()).unwrap_or(LEFT);
        left.checked_div(3).unwrap_or_default().saturating_mul(2)
    }

    fn ask(&self, slot: Slot, key_ready: Option<Slot>, same_key: bool, like: Option<Bytes>) -> Step {
        if same_key || key_ready == Some(slot) {
            Step::MakeRequest { slot, like }
        } else {
            Step::MakeKey(slot)
        }
    }

    fn authority(&self) -> Option<Authority> {
        match (&self.identity, &self.credential) {
            (Some(current), _) if !self.outlived => Some(Authority::Identity(Identity {
                slot: current.slot,
                certificate: current.certificate.der.clone(),
            })),
            (_, Some(credential)) => Some(Authority::Credential(credential.clone())),
            (_, None) => None,
        }
    }
}
