//! A device by its ID: of a hundred thousand nobody turns the pages.

use std::sync::Arc;

use agent_logic::model::DeviceId;
use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::Desk;
use super::html::Html;
use super::session::Session;
use crate::refusal::Refusal;

/// What was typed.
#[derive(Deserialize)]
pub(super) struct Asked {
    id: String,
}

/// Leads to the device, or says that there is none.
pub(super) async fn find(
    State(desk): State<Arc<Desk>>,
    Extension(session): Extension<Session>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refusal> {
    let typed = asked.map_or_else(|_| String::new(), |Query(asked)| asked.id);
    if let Ok(id) = typed.trim().to_ascii_lowercase().parse::<DeviceId>() {
        let known =
            move |gateway: &crate::api::Gateway| Ok(gateway.store.read(|tx| tx.device(&id))?.is_some());
        if desk.gateway.blocking(known).await? {
            return Ok(Redirect::to(&format!("/devices/{}", id.reveal())).into_response());
        }
    }
    let mut html = Html::new("Devices", "/", &session);
    html.raw("<h1>Devices</h1><p class=\"bad\" role=\"alert\">No device has this ID.</p>");
    form(&mut html, &typed);
    html.raw("<p><a href=\"/\">All devices</a></p>");
    Ok((StatusCode::NOT_FOUND, html.page()).into_response())
}

/// Where an ID is typed.
pub(super) fn form(html: &mut Html, typed: &str) {
    html.raw("<form class=\"end find\" method=\"get\" action=\"/devices\"><label>Device ID<br>");
    html.raw("<input name=\"id\" size=\"36\" required value=\"").text(typed);
    html.raw("\"></label><button>Find</button></form>");
}
