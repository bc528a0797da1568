//! The status as the phone's owner, or a program, reads it.

use std::io::Write as _;

use agent_logic::agent::{Access, Blocker, Need, OpenSummary, Status};
use agent_logic::model::{Activation, Level, Protection, Subject};
use serde_json::{Value, json};

/// Prints a status.
pub(super) fn status(status: &Status, as_json: bool) {
    let text = if as_json { object(status).to_string() } else { page(status) };
    let _closed = writeln!(std::io::stdout().lock(), "{text}");
}

/// Prints why there is no status.
pub(super) fn fault(text: &str, as_json: bool) {
    let line = if as_json { json!({ "fault": text }).to_string() } else { text.to_owned() };
    let _closed = writeln!(std::io::stderr().lock(), "{line}");
}

fn object(status: &Status) -> Value {
    json!({
        "activation": status.activation,
        "protection": status.protection,
        "level": status.level,
        "health": status.health,
        "need": status.need.map(need),
        "needCode": status.need.and_then(need_code),
        "lastFailure": status.last_failure,
        "access": status.access.iter().map(access_object).collect::<Vec<_>>(),
        "open": status.open.iter().map(open_object).collect::<Vec<_>>(),
        "unacknowledged": status.unacknowledged,
        "sharedApps": status.shared_apps,
        "keyProtection": status.key_protection,
        "certificateUntil": status.certificate_until,
        "lastContact": status.last_contact,
        "nextContactSeconds": status.next_contact.map(|next| next.as_secs()),
        "policy": status.policy,
        "indicators": status.indicators,
        "bytesUp": status.traffic.up,
        "bytesDown": status.traffic.down,
    })
}

fn open_object(open: &OpenSummary) -> Value {
    json!({
        "classification": open.classification,
        "subject": open.subject,
        "level": open.level,
        "detected": open.detected.wall,
        "advice": open.advice.en,
    })
}

fn access_object(access: &Access) -> Value {
    json!({
        "required": access.required,
        "passes": access.passes,
        "blockers": access.blockers.iter().map(blocker).collect::<Vec<_>>(),
    })
}

fn blocker(blocker: &Blocker) -> Value {
    match blocker {
        Blocker::State(state) => json!(state),
        Blocker::Threat(threat) => threat.classification.map_or(json!("unknown"), |known| json!(known)),
    }
}

fn page(status: &Status) -> String {
    let activation = match status.activation {
        Activation::Pending => "not activated",
        Activation::Activated => "activated",
        Activation::Deactivated => "deactivated",
    };
    let protection = match status.protection {
        Protection::Protected => "in contact",
        Protection::Disconnected => "out of contact",
    };
    let mut lines = vec![format!("{activation}, {protection}, {}", level(status.level))];
    lines.extend(status.need.map(|wanted| format!("needed: {}", need(wanted))));
    for open in &status.open {
        let subject = match &open.subject {
            Subject::Device => "this device".to_owned(),
            Subject::Network => "the network".to_owned(),
            Subject::App { id } => id.reveal().to_owned(),
            Subject::Domain { name } => name.reveal().clone(),
        };
        let name = open.classification.name();
        lines.push(format!("{} ({name}, {subject}): {}", level(Some(open.level)), open.advice.en));
    }
    let blocked = status.access.iter().filter(|access| !access.passes);
    let blocked: Vec<&str> = blocked.map(|access| level(Some(access.required))).collect();
    if !blocked.is_empty() {
        lines.push(format!("blocked where at most this is allowed: {}", blocked.join(", ")));
    }
    if status.unacknowledged > 0 {
        lines.push(format!("{} changes are not with the cloud yet", status.unacknowledged));
    }
    if let Some(next) = status.next_contact {
        lines.push(format!("next contact in {} s", next.as_secs()));
    }
    lines.join("\n")
}

const fn level(level: Option<Level>) -> &'static str {
    match level {
        None => "level unknown",
        Some(Level::Secured) => "secured",
        Some(Level::Low) => "low",
        Some(Level::Medium) => "medium",
        Some(Level::High) => "high",
    }
}

const fn need(need: Need) -> &'static str {
    match need {
        Need::Configuration(_) => "a gateway of this app, a device ID and a tenant",
        Need::Consent => "the user's consent",
        Need::Credential(_) => "a new activation credential",
        Need::Unlock => "the first unlock of the device",
        Need::Storage(_) => "space to save; nothing is sent before it is saved",
        Need::Administrator(_) => "the administrator",
    }
}

fn need_code(need: Need) -> Option<u16> {
    match need {
        Need::Configuration(_) | Need::Consent | Need::Unlock => None,
        Need::Credential(code) => code.map(|code| code.0),
        Need::Storage(code) | Need::Administrator(code) => Some(code.0),
    }
}
