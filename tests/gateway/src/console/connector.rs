//! The connector's page.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{self, IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::Desk;
use super::html::Html;
use super::own::{Own, Plain};
use super::session::Session;
use crate::address::{Address, NoAddress};
use crate::admin_act;
use crate::clock;
use crate::link::{LinkState, UNAVAILABLE};
use crate::notices;
use crate::refusal::Refusal;
use crate::state_sync::StateSync;
use crate::store::{Action, By, Tx};

/// How the way to Intune fares.
pub(super) async fn page(
    State(desk): State<Arc<Desk>>,
    Extension(session): Extension<Session>,
) -> Result<response::Html<String>, Refusal> {
    let read = |gateway: &crate::api::Gateway| {
        gateway.store.read(|tx| Ok::<_, Refusal>((notices::addressee(tx)?, StateSync::read(tx)?)))
    };
    let (to, sync) = desk.gateway.blocking(read).await?;
    let link = desk.gateway.link.read();
    let mut html = Html::new("Connector", "/connector", &session);
    html.raw(
        "<h1>Connector to Intune</h1><p class=\"sub\">What Intune is told: device, health state, time.</p>",
    );
    match &link.to {
        Some(address) => {
            state(&mut html, address, &link);
            again(&mut html, &session, &link);
        }
        None => {
            html.raw("<p class=\"empty\">There is none. Start with <code>serve --intune http://host:port</code>.</p>");
        }
    }
    state_sync(&mut html, &session, sync);
    html.raw("<section><h2>Error notices</h2><p class=\"soft\">Written to the folder <code>spool</code> for a mail ");
    html.raw("system to send: at most one of each kind in an hour. Empty: none.</p>");
    html.raw("<form class=\"end\" method=\"post\" action=\"/connector/notices\">").token(&session);
    html.address(to.as_ref()).raw("<button>Save</button></form></section>");
    Ok(html.page())
}

/// The form that sets where error notices go.
#[derive(Debug, Deserialize)]
pub(super) struct NoticeForm {
    to: String,
}

/// Sets where error notices go.
pub(super) async fn set_notices(
    State(desk): State<Arc<Desk>>,
    Own(session, form): Own<NoticeForm>,
) -> Result<Response, Refusal> {
    let to: Option<Address> = match form.to.trim() {
        "" => None,
        text => match text.parse() {
            Ok(to) => Some(to),
            Err(NoAddress) => return Ok((StatusCode::BAD_REQUEST, NoAddress.to_string()).into_response()),
        },
    };
    let act = move |gateway: &crate::api::Gateway| {
        let by = By::console(&session.name);
        let change = |tx: &Tx<'_>| admin_act::send_notices(tx, to.as_ref(), by, clock::now());
        Ok::<_, Refusal>(gateway.store.transact(change)?)
    };
    desk.gateway.blocking(act).await?;
    Ok(Redirect::to("/connector").into_response())
}

/// The form that sets what Intune is told.
#[derive(Debug, Deserialize)]
pub(super) struct SyncForm {
    device: Option<String>,
    threat: Option<String>,
}

/// Sets what Intune is told.
pub(super) async fn set_sync(
    State(desk): State<Arc<Desk>>,
    Own(session, form): Own<SyncForm>,
) -> Result<Response, Refusal> {
    let sync = StateSync { device: form.device.is_some(), threat: form.threat.is_some() };
    let act = move |gateway: &crate::api::Gateway| {
        gateway.store.transact(|tx| {
            sync.save(tx)?;
            let object = if sync.is_complete() { "on" } else { "off" };
            tx.audit(clock::now(), By::console(&session.name), Action::StateSyncChanged, Some(object))?;
            Ok::<_, Refusal>(())
        })
    };
    desk.gateway.blocking(act).await?;
    desk.gateway.changed.notify_one();
    Ok(Redirect::to("/connector").into_response())
}

/// Asks Intune to take the connection back that its administrator took away.
pub(super) async fn provision(
    State(desk): State<Arc<Desk>>,
    Own(session, Plain {}): Own<Plain>,
) -> Result<Response, Refusal> {
    let act = move |gateway: &crate::api::Gateway| {
        let by = By::console(&session.name);
        let note = |tx: &Tx<'_>| tx.audit(clock::now(), by, Action::ConnectionAsked, None);
        Ok::<_, Refusal>(gateway.store.transact(note)?)
    };
    desk.gateway.blocking(act).await?;
    desk.gateway.link.change(|link| link.provision_asked = true);
    desk.gateway.changed.notify_one();
    Ok(Redirect::to("/connector").into_response())
}

fn state_sync(html: &mut Html, session: &Session, sync: StateSync) {
    html.raw("<section><h2>State synchronisation</h2>");
    html.raw(if sync.is_complete() {
        "<p class=\"soft\">Both are needed: with one of them off Intune is told of no device.</p>"
    } else {
        "<p class=\"bad\" role=\"alert\">Both are needed. Intune is told of no device now, and shows the connection as not set up.</p>"
    });
    html.raw("<form class=\"end\" method=\"post\" action=\"/connector/sync\">").token(session);
    html.tick("device", "Device state", sync.device).tick("threat", "Threat state", sync.threat);
    html.raw("<button>Save</button></form></section>");
}

/// What Intune's administrator took away, the partner sets up again (seed 003).
fn again(html: &mut Html, session: &Session, link: &LinkState) {
    if link.partner_state.as_deref() != Some(UNAVAILABLE) {
        return;
    }
    html.raw("<section><h2>Connection taken away</h2><p class=\"soft\">The administrator of Intune deleted it.</p>");
    html.raw("<form method=\"post\" action=\"/connector/provision\">").token(session);
    html.raw("<button>Set it up again</button></form></section>");
}

fn state(html: &mut Html, to: &str, link: &LinkState) {
    let (class, name, why) = if let Some(trouble) = link.trouble() {
        ("high", "In trouble", trouble)
    } else if link.failures > 0 {
        ("medium", "Trying again", "The last message was not taken.".into())
    } else if link.last_synchronised.is_some() {
        ("secured", "Synchronised", "Intune knows what the cloud knows.".into())
    } else {
        ("unknown", "Starting", "Nothing was told yet.".into())
    };
    let time = |at: Option<_>| at.map_or_else(|| "never".into(), clock::text);
    html.raw("<section class=\"").raw(class).raw("\"><p class=\"why\">").pill((class, name)).raw(" ");
    html.text(&why).raw("</p><dl>");
    html.row("Address", to);
    html.row("Connection status at Intune", link.partner_state.as_deref().unwrap_or("not known yet"));
    html.row("Last synchronised", &time(link.last_synchronised));
    html.row("Last heartbeat", &time(link.last_heartbeat));
    html.row("Heartbeat every", &format!("{} minutes", link.heartbeat_minutes));
    html.row("Last failure", &time(link.last_failure));
    html.row("Failures in a row", &link.failures.to_string());
    html.raw("</dl></section>");
}
