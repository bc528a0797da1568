//! What the partner's connector, the administrator and the tests ask for, over plain HTTP on loopback.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::compliance::{Access, Compliance, HealthState, RequiredLevel};
use crate::evaluate::{Ground, Protected};
use crate::partner::PartnerState;
use crate::settings::Settings;
use crate::store::{Store, StoreError};

mod admin;
mod connector;

/// Largest body that is read; a list of apps is the largest there is.
pub const MAX_BODY: usize = 256 * 1024;

/// What every request needs.
pub struct StandIn {
    /// The database.
    pub store: Store,
    /// What the connector has to show.
    pub secret: String,
    /// The time.
    pub clock: Clock,
}

/// What is known of a device.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DeviceView {
    device_id: String,
    partner_reported_threat_state: HealthState,
    compliance_state: Compliance,
    access: Access,
    why: &'static str,
    app_protection: Protected,
    app_protection_why: &'static str,
    last_reported: Option<u64>,
}

/// How the connection stands: what Intune's pane shows.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    connection_status: PartnerState,
    last_synchronized: Option<u64>,
    last_heartbeat: Option<u64>,
    error_code: Option<u32>,
    device_messages_blocked: bool,
    app_sync_requests_blocked: bool,
}

/// The level required of users whose groups have no rule.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Required {
    required_level: RequiredLevel,
}

/// The routes.
pub fn routes(stand_in: Arc<StandIn>) -> Router {
    Router::new()
        .route("/devices", get(devices))
        .route("/devices/{id}", get(device))
        .route("/settings", get(required).put(set_required))
        .route("/status", get(status))
        .route("/healthz", get(healthz))
        .route("/groups/{name}", put(admin::set_group))
        .route("/managed/{id}", put(admin::manage))
        .route("/managed/{id}/apps", put(admin::set_apps))
        .route("/connector", put(admin::provision).delete(admin::deprovision))
        .merge(admin::graph())
        .merge(connector::routes(&stand_in))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(stand_in)
}

impl StandIn {
    /// The toggles and the connector's state now.
    fn ground(&self) -> Result<(Settings, PartnerState), StoreError> {
        let settings = self.store.settings()?.unwrap_or_default();
        let state = PartnerState::of(&self.store.contact()?, &settings, (self.clock)());
        Ok((settings, state))
    }

    fn view(&self, id: String) -> Result<DeviceView, StoreError> {
        let (settings, partner) = self.ground()?;
        let ground = Ground { settings: &settings, partner };
        let managed = self.store.managed(&id)?.map(|record| record.managed).unwrap_or_default();
        let rules = self.store.rules(&managed.groups)?;
        let reported = self.store.device(&id)?;
        let health = reported.as_ref().map(|reported| reported.health);
        let verdict = ground.comply(&managed, health, rules.rule);
        let (app_protection, app_protection_why) = ground.protect(&managed, health, rules.protection);
        Ok(DeviceView {
            device_id: id,
            partner_reported_threat_state: health.unwrap_or(HealthState::Unknown),
            compliance_state: verdict.state,
            access: verdict.access,
            why: verdict.why,
            app_protection,
            app_protection_why,
            last_reported: reported.map(|reported| reported.time),
        })
    }
}

async fn device(
    State(stand_in): State<Arc<StandIn>>,
    Path(id): Path<String>,
) -> Result<Json<DeviceView>, Failure> {
    blocking(stand_in, move |stand_in| stand_in.view(id.to_ascii_lowercase()).map(Json)).await
}

async fn devices(State(stand_in): State<Arc<StandIn>>) -> Result<Json<Vec<DeviceView>>, Failure> {
    blocking(stand_in, |stand_in| {
        let ids = stand_in.store.device_ids()?;
        let views: Result<_, _> = ids.into_iter().map(|id| stand_in.view(id)).collect();
        Ok(Json(views?))
    })
    .await
}

async fn required(State(stand_in): State<Arc<StandIn>>) -> Result<Json<Required>, Failure> {
    blocking(stand_in, |stand_in| Ok(Json(Required { required_level: stand_in.store.required()? }))).await
}

async fn set_required(
    State(stand_in): State<Arc<StandIn>>,
    Json(required): Json<Required>,
) -> Result<StatusCode, Failure> {
    blocking(stand_in, move |stand_in| stand_in.store.set_required(required.required_level)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn status(State(stand_in): State<Arc<StandIn>>) -> Result<Json<impl Serialize>, Failure> {
    blocking(stand_in, |stand_in| {
        let (_, state) = stand_in.ground()?;
        let contact = stand_in.store.contact()?;
        Ok(Json(Status {
            connection_status: state,
            last_synchronized: contact.synchronised,
            last_heartbeat: contact.heartbeat,
            error_code: contact.error,
            device_messages_blocked: state.blocks(),
            app_sync_requests_blocked: state.blocks(),
        }))
    })
    .await
}

async fn healthz(State(stand_in): State<Arc<StandIn>>) -> Result<Json<serde_json::Value>, Failure> {
    let beat = blocking(stand_in, |stand_in| stand_in.store.last_heartbeat()).await?;
    Ok(Json(serde_json::json!({ "ok": true, "lastHeartbeat": beat })))
}

/// The database failed.
struct Failure;

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    }
}

async fn blocking<T: Send + 'static>(
    stand_in: Arc<StandIn>,
    work: impl FnOnce(&StandIn) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(move || work(&stand_in)).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(_)) | Err(_) => Err(Failure),
    }
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_guid_in_lower_case_names_a_device() {
        assert!(is_guid("b9841cd9-9843-405f-be28-b2265c59ef97"));
        assert!(!is_guid("B9841CD9-9843-405f-be28-b2265c59ef97"));
        assert!(!is_guid("b9841cd9-9843-405f-be28-b2265c59ef9"));
        assert!(!is_guid("../../../../../../../../../../etc/pa"));
    }
}
