//! What an account wants to be told: threats, by e-mail (seed 004).

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::Desk;
use super::html::Html;
use super::own::Own;
use super::session::Session;
use crate::address::NoAddress;
use crate::alerts::{self, Preference};
use crate::clock::now;
use crate::refusal::Refusal;
use crate::store::{Action, By};

/// The page.
pub(super) async fn page(
    State(desk): State<Arc<Desk>>,
    Extension(session): Extension<Session>,
) -> Result<Response, Refusal> {
    let name = session.name.clone();
    let read = move |gateway: &crate::api::Gateway| {
        Ok::<_, Refusal>(gateway.store.read(|tx| alerts::preference(tx, &name))?)
    };
    let held = desk.gateway.blocking(read).await?;
    let mut html = Html::new("Preferences", "/preferences", &session);
    html.raw("<h1>Preferences</h1><p class=\"sub\">Of the account ").text(&session.name).raw(".</p>");
    html.raw(
        "<section><h2>Threats by e-mail</h2><p class=\"soft\">What was opened, on which device, how bad: at ",
    );
    html.raw(
        "most one message in five minutes, written to the folder <code>spool</code> for a mail system.</p>",
    );
    html.raw("<form class=\"end\" method=\"post\" action=\"/preferences\">").token(&session);
    html.address(held.as_ref().map(|held| &held.to));
    html.tick("alerts", "Tell me of threats", held.is_some_and(|held| held.alerts));
    html.raw("<button>Save</button></form></section>");
    Ok(html.page().into_response())
}

/// The form.
#[derive(Debug, Deserialize)]
pub(super) struct Preferred {
    to: String,
    alerts: Option<String>,
}

/// Changes what the account is told.
pub(super) async fn set(
    State(desk): State<Arc<Desk>>,
    Own(session, form): Own<Preferred>,
) -> Result<Response, Refusal> {
    let preference = match form.to.trim() {
        "" => None,
        text => match text.parse() {
            Ok(to) => Some(Preference { to, alerts: form.alerts.is_some() }),
            Err(NoAddress) => return Ok((StatusCode::BAD_REQUEST, NoAddress.to_string()).into_response()),
        },
    };
    let act = move |gateway: &crate::api::Gateway| {
        gateway.store.transact(|tx| {
            let on = preference.as_ref().is_some_and(|preference| preference.alerts);
            alerts::prefer(tx, &session.name, preference)?;
            let object = if on { "on" } else { "off" };
            tx.audit(now(), By::console(&session.name), Action::PreferencesChanged, Some(object))?;
            Ok::<_, Refusal>(())
        })
    };
    desk.gateway.blocking(act).await?;
    Ok(Redirect::to("/preferences").into_response())
}
