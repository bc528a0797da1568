//! The connector's page and the audit log's.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{self, IntoResponse as _, Redirect, Response};
use axum::{Extension, Form};
use serde::Deserialize;

use super::Desk;
use super::html::Html;
use super::login::forged;
use super::session::Session;
use crate::admin_act;
use crate::clock;
use crate::link::LinkState;
use crate::notices::{self, Address, NoAddress};
use crate::refusal::Refusal;
use crate::store::{Action, Place, Tx};

/// How the way to Intune fares.
pub(super) async fn connector(
    State(desk): State<Arc<Desk>>,
    Extension(session): Extension<Session>,
) -> Result<response::Html<String>, Refusal> {
    let read = |gateway: &crate::api::Gateway| Ok::<_, Refusal>(gateway.store.read(notices::addressee)?);
    let to = desk.gateway.blocking(read).await?;
    let link = desk.gateway.link.read();
    let mut html = Html::new("Connector", "/connector", &session);
    html.raw(
        "<h1>Connector to Intune</h1><p class=\"sub\">What Intune is told: device, health state, time.</p>",
    );
    match &link.to {
        Some(address) => state(&mut html, address, &link),
        None => {
            html.raw("<p class=\"empty\">There is none. Start with <code>serve --intune http://host:port</code>.</p>");
        }
    }
    html.raw("<section><h2>Error notices</h2><p class=\"soft\">Written to the folder <code>spool</code> for a mail ");
    html.raw("system to send: at most one of each kind in an hour. Empty: none.</p>");
    html.raw("<form class=\"end\" method=\"post\" action=\"/connector/notices\">").token(&session);
    html.raw("<label>E-mail address<br><input type=\"email\" name=\"to\" maxlength=\"320\" value=\"");
    html.text(&to.map_or_else(String::new, |to| to.to_string()));
    html.raw("\"></label><button>Save</button></form></section>");
    Ok(html.page())
}

/// The form that sets where error notices go.
#[derive(Debug, Deserialize)]
pub(super) struct NoticeForm {
    csrf: Option<String>,
    to: String,
}

/// Sets where error notices go.
pub(super) async fn set_notices(
    State(desk): State<Arc<Desk>>,
    Extension(session): Extension<Session>,
    Form(form): Form<NoticeForm>,
) -> Result<Response, Refusal> {
    if !session.owns(form.csrf.as_deref()) {
        return Ok(forged());
    }
    let to: Option<Address> = match form.to.trim() {
        "" => None,
        text => match text.parse() {
            Ok(to) => Some(to),
            Err(NoAddress) => return Ok((StatusCode::BAD_REQUEST, NoAddress.to_string()).into_response()),
        },
    };
    let act = move |gateway: &crate::api::Gateway| {
        let change = |tx: &Tx<'_>| admin_act::send_notices(tx, to.as_ref(), Place::Console, clock::now());
        Ok::<_, Refusal>(gateway.store.transact(change)?)
    };
    desk.gateway.blocking(act).await?;
    Ok(Redirect::to("/connector").into_response())
}

fn state(html: &mut Html, to: &str, link: &LinkState) {
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
        Action::NoticesChanged => "Changed where error notices go",
        Action::RetentionChanged => "Changed how long things are kept",
        Action::AttestationRootAdded => "Named a root of key attestation",
        Action::CommandSigned => "Signed a command",
        Action::DeviceRevoked => "Revoked a device",
        Action::InventoryRead => "Read a device's apps",
    }
}

/// Lines that the page shows.
const MAX_LINES: u32 = 200;
