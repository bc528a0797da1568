//! The policy and the severity of each classification, and the way to the signer.

use std::sync::Arc;

use agent_logic::model::{Classification, Ownership, Severity};
use agent_logic::redact::Secret;
use agent_logic::text;
use agent_logic::wire::Policy;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Form};
use serde::Deserialize;

use super::Desk;
use super::html::Html;
use super::login::forged;
use super::session::Session;
use crate::clock;
use crate::policy::Change;
use crate::refusal::Refusal;
use crate::signing::{self, Document, NoSigner, Signed, Wish};
use crate::store::StoreError;

/// Whose policy.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Whose {
    #[serde(default)]
    group: String,
}

/// What the page shows.
struct Shown {
    policy: Policy,
    own: bool,
    groups: Vec<String>,
    signer: bool,
}

/// The page.
pub(super) async fn page(
    State(desk): State<Arc<Desk>>,
    Extension(session): Extension<Session>,
    Query(whose): Query<Whose>,
) -> Result<Response, Refusal> {
    show(&desk, &session, &whose.group, StatusCode::OK, None).await
}

/// Sends the change to the signer and shows what it said.
pub(super) async fn sign(
    State(desk): State<Arc<Desk>>,
    Extension(session): Extension<Session>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    let field = |name: &str| {
        fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    if !session.owns(Some(field("csrf"))) {
        return Ok(forged());
    }
    let group = field("group").to_owned();
    let Some(change) = change(&fields) else {
        return show(
            &desk,
            &session,
            &group,
            StatusCode::BAD_REQUEST,
            Some((false, "A value is missing or out of its bounds.")),
        )
        .await;
    };
    let wish = Wish {
        password: Secret::new(field("password").into()),
        document: Document::Policy {
            group: Some(group.clone()).filter(|group| !group.is_empty()),
            change: Box::new(change),
        },
    };
    let (status, good, text) = ask_signer(&desk, wish).await?;
    show(&desk, &session, &group, status, Some((good, &text))).await
}

/// Sends a wish to the signer: the status to answer with, whether it is signed, and a sentence for people.
pub(super) async fn ask_signer(desk: &Arc<Desk>, wish: Wish) -> Result<(StatusCode, bool, String), Refusal> {
    let home = desk.home.clone();
    let answer = desk.gateway.blocking(move |_| Ok::<_, Refusal>(signing::ask(&home, &wish))).await?;
    Ok(match answer {
        Ok(Signed::Version(version)) => {
            desk.gateway.changed.notify_one();
            (
                StatusCode::OK,
                true,
                format!("Version {version} is signed. Open threats are rated by it already."),
            )
        }
        Ok(Signed::Command) => {
            (StatusCode::OK, true, "Signed. The device gets it at its next check-in.".into())
        }
        Ok(Signed::WrongPassword) => (StatusCode::FORBIDDEN, false, "The password is not right.".into()),
        Ok(Signed::Locked(seconds)) => (
            StatusCode::TOO_MANY_REQUESTS,
            false,
            format!("Too many wrong passwords. Come again in {seconds} seconds."),
        ),
        Ok(Signed::Refused(why)) => (StatusCode::BAD_REQUEST, false, format!("Not signed: {why}")),
        Err(NoSigner) => (StatusCode::SERVICE_UNAVAILABLE, false, NO_SIGNER.into()),
    })
}

/// The change that the form describes. All of it is named, so that what the administrator saw is what is signed.
fn change(fields: &[(String, String)]) -> Option<Change> {
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let ticked = |name| Some(field(name).is_some());
    let mut severities = Vec::new();
    for classification in Classification::ALL {
        let severity = match field(classification.name())? {
            "none" => Severity::None,
            "low" => Severity::Low,
            "medium" => Severity::Medium,
            "high" => Severity::High,
            _ => return None,
        };
        severities.push((*classification, severity));
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
        ..Change::default()
    })
}

async fn show(
    desk: &Arc<Desk>,
    session: &Session,
    group: &str,
    status: StatusCode,
    says: Option<(bool, &str)>,
) -> Result<Response, Refusal> {
    let (home, name) = (desk.home.clone(), group.to_owned());
    let read = move |gateway: &crate::api::Gateway| {
        gateway.store.read(|tx| {
            let group = Some(name.as_str()).filter(|name| !name.is_empty());
            Ok::<_, Refusal>(Shown {
                policy: tx.policy_for(group)?.ok_or(StoreError::Corrupt)?.policy,
                own: group.is_none_or(|name| tx.has_own_policy(name).unwrap_or(false)),
                groups: tx.groups()?,
                signer: signing::is_there(&home),
            })
        })
    };
    let shown = desk.gateway.blocking(read).await?;
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
    if !shown.signer {
        html.raw("<p class=\"bad\">").text(NO_SIGNER).raw("</p>");
    }
    choose(&mut html, group, &shown.groups);
    html.raw("<form method=\"post\" action=\"/policy\">").token(session);
    html.raw("<input type=\"hidden\" name=\"group\" value=\"").text(group).raw("\">");
    settings(&mut html, &shown.policy);
    severities(&mut html, &shown.policy);
    html.raw(
        "<section><h2>Sign</h2><p class=\"soft\">The signer asks for the password again: it does not take ",
    );
    html.raw(
        "the console's word for who is there.</p><div class=\"end\"><label>Password of <b>admin</b><br>",
    );
    html.raw(
        "<input name=\"password\" type=\"password\" autocomplete=\"current-password\" required></label>",
    );
    html.raw("<button>Sign the next version</button></div></section></form>");
    Ok((status, html.page()).into_response())
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
    html.raw("<label><span>Who owns the devices</span><select name=\"ownership\">");
    for (value, name, owner) in [
        ("unknown", "Not stated (counts as personal)", Ownership::Unknown),
        ("company", "The organisation", Ownership::Company),
        ("personal", "The user", Ownership::Personal),
    ] {
        option(html, value, name, policy.ownership == owner);
    }
    html.raw("</select></label>");
    tick(html, "appSync", "Devices share their apps", policy.app_sync);
    tick(html, "fullPersonal", "Personal devices share all apps", policy.full_inventory_on_personal);
    tick(html, "renewSameKey", "Renewal keeps the key", policy.renew_same_key);
    tick(html, "deviceSync", "Intune is told of devices", policy.device_state_sync);
    tick(html, "threatSync", "Intune is told of threats", policy.threat_state_sync);
    tick(html, "preventUnenrolment", "The user cannot leave", policy.prevent_unenrolment);
    html.raw("</div></section>");
}

fn severities(html: &mut Html, policy: &Policy) {
    html.raw(
        "<section><h2>Threat classifications</h2><p class=\"soft\">A change rates every open threat anew at ",
    );
    html.raw(
        "once. None is recorded and blocks nobody.</p><div class=\"scroll\"><table><thead><tr><th>Level</th>",
    );
    html.raw("<th>Classification</th><th>Touches</th><th>Default</th><th>What the user is told</th></tr></thead><tbody>");
    for classification in Classification::ALL {
        let now = policy.severity(*classification);
        html.raw("<tr><td><select name=\"").raw(classification.name()).raw("\" aria-label=\"");
        html.raw(classification.name()).raw("\">");
        for severity in [Severity::None, Severity::Low, Severity::Medium, Severity::High] {
            let (value, name) = word(severity);
            option(html, value, name, severity == now);
        }
        html.raw("</select></td><td class=\"n\"><code>").raw(classification.name());
        html.raw("</code></td><td class=\"n\">");
        html.text(&format!("{:?}", classification.family())).raw("</td><td class=\"n\">");
        html.raw(word(classification.default_severity()).1).raw("</td><td>");
        html.text(text::remedy(*classification).en).raw("</td></tr>");
    }
    html.raw("</tbody></table></div></section>");
}

fn number(html: &mut Html, name: &'static str, label: &'static str, bounds: (u32, u32), value: u32) {
    html.raw("<label><span>").raw(label).raw("</span><input type=\"number\" required name=\"").raw(name);
    html.raw("\" min=\"").text(&bounds.0.to_string()).raw("\" max=\"").text(&bounds.1.to_string());
    html.raw("\" value=\"").text(&value.to_string()).raw("\"></label>");
}

fn tick(html: &mut Html, name: &'static str, label: &'static str, on: bool) {
    html.raw("<label class=\"tick\"><input type=\"checkbox\" name=\"").raw(name).raw("\" value=\"on\"");
    html.raw(if on { " checked>" } else { ">" }).raw(label).raw("</label>");
}

fn option(html: &mut Html, value: &'static str, name: &'static str, selected: bool) {
    html.raw("<option value=\"").raw(value).raw(if selected { "\" selected>" } else { "\">" });
    html.raw(name).raw("</option>");
}

const fn word(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::None => ("none", "None"),
        Severity::Low => ("low", "Low"),
        Severity::Medium => ("medium", "Medium"),
        Severity::High => ("high", "High"),
    }
}

const NO_SIGNER: &str =
    "No signer is running, so nothing can be signed here. Start one: mtd-gateway signer --dir <folder>";
