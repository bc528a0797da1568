//! The policy page's form, read.

use agent_logic::model::{Classification, Digest, Mode, Ownership, Severity};

use crate::policy::Change;

/// The field that has a classification's mode.
pub(super) fn mode_of(classification: Classification) -> String {
    format!("mode.{}", classification.name())
}

/// The field that says whether the user may ignore a classification.
pub(super) fn ignorable_of(classification: Classification) -> String {
    format!("ignorable.{}", classification.name())
}

/// The change that the form describes. All of it is named, so that what the administrator saw is what is signed.
pub(super) fn change(fields: &[(String, String)]) -> Option<Change> {
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let ticked = |name| Some(field(name).is_some());
    let (mut severities, mut modes, mut ignorable) = (Vec::new(), Vec::new(), Vec::new());
    for classification in Classification::ALL {
        let severity = match field(classification.name())? {
            "none" => Severity::None,
            "low" => Severity::Low,
            "medium" => Severity::Medium,
            "high" => Severity::High,
            _ => return None,
        };
        severities.push((*classification, severity));
        let mode = match field(&mode_of(*classification))? {
            "off" => Mode::Off,
            "audit" => Mode::Audit,
            "enable" => Mode::Enable,
            _ => return None,
        };
        modes.push((*classification, mode));
        ignorable.extend(field(&ignorable_of(*classification)).map(|_| *classification));
    }
    Some(Change {
        app_sync: ticked("appSync"),
        full_personal: ticked("fullPersonal"),
        renew_same_key: ticked("renewSameKey"),
        prevent_unenrolment: ticked("preventUnenrolment"),
        device_sync: ticked("deviceSync"),
        threat_sync: ticked("threatSync"),
        ownership: Some(match field("ownership")? {
            "company" => Ownership::Company,
            "personal" => Ownership::Personal,
            "unknown" => Ownership::Unknown,
            _ => return None,
        }),
        check_in_seconds: Some(field("checkInMinutes")?.parse::<u32>().ok()?.checked_mul(60)?),
        disconnected_days: Some(field("disconnectedDays")?.parse().ok()?),
        clean_handshakes: Some(field("cleanHandshakes")?.parse().ok()?),
        severities,
        modes,
        ignorable: Some(ignorable),
        inspection_cas: Some(digests(field("inspectionCas")?)?),
        expires_days: Some(field("expiresDays")?.parse().ok()?),
    })
}

/// The digests in a text, one a line.
fn digests(text: &str) -> Option<Vec<Digest>> {
    text.split_whitespace().map(|word| word.to_ascii_lowercase().try_into().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_stand_one_a_line_and_what_is_none_is_refused() {
        let digest = Digest::of(b"x");
        let text = format!(" {}\r\n{digest}\n", digest.to_string().to_ascii_uppercase());
        assert_eq!(digests(&text), Some(vec![digest, digest]));
        assert_eq!(digests(""), Some(Vec::new()));
        assert_eq!(digests("31A6"), None);
    }
}
