//! The policy page. Who may not change the policy reads it.

use agent_logic::model::{Classification, Mode, Ownership, Severity};
use agent_logic::text;
use agent_logic::wire::Policy;
use axum::response;

use super::form::{ignorable_of, mode_of};
use super::{NO_SIGNER, Shown};
use crate::accounts::Access;
use crate::clock;
use crate::console::html::Html;
use crate::console::session::Session;
use crate::policy::{DEFAULT_DAYS, MAX_DAYS, MAX_INSPECTION_CAS};

pub(super) fn render(
    session: &Session,
    group: &str,
    shown: &Shown,
    says: Option<(bool, &str)>,
) -> response::Html<String> {
    let mut html = Html::new("Policy", "/policy", session);
    html.raw("<h1>Policy</h1><p class=\"sub\">");
    html.text(if group.is_empty() { "For everybody whose group has none of its own" } else { group });
    html.raw(", version ").text(&shown.policy.version.to_string()).raw(", good until ");
    html.text(&clock::text(shown.policy.expires)).raw(".");
    if !shown.own {
        html.raw(" The group has none of its own yet: these are everybody's values.");
    }
    html.raw("</p>");
    if let Some((good, text)) = says {
        html.raw(if good {
            "<p class=\"good\" role=\"status\">"
        } else {
            "<p class=\"bad\" role=\"alert\">"
        });
        html.text(text).raw("</p>");
    }
    if !shown.signer && session.access.covers(Access::Full) {
        html.raw("<p class=\"bad\">").text(NO_SIGNER).raw("</p>");
    }
    choose(&mut html, group, &shown.groups);
    let may = session.access.covers(Access::Full);
    if may {
        html.raw("<form method=\"post\" action=\"/policy\">").token(session);
        html.raw("<input type=\"hidden\" name=\"group\" value=\"").text(group).raw("\">");
    } else {
        html.raw("<fieldset disabled>");
    }
    settings(&mut html, &shown.policy);
    inspection(&mut html, &shown.policy);
    classifications(&mut html, &shown.policy);
    if may {
        sign(&mut html, session);
    } else {
        html.raw("</fieldset>");
    }
    html.page()
}

fn sign(html: &mut Html, session: &Session) {
    html.raw(
        "<section><h2>Sign</h2><p class=\"soft\">The signer asks for the password again: it does not take ",
    );
    html.raw("the console's word for who is there.</p><div class=\"end\"><label>Password of <b>");
    html.text(&session.name).raw("</b><br>");
    html.raw(
        "<input name=\"password\" type=\"password\" autocomplete=\"current-password\" required></label>",
    );
    html.raw("<button>Sign the next version</button></div></section></form>");
}

fn choose(html: &mut Html, group: &str, groups: &[String]) {
    if groups.is_empty() {
        return;
    }
    html.raw(
        "<form class=\"end\" method=\"get\" action=\"/policy\" style=\"margin-bottom:1rem\"><label>Group<br>",
    );
    html.raw("<select name=\"group\"><option value=\"\">Everybody</option>");
    for name in groups {
        html.raw("<option").raw(if name == group { " selected" } else { "" }).raw(" value=\"").text(name);
        html.raw("\">").text(name).raw("</option>");
    }
    html.raw("</select></label><button class=\"plain\">Show</button></form>");
}

fn settings(html: &mut Html, policy: &Policy) {
    html.raw("<section><h2>Settings</h2><div class=\"grid\">");
    number(
        html,
        "disconnectedDays",
        "Days without contact until disconnected",
        (1, 90),
        policy.disconnected_days.into(),
    );
    number(html, "checkInMinutes", "Minutes between check-ins", (15, 1440), policy.check_in_seconds / 60);
    number(
        html,
        "cleanHandshakes",
        "Clean handshakes that close an interception",
        (1, 20),
        policy.clean_handshakes.into(),
    );
    number(html, "expiresDays", "Days until this version expires", (1, MAX_DAYS.into()), DEFAULT_DAYS.into());
    html.raw("<label><span>Who owns the devices</span><select name=\"ownership\">");
    for (value, name, owner) in [
        ("unknown", "Not stated (counts as personal)", Ownership::Unknown),
        ("company", "The organisation", Ownership::Company),
        ("personal", "The user", Ownership::Personal),
    ] {
        option(html, value, name, policy.ownership == owner);
    }
    html.raw("</select></label>");
    html.tick("appSync", "Devices share their apps", policy.app_sync);
    html.tick("fullPersonal", "Personal devices share all apps", policy.full_inventory_on_personal);
    html.tick("renewSameKey", "Renewal keeps the key", policy.renew_same_key);
    html.tick("deviceSync", "Devices share their model and system", policy.device_state_sync);
    html.tick("threatSync", "Devices share each threat, not the level alone", policy.threat_state_sync);
    html.tick("preventUnenrolment", "The user cannot leave", policy.prevent_unenrolment);
    html.raw("</div></section>");
}

/// Interceptions that the organisation wants.
fn inspection(html: &mut Html, policy: &Policy) {
    html.raw("<section><h2>Inspection</h2><p class=\"soft\">CAs that read traffic on the organisation's behalf: a ");
    html.raw("connection that one of them answers is no threat, and carries nothing. SHA-256 of each CA's ");
    html.raw("SubjectPublicKeyInfo, one a line, at most ").text(&MAX_INSPECTION_CAS.to_string());
    html.raw(".</p><textarea name=\"inspectionCas\" rows=\"3\" spellcheck=\"false\" aria-label=\"Inspection CAs\">");
    for digest in &policy.inspection_cas {
        html.text(&digest.to_string()).raw("\n");
    }
    html.raw("</textarea></section>");
}

fn classifications(html: &mut Html, policy: &Policy) {
    html.raw(
        "<section><h2>Threat classifications</h2><p class=\"soft\">A change rates every open threat anew at ",
    );
    html.raw(
        "once. Level None is recorded and blocks nobody. Off: not looked for. Audit: reported, and counts ",
    );
    html.raw("for nothing.</p><div class=\"edit\">");
    html.table(&COLUMNS);
    for classification in Classification::ALL {
        row(html, policy, *classification);
    }
    html.end_table().raw("</div></section>");
}

const COLUMNS: [&str; 7] =
    ["Classification", "Level", "Mode", "User may ignore", "Touches", "Default", "What the user is told"];

fn row(html: &mut Html, policy: &Policy, classification: Classification) {
    let name = classification.name();
    html.raw("<tr><td class=\"n\"><code>").raw(name).raw("</code>");
    html.cell("Level").raw("<select name=\"").raw(name);
    html.raw("\" aria-label=\"Level of ").raw(name).raw("\">");
    let severity = policy.severities.get(&classification).copied();
    let severity = severity.unwrap_or(classification.default_severity());
    for choice in [Severity::None, Severity::Low, Severity::Medium, Severity::High] {
        let (value, word) = level(choice);
        option(html, value, word, choice == severity);
    }
    html.raw("</select>").cell("Mode").raw("<select name=\"").text(&mode_of(classification));
    html.raw("\" aria-label=\"Mode of ").raw(name).raw("\">");
    let mode = policy.mode(classification);
    for (value, word, choice) in
        [("enable", "On", Mode::Enable), ("audit", "Audit", Mode::Audit), ("off", "Off", Mode::Off)]
    {
        option(html, value, word, choice == mode);
    }
    html.raw("</select>").cell("User may ignore");
    html.raw("<input type=\"checkbox\" name=\"").text(&ignorable_of(classification));
    html.raw("\" value=\"on\" aria-label=\"User may ignore ").raw(name).raw("\"");
    html.raw(if policy.ignorable.contains(&classification) { " checked>" } else { ">" });
    html.line("Touches").text(&format!("{:?}", classification.family()));
    html.line("Default").raw(level(classification.default_severity()).1);
    html.cell("What the user is told").text(text::remedy(classification).en).raw("</td></tr>");
}

fn number(html: &mut Html, name: &'static str, label: &'static str, bounds: (u32, u32), value: u32) {
    html.raw("<label><span>").raw(label).raw("</span><input type=\"number\" required name=\"").raw(name);
    html.raw("\" min=\"").text(&bounds.0.to_string()).raw("\" max=\"").text(&bounds.1.to_string());
    html.raw("\" value=\"").text(&value.to_string()).raw("\"></label>");
}

fn option(html: &mut Html, value: &'static str, name: &'static str, selected: bool) {
    html.raw("<option value=\"").raw(value).raw(if selected { "\" selected>" } else { "\">" });
    html.raw(name).raw("</option>");
}

const fn level(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::None => ("none", "None"),
        Severity::Low => ("low", "Low"),
        Severity::Medium => ("medium", "Medium"),
        Severity::High => ("high", "High"),
    }
}
