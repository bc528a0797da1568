//! Signed commands on a device's page, and the way to the signer.

use std::sync::Arc;

use agent_logic::model::DeviceId;
use agent_logic::redact::Secret;
use agent_logic::wire::{ProblemKind, SignedCommand};
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::Desk;
use super::editor::ask_signer;
use super::html::Html;
use super::own::Own;
use super::session::Session;
use super::view::DevicePage;
use crate::clock;
use crate::refusal::Refusal;
use crate::signing::{Document, Wish};
use crate::store::Delivery;

/// The form.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    command: SignedCommand,
    password: Secret<String>,
}

/// Sends the command to the signer.
pub(super) async fn sign(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    Own(session, asked): Own<Asked>,
) -> Result<Response, Refusal> {
    let device: DeviceId = id.parse().map_err(|_| Refusal::of(ProblemKind::NotFound))?;
    let document = Document::Command { device, command: asked.command };
    let wish = Wish { name: session.name.clone(), password: asked.password, document };
    let (status, good, text) = ask_signer(&desk, wish).await?;
    let back = format!("/devices/{}", device.reveal());
    if good {
        return Ok(Redirect::to(&back).into_response());
    }
    let mut html = Html::new("Command", "", &session);
    html.raw("<h1>Command</h1><p class=\"bad\" role=\"alert\">").text(&text).raw("</p><p><a href=\"");
    html.text(&back).raw("\">Back to the device</a></p>");
    Ok((status, html.page()).into_response())
}

/// What was signed for the device, and the form.
pub(super) fn section(html: &mut Html, page: &DevicePage, session: &Session) {
    html.raw("<section><h2>Commands</h2>");
    if !page.commands.is_empty() {
        html.raw("<div class=\"scroll\"><table><thead><tr><th>Signed</th><th>Command</th><th>Delivery</th>");
        html.raw("<th>Valid until</th></tr></thead><tbody>");
        for line in &page.commands {
            html.raw("<tr><td class=\"n\">").text(&clock::text(line.made)).raw("</td><td>");
            html.raw(name(line.command)).raw("</td><td>").raw(match line.delivery {
                Delivery::Waiting => "At the next check-in",
                Delivery::Sent => "Sent",
                Delivery::Taken => "Received",
            });
            html.raw("</td><td class=\"n\">").text(&clock::text(line.expires)).raw("</td></tr>");
        }
        html.raw("</tbody></table></div>");
    }
    html.raw(
        "<p class=\"soft\">The device obeys only what the policy key signed, once, and for itself alone.</p>",
    );
    html.raw("<form class=\"end\" method=\"post\" action=\"/devices/").text(&page.device.device_id);
    html.raw("/command\">").token(session);
    html.raw("<label>Command<br><select name=\"command\">");
    for (value, command) in [("reEnrol", SignedCommand::ReEnrol), ("deactivate", SignedCommand::Deactivate)] {
        html.raw("<option value=\"").raw(value).raw("\">").raw(name(command)).raw("</option>");
    }
    html.raw("</select></label><label>Password of <b>");
    html.text(&session.name).raw("</b><br><input name=\"password\" type=\"password\" ");
    html.raw("autocomplete=\"current-password\" required></label><button>Sign the command</button></form></section>");
}

const fn name(command: SignedCommand) -> &'static str {
    match command {
        SignedCommand::Deactivate => "Leave and wipe what the agent holds",
        SignedCommand::ReEnrol => "Make a new key and certificate",
    }
}
