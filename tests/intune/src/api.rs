//! What the partner's connector and the tests ask for, over plain HTTP on loopback.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::compliance::{Access, Compliance, HealthState, RequiredLevel, judge};
use crate::store::{Reported, Store, StoreError};

/// Largest body that is read.
pub const MAX_BODY: usize = 16 * 1024;

/// What every request needs.
pub struct StandIn {
    /// The database.
    pub store: Store,
    /// What the connector has to show.
    pub secret: String,
}

/// What the connector says of a device.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Message {
    device_id: String,
    health_state: HealthState,
    time: u64,
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
    last_reported: Option<u64>,
}

/// What can be set.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    required_level: RequiredLevel,
}

/// The routes.
pub fn routes(stand_in: Arc<StandIn>) -> Router {
    let connector = Router::new()
        .route("/connector/devices/{id}", put(report))
        .route("/connector/heartbeat", post(beat))
        .route_layer(middleware::from_fn_with_state(Arc::clone(&stand_in), guard));
    Router::new()
        .route("/devices", get(devices))
        .route("/devices/{id}", get(device))
        .route("/settings", get(settings).put(set))
        .route("/healthz", get(healthz))
        .merge(connector)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(stand_in)
}

async fn report(
    State(stand_in): State<Arc<StandIn>>,
    Path(id): Path<String>,
    Json(message): Json<Message>,
) -> Result<StatusCode, Failure> {
    if message.device_id != id || !is_guid(&id) {
        return Ok(StatusCode::BAD_REQUEST);
    }
    blocking(stand_in, move |store| store.report(&id, message.health_state, message.time)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn beat(State(stand_in): State<Arc<StandIn>>) -> Result<StatusCode, Failure> {
    blocking(stand_in, Store::beat).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn device(
    State(stand_in): State<Arc<StandIn>>,
    Path(id): Path<String>,
) -> Result<Json<DeviceView>, Failure> {
    let id = id.to_ascii_lowercase();
    blocking(stand_in, move |store| {
        let reported = store.device(&id)?;
        Ok(Json(DeviceView::new(id, reported.as_ref(), store.required()?)))
    })
    .await
}

async fn devices(State(stand_in): State<Arc<StandIn>>) -> Result<Json<Vec<DeviceView>>, Failure> {
    blocking(stand_in, |store| {
        let required = store.required()?;
        let all = store.devices()?;
        Ok(Json(all.iter().map(|one| DeviceView::new(one.device.clone(), Some(one), required)).collect()))
    })
    .await
}

async fn settings(State(stand_in): State<Arc<StandIn>>) -> Result<Json<Settings>, Failure> {
    blocking(stand_in, |store| Ok(Json(Settings { required_level: store.required()? }))).await
}

async fn set(
    State(stand_in): State<Arc<StandIn>>,
    Json(settings): Json<Settings>,
) -> Result<StatusCode, Failure> {
    blocking(stand_in, move |store| store.set_required(settings.required_level)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn healthz(State(stand_in): State<Arc<StandIn>>) -> Result<Json<serde_json::Value>, Failure> {
    let beat = blocking(stand_in, Store::last_heartbeat).await?;
    Ok(Json(serde_json::json!({ "ok": true, "lastHeartbeat": beat })))
}

async fn guard(
    State(stand_in): State<Arc<StandIn>>,
    headers: HeaderMap,
    request: Request,
    next: Next,
) -> Response {
    let shown = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.strip_prefix("Bearer "));
    match shown {
        Some(secret) if equal(secret.as_bytes(), stand_in.secret.as_bytes()) => next.run(request).await,
        _ => (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")]).into_response(),
    }
}

impl DeviceView {
    fn new(device_id: String, reported: Option<&Reported>, required: RequiredLevel) -> Self {
        let verdict = judge(reported.map(|reported| reported.health), required);
        Self {
            device_id,
            partner_reported_threat_state: reported.map_or(HealthState::Unknown, |reported| reported.health),
            compliance_state: verdict.state,
            access: verdict.access,
            why: verdict.why,
            last_reported: reported.map(|reported| reported.time),
        }
    }
}

/// The database failed.
struct Failure;

impl axum::response::IntoResponse for Failure {
    fn into_response(self) -> Response {
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    }
}

async fn blocking<T: Send + 'static>(
    stand_in: Arc<StandIn>,
    work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(move || work(&stand_in.store)).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(_)) | Err(_) => Err(Failure),
    }
}

/// Compares without a branch on where the two differ.
fn equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
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

    #[test]
    fn secrets_compare_whole() {
        assert!(equal(b"abc", b"abc"));
        assert!(!equal(b"abc", b"abd"));
        assert!(!equal(b"abc", b"ab"));
    }
}
