//! Merges what several sources say. The rule stands in `configuration`.

use super::source::Spoken;
use super::{Fault, Finding, Provenance};
use crate::command::Credential;
use crate::event::Configuration;

/// One configuration of all that was said.
pub(super) fn merge(mut spoken: Vec<Spoken>, mut findings: Vec<Finding>) -> Configuration {
    drop_intune_ids(&mut spoken, &mut findings);
    // Stable: of two sources of one provenance the first counts more.
    spoken.sort_by_key(|spoken| spoken.from);
    let gateway = spoken.iter().find_map(|spoken| spoken.gateway.clone());
    let device = spoken.iter().find_map(|spoken| spoken.device);
    spoken.retain(|spoken| agrees(spoken.from, spoken.device, device, &mut findings));
    // The tenant stands beside its device ID, if that source names one.
    let beside = spoken.iter().filter(|spoken| spoken.device.is_some()).find_map(|spoken| spoken.tenant);
    let tenant = beside.or_else(|| spoken.iter().find_map(|spoken| spoken.tenant));
    spoken.retain(|spoken| agrees(spoken.from, spoken.tenant, tenant, &mut findings));
    let credentials = spoken.into_iter().flat_map(|spoken| spoken.credentials);
    Configuration {
        gateway,
        device: device.map(|(id, _)| id),
        tenant: tenant.map(|(id, _)| id),
        credential: credentials.min_by_key(rank),
        findings,
    }
}

/// An ID that some source names as Intune's is nobody's Entra device ID, whatever key it stands at.
fn drop_intune_ids(spoken: &mut [Spoken], findings: &mut Vec<Finding>) {
    let intune: Vec<_> = spoken.iter().flat_map(|spoken| spoken.intune.iter().copied()).collect();
    for spoken in spoken {
        if let Some((_, key)) = spoken.device.take_if(|(id, _)| intune.contains(id)) {
            findings.push(Finding { from: spoken.from, key: Some(key), fault: Fault::WrongId });
        }
    }
}

/// Whether a source names the chosen ID, or none.
fn agrees<T: PartialEq>(
    from: Provenance,
    named: Option<(T, &'static str)>,
    chosen: Option<(T, &'static str)>,
    findings: &mut Vec<Finding>,
) -> bool {
    match (named, chosen) {
        (Some((named, key)), Some((chosen, _))) if named != chosen => {
            findings.push(Finding { from, key: Some(key), fault: Fault::Disagrees });
            false
        }
        (Some(_) | None, Some(_) | None) => true,
    }
}

/// What supersedes a living certificate comes first (design: a and b, then c).
const fn rank(credential: &Credential) -> u8 {
    match credential {
        Credential::Token(_) => 0,
        Credential::Code(_) => 1,
        Credential::EnrolmentKey(_) => 2,
    }
}
