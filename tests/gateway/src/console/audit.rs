//! The audit log's page.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response;

use super::Desk;
use super::html::Html;
use super::session::Session;
use crate::clock;
use crate::refusal::Refusal;
use crate::store::{Action, Place};

/// What administrators did.
pub(super) async fn page(
    State(desk): State<Arc<Desk>>,
    Extension(session): Extension<Session>,
) -> Result<response::Html<String>, Refusal> {
    let read =
        |gateway: &crate::api::Gateway| Ok::<_, Refusal>(gateway.store.read(|tx| tx.audit_lines(MAX_LINES))?);
    let lines = desk.gateway.blocking(read).await?;
    let mut html = Html::new("Audit log", "/audit", &session);
    html.raw("<h1>Audit log</h1><p class=\"sub\">What administrators did, newest first.</p>");
    html.raw("<div class=\"list scroll\"><table><thead><tr><th>When</th><th>Who</th><th>Where</th><th>What</th><th>To what</th>");
    html.raw("</tr></thead><tbody>");
    for line in &lines {
        html.raw("<tr><td class=\"n\">").text(&clock::text(line.at)).raw("</td><td>");
        html.text(line.name.as_deref().unwrap_or("–")).raw("</td><td class=\"n\">").raw(place(line.from));
        html.raw("</td><td>").raw(name(line.action)).raw("</td><td>");
        html.text(line.object.as_deref().unwrap_or("–")).raw("</td></tr>");
    }
    html.raw("</tbody></table></div>");
    Ok(html.page())
}

const fn place(place: Place) -> &'static str {
    match place {
        Place::Console => "Console",
        Place::CommandLine => "Command line",
        Place::Signer => "Signer",
    }
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
        Action::AccountSet => "Made or changed an account",
        Action::AccountRemoved => "Removed an account",
        Action::StateSyncChanged => "Changed what Intune is told",
        Action::ConnectionAsked => "Asked for the connection again",
        Action::PreferencesChanged => "Changed own preferences",
    }
}

/// Lines that the page shows.
const MAX_LINES: u32 = 200;
