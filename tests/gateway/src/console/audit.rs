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
    html.raw("<div class=\"list\">").table(&["When", "Who", "Where", "What", "To what"]);
    for line in &lines {
        html.raw("<tr><td class=\"n\">").text(&clock::text(line.at));
        html.fact("Who", line.name.as_deref()).line("Where").raw(place(line.from));
        html.cell("What").raw(name(line.action));
        html.fact("To what", line.object.as_deref()).raw("</td></tr>");
    }
    html.end_table().raw("</div>");
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
