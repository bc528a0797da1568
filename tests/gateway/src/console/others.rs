//! The connector's page and the audit log's.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response;

use super::Desk;
use super::html::Html;
use super::session::Session;
use crate::clock;
use crate::refusal::Refusal;
use crate::store::Action;

/// How the way to Intune fares.
pub(super) async fn connector(
    State(desk): State<Arc<Desk>>,
    Extension(session): Extension<Session>,
) -> response::Html<String> {
    let link = desk.gateway.link.read();
    let mut html = Html::new("Connector", "/connector", &session);
    html.raw(
        "<h1>Connector to Intune</h1><p class=\"sub\">What Intune is told: device, health state, time.</p>",
    );
    let Some(to) = &link.to else {
        html.raw(
            "<p class=\"empty\">There is none. Start with <code>serve --intune http://host:port</code>.</p>",
        );
        return html.page();
    };
    let (class, name) = if link.failures > 0 {
        ("high", "Not reached")
    } else if link.last_synchronised.is_some() {
        ("secured", "Synchronised")
    } else {
        ("unknown", "Starting")
    };
    let time = |at: Option<_>| at.map_or_else(|| "never".into(), clock::text);
    html.raw("<section class=\"").raw(class).raw("\"><p class=\"why\">").pill((class, name)).raw("</p><dl>");
    html.row("Address", to);
    html.row("Connection status at Intune", link.partner_state.as_deref().unwrap_or("not known yet"));
    html.row("Last synchronised", &time(link.last_synchronised));
    html.row("Last heartbeat", &time(link.last_heartbeat));
    html.row("Heartbeat every", &format!("{} minutes", link.heartbeat_minutes));
    html.row("Last failure", &time(link.last_failure));
    html.row("Failures in a row", &link.failures.to_string());
    html.raw("</dl></section>");
    html.page()
}

/// What administrators did.
pub(super) async fn audit(
    State(desk): State<Arc<Desk>>,
    Extension(session): Extension<Session>,
) -> Result<response::Html<String>, Refusal> {
    let read =
        |gateway: &crate::api::Gateway| Ok::<_, Refusal>(gateway.store.read(|tx| tx.audit_lines(MAX_LINES))?);
    let lines = desk.gateway.blocking(read).await?;
    let mut html = Html::new("Audit log", "/audit", &session);
    html.raw("<h1>Audit log</h1><p class=\"sub\">What administrators did, newest first.</p>");
    html.raw("<div class=\"list scroll\"><table><thead><tr><th>When</th><th>Where</th><th>What</th><th>To what</th>");
    html.raw("</tr></thead><tbody>");
    for line in &lines {
        html.raw("<tr><td class=\"n\">").text(&clock::text(line.at)).raw("</td><td>");
        html.text(&format!("{:?}", line.from)).raw("</td><td>").raw(name(line.action)).raw("</td><td>");
        html.text(line.object.as_deref().unwrap_or("–")).raw("</td></tr>");
    }
    html.raw("</tbody></table></div>");
    Ok(html.page())
}

const fn name(action: Action) -> &'static str {
    match action {
        Action::LoggedIn => "Logged in",
        Action::LoggedOut => "Logged out",
        Action::LoginRefused => "Wrong password",
        Action::LockedOut => "Locked out after wrong passwords",
        Action::PolicySigned => "Signed a policy",
        Action::PolicyRefused => "Was refused a signature",
        Action::IndicatorsSigned => "Imported indicators",
        Action::CodeMade => "Made a one-time code",
        Action::EnrolmentKeyMade => "Made an enrolment key",
        Action::GroupChanged => "Changed a group",
        Action::DeviceRevoked => "Revoked a device",
        Action::InventoryRead => "Read a device's apps",
    }
}

/// Lines that the page shows.
const MAX_LINES: u32 = 200;
